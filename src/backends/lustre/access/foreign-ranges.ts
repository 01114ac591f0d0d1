// Addresses that are not ours to give: servers, trusted clients, and what nodemaps of others hold. Pure.

import { formatInterval, intersect, type NidInterval } from "../../../spec/address";
import { fault } from "../faults";
import type { CompilableRule } from "./compiler";
import { overlaps, subtract } from "./intervals";
import type { SeenAccess } from "./observe";

/** Infrastructure may be left out for a first look that only asks whether there is anything to do. */
export type AccessSight = Omit<SeenAccess, "infrastructure"> & Partial<Pick<SeenAccess, "infrastructure">>;

export interface ForeignRange {
  owner: string;
  range: NidInterval;
  /** One address of an IPv6 prefix whose length is not known. */
  unmeasured?: boolean;
}

export function foreignRanges(seen: AccessSight): ForeignRange[] {
  const foreign = [...seen.live.nodemaps.values()].filter((nodemap) => !seen.live.registered.has(nodemap.name));
  return [
    ...(seen.infrastructure ?? []).map((range) => ({
      owner: "a server, the executor or a trusted client, which cannot be a tenant",
      range,
    })),
    ...foreign.flatMap(({ name, ranges }) =>
      ranges.map((range) => ({ owner: othersOwner(name), range, unmeasured: range.family === 6 })),
    ),
    ...(seen.live.shadowed ?? []).map(({ range, nodemap }) => ({ owner: othersOwner(nodemap), range, unmeasured: true })),
  ];
}

const othersOwner = (nodemap: string) => `in the nodemap "${nodemap}", which sharewright does not manage`;

/** Refuses the wish where an address is not ours to give; keeps clear of such addresses for everybody else's rules. */
export function withoutForeign<Rule extends CompilableRule>(
  rule: Rule,
  foreign: readonly ForeignRange[],
  live: readonly NidInterval[],
  isWish: boolean,
): Rule {
  const taken = foreign.filter(({ range }) => overlaps(range, rule.intervals));
  const [first] = taken;
  if (!first) return rule;
  if (isWish) throw fault("NID_TAKEN", { object: rule.key, summary: `${formatInterval(first.range)} is ${first.owner}` });
  const rangesOf = (isUnmeasured: boolean) =>
    taken.filter(({ unmeasured = false }) => unmeasured === isUnmeasured).map(({ range }) => range);
  // The last one added wins: what is in force of such a network is left as it is, and nothing of it is added.
  const intervals = rule.intervals.flatMap((interval) =>
    overlaps(interval, rangesOf(true)) ? live.flatMap((range) => intersect(interval, range) ?? []) : [interval],
  );
  return { ...rule, intervals: subtract(intervals, rangesOf(false)) };
}
