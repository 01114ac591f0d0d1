// Limits of a share: what is wanted, what is set, and whether lowering them is safe. Pure.

import { limitDoubts, type ShareSpec } from "../../../spec/lustre";
import { approximateSize, formatSize } from "../../../spec/size";
import type { Limits } from "../cli";
import { fault } from "../faults";
import type { Quota } from "../parse-quota";

export function wantedLimits(spec: ShareSpec): Limits {
  return { blockSoft: spec.softSize ?? 0n, blockHard: spec.size, inodeSoft: spec.softInodes ?? 0n, inodeHard: spec.inodes ?? 0n };
}

export function limitsOf(quota: Quota): Limits {
  const { blockSoft, blockHard, inodeSoft, inodeHard } = quota;
  return { blockSoft, blockHard, inodeSoft, inodeHard };
}

const names = ["blockSoft", "blockHard", "inodeSoft", "inodeHard"] as const;

export function sameLimits(a: Limits, b: Limits): boolean {
  return names.every((name) => a[name] === b[name]);
}

export function formatLimits(limits: Limits): string {
  return names.map((name) => String(limits[name])).join(" ");
}

export function parseLimits(text: string): Limits {
  const [blockSoft = 0n, blockHard = 0n, inodeSoft = 0n, inodeHard = 0n] = text.split(" ").map(BigInt);
  return { blockSoft, blockHard, inodeSoft, inodeHard };
}

/** For people: "10 TiB (soft 9 TiB), 1000000 inodes". */
export function describeLimits(limits: Limits): string {
  const size = limits.blockHard === 0n ? "no size" : formatSize(limits.blockHard);
  const soft = limits.blockSoft === 0n ? "" : ` (soft ${formatSize(limits.blockSoft)})`;
  const inodes = limits.inodeHard === 0n ? "" : `, ${limits.inodeHard} inodes`;
  const softInodes = limits.inodeSoft === 0n ? "" : ` (soft ${limits.inodeSoft} inodes)`;
  return `${size}${soft}${inodes}${softInodes}`;
}

function lowers(to: bigint, from: bigint): boolean {
  return to !== 0n && (from === 0n || to < from);
}

export function isShrink(to: Limits, from: Limits): boolean {
  return lowers(to.blockHard, from.blockHard) || lowers(to.inodeHard, from.inodeHard);
}

// Writes reach the count up to 10 s late and limits are overshot (golden q007, q040): 5 % of the use is kept free.
const marginDivisor = 20n;

function tooFull(used: bigint, limit: bigint): boolean {
  return limit !== 0n && used > 0n && used + used / marginDivisor >= limit;
}

/** Whether the use is below the limits with the margin. */
export function fits(quota: Quota, limits: Limits): boolean {
  return !tooFull(quota.usedBytes, limits.blockHard) && !tooFull(quota.usedInodes, limits.inodeHard);
}

/** Of the limits those that are lowered, no limit in place of the others: a limit that is raised may be below the use. */
export function lowered(to: Limits, from: Limits): Limits {
  return {
    ...to,
    blockHard: lowers(to.blockHard, from.blockHard) ? to.blockHard : 0n,
    inodeHard: lowers(to.inodeHard, from.inodeHard) ? to.inodeHard : 0n,
  };
}

/** Refuses a shrink below, or too near, the use: clients would fail in the middle of their work. */
export function guardShrink(object: string, quota: Quota, to: Limits, from: Limits): void {
  if (!quota.reliable) throw fault("USE_UNKNOWN", { object });
  if (fits(quota, lowered(to, from))) return;
  throw fault("SHRINK_BELOW_USE", {
    object,
    summary: `limit ${describeLimits(to)} is below, or within 5 % of, the use: ${approximateSize(quota.usedBytes)} in ${quota.usedInodes} inodes`,
  });
}

/** Sizes that were not known at synthesis are looked at here: `lfs setquota` would refuse them only in the middle of the work. */
export function guardOrder(object: string, { size, softSize = 0n, inodes = 0n, softInodes = 0n }: ShareSpec): void {
  const wrong =
    softSize > size
      ? `soft_size ${formatSize(softSize)} is above size ${formatSize(size)}`
      : inodes > 0n && softInodes > inodes && `soft_inodes ${softInodes} is above inodes ${inodes}`;
  if (wrong) throw fault("BAD_REQUEST", { object, summary: wrong, fix: "a soft limit is at most the hard one" });
}

/**
 * A new share, and a lower limit, has to leave something to write. What is smaller already stays as it is, and may always be raised.
 *
 * @param before the limit that was applied last, or was found on a directory to adopt (0n is none); undefined for a share that is to be made
 */
export function guardSmall(object: string, { size }: ShareSpec, before: bigint | undefined): void {
  const [doubt] = limitDoubts({ size });
  if (!doubt || (before !== undefined && before !== 0n && size >= before)) return;
  throw fault("BAD_REQUEST", { object, summary: `${doubt.property} ${doubt.found}`, fix: doubt.fix });
}
