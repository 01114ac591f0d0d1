// Looks at everything that sharewright knows of a cluster: shares of all owners with their rules and snapshots, and what is free. Changes nothing.
import { succeeded } from "../../core/command";
import { ShareError } from "../../core/errors";
import { run } from "../../core/host";
import { type Answer, looksAt } from "../../core/looks";
import { defined } from "../../spec/defined";
import { type ClusterSpec, locationOf, type ShareLocation, volumePatternOf } from "../../spec/gluster";
import { formatSize } from "../../spec/size";
import * as cli from "./cli";
import { booleanOf, type Quota, quotaIn, type Volume, volumesIn } from "./parse";
import { inheritedFrom, isManilas, rulesOf, type ShareRecord, type Slot, slotsOf } from "./records";
import { believable, impossibleUse } from "./share/observe";
import { type Cluster, type ClusterAccess, openCluster } from "./site";
import { bricksWithout, limitsOnBricks } from "./volume/brick-limits";
import { differing, recordWithServers, wantedOptions } from "./volume/options";

export interface InspectedShare {
  record: ShareRecord;
  volume: Volume;
  location: ShareLocation;
  /** Absent: no limit is set, or it cannot be read because the volume is not started. */
  quota?: Quota;
  rules: Slot[];
  snapshots: Slot[];
  /** What is not as its record says. */
  notes: string[];
  /** Why its use cannot be told, and what to do. */
  unknownUse?: { found: string; fix: string };
}

export interface ClusterInspection {
  cluster: Cluster;
  /** All of them, by name. */
  volumes: Volume[];
  /** By key. */
  shares: InspectedShare[];
  /** They match the pattern and are nobody's. */
  free: Volume[];
  others: Volume[];
  /** Volumes with marks that cannot be relied on: neither a share nor free. */
  broken: { volume: string; problem: string }[];
}

/** Takes no lock. */
export async function inspectCluster(access: ClusterAccess): Promise<ClusterInspection> {
  return inspectOpened(await openCluster(access));
}

export async function inspectOpened(cluster: Cluster): Promise<ClusterInspection> {
  const volumes = volumesIn((await run(cluster.server, cli.volumeInfo)).stdout).sort((a, b) => (a.name < b.name ? -1 : 1));
  const sorted = sortOut(cluster, volumes);
  const limited = [...sorted.shares.keys()].filter(isLimitable);
  const [quotas, brickLimits] = await Promise.all([quotasOf(cluster, limited), limitsOnBricks(cluster, limited)]);
  const places = new Map<string, string[]>();
  for (const [volume, { key }] of sorted.shares) places.set(key, [...(places.get(key) ?? []), volume.name]);
  const shares = [...sorted.shares].map(([volume, record]): InspectedShare => {
    const quota = quotas.get(volume.name);
    const on = places.get(record.key) ?? [];
    return {
      record,
      volume,
      location: locationOf(cluster.spec, record.key, volume.name),
      ...defined({ quota }),
      rules: rulesOf(volume, record),
      snapshots: slotsOf(volume, "snapshot"),
      notes: [
        ...(on.length > 1 ? [`it is on several volumes: ${on.join(", ")}`] : []),
        ...notesOn(volume, record, quota, bricksWithout(brickLimits, volume, record.size)),
      ],
      ...(quota && quota.used === undefined ? { unknownUse: impossibleUse(volume.name) } : {}),
    };
  });
  shares.sort((a, b) => (a.record.key < b.record.key ? -1 : 1));
  return { cluster, volumes, ...sorted, shares };
}

interface Sorted extends Pick<ClusterInspection, "free" | "others" | "broken"> {
  shares: Map<Volume, ShareRecord>;
}

