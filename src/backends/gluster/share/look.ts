// What an apply of a share looks at: no more than the next steps need, and before them.

import type { Expected } from "../../../core/engine";
import { run } from "../../../core/host";
import type { Lock } from "../../../core/transport";
import { defined } from "../../../spec/defined";
import * as cli from "../cli";
import { fault } from "../faults";
import { lockPicking, lockShare } from "../locks";
import { countsUse, type Volume } from "../parse";
import { type Cluster, requirePeers } from "../site";
import { requireTls } from "../tls-preflight";
import { recordWithServers } from "../volume/options";
import { type Found, type Looked, observeBricks, observeShare, observeVolumes, type Reached, withLimit } from "./observe";
import { clusterToAdoptOn, lookAtAdoptable } from "./origin-adopted";
import { lookAtClone, lookAtCloning, lookForClone } from "./origin-clone";
import { lookAtMade } from "./origin-made";
import { lookInPool, noFreeVolume, type Passed, type Prepared, passedKey, prepare } from "./origin-pool";
import { guarded, isProven, isUnproven, lookAtLimit, lookAtShown, lookBeforeClosing, lookIntoUntouched, whyGone } from "./proof";
import type { Seen, SeenMarked, SeenOrigin } from "./seen";
import type { ShareWish } from "./steps";

/** All that one apply, or a preview of it, knows besides what it sees. */
export interface Search {
  wish: ShareWish;
  reached: Reached;
  /** What was found at first. */
  looked: readonly Looked[];
  found: Found | undefined;
  /** A preview locks and mounts nothing. */
  isPreview: boolean;
  /** Why volumes and clusters will not do. */
  passed: Passed;
  /** Clusters to pick on. */
  left?: Prepared[];
  picking: Lock[];
  /** The volume that was picked, as long as another one may be. */
  tried?: { cluster: Cluster; volume: string; elsewhere: boolean };
}

export async function look(search: Search, expected?: Expected<Seen>): Promise<Seen> {
  if (search.picking.length > 0) await expected?.ran;
  await endPicking(search);
  const seen = expected?.seen;
  if (!seen) return search.found ? lookAtFound(search, search.found) : lookForOrigin(search);
  if (!("from" in seen) && !seen.record) return pickAnother(search, seen);
  if (search.isPreview) return seen;
  return "from" in seen ? lookAgainAtOrigin(search, seen) : lookAgain(search, seen, (expected as Expected<Seen>).ran);
}

export async function endPicking({ picking }: Search): Promise<void> {
  for (const lock of picking.splice(0).reverse()) await lock.release();
}

/** Whether another cluster may be asked: that of the volume which was picked does not answer any more. It stays marked, for a run that reaches both. */
export async function passOver(search: Search, error: unknown): Promise<boolean> {
  const { tried, passed } = search;
  if (!tried?.elsewhere) return false;
  const { cluster, volume } = tried;
  const gone = await whyGone(cluster, error);
  if (!gone) return false;
  cluster.log.note(`cluster "${cluster.spec.name}" does not answer any more (${gone.summary}): another one is tried`);
  passed.set(passedKey(cluster, volume), gone.summary);
  search.left = search.left?.filter((one) => one.cluster !== cluster) ?? [];
  search.found = undefined;
  delete search.tried;
  return true;
}

// ---- nothing is marked -------------------------------------------------------------------------------------------------------

async function lookForOrigin(search: Search): Promise<Seen> {
  const { wish, looked, reached, isPreview } = search;
  const { provisioning } = wish.spec;
  const adoptOn = clusterToAdoptOn(looked, wish);
  if (adoptOn) {
    await holdPicking(search, adoptOn);
    const seen = await lookAtAdoptable(adoptOn, wish, !isPreview);
    if (seen) return seen;
    await endPicking(search);
  }
  if (provisioning.kind === "pool") return pick(search);
  if (provisioning.kind === "clone") return lookForClone(looked, reached, wish, provisioning.snapshot, holdShare(search));
  const [first] = looked;
  if (!first) throw fault("BAD_REQUEST", { object: wish.key, summary: "no cluster is named" });
  // The names are in certificates, which a preview does not read.
  const names = async (cluster: Cluster) => (isPreview ? [...cluster.spec.infrastructureNames] : requireTls(cluster, "all"));
  return lookAtMade(first, wish, provisioning.layout, names);
}

async function pick(search: Search): Promise<Seen> {
  const { wish, passed, reached } = search;
  const left = await clustersToPickOn(search);
  const picked = await lookInPool(left, wish, passed, (cluster) => holdPicking(search, cluster));
  if (!picked) throw noFreeVolume(wish, reached.clusters, passed);
  const { seen, elsewhere } = picked;
  search.tried = { cluster: seen.cluster, volume: seen.volume.name, elsewhere };
  return seen;
}

