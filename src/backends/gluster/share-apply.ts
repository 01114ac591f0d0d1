// Makes a share as it is wished for: finds it, or takes, makes or clones a volume, then brings that to what is wanted.
import { converge } from "../../core/engine";
import { fault, ShareError } from "../../core/errors";
import { run } from "../../core/host";
import type { Step } from "../../core/plan";
import { formatSize } from "../../spec/size";
import * as cli from "./cli";
import { cloneVolume, tidyClone } from "./clone";
import { lockPicking, lockShare } from "./locks";
import { makeVolume } from "./make-volume";
import { booleanOf, countsUse, type Volume } from "./parse";
import { clearedSlots, inheritedFrom, markOption, none, type ShareRecord, shareMark, shareRecordOf } from "./records";
import { awayNote, capacityProblem, noFreeVolume, type Passed, type Prepared, passedKey, pickVolume } from "./share-choose";
import { giveBack } from "./share-destroy";
import {
  type Begun,
  type Found,
  findShare,
  mustHaveLooked,
  observeShare,
  observeVolumes,
  reach,
  type SeenShare,
} from "./share-observe";
import { newRecord, planShare } from "./share-plan";
import type { ShareWish } from "./share-steps";
import { ownFirst } from "./share-volumes";
import { type Cluster, type ClusterAccess, isUnreachable, requirePeers } from "./site";
import { requireTls } from "./tls-preflight";
import { firstEntryOf } from "./volume-content";
import { infrastructureIn } from "./volume-options";

export async function applyShare(accesses: readonly ClusterAccess[], wish: ShareWish): Promise<Step[]> {
  const reached = await reach(accesses);
  for (const cluster of reached.clusters) await lockShare(cluster, wish.key);
  const found = await chooseFound(await findShare(reached.clusters, wish.key), wish);
  // What was never ready may have become so on another cluster.
  if (!found?.record.shown) mustHaveLooked(reached, wish.key);
  if (found) return isUntouched(found) ? takeFromPool(reached.clusters, wish, found) : goOn({ found, done: [] }, wish);
  const adopted = await adoptable(reached.clusters, wish);
  if (adopted) return bring(adopted, wish);
  switch (wish.spec.provisioning.kind) {
    case "pool":
      return takeFromPool(reached.clusters, wish);
    case "create":
      return goOn(await makeVolume(reached.clusters, wish, wish.spec.provisioning.layout), wish);
    case "clone":
      return goOn(await cloneVolume(reached.clusters, wish, wish.spec.provisioning.snapshot), wish);
  }
}

async function goOn({ found, done }: Begun, wish: ShareWish): Promise<Step[]> {
  return [
    ...done,
    ...(await bring(found, wish)),
    ...(wish.spec.provisioning.kind === "clone" ? await tidyClone(found.cluster, wish.key) : []),
  ];
}

/** The one volume that is the share. What a run began on a cluster that then went away is given back when it has come again. */
async function chooseFound(found: readonly Found[], wish: ShareWish): Promise<Found | undefined> {
  const isOwn = ({ record }: Found) => record.claim === wish.claim;
  const [first, ...others] = ownFirst(found, wish.claim);
  if (!first) return undefined;
  guardOwner(first, wish);
  for (const other of others) {
    // Data that was let go of stays where it is, beside the share of the same name.
    if (other.record.claim === undefined && isOwn(first)) continue;
    if (other.record.shown || !isOwn(other)) {
      throw fault("RECORD_BROKEN", {
        object: wish.key,
        summary: `${found.map(({ cluster, volume }) => `volume ${volume.name} of "${cluster.spec.name}"`).join(" and ")} all say that they are ${wish.key}`,
        fix: `find out which one is; for the other: gluster volume set VOLUME ${markOption} ${none}`,
      });
    }
    await giveBack(other);
  }
  return first;
}

export function guardOwner({ record, volume, cluster }: Found, wish: Pick<ShareWish, "key" | "claim" | "spec">): void {
  if (record.claim === wish.claim || wish.spec.adopt) return;
  const where = `volume ${volume.name} of cluster "${cluster.spec.name}"`;
  if (record.claim === undefined) {
    throw fault("FOREIGN_VOLUME", {
      object: wish.key,
      summary: `${where} is the share ${wish.key} that "${record.owner}" has let go (${record.state}), with its data`,
      fix: "set adopt: true to take it over, or choose another shareName",
    });
  }
  throw fault("MANAGED_ELSEWHERE", {
    object: wish.key,
    summary: `${where} is managed by "${record.owner}" (claim ${record.claim})`,
  });
}

// ---- adopting ----------------------------------------------------------------------------------------------------------------

