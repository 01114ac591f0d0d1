// Lists of intervals as sets of addresses. Pure.
import { compareIntervals, intersect, type NidInterval, sameNetwork } from "../../spec/address";

/** What of `from` no interval of `without` covers. */
export function subtract(from: readonly NidInterval[], without: readonly NidInterval[]): NidInterval[] {
  return without.reduce<NidInterval[]>((left, hole) => left.flatMap((interval) => subtractOne(interval, hole)), [...from]);
}

function subtractOne(interval: NidInterval, hole: NidInterval): NidInterval[] {
  const both = intersect(interval, hole);
  if (!both) return [interval];
  return [
    ...(interval.start < both.start ? [{ ...interval, end: both.start - 1n }] : []),
    ...(interval.end > both.end ? [{ ...interval, start: both.end + 1n }] : []),
  ];
}

/** Sorted, with overlaps and neighbours joined. */
export function union(intervals: readonly NidInterval[]): NidInterval[] {
  const joined: NidInterval[] = [];
  for (const interval of [...intervals].sort(compareIntervals)) {
    const last = joined.at(-1);
    if (!last || !sameNetwork(last, interval) || interval.start > last.end + 1n) joined.push({ ...interval });
    else if (interval.end > last.end) last.end = interval.end;
  }
  return joined;
}

export function overlaps(interval: NidInterval, others: readonly NidInterval[]): boolean {
  return others.some((other) => intersect(interval, other) !== undefined);
}

export function sameInterval(a: NidInterval, b: NidInterval): boolean {
  return compareIntervals(a, b) === 0;
}

export function includes(intervals: readonly NidInterval[], interval: NidInterval): boolean {
  return intervals.some((other) => sameInterval(other, interval));
}
