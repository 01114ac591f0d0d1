// Clients that are cut off: who they are, what they may still have mounted, and how an operator lets them in again.

import { run } from "../../../core/host";
import type { Step } from "../../../core/plan";
import { intersect, type NidInterval, parseNid } from "../../../spec/address";
import { defined } from "../../../spec/defined";
import * as cli from "../cli";
import { fault } from "../faults";
import { inspectAccess, readInventory } from "../inspect";
import { withAccessLock } from "../locks";
import { parseExports, parseGetParam } from "../parse";
import type { Site } from "../site";
import { convergeAccess } from "./converge";
import { overlaps } from "./intervals";
import { observeAccess } from "./observe";
import { heldFor, listed } from "./revocation";
import type { LiveAccess } from "./steps";

export interface Ban {
  clients: NidInterval;
  /** The nodemap whose banlist cuts them off; `default` for those that no rule lets in. */
  nodemap: string;
  /** Paths that they may still have mounted; [] for those that lost everything, which a new grant lets in again. */
  held: string[];
  /** Whether any of them is connected; undefined where the MGS cannot tell. */
  connected?: boolean;
}

/** Bans that sharewright has made and not lifted. */
export async function readBans(site: Site): Promise<Ban[]> {
  const inventory = await readInventory(site);
  if (!inventory.bans) return [];
  const { seen } = await inspectAccess(site, inventory);
  const isConnected = await connections(site);
  return bansIn(seen.live).map((ban) => {
    const connected = isConnected(ban.clients);
    return { ...ban, ...defined({ connected }) };
  });
}

/** Pure. */
export function bansIn({ nodemaps, ourBans, held }: LiveAccess): Ban[] {
  return ourBans.map((clients) => {
    const nodemap = [...nodemaps.values()].find(({ ranges }) => overlaps(clients, ranges))?.name ?? "default";
    const names = [...held].filter(([, intervals]) => overlaps(clients, intervals)).map(([name]) => heldFor(name).path);
    return { clients, nodemap, held: [...new Set(names)] };
  });
}

/** Whether clients are connected to an MDT of the file system: only an MGS that serves one itself can tell (golden f003, f046). */
async function connections(site: Site): Promise<(clients: NidInterval) => boolean | undefined> {
  const params = parseGetParam((await run(site.mgs, cli.lctlGetParam("nodemap.*.exports"))).stdout);
  const exports = [...params.values()]
    .flatMap(parseExports)
    .filter(({ device }) => device.startsWith(`${site.fileSystem.fsName}-MDT`));
  const nids = exports.flatMap(({ nid }) => parseNid(nid) ?? []);
  return (clients) => (exports.length === 0 ? undefined : overlaps(clients, nids));
}

/** Lets clients in again, whatever they were banned for. Who is seen to have the file system still mounted would have all of it again. */
export async function liftBans(site: Site, clients: readonly NidInterval[], evenMounted: boolean): Promise<Step[]> {
  return withAccessLock(site, async () => {
    const { live } = await observeAccess(site);
    const meant = live.ourBans.flatMap((ban) => clients.flatMap((client) => intersect(ban, client) ?? []));
    const unknown = clients.filter((client) => !overlaps(client, live.ourBans));
    if (unknown.length > 0) {
      throw fault("BAD_REQUEST", {
        summary: `sharewright has banned nobody in ${listed(unknown)}`,
        fix: "`sharewright bans list` shows whom; bans of others are lifted with lctl nodemap_banlist_del",
      });
    }
    const isConnected = await connections(site);
    const mounted = evenMounted ? [] : meant.filter((one) => isConnected(one));
    if (mounted.length > 0) {
      throw fault("STILL_MOUNTED", { summary: `${listed(mounted)}: still connected, so what it had mounted would work again` });
    }
    return (await convergeAccess(site, "bans", { lifted: clients })).done;
  });
}
