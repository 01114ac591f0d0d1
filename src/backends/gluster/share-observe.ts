// What is on a cluster: its volumes, and which of them is a share.
import { succeeded } from "../../core/command";
import { fault, ShareError } from "../../core/errors";
import { run } from "../../core/host";
import { looksAt } from "../../core/looks";
import type { Step } from "../../core/plan";
import * as cli from "./cli";
import { booleanOf, isUncounted, type Quota, quotaIn, type Volume, volumesIn } from "./parse";
import { markOption, type ShareRecord } from "./records";
import { type Cluster, type ClusterAccess, isUnreachable, openCluster } from "./site";
import { recordWithServers } from "./volume-options";

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
  const record = recordWithServers(volume, cluster.spec.infrastructureNames);
  const limited = booleanOf(volume.options["features.quota"]) ? quota() : undefined;
  const seen = limited === "uncounted" ? { uncounted: true as const } : limited ? { quota: limited } : {};
  return { volumes: all, volume, ...(record ? { record } : {}), ...seen };
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

/** All volumes that say they are this share: one, or several when a run was cut off from a cluster and went on elsewhere. */
export async function findShare(clusters: readonly Cluster[], key: string): Promise<Found[]> {
  const found: Found[] = [];
  let broken: unknown;
  for (const cluster of clusters) {
    for (const volume of (await observeVolumes(cluster)).values()) {
      try {
        const record = recordWithServers(volume, cluster.spec.infrastructureNames);
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
