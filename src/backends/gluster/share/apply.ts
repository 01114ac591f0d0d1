// Makes a share as it is wished for: one loop from the volume that is to be had to what is wanted of it.
import { converge, type Expected, foretell } from "../../../core/engine";
import type { Role } from "../../../core/host";
import type { Log } from "../../../core/log";
import { type Asker, isOurs, managedElsewhere } from "../../../core/manager";
import type { Step } from "../../../core/plan";
import { fault } from "../faults";
import { lockShare } from "../locks";
import { markOption, none } from "../records";
import type { ClusterAccess } from "../site";
import { foretellRemoval, remove } from "./destroy";
import { afterStep } from "./foresee";
import { endPicking, look, passOver, type Search } from "./look";
import { type Found, foundIn, lookAtAll, mustBeDistinct, mustHaveLooked, type Reached, reach } from "./observe";
import { planAdoption } from "./origin-adopted";
import { planClone, planTidy } from "./origin-clone";
import { planMade } from "./origin-made";
import { planTaking } from "./origin-pool";
import { planShare } from "./plan";
import { isUnproven, planUnproven, refusalIn, refuseTooLarge } from "./proof";
import type { Seen, SeenMarked, SeenOrigin } from "./seen";
import type { ShareWish } from "./steps";
import { ownFirst } from "./volumes";

export async function applyShare(accesses: readonly ClusterAccess[], wish: ShareWish): Promise<Step[]> {
  const reached = await reach(accesses);
  mustBeDistinct(reached);
  for (const cluster of reached.clusters) await lockShare(cluster, wish.key);
  const { search, begun } = await begin(reached, wish, false);
  const givenBack: Step[] = [];
  for (const other of begun) givenBack.push(...(await remove(other)));
  try {
    return [...givenBack, ...(await searchOn(search, logOf(accesses, wish)))];
  } finally {
    await endPicking(search);
  }
}

/** What an apply would do, or why it would be refused; nothing is locked and nothing changed. */
export async function previewShare(accesses: readonly ClusterAccess[], wish: ShareWish): Promise<Step[]> {
  const reached = await reach(accesses);
  mustBeDistinct(reached);
  const { search, begun } = await begin(reached, wish, true);
  const givenBack: Step[] = [];
  for (const other of begun) givenBack.push(...(await foretellRemoval(other)));
  return [...givenBack, ...(await foretell(jobOf(search)))];
}

function logOf([access]: readonly ClusterAccess[], wish: ShareWish): Log {
  if (access) return access.log;
  throw fault("BAD_REQUEST", { object: wish.key, summary: "no cluster is named" });
}

/** `begun`: what runs that then lost their cluster have left, to be given back. */
async function begin(reached: Reached, wish: ShareWish, isPreview: boolean): Promise<{ search: Search; begun: Found[] }> {
  const looked = await lookAtAll(reached.clusters);
  const { meant: found, begun } = meantOf(foundIn(looked, wish.key), wish);
  // What was never ready may have become so on another cluster.
  if (!found?.record.shown) mustHaveLooked(reached, wish.key);
  return { search: { wish, reached, looked, found, isPreview, passed: new Map(), picking: [] }, begun };
}

/** Again on another cluster where one goes away. */
async function searchOn(search: Search, log: Log): Promise<Step[]> {
  let last: Seen | undefined;
  const job = jobOf(search);
  const observe: typeof job.observe = async (expected) => {
    last = await job.observe(expected);
    return last;
  };
  try {
    return (await converge({ ...job, observe }, noRole, log)).done;
  } catch (error) {
    const reason = (last && !("from" in last) && refusalIn(search.wish, last)) || error;
    if (!(await passOver(search, reason))) throw reason;
  }
  return searchOn(search, log);
}

function jobOf(search: Search) {
  return {
    object: search.wish.key,
    observe: (expected?: Expected<Seen>) => look(search, expected),
    plan: (seen: Seen) => planApply(search.wish, seen),
    after: afterStep,
  };
}

/** Its steps name their hosts. */
function noRole(role: Role): never {
  throw new Error(`no ${role} among several clusters`);
}

/** Pure. */
export function planApply(wish: ShareWish, seen: Seen): Step[] {
  const steps = "from" in seen ? planOrigin(wish, seen) : planMarked(wish, seen);
  return steps.map((one) => (one.on === "server" ? { ...one, on: seen.cluster.server } : one));
}

function planOrigin(wish: ShareWish, seen: SeenOrigin): Step[] {
  switch (seen.from) {
    case "pool":
      return planTaking(wish, seen);
    case "adopted":
      return planAdoption(wish, seen);
    case "made":
      return planMade(wish, seen);
    case "clone":
      return planClone(wish, seen);
  }
}

function planMarked(wish: ShareWish, seen: SeenMarked): Step[] {
  const { cluster, volume, record, cloning, proof } = seen;
  // First, for what comes then may be refused: an active snapshot can be mounted.
  if (cloning) return planTidy(wish.key, cloning);
  if (proof && volume && record && isUnproven(record)) return planUnproven(wish, { cluster, volume, record }, proof);
  refuseTooLarge(wish, seen);
  if (volume && seen.countsUse === false) {
    throw fault("USE_UNKNOWN", {
      object: wish.key,
      summary: `a quota daemon of volume ${volume.name} is down, so its use cannot be read, and the limit is not lowered`,
      fix: `\`gluster volume status ${volume.name} quotad\` shows where; start it with \`gluster volume start ${volume.name} force\``,
    });
  }
  return planShare(wish, seen);
}

/** The one volume that is the share. What a run began on a cluster that then went away is given back when it has come again. */
function meantOf(found: readonly Found[], wish: ShareWish): { meant: Found | undefined; begun: Found[] } {
  const isOwn = ({ record }: Found) => isManaged(record, wish);
  const [meant, ...others] = ownFirst(found, wish.claim);
  if (!meant) return { meant, begun: [] };
  guardOwner(meant, wish);
  // Data that was let go of stays where it is, beside the share of the same name.
  const begun = others.filter(({ record }) => record.claim !== undefined || !isOwn(meant));
  if (begun.every((other) => isOwn(other) && !other.record.shown)) return { meant, begun };
  throw fault("RECORD_BROKEN", {
    object: wish.key,
    summary: `${found.map(({ cluster, volume }) => `volume ${volume.name} of "${cluster.spec.name}"`).join(" and ")} all say that they are ${wish.key}`,
    fix: `find out which one is; for the other: gluster volume set VOLUME ${markOption} ${none}`,
  });
}

/** By this stack, whether or not its claim was replaced. */
function isManaged(record: Found["record"], wish: Asker): boolean {
  return record.claim !== undefined && isOurs(record, wish);
}

function guardOwner({ record, volume, cluster }: Found, wish: ShareWish): void {
  if (wish.spec.adopt || isManaged(record, wish)) return;
  const where = `volume ${volume.name} of cluster "${cluster.spec.name}"`;
  if (record.claim === undefined) {
    throw fault("FOREIGN_VOLUME", {
      object: wish.key,
      summary: `${where} is the share ${wish.key} that "${record.owner}" has let go (${record.state}), with its data`,
      fix: "set adopt: true to take it over, or choose another shareName",
    });
  }
  const { owner } = cluster.spec;
  throw managedElsewhere({ object: wish.key, what: where, record, owner, nameProperty: "shareName" });
}