async function clustersToPickOn(search: Search): Promise<Prepared[]> {
  const { clusters } = search.reached;
  search.left ??= search.isPreview
    ? clusters.map((cluster) => ({ cluster, needed: [] }))
    : await prepare(clusters, search.wish, search.passed);
  return search.left;
}

async function pickAnother(search: Search, { cluster, volume, proof }: SeenMarked): Promise<Seen> {
  const why = String(proof?.trace);
  const name = volume?.name ?? "";
  cluster.log.note(`volume ${name} ${why}: it is left alone and another one is tried`);
  search.passed.set(passedKey(cluster, name), why);
  return pick(search);
}

async function holdPicking({ isPreview, picking }: Search, cluster: Cluster): Promise<void> {
  if (!isPreview) picking.push(await lockPicking(cluster));
}

function holdShare({ isPreview }: Search): typeof lockShare {
  return isPreview ? async () => {} : lockShare;
}

/** Others are marked by their first step. */
async function lookAgainAtOrigin(search: Search, seen: SeenOrigin): Promise<Seen> {
  if (seen.from === "clone") return lookAtClone(seen, search.wish);
  if (seen.from !== "made") return lookForOrigin(search);
  const { volume: _, ...rest } = seen;
  const volume = (await observeVolumes(seen.cluster)).get(search.wish.key);
  return { ...rest, ...defined({ volume }) };
}

// ---- a volume is marked ------------------------------------------------------------------------------------------------------

async function lookAtFound(search: Search, found: Found, volumes = volumesOf(search, found.cluster)): Promise<Seen> {
  const { wish, isPreview } = search;
  const { cluster, volume, record } = found;
  const marked = { cluster, volume, record: { ...record, owner: cluster.spec.owner } };
  if (record.origin === "clone") {
    const cloning = await lookAtCloning(cluster, wish.key, volumes, holdShare(search));
    if (cloning) return { ...marked, cloning };
  }
  if (!isUnproven(record)) return lookAtShare(marked, wish);
  if (record.looked || record.state !== "taking") return lookBeforeClosing(marked, wish, isPreview);
  const left = await clustersToPickOn(search);
  search.tried = { cluster, volume: volume.name, elsewhere: left.some((one) => one.cluster !== cluster) };
  const bricks = volume.status === "started" ? await observeBricks(cluster, volume.name) : [];
  const seen = await lookIntoUntouched({ ...marked, proof: { limit: "not set", untouched: true, bricks } }, wish, isPreview);
  return seen.record ? seen : pickAnother(search, seen);
}

function volumesOf({ looked }: Search, cluster: Cluster): ReadonlyMap<string, Volume> {
  return looked.find((one) => one.cluster === cluster)?.volumes ?? new Map();
}

/** With what its size depends on: of a larger one the bricks have to hold it, of a smaller one the use has to be known. */
async function lookAtShare(found: Found, { spec }: ShareWish): Promise<Seen> {
  const { cluster, volume, record } = found;
  if (record.state !== "ready") await requirePeers(cluster, volume);
  const [isStarted, isSmaller] = [volume.status === "started", record.shown && spec.size < record.size];
  const isLarger = !record.shown || spec.size > record.size;
  const bricks = isStarted && isLarger ? { bricks: await observeBricks(cluster, volume.name) } : {};
  const daemons = isStarted && isSmaller ? await run(cluster.server, cli.quotadStatus(volume.name)) : undefined;
  const counts = daemons ? { countsUse: countsUse(daemons.stdout) } : {};
  return { cluster, ...(await withLimit(found)), ...bricks, ...counts };
}

async function lookAgain(search: Search, expected: SeenMarked, ran: Promise<unknown>): Promise<Seen> {
  const { cluster, volume, proof } = expected;
  const { wish } = search;
  if (!volume) return expected;
  if (expected.isNew) {
    const volumes = await observeVolumes(cluster);
    await ran;
    return lookAtFound(search, foundAgain(cluster, volumes.get(volume.name), wish), volumes);
  }
  if (!proof) return guarded({ cluster, ...(await observeShare(cluster, volume.name)) }, wish);
  if (proof.trace !== undefined) return expected; // refused next
  if (expected.record?.state === "ready") return lookAtShown(expected, proof, wish);
  if (proof.limit !== "not set") {
    const seen = await lookAtLimit(expected, proof, wish, ran);
    // From here on it is the share, whatever becomes of the cluster: another one would be a second.
    if (isProven(wish, seen)) delete search.tried;
    return seen;
  }
  await ran;
  search.tried = { cluster, volume: volume.name, elsewhere: search.left?.some((one) => one.cluster !== cluster) ?? false };
  const seen = await lookIntoUntouched(expected, wish, search.isPreview);
  return seen.record ? seen : pickAnother(search, seen);
}

function foundAgain(cluster: Cluster, volume: Volume | undefined, wish: ShareWish): Found {
  const record = volume && recordWithServers(volume, cluster.spec);
  if (!volume || !record) throw fault("NOT_CONVERGED", { object: wish.key });
  return { cluster, volume, record };
}