/** Whose the volumes are. */
function sortOut({ spec }: Cluster, volumes: readonly Volume[]): Sorted {
  const pattern = spec.volumePattern === undefined ? undefined : volumePatternOf(spec.volumePattern);
  const sorted: Sorted = { shares: new Map(), free: [], others: [], broken: [] };
  for (const volume of volumes) {
    const record = recordOrProblem(volume, spec);
    if (typeof record === "string") sorted.broken.push({ volume: volume.name, problem: record });
    else if (record) sorted.shares.set(volume, record);
    else if (pattern?.sizeOf(volume.name) !== undefined && !isManilas(volume)) sorted.free.push(volume);
    else sorted.others.push(volume);
  }
  return sorted;
}

function recordOrProblem(volume: Volume, spec: ClusterSpec): ShareRecord | undefined | string {
  try {
    const record = recordWithServers(volume, spec);
    const parent = record ? undefined : inheritedFrom(volume);
    return parent === undefined
      ? record
      : `it has the mark of ${parent} only, so it is a clone of it that a run was cut off from, or that somebody made by hand`;
  } catch (error) {
    if (!ShareError.isShareError(error)) throw error;
    return error.summary;
  }
}

/** By the names of the volumes; in one go. */
async function quotasOf(cluster: Cluster, volumes: readonly Volume[]): Promise<Map<string, Quota | undefined>> {
  const looks = looksAt(cluster.server);
  const asked = volumes.map((volume): [Volume, Answer<Quota | undefined>] => {
    return [volume, looks.ask(cli.quotaList(volume.name), (result) => (succeeded(result) ? quotaIn(result.stdout) : undefined))];
  });
  await looks.send();
  const quotas = new Map<string, Quota | undefined>();
  for (const [volume, answer] of asked) quotas.set(volume.name, await judged(cluster, volume, answer()));
  return quotas;
}

/** One volume whose bricks cannot be asked keeps nobody from the others: of it stays what was told. */
async function judged(cluster: Cluster, volume: Volume, told: Quota | undefined): Promise<Quota | undefined> {
  try {
    return await believable(cluster, volume, told);
  } catch (error) {
    if (!ShareError.isShareError(error)) throw error;
    return told;
  }
}

/** Otherwise glusterd refuses to tell. */
function isLimitable({ status, options }: Volume): boolean {
  return status === "started" && booleanOf(options["features.quota"]) === true;
}

/** What is not as the record says. While a share is made or removed it is on its way: only its state is said then. */
function notesOn(volume: Volume, record: ShareRecord, quota: Quota | undefined, unlimited: readonly string[]): string[] {
  if (record.state !== "ready") return [];
  const options = Object.entries(differing(volume, wantedOptions(volume, record, {})));
  return [
    ...(volume.status === "started" ? [] : [`the volume is ${volume.status}, not started`]),
    ...options.map(([name, wanted]) => `${name} is ${volume.options[name] ?? "not set"}, not ${wanted}`),
    ...limitNotes(volume, record, quota, unlimited),
  ];
}

function limitNotes(volume: Volume, { size }: ShareRecord, quota: Quota | undefined, unlimited: readonly string[]): string[] {
  if (booleanOf(volume.options["features.quota"]) !== true) return ["quota is not on: its size is not enforced"];
  if (volume.status !== "started") return [];
  const late = (["hard", "soft"] as const).filter((which) => volume.options[`features.${which}-timeout`] !== "0");
  if (late.length > 0) return [`its limit is enforced late: features.${late.join("-timeout and features.")}-timeout should be 0`];
  if (quota?.limit === size) {
    return unlimited.length === 0
      ? []
      : [`its limit of ${formatSize(size)} is gone from ${unlimited.join(", ")}, or another there`];
  }
  if (!quota) return [`its limit cannot be read; it should be ${formatSize(size)}`];
  return [
    quota.limit === undefined
      ? `its limit of ${formatSize(size)} is gone from its bricks: nothing limits it`
      : `its limit is ${formatSize(quota.limit)}, not ${formatSize(size)}`,
  ];
}
