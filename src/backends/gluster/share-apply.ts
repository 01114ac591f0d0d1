// Makes a share as it is wished for: finds it, or takes, makes or clones a volume, then brings that to what is wanted.
import { converge } from "../../core/engine";
import { fault, ShareError } from "../../core/errors";
import { run } from "../../core/host";
import type { Step } from "../../core/plan";
import { formatSize } from "../../spec/size";
import * as cli from "./cli";
import { cloneVolume, tidyClone } from "./clone";
import { lockShare } from "./locks";
import { makeVolume } from "./make-volume";
import { booleanOf, countsUse, type Volume } from "./parse";
import { markOption, none, type ShareRecord, shareMark, shareRecordOf } from "./records";
import { capacityProblem, noFreeVolume, type Passed, type Prepared, passedKey, pickVolume } from "./share-choose";
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
import { type Cluster, type ClusterAccess, isUnreachable } from "./site";
import { requireTls } from "./tls-preflight";
import { firstEntryOf } from "./volume-content";
import { explicitNames, infrastructureIn } from "./volume-options";

export async function applyShare(accesses: readonly ClusterAccess[], wish: ShareWish): Promise<Step[]> {
  const reached = await reach(accesses);
  for (const cluster of reached.clusters) await lockShare(cluster, wish.key);
  const found = await chooseFound(await findShare(reached.clusters, wish.key), wish);
  if (found) return isUntouched(found) ? takeFromPool(reached.clusters, wish, found) : goOn({ found, done: [] }, wish);
  mustHaveLooked(reached, wish.key);
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
  const [first, ...others] = [...found].sort((a, b) => Number(b.record.shown) - Number(a.record.shown));
  if (!first) return undefined;
  guardOwner(first, wish);
  for (const other of others) {
    if (other.record.shown || other.record.claim !== wish.claim) {
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
  if (wish.spec.provisioning.kind === "pool" && !wish.spec.adopt) return undefined;
  for (const cluster of clusters) {
    const volume = (await observeVolumes(cluster)).get(wish.key);
    if (!volume || !wish.spec.adopt || shareRecordOf(volume)) continue;
    const explicit = explicitNames(volume);
    const infrastructure = infrastructureIn(volume, cluster.spec.infrastructureNames);
    const problem = "problem" in explicit ? explicit.problem : "problem" in infrastructure ? infrastructure.problem : undefined;
    if (problem !== undefined || !("names" in explicit) || !("names" in infrastructure)) {
      throw fault("VOLUME_OPEN", { object: wish.key, summary: `volume ${volume.name} cannot be adopted: ${problem}` });
    }
    requireConsent(volume, wish);
    const record: ShareRecord = {
      ...newRecord(volume, { wish, owner: cluster.spec.owner, infrastructure: infrastructure.names, origin: "adopted" }),
      kept: explicit.names.filter((name) => !infrastructure.names.includes(name)),
      shown: true,
      state: "ready",
    };
    await mark(cluster, record, `adopt volume ${volume.name}`);
    return { cluster, volume, record };
  }
  return undefined;
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

async function mark(cluster: Cluster, record: ShareRecord, say: string): Promise<void> {
  await run(cluster.server, cli.volumeSet(record.volume, shareMark(record)));
  cluster.log.step(say);
}

// ---- the pool ----------------------------------------------------------------------------------------------------------------

/** Marked by a run that got no further: it has not been looked into yet. */
function isUntouched({ volume, record }: Found): boolean {
  return record.state === "taking" && record.origin === "pool" && !record.shown && volume.status === "started";
}

async function takeFromPool(clusters: readonly Cluster[], wish: ShareWish, marked?: Found): Promise<Step[]> {
  const passed: Passed = new Map();
  let left = await prepare(clusters, wish, passed);
  for (let own = marked; ; own = undefined) {
    const found = own ?? (await pickVolume(left, wish, passed));
    if (!found) throw noFreeVolume(wish, clusters, passed);
    const { cluster, volume } = found;
    try {
      // Seen before anything about it is changed: what is in it may be somebody's, who uses it now.
      const entry = await firstEntryOf(cluster, wish.key, volume);
      if (entry === undefined) return await bring(found, wish);
      await unmark(found);
      passed.set(passedKey(cluster, volume.name), `is not empty (${entry})`);
    } catch (error) {
      left = left.filter((one) => one.cluster !== cluster);
      if (!isUnreachable(error) || left.length === 0) throw error;
      // It stays marked for us, and is given back by a later run that reaches both.
      cluster.log.note(`cluster "${cluster.spec.name}" does not answer any more (${error.summary}): another one is tried`);
      passed.set(passedKey(cluster, volume.name), error.summary);
    }
  }
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

async function unmark({ cluster, volume }: Found): Promise<void> {
  await run(cluster.server, cli.volumeSet(volume.name, { [markOption]: none }));
  cluster.log.note(`volume ${volume.name} is not empty, so it is left alone and another one is tried`);
}

// ---- from the volume to the share ----------------------------------------------------------------------------------------------

async function bring(found: Found, wish: ShareWish): Promise<Step[]> {
  const { cluster, volume } = found;
  const hostOf = () => cluster.server;
  const observe = () => observeShare(cluster, volume.name);
  let proven = false;
  const job = {
    object: wish.key,
    observe,
    plan: (seen: SeenShare) => planShare(wish, guarded(seen, found), proven),
  };
  await requireCapacity(found, wish);
  await requireCounting(found, wish);
  const first = await converge(job, hostOf, cluster.log);
  const { record } = first.seen;
  if (record?.state === "ready") return first.done;
  const entry = await firstEntryOf(cluster, wish.key, volume);
  if (entry !== undefined) {
    throw fault("VOLUME_NOT_EMPTY", {
      object: wish.key,
      summary: `volume ${volume.name} was empty when it was taken, and now holds ${entry}`,
      fix: "find out who wrote it; empty the volume, then apply again",
    });
  }
  proven = true;
  const second = await converge(job, hostOf, cluster.log);
  return [...first.done, ...second.done];
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
  if (!record.shown || wish.spec.size <= record.size || volume.status !== "started") return;
  const problem = await capacityProblem(cluster, volume, wish.spec.size);
  if (problem === undefined) return;
  throw fault("TOO_LARGE", {
    object: wish.key,
    summary: `volume ${volume.name} cannot be grown to ${formatSize(wish.spec.size)}: ${problem}`,
  });
}
