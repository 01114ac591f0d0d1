// Lists of intervals as sets of addresses. Pure.
import { intersect, type NidInterval } from "../../../spec/address";

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

export function overlaps(interval: NidInterval, others: readonly NidInterval[]): boolean {
  return others.some((other) => intersect(interval, other) !== undefined);
}
