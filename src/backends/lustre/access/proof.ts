// Whether what was taken away is out of reach: judged by what addresses reach, not by an empty plan.

import { formatNid, type NidInterval } from "../../../spec/address";
import { fault } from "../faults";
import type { RuleRecord } from "../records";
import type { Site } from "../site";
import { intervalsOf } from "./clients";
import type { SettledAccess } from "./converge";
import { overlaps, subtract } from "./intervals";
import { nodemapsOf, readNodemaps, ruleSpec, type SeenAccess } from "./observe";
import { isShut, openerOf, wouldShowAll } from "./openers";
import { type LiveAccess, type LiveNodemap, tenantNodemap } from "./steps";

/**
 * A removal is judged by what its addresses reach, not by an empty plan: a nodemap whose record is lost is nobody's, and opens all the same. Throws
 * where one still shows the rule's share to a client to whom no other rule gives it.
 */
export async function proveTaken(
  site: Site,
  key: string,
  rule: RuleRecord | undefined,
  { seen, fell }: Pick<SettledAccess, "seen" | "fell">,
): Promise<void> {
  const nodemaps = [...seen.live.nodemaps.values()];
  const lost = lostNodemaps(seen.live);
  // Without a record its clients are not known.
  if (!rule) return refuseOpener(site, key, `/${key.split("#")[0]}`, lost);
  for (const properties of [rule.live, rule.pending]) {
    if (!properties) continue;
    const { fileset } = properties;
    const given = seen.records.rules.flatMap((other) =>
      other.key === key || other.leaving
        ? []
        : [other.live, other.pending].flatMap((one) => clientsOf(site, other, one, fileset)),
    );
    const taken = subtract(clientsOf(site, rule, properties, fileset), given);
    const ends = taken.flatMap((range) => [formatNid(range, range.start), formatNid(range, range.end)]);
    const unasked = ends.filter((nid) => !fell.has(nid));
    const asked = new Map([...fell, ...(await nodemapsOf(site, unasked))]);
    const fallsInto = new Set(ends.map((nid) => asked.get(nid)));
    const theirs = nodemaps.filter(({ name, ranges }) => fallsInto.has(name) || ranges.some((range) => overlaps(range, taken)));
    // A run that was cut off may have let in others than the record says by now, and only a record tells that a nodemap is ours.
    const left = lost.filter(({ ranges }) => subtract(ranges, given).length > 0);
    const holders = [...theirs, ...openDefault(seen, taken)];
    refuseOpener(site, key, fileset, [...holders, ...left]);
    if (taken.length > 0) tellOfAll(site, key, seen, holders);
  }
}

/** What shows everything shows the share, too: as preflight would, were access given. */
function tellOfAll(site: Site, object: string, { live }: SeenAccess, holders: readonly LiveNodemap[]): void {
  const holder = holders.find(wouldShowAll);
  const why =
    live.active === false
      ? "nodemap.active is 0, so that every client sees everything"
      : holder && `nodemap "${holder.name}" shows the whole file system to clients of the rule`;
  if (!why) return;
  if (site.fileSystem.preflight === "warn") {
    site.log.note(`${object} is taken out, but ${why}`);
    return;
  }
  throw fault("STILL_OPEN", {
    object,
    host: site.mgs.name,
    summary: why,
    fix: "see what `sharewright doctor` says of it, then apply again; preflight: warn lets the rule go as it is",
  });
}

/** `default`, where it is not shut and clients fall into it. */
function openDefault({ live: { nodemaps, byDefault } }: SeenAccess, clients: readonly NidInterval[]): LiveNodemap[] {
  const held = [...nodemaps.values()].flatMap(({ ranges }) => ranges);
  return byDefault && !isShut(byDefault) && subtract(clients, held).length > 0 ? [byDefault] : [];
}

/** Whom a rule that became narrower has left a nodemap without a record may still hold: nobody but a record tells that it is ours. */
export function guardNarrowed(site: Site, key: string, path: string, { live, records }: SeenAccess): void {
  const given = records.rules.flatMap((rule) => {
    if (rule.leaving) return [];
    const asked = rule.key === key ? [rule.pending ?? rule.live] : [rule.live, rule.pending];
    return asked.flatMap((one) => clientsOf(site, rule, one, path));
  });
  const left = lostNodemaps(live).filter(({ ranges }) => subtract(ranges, given).length > 0);
  refuseOpener(site, key, path, left);
}

/** Of a file system without any record: no nodemap that is named as one of ours opens the share of a rule. */
export async function proveNoneLost(site: Site, key: string): Promise<void> {
  const { nodemaps } = await readNodemaps(site);
  refuseOpener(site, key, `/${key.split("#")[0]}`, lostNodemaps({ nodemaps, registered: new Map() }));
}

/** Nodemaps that are named as ours, of which no record says so. */
function lostNodemaps({ nodemaps, registered }: Pick<LiveAccess, "nodemaps" | "registered">): LiveNodemap[] {
  return [...nodemaps.values()].filter(({ name }) => tenantNodemap.test(name) && !registered.has(name));
}

function refuseOpener(site: Site, object: string, path: string, nodemaps: readonly LiveNodemap[]): void {
  const opener = openerOf(nodemaps, path);
  if (!opener) return;
  throw fault("STILL_OPEN", {
    object,
    host: site.mgs.name,
    summary: `nodemap "${opener.nodemap}" still shows ${path} to clients of the rule, and no record says that it is ours`,
    fix: `look at it (\`lctl get_param nodemap.${opener.nodemap}.*\`), take the clients or the fileset out of it by hand, then apply again`,
  });
}

function clientsOf(site: Site, rule: RuleRecord, properties: RuleRecord["live"], fileset: string): NidInterval[] {
  return properties?.fileset === fileset ? intervalsOf(ruleSpec(rule, properties), site, rule.key) : [];
}
