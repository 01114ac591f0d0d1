// Removes a share by the policy last applied: access first, then what the policy says of the data.
import { converge, type Expected, foretell } from "../../../core/engine";
import { leftAlone } from "../../../core/manager";
import type { Step } from "../../../core/plan";
import { lockShare } from "../locks";
import { inheritedFrom } from "../records";
import { type Cluster, type ClusterAccess, requirePeers } from "../site";
import { afterLeaving, lookAtLeaving, type Memory, withWhatMayBe } from "./leaving";
import { type Found, foundIn, type Looked, lookAtAll, mustHaveLooked, observeVolumes, reach, type Volumes } from "./observe";
import { notedClone, tidyClone } from "./origin-clone";
import { planRemoval, type SeenLeaving } from "./removal";

/** What is not the claim's own is left alone. */
export async function destroyShare(accesses: readonly ClusterAccess[], key: string, claim: string): Promise<Step[]> {
  const reached = await reach(accesses);
  for (const cluster of reached.clusters) await lockShare(cluster, key);
  const looked = await lookAtAll(reached.clusters);
  const found = foundIn(looked, key);
  const own = found.filter(({ record }) => record.claim === claim);
  const done: Step[] = [];
  for (const one of own) done.push(...(await remove(one)));
  done.push(...(await removeBegun(looked, key, claim)));
  // A share that was ready is on one cluster only; anything else says nothing of a cluster that cannot be looked at.
  if (!own.some(({ record }) => record.shown)) mustHaveLooked(reached, key);
  if (done.length > 0 || own.length > 0) return done;
  const [other] = found;
  if (other) return leaveAlone(other, key);
  const names = reached.clusters.map(({ spec }) => `"${spec.name}"`).join(", ");
  accesses[0]?.log.note(`${key}: no volume of ${names} is marked for it, left alone`);
  return [];
}

function leaveAlone({ cluster, record }: Found, key: string): Step[] {
  cluster.log.note(`${key}: ${leftAlone(record, cluster.spec.owner)}`);
  return [];
}

/** A volume that a run had made or cloned, and was cut off before it could be marked: nobody can have mounted it. */
async function removeBegun(looked: readonly Looked[], key: string, claim: string): Promise<Step[]> {
  const done: Step[] = [];
  for (const { cluster, volumes } of looked) {
    if (!begunIn(volumes, key, claim)) continue;
    // What was seen before the removal may have gone with it.
    const begun = begunIn(await observeVolumes(cluster), key, claim);
    if (begun?.volume) done.push(...(await goThrough(cluster, key, { volume: begun.volume, begun: begun.origin })));
    if (begun?.isNoted) done.push(...(await tidyClone(cluster, key)));
  }
  return done;
}

function begunIn(volumes: Volumes, key: string, claim: string) {
  const volume = volumes.get(key);
  const isMade = volume?.bricks.every((brick) => brick.endsWith(`/${key}.${claim}`)) ?? false;
  const noted = notedClone(volumes, key);
  const isNoted = noted?.slot.claim === claim;
  const isClone = isNoted && volume !== undefined && inheritedFrom(volume) === noted.parent.name;
  const begun = volume?.status === "created" && (isMade || isClone) ? volume : undefined;
  return begun || isNoted ? { volume: begun, isNoted, origin: isMade ? ("made" as const) : ("clone" as const) } : undefined;
}

export async function remove({ cluster, volume, record }: Found): Promise<Step[]> {
  await requirePeers(cluster, volume);
  const done = await goThrough(cluster, record.key, { volume, record });
  return record.origin === "clone" ? [...done, ...(await tidyClone(cluster, record.key))] : done;
}

type Start = Pick<SeenLeaving, "volume" | "record" | "begun">;

/** Until there is nothing of the share on its volume, or no volume. */
export async function goThrough(cluster: Cluster, key: string, start: Start, plan = planRemoval): Promise<Step[]> {
  const time = new Date().toISOString();
  const begin: SeenLeaving = { cluster, wipes: 0, ...start };
  const memory: Memory = { key, isCut: start.record?.state === "cut", isTidy: false };
  const job = {
    object: key,
    observe: (expected?: Expected<SeenLeaving>) => lookAtLeaving(memory, begin, expected),
    plan: (seen: SeenLeaving) => plan(key, seen, time),
    after: afterLeaving,
  };
  try {
    return (await converge(job, () => cluster.server, cluster.log)).done;
  } finally {
    // What went wrong before says more.
    await memory.mounted?.unmount().catch(() => {});
  }
}

/** What a removal would do, of a share with data: nothing is locked, mounted or changed. */
export async function foretellRemoval({ cluster, volume, record }: Found): Promise<Step[]> {
  const begin: SeenLeaving = { cluster, wipes: 0, volume, record };
  return foretell({
    object: record.key,
    observe: async (expected) => withWhatMayBe(expected?.seen ?? begin),
    plan: (seen) => planRemoval(record.key, seen, ""),
    after: afterLeaving,
  });
}
