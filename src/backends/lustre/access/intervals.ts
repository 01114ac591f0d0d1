// Lists of intervals as sets of addresses. Pure.
import { intersect, type NidInterval, sameNetwork } from "../../../spec/address";

/** What of `from` no interval of `without` covers. */
export function subtract(from: readonly NidInterval[], without: readonly NidInterval[]): NidInterval[] {
  let left = [...from];
  for (const hole of without) {
    if (left.length === 0) return left;
    if (overlaps(hole, left)) left = left.flatMap((interval) => subtractOne(interval, hole));
  }
  return left;
}

function subtractOne(interval: NidInterval, hole: NidInterval): NidInterval[] {
  const both = intersect(interval, hole);
  if (!both) return [interval];
  return [
    ...(interval.start < both.start ? [{ ...interval, end: both.start - 1n }] : []),
    ...(interval.end > both.end ? [{ ...interval, start: both.end + 1n }] : []),
  ];
}

export function overlaps(interval: NidInterval, others: readonly NidInterval[]): boolean {
  return others.some((other) => other.start <= interval.end && interval.start <= other.end && sameNetwork(interval, other));
}