/** A volume of the share's own name that is nobody's: taken over if that is asked for, with the names that it lets in. */
async function adoptable(clusters: readonly Cluster[], wish: ShareWish): Promise<Found | undefined> {
  if (!wish.spec.adopt) return undefined;
  for (const cluster of clusters) {
    // Somebody may be picking just this volume.
    const picking = await lockPicking(cluster);
    try {
      const volume = (await observeVolumes(cluster)).get(wish.key);
      if (!volume || shareRecordOf(volume) || isBegun(volume, wish)) continue;
      const record = adoptedRecord(cluster, volume, wish);
      await requirePeers(cluster, volume);
      await run(cluster.server, cli.volumeSet(record.volume, { ...shareMark(record), ...clearedSlots(volume) }));
      cluster.log.step(`adopt volume ${volume.name}`);
      return { cluster, volume, record };
    } finally {
      await picking.release();
    }
  }
  return undefined;
}

/** Made or cloned for the share by a run that could not mark it any more, or a clone of somebody's: it has to be closed before its first start. */
export function isBegun(volume: Volume, wish: ShareWish): boolean {
  return inheritedFrom(volume) !== undefined || volume.bricks.every((brick) => brick.endsWith(`/${wish.key}.${wish.claim}`));
}

function adoptedRecord(cluster: Cluster, volume: Volume, wish: ShareWish): ShareRecord {
  const found = infrastructureIn(volume, cluster.spec.infrastructureNames);
  if ("problem" in found)
    throw fault("VOLUME_OPEN", { object: wish.key, summary: `volume ${volume.name} cannot be adopted: ${found.problem}` });
  requireConsent(volume, wish);
  return {
    ...newRecord(volume, { wish, owner: cluster.spec.owner, infrastructure: found.names, origin: "adopted" }),
    kept: found.others,
    shown: true,
    state: "ready",
  };
}

/** Before anything is marked: TLS takes effect when bricks are started. */
function requireConsent(volume: Volume, wish: ShareWish): void {
  const isOn = (["client.ssl", "server.ssl"] as const).every((name) => booleanOf(volume.options[name]));
  if (isOn || wish.spec.allowRestart) return;
  throw fault("RESTART_NEEDED", {
    object: wish.key,
    summary: `volume ${volume.name} has no TLS; turning it on restarts the volume, which cuts off all its clients`,
  });
}

// ---- the pool ----------------------------------------------------------------------------------------------------------------

/** Marked by a run that got no further: it has not been looked into yet, and nothing of it was changed. */
function isUntouched({ record }: Found): boolean {
  return record.state === "taking" && record.origin === "pool" && !record.shown && !record.looked;
}

async function takeFromPool(clusters: readonly Cluster[], wish: ShareWish, marked?: Found): Promise<Step[]> {
  const passed: Passed = new Map();
  let left = await prepare(clusters, wish, passed);
  for (let own = marked; ; own = undefined) {
    const found = own ?? (await pickVolume(left, wish, passed));
    if (!found) throw noFreeVolume(wish, clusters, passed);
    const { cluster, volume } = found;
    const others = left.filter((one) => one.cluster !== cluster);
    let closed: Step[];
    try {
      const problem = await unfitness(found, wish);
      if (problem !== undefined) {
        await unmark(found, problem);
        passed.set(passedKey(cluster, volume.name), problem);
        continue;
      }
      closed = await close(found, wish);
    } catch (error) {
      const gone = others.length === 0 ? undefined : await whyGone(cluster, error);
      if (!gone) throw error;
      // It stays marked for us, and is given back by a later run that reaches both.
      cluster.log.note(awayNote(cluster, gone));
      passed.set(passedKey(cluster, volume.name), gone.summary);
      left = others;
      continue;
    }
    // From here on it is the share, whatever becomes of the cluster: another one would be a second.
    return [...closed, ...(await open(found, wish))];
  }
}

/** Why a marked volume will not do. Seen before anything about it is changed: what is in it may be somebody's, who uses it now. */
async function unfitness({ cluster, volume }: Found, wish: ShareWish): Promise<string | undefined> {
  if (volume.status !== "started") return `is ${volume.status}: pool volumes have to be started`;
  const small = await capacityProblem(cluster, volume, wish.spec.size);
  if (small !== undefined) return small;
  try {
    const entry = await firstEntryOf(cluster, wish.key, volume);
    return entry === undefined ? undefined : `is not empty (${entry})`;
  } catch (error) {
    // Of the cluster, or of this volume only?
    if (!ShareError.isShareError(error) || (await whyGone(cluster, error))) throw error;
    return `cannot be looked into: ${error.summary}${error.said === undefined ? "" : ` (${error.said})`}`;
  }
}

