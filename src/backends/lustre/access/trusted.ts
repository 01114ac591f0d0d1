// Nodemaps of servers, executor and trusted clients: what such a nodemap has to be, ours or a site's own. Pure.

import type { Step } from "../../../core/plan";
import { quote } from "../../../core/quote";
import { formatInterval, type NidInterval, rangeText, splitRange } from "../../../spec/address";
import * as cli from "../cli";
import { fault } from "../faults";
import type { Infrastructure } from "./infrastructure";
import { overlaps, subtract } from "./intervals";
import { withAlways } from "./nodemap-properties";
import { differingProperties, type LiveNodemap, mgs, setProperties } from "./steps";

/** Never the name of a tenant's nodemap, which is "sw_" and 12 letters; and in no record, so that no rule ever changes it. */
export const trustedNodemap = "sw_trusted";

export interface SeenTrust {
  /** Servers, executor and trusted clients. */
  infrastructure: Infrastructure;
  nodemaps: ReadonlyMap<string, LiveNodemap>;
  /** Properties, and roles of the property rbac, that nodemaps of this MGS have. */
  knows: ReadonlySet<string>;
  rbacRoles: readonly string[];
}

/** All properties of a nodemap of ours that holds nothing back. */
export function trusting(rbac: string): Map<string, string> {
  const nobody = { squash_uid: "65534", squash_gid: "65534" };
  return withAlways({ ...nobody, readonly_mount: "0", map_mode: "all", admin: "1", trusted: "1", rbac });
}

/** What keeps clients of a nodemap from mounting the whole file system, to write and as root; [] for one that trusts them. */
export function whyNotTrusted({ properties, filesets }: Pick<LiveNodemap, "properties" | "filesets">): string[] {
  const wanted = { admin: "1", trusted: "1", readonly_mount: "0", deny_mount: "0" };
  const differing = Object.entries(wanted).flatMap(([name, value]) => {
    const live = properties.get(name);
    return live === undefined || live === value ? [] : [`${name}=${live}`];
  });
  return [...differing, ...filesets.map(({ path }) => `fileset ${path}`)];
}

/** Complete before its first range, so that whoever is put into it can mount from then on. */
export function planTrust(seen: SeenTrust): Step[] {
  const { infrastructure, nodemaps, knows } = seen;
  refuseUnjudged(infrastructure, nodemaps);
  const ours = nodemaps.get(trustedNodemap);
  const others = [...nodemaps.values()].filter((nodemap) => nodemap !== ours);
  const outside = subtract(
    infrastructure.intervals,
    others.flatMap((nodemap) => (whyNotTrusted(nodemap).length === 0 ? nodemap.ranges : [])),
  );
  for (const nodemap of others) refuseTaken(nodemap, outside);
  if (outside.length === 0 && !ours) return [];
  const properties = differingProperties(trustedProperties(seen, ours), ours, knows);
  const missing = subtract(outside, ours?.ranges ?? []).flatMap(splitRange);
  return [
    ...(ours ? [] : [mgs("add-trusted", `make nodemap ${trustedNodemap}`, cli.lctlNodemapAdd(trustedNodemap))]),
    ...(properties.length === 0 ? [] : [{ ...setProperties(trustedNodemap, properties), id: "trust" }]),
    ...missing.map((range) =>
      mgs(
        "trust-range",
        `put ${formatInterval(range)} into nodemap ${trustedNodemap}`,
        cli.lctlNodemapAddRange(trustedNodemap, rangeText(range)),
      ),
    ),
  ];
}

/** Every property, whatever `default` hands down: who is trusted may mount, write and see all. */
function trustedProperties({ rbacRoles }: SeenTrust, live: LiveNodemap | undefined): Map<string, string> {
  const roles = live?.properties.get("rbac") ?? "";
  // A version may have roles that we do not know: all of them are wanted.
  const hasAll = rbacRoles.every((role) => roles.split(",").includes(role));
  return trusting(hasAll ? roles : "all");
}

/** Whom nobody can judge would be shut out of its own file system: an empty set is not "all of them". */
function refuseUnjudged({ unread, silent, intervals }: Infrastructure, nodemaps: SeenTrust["nodemaps"]): void {
  if (silent.length > 0 || intervals.length === 0) {
    throw fault("PREFLIGHT", {
      summary: `${silent.join(", ") || "no host"} tells no NID of its own, so nobody knows whom to trust`,
      fix: "`lctl list_nids` there has to name its networks (`lnetctl lnet configure --all`)",
    });
  }
  const stranger = [...unread].find(([, name]) => !isTrusted(nodemaps.get(name)));
  if (!stranger) return;
  const [nid] = stranger;
  throw fault("PREFLIGHT", {
    summary: `${nid} is a NID of a server or of the executor, of a kind that sharewright does not know, and in no nodemap that trusts it`,
    fix: `put it into one by hand: ${quote(cli.lctlNodemapAddRange(trustedNodemap, nid).argv)}; or take that network away from the host`,
  });
}

function refuseTaken(nodemap: LiveNodemap, outside: readonly NidInterval[]): void {
  const taken = outside.find((interval) => overlaps(interval, nodemap.ranges));
  if (taken) refuseHeld(formatInterval(taken), nodemap);
}

function isTrusted(nodemap: LiveNodemap | undefined): boolean {
  return nodemap !== undefined && whyNotTrusted(nodemap).length === 0;
}

/** `default` holds nobody against us. */
function refuseHeld(nids: string, nodemap: LiveNodemap | undefined): void {
  if (!nodemap) return;
  const why = whyNotTrusted(nodemap).join(", ");
  throw fault("NID_TAKEN", {
    summary: `${nids} is a server, the executor or a trusted client, but in nodemap "${nodemap.name}", where it is not trusted (${why})`,
    fix: `take it out of "${nodemap.name}", or give that nodemap admin=1, trusted=1, readonly_mount=0, deny_mount=0 and no fileset`,
  });
}
