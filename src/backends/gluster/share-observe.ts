// What is on a cluster: its volumes, and which of them is a share.
import { succeeded } from "../../core/command";
import { fault, ShareError } from "../../core/errors";
import { run } from "../../core/host";
import { looksAt } from "../../core/looks";
import type { Step } from "../../core/plan";
import * as cli from "./cli";
import { booleanOf, isUncounted, type Quota, quotaIn, type Volume, volumesIn } from "./parse";
import { markOption, type ShareRecord, shareRecordOf } from "./records";
import { type Cluster, type ClusterAccess, isUnreachable, openCluster } from "./site";

export type Volumes = ReadonlyMap<string, Volume>;

/** A share where it is: its volume on its cluster. */
export interface Found {
  cluster: Cluster;
  volume: Volume;
  record: ShareRecord;
}

/** A share whose volume was just made, and the steps that this took. */
export interface Begun {
  found: Found;
  done: Step[];
}

/** What is seen of one volume of a cluster. */
export interface SeenShare {
  volumes: Volumes;
  volume?: Volume;
  /** undefined: nobody's, or a mark that was inherited. */
  record?: ShareRecord;
  /** undefined: no limit, or it cannot be read now. */
  quota?: Quota;
  /** Quota is on, but bricks do not count. */
  uncounted?: true;
}

export async function observeVolumes(cluster: Cluster): Promise<Volumes> {
  return byName((await run(cluster.server, cli.volumeInfo)).stdout);
}

function byName(xml: string): Volumes {
  return new Map(volumesIn(xml).map((volume) => [volume.name, volume]));
}

export async function observeShare(cluster: Cluster, name: string): Promise<SeenShare> {
  const looks = looksAt(cluster.server);
  const volumes = looks.output(cli.volumeInfo, byName);
  // Refused where no quota is on, which `volume info` tells for sure.
  const quota = looks.ask(cli.quotaList(name), (result) =>
    isUncounted(result.stdout) ? "uncounted" : succeeded(result) ? quotaIn(result.stdout) : undefined,
  );
  await looks.send();
  const all = volumes() as Volumes;
  const volume = all.get(name);
  if (!volume) return { volumes: all };
  const record = shareRecordOf(volume);
  const limited = booleanOf(volume.options["features.quota"]) ? quota() : undefined;
  const seen = limited === "uncounted" ? { uncounted: true as const } : limited ? { quota: limited } : {};
  return { volumes: all, volume, ...(record ? { record } : {}), ...seen };
}

/** Clusters that could be opened, and why others could not be. */
export interface Reached {
  clusters: Cluster[];
  unreachable: { access: ClusterAccess; error: ShareError }[];
}

/** @throws the fault of a cluster for any other reason than that it does not answer; BAD_REQUEST when two are one */
export async function reach(accesses: readonly ClusterAccess[]): Promise<Reached> {
  const opened = await Promise.allSettled(accesses.map(openCluster));
  const reached: Reached = { clusters: [], unreachable: [] };
  for (const [index, result] of opened.entries()) {
    const access = accesses[index] as ClusterAccess;
    if (result.status === "fulfilled") reached.clusters.push(result.value);
    else if (isUnreachable(result.reason)) reached.unreachable.push({ access, error: result.reason });
    else throw result.reason;
  }
  for (const [index, cluster] of reached.clusters.entries()) {
    const same = reached.clusters.slice(0, index).find(({ id }) => id === cluster.id);
    if (same) {
      throw fault("BAD_REQUEST", {
        object: cluster.spec.name,
        summary: `the clusters "${same.spec.name}" and "${cluster.spec.name}" are one: both have the pool member ${cluster.id}`,
        fix: "describe each cluster once, with all its servers",
      });
    }
  }
  // Every run goes through the clusters in this order, so that two that lock several never wait for each other.
  reached.clusters.sort((a, b) => (a.id < b.id ? -1 : 1));
  return reached;
}

/** All volumes that say they are this share: one, or several when a run was cut off from a cluster and went on elsewhere. */
export async function findShare(clusters: readonly Cluster[], key: string): Promise<Found[]> {
  const found: Found[] = [];
  let broken: unknown;
  for (const cluster of clusters) {
    for (const volume of (await observeVolumes(cluster)).values()) {
      try {
        const record = shareRecordOf(volume);
        if (record?.key === key) found.push({ cluster, volume, record });
      } catch (error) {
        if (!ShareError.isShareError(error)) throw error;
        // One that names another share is not this one, whatever else it says.
        const named = new URLSearchParams(volume.options[markOption]).get("key");
        if (named === null || named === "" || named === key) broken ??= error;
      }
    }
  }
  // What cannot be read may be just this share: it is not taken for absent.
  if (found.length === 0 && broken) throw broken;
  return found;
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
