// What is on a cluster: its volumes, and which of them is a share.
import { type Result, succeeded } from "../../../core/command";
import { ShareError } from "../../../core/errors";
import { attempt, run } from "../../../core/host";
import { looksAt } from "../../../core/looks";
import { defined } from "../../../spec/defined";
import * as cli from "../cli";
import { fault } from "../faults";
import { type BrickStatus, booleanOf, bricksIn, isUncounted, type Quota, quotaIn, type Volume, volumesIn } from "../parse";
import { markOption, type ShareRecord } from "../records";
import { type Cluster, type ClusterAccess, isUnreachable, openCluster } from "../site";
import { type BrickLimits, limitsOnBricks } from "../volume/brick-limits";
import { volumeCapacity } from "../volume/capacity";
import { recordWithServers } from "../volume/options";

export type Volumes = ReadonlyMap<string, Volume>;

/** A share where it is: its volume on its cluster. */
export interface Found {
  cluster: Cluster;
  volume: Volume;
  record: ShareRecord;
}

/** What is seen of one volume of a cluster. */
export interface SeenShare {
  volume?: Volume;
  /** undefined: nobody's, or a mark that was inherited. */
  record?: ShareRecord;
  /** undefined: no limit, or it cannot be read now. */
  quota?: Quota;
  /** Quota is on, but bricks do not count. */
  uncounted?: true;
  /** What is on the bricks themselves, where that was looked at. */
  brickLimits?: BrickLimits;
}

export async function observeVolumes(cluster: Cluster): Promise<Volumes> {
  return byName((await run(cluster.server, cli.volumeInfo)).stdout);
}

function byName(xml: string): Volumes {
  return new Map(volumesIn(xml).map((volume) => [volume.name, volume]));
}

/** With its limit. */
export async function observeShare(cluster: Cluster, name: string): Promise<SeenShare> {
  const looks = looksAt(cluster.server);
  const volumes = looks.output(cli.volumeInfo, byName);
  // Refused where no quota is on, which `volume info` tells for sure.
  const limit = looks.ask(cli.quotaList(name), limitIn);
  await looks.send();
  const seen = seenOf(cluster, volumes()?.get(name));
  return { ...seen, ...(hasQuota(seen.volume) ? asSeen(limit() ?? "unknown") : {}) };
}

/** Without its limit, for who has nothing to do with that. */
export async function observeVolume(cluster: Cluster, name: string): Promise<SeenShare> {
  return seenOf(cluster, (await observeVolumes(cluster)).get(name));
}

/** A share as it was found just now, with its limit, as gluster tells it and as it is on the bricks. */
export async function withLimit({ cluster, volume, record }: Found): Promise<SeenShare> {
  if (!hasQuota(volume)) return { volume, record };
  const [limit, brickLimits] = await Promise.all([observeLimit(cluster, volume.name), limitsOnBricks(cluster, [volume])]);
  return { volume, record, ...asSeen(await believable(cluster, volume, limit)), brickLimits };
}

/** More than the bricks hold cannot be in use, though gluster's counters may say so (seen with 10.3). Over the limit it may be. */
export async function believable<Told extends Limit | undefined>(cluster: Cluster, volume: Volume, told: Told): Promise<Told> {
  if (typeof told !== "object" || told.used === undefined || told.used <= (told.limit ?? 0n)) return told;
  const capacity = volumeCapacity(volume, await observeBricks(cluster, volume.name));
  return capacity && told.used > capacity.total ? { ...told, used: undefined } : told;
}

/** GlusterFS has counters that can be wrong, and counts anew when quota is switched on anew (seen with 10.3). */
export function impossibleUse(volume: string): { found: string; fix: string } {
  return {
    found: `the use of volume ${volume} is unknown: gluster tells more than its bricks hold`,
    fix: `\`gluster volume quota ${volume} disable\`, then apply again with the size as it was, which switches it on anew and counts anew; in between nothing limits the share (or, in its place, quota_fsck.py of the GlusterFS sources with --fix-issues on each brick)`,
  };
}

function seenOf({ spec }: Cluster, volume: Volume | undefined): SeenShare {
  const record = volume && recordWithServers(volume, spec);
  return { ...defined({ volume, record }) };
}

/** uncounted: on, but bricks do not count. unknown: none is set, or it cannot be read now. */
export type Limit = Quota | "uncounted" | "unknown";

export async function observeLimit(cluster: Cluster, name: string): Promise<Limit> {
  return limitIn(await attempt(cluster.server, cli.quotaList(name)));
}

function limitIn(result: Result): Limit {
  if (isUncounted(result.stdout)) return "uncounted";
  return (succeeded(result) ? quotaIn(result.stdout) : undefined) ?? "unknown";
}