/** Why a cluster does not answer any more, if that is behind an error: a mount, too, fails without its glusterd. */
async function whyGone(cluster: Cluster, error: unknown): Promise<ShareError | undefined> {
  if (isUnreachable(error)) return error;
  const asked = await observeVolumes(cluster).catch((reason: unknown) => reason);
  return isUnreachable(asked) ? asked : undefined;
}

/** Certificates are looked at before anything is marked. */
async function prepare(clusters: readonly Cluster[], wish: ShareWish, passed: Passed): Promise<Prepared[]> {
  const prepared: Prepared[] = [];
  for (const cluster of clusters) {
    try {
      prepared.push({ cluster, needed: await requireTls(cluster) });
    } catch (error) {
      if (!ShareError.isShareError(error) || clusters.length === 1) throw error;
      passed.set(cluster.spec.name, error.summary);
    }
  }
  if (prepared.length === 0) throw noFreeVolume(wish, clusters, passed);
  return prepared;
}

async function unmark({ cluster, volume, record }: Found, why: string): Promise<void> {
  const now = (await observeVolumes(cluster)).get(volume.name);
  const mark = now && shareRecordOf(now);
  if (mark?.key !== record.key || mark.claim !== record.claim) return;
  await run(cluster.server, cli.volumeSet(volume.name, { [markOption]: none }));
  cluster.log.note(`volume ${volume.name} ${why}: it is left alone and another one is tried`);
}

// ---- from the volume to the share ----------------------------------------------------------------------------------------------

async function bring(found: Found, wish: ShareWish): Promise<Step[]> {
  return [...(await close(found, wish)), ...(await open(found, wish))];
}

/** Until a volume of the pool is closed and was seen to be empty; anything else until it is as wished for. */
async function close(found: Found, wish: ShareWish): Promise<Step[]> {
  const { cluster, volume } = found;
  if (found.record.state !== "ready") await requirePeers(cluster, volume);
  await requireCapacity(found, wish);
  await requireCounting(found, wish);
  const { seen, done } = await converge(jobOf(found, wish, false), () => cluster.server, cluster.log);
  if (seen.record?.state === "ready") return done;
  const entry = await firstEntryOf(cluster, wish.key, volume);
  if (entry === undefined) return done;
  throw fault("VOLUME_NOT_EMPTY", {
    object: wish.key,
    summary: `volume ${volume.name} was empty when it was taken, and now holds ${entry}`,
    fix: "find out who wrote it; empty the volume, then apply again",
  });
}

/** A volume that `close` has dealt with may be shown. */
async function open(found: Found, wish: ShareWish): Promise<Step[]> {
  const { cluster } = found;
  return (await converge(jobOf(found, wish, true), () => cluster.server, cluster.log)).done;
}

function jobOf(found: Found, wish: ShareWish, proven: boolean) {
  return {
    object: wish.key,
    observe: () => observeShare(found.cluster, found.volume.name),
    plan: (seen: SeenShare) => planShare(wish, guarded(seen, found), proven),
  };
}

/** The mark has to be the one that was found, or ours: somebody may have taken it in the meantime by hand. */
function guarded(seen: SeenShare, found: Found): SeenShare {
  if (!seen.record || seen.record.key === found.record.key) return seen;
  throw fault("MANAGED_ELSEWHERE", {
    object: found.record.key,
    summary: `volume ${found.volume.name} is now ${seen.record.key} of "${seen.record.owner}"`,
  });
}

/** Before a limit is lowered: the use that it must not be below has to be known. */
async function requireCounting({ cluster, volume, record }: Found, wish: ShareWish): Promise<void> {
  if (!record.shown || wish.spec.size >= record.size || volume.status !== "started") return;
  const { stdout } = await run(cluster.server, cli.quotadStatus(volume.name));
  if (countsUse(stdout)) return;
  throw fault("USE_UNKNOWN", {
    object: wish.key,
    summary: `a quota daemon of volume ${volume.name} is down, so its use cannot be read, and the limit is not lowered`,
    fix: `\`gluster volume status ${volume.name} quotad\` shows where; start it with \`gluster volume start ${volume.name} force\``,
  });
}

/** Of a volume that is larger asked for than before, the bricks have to hold it. */
async function requireCapacity({ cluster, volume, record }: Found, wish: ShareWish): Promise<void> {
  if ((record.shown && wish.spec.size <= record.size) || volume.status !== "started") return;
  const problem = await capacityProblem(cluster, volume, wish.spec.size);
  if (problem === undefined) return;
  throw fault("TOO_LARGE", {
    object: wish.key,
    summary: `volume ${volume.name} cannot be grown to ${formatSize(wish.spec.size)}: ${problem}`,
  });
}
