// The limits that hold for a project, and whether a write would go over them.
import { projectOf } from "./inodes";
import { noLimits, type Quota, type State } from "./state";
import { type Usage, usageOfProject } from "./usage";

/** An id that was never given limits has the default ones (golden c073, y678); one that gave them back with --delete none (y685). */
export function limitsOf(state: State, id: number): Quota {
  if (id === 0) return { ...noLimits };
  const quota = state.quotas[id];
  if (!quota || quota.onlyAsked) return { ...state.defaultQuota };
  const others = quota.deletedAt === undefined ? state.defaultQuota : noLimits;
  const blocks = quota.blockDefault ? others : quota;
  const inodes = quota.inodeDefault ? others : quota;
  return {
    ...quota,
    blockSoft: blocks.blockSoft,
    blockHard: blocks.blockHard,
    inodeSoft: inodes.inodeSoft,
    inodeHard: inodes.inodeHard,
  };
}

export function isOver(used: number, soft: number, hard: number): boolean {
  return (hard > 0 && used >= hard) || (soft > 0 && used > soft);
}

/** Seconds left, "notify", or "expired"; undefined while within the soft limit. */
export function graceLeft(
  over: boolean,
  since: number | undefined,
  grace: string,
  now: number,
): number | "notify" | "expired" | undefined {
  if (!over) return undefined;
  if (grace === "notify") return "notify";
  const left = Number(grace) - Math.floor((now - (since ?? now)) / 1000);
  return left > 0 ? left : "expired";
}

function isEnforced(state: State): boolean {
  return state.targets.every(({ name }) =>
    (state.parameters[`osd-ldiskfs.${state.fsName}-${name}.quota_slave.enabled`] ?? "none").includes("p"),
  );
}

/** Root of a trusted admin is exempt until root_prj_enable is set everywhere (golden q013, q025). */
export function isRootExempt(state: State): boolean {
  return state.targets.some(
    ({ name }) => state.parameters[`osd-ldiskfs.${state.fsName}-${name}.quota_slave.root_prj_enable`] !== "1",
  );
}

interface Growth {
  kib: number;
  inodes: number;
  exempt: boolean;
}

/** Refuses exactly at what is to be had of the limit; the real one lets some megabytes more through where it is large (golden q006). */
export function wouldExceed(state: State, root: string, directory: string, growth: Growth): boolean {
  const project = projectOf(state, root, directory);
  if (!project.inherit || project.id === 0 || growth.exempt || !isEnforced(state)) return false;
  const limits = atHand(limitsOf(state, project.id), Date.now());
  const used = usageOfProject(state, root, project.id);
  return exceeds(used, growth, limits, state);
}

/** Limits are handed out to targets in units of at least 1 MiB and 1,024 inodes (`lfs setquota` warns at them, golden y230, y238). */
const blockUnit = 1024;
const inodeUnit = 1024;
/** What an id that is used again is held to, and for how long after its limits were given back (reference: second look). */
const heldKib = 960;
const heldMs = 12_000;

/**
 * What can really be written of the limits: the MDT keeps a unit of blocks for itself, all of 1 MiB; inodes come in whole units, so that
 * 1,024 raised to 2,000 is still 1,024 (reference: second look). Limits of less than a unit hold as they are (golden q019, q028).
 */
function atHand(limits: Quota, now: number): Quota {
  const { blockHard, inodeHard, deletedAt } = limits;
  const isHeld = deletedAt !== undefined && now - deletedAt < heldMs;
  const kib = blockHard < blockUnit ? blockHard : blockHard - blockUnit;
  return {
    ...limits,
    blockHard: blockHard === 0 ? 0 : Math.max(1, isHeld ? Math.min(kib, heldKib) : kib),
    inodeHard: inodeHard < inodeUnit ? inodeHard : Math.floor(inodeHard / inodeUnit) * inodeUnit,
  };
}

function exceeds(used: Usage, growth: Growth, limits: Quota, state: State): boolean {
  const now = Date.now();
  const expired = (over: boolean, since: number | undefined, grace: string) => graceLeft(over, since, grace, now) === "expired";
  return (
    (limits.blockHard > 0 && used.kib + growth.kib > limits.blockHard) ||
    (limits.inodeHard > 0 && used.inodes + growth.inodes > limits.inodeHard) ||
    expired(limits.blockSoft > 0 && used.kib > limits.blockSoft, limits.blockOverSince, state.grace.block) ||
    expired(limits.inodeSoft > 0 && used.inodes > limits.inodeSoft, limits.inodeOverSince, state.grace.inode)
  );
}