function asSeen(limit: Limit): Pick<SeenShare, "quota" | "uncounted"> {
  if (limit === "uncounted") return { uncounted: true };
  return limit === "unknown" ? {} : { quota: limit };
}

export function hasQuota(volume: Volume | undefined): boolean {
  return booleanOf(volume?.options["features.quota"]) === true;
}

/** Bricks of a started volume. Those of a server whose glusterd is away are not in the answer at all. */
export async function observeBricks(cluster: Cluster, name: string): Promise<BrickStatus[]> {
  return bricksIn((await run(cluster.server, cli.volumeStatusDetail(name))).stdout);
}

/** Clusters that could be opened, each once, and why others could not be. */
export interface Reached {
  clusters: Cluster[];
  unreachable: { access: ClusterAccess; error: ShareError }[];
  /** Two descriptions were of one cluster. */
  twice?: ShareError;
}

/** @throws the fault of a cluster for any other reason than that it does not answer */
export async function reach(accesses: readonly ClusterAccess[]): Promise<Reached> {
  const opened = await Promise.allSettled(accesses.map(openCluster));
  const reached: Reached = { clusters: [], unreachable: [] };
  for (const [index, result] of opened.entries()) {
    const access = accesses[index] as ClusterAccess;
    if (result.status === "fulfilled") addOnce(reached, result.value);
    else if (isUnreachable(result.reason)) reached.unreachable.push({ access, error: result.reason });
    else throw result.reason;
  }
  // Every run goes through the clusters in this order, so that two that lock several never wait for each other.
  reached.clusters.sort((a, b) => (a.id < b.id ? -1 : 1));
  return reached;
}

function addOnce(reached: Reached, cluster: Cluster): void {
  const same = reached.clusters.find(({ id }) => id === cluster.id);
  if (!same) return void reached.clusters.push(cluster);
  reached.twice ??= fault("BAD_REQUEST", {
    object: cluster.spec.name,
    summary: `the clusters "${same.spec.name}" and "${cluster.spec.name}" are one: both have the pool member ${cluster.id}`,
    fix: "describe each cluster once, with all its servers",
  });
}

/**
 * Before anything is made or opened. What is removed may be on a cluster that is described twice: it is looked at once then.
 * @throws BAD_REQUEST when two clusters are one
 */
export function mustBeDistinct({ twice }: Reached): void {
  if (twice) throw twice;
}

export interface Looked {
  cluster: Cluster;
  volumes: Volumes;
}

export async function lookAtAll(clusters: readonly Cluster[]): Promise<Looked[]> {
  const looked: Looked[] = [];
  for (const cluster of clusters) looked.push({ cluster, volumes: await observeVolumes(cluster) });
  return looked;
}

export async function findShare(clusters: readonly Cluster[], key: string): Promise<Found[]> {
  return foundIn(await lookAtAll(clusters), key);
}

/** All volumes that say they are this share: one, or several when a run was cut off from a cluster and went on elsewhere. */
export function foundIn(looked: readonly Looked[], key: string): Found[] {
  const all = looked.map((one) => marksIn(one, key));
  const found = all.flatMap((marks) => marks.found);
  // What cannot be read may be just this share: it is not taken for absent.
  const [broken] = all.flatMap((marks) => marks.broken);
  if (found.length === 0 && broken) throw broken;
  return found;
}

/** `broken`: why it is not known whether the share is there. */
function marksIn({ cluster, volumes }: Looked, key: string): { found: Found[]; broken: ShareError[] } {
  const shares: Found[] = [];
  const broken: ShareError[] = [];
  const elsewhere: ShareError[] = [];
  for (const volume of volumes.values()) {
    try {
      const record = recordWithServers(volume, cluster.spec);
      if (record) shares.push({ cluster, volume, record });
    } catch (error) {
      if (!ShareError.isShareError(error)) throw error;
      if (error.code === "OTHER_SITE") elsewhere.push(error);
      // One that names another share is not this one, whatever else it says.
      const named = new URLSearchParams(volume.options[markOption]).get("key");
      if (named === null || named === "" || named === key) broken.push(error);
    }
  }
  // A cluster on which all is another site's is that site's.
  const strange = shares.length === 0 ? elsewhere : [];
  return { found: shares.filter(({ record }) => record.key === key), broken: [...broken, ...strange] };
}

/** The first fault of a cluster that could not be looked at, when the share may be there. */
export function mustHaveLooked({ clusters, unreachable }: Reached, key: string): void {
  const [first] = unreachable;
  if (!first) return;
  if (clusters.length + unreachable.length === 1) throw first.error;
  const { name } = first.access.spec;
  throw Object.assign(first.error, {
    object: key,
    summary: `cluster "${name}" cannot be looked at (${first.error.summary}), and ${key} may be there`,
    fix: `bring it back; or, where nothing of ${key} can be on it, leave "${name}" out of the share's clusters until then`,
  });
}
