// Clients that are cut off: who they are, what they may still have mounted, and how an operator lets them in again. And those that no rule lets in any
// more, and nobody has cut off.

import { run } from "../../../core/host";
import type { Step } from "../../../core/plan";
import { intersect, type NidInterval, parseNid, union } from "../../../spec/address";
import { defined } from "../../../spec/defined";
import * as cli from "../cli";
import { fault } from "../faults";
import { inspectAccess, readInventory } from "../inspect";
import { withAccessLock } from "../locks";
import { parseExports } from "../parse";
import { parseGetParam } from "../parse-params";
import type { Site } from "../site";
import { convergeAccess } from "./converge";
import { overlaps, subtract } from "./intervals";
import { observeAccess, type SeenAccess } from "./observe";
import { wouldShowAll } from "./openers";
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
  const nids = await connectedTo(site, "*");
  return (clients) => nids && overlaps(clients, nids);
}

/** Who is connected to an MDT of the file system out of these nodemaps; undefined where the MGS cannot tell. */
export async function connectedTo(site: Site, nodemaps: string): Promise<NidInterval[] | undefined> {
  const params = parseGetParam((await run(site.mgs, cli.lctlGetParam(`nodemap.${nodemaps}.exports`))).stdout);
  const exports = [...params.values()]
    .flatMap(parseExports)
    .filter(({ device }) => device.startsWith(`${site.fileSystem.fsName}-MDT`));
  return exports.length === 0 ? undefined : exports.flatMap(({ nid }) => parseNid(nid) ?? []);
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

/**
 * Who is connected although nobody could mount anything where he is: he has mounted it before. [] where the MGS cannot tell: 2.16 does not say to which
 * file system.
 */
export async function readLeft(site: Site, { live, infrastructure }: SeenAccess): Promise<NidInterval[]> {
  if (site.fileSystem.lustreVersion === "2.16" || live.active === false || !live.byDefault || wouldShowAll(live.byDefault))
    return [];
  return subtract(union((await connectedTo(site, "default")) ?? []), [...infrastructure, ...live.banned]);
}
