// Which pool volume becomes a share: the smallest that is large enough, on the cluster that has most of them left.
import { ShareError } from "../../../core/errors";
import type { Step } from "../../../core/plan";
import { sslAllow, volumePatternOf } from "../../../spec/gluster";
import { approximateSize, formatSize } from "../../../spec/size";
import * as cli from "../cli";
import { fault } from "../faults";
import type { BrickStatus, Volume } from "../parse";
import { clearedSlots, inheritedFrom, isManilas, type ShareState, shareMark, shareRecordOf } from "../records";
import { type Cluster, isUnreachable } from "../site";
import { requireTls } from "../tls-preflight";
import { volumeCapacity } from "../volume/capacity";
import { infrastructureIn } from "../volume/options";
import { observeBricks, observeVolumes } from "./observe";
import { newRecord } from "./plan";
import type { SeenPool } from "./seen";
import { type ShareWish, step } from "./steps";

export interface Candidate {
  cluster: Cluster;
  volume: Volume;
  infrastructure: string[];
  /** What its name says; "unsized": nothing. */
  size: bigint | "unsized";
}

/** A cluster to pick on, and the names of its servers and of the managing host: a volume that shuts one of them out would break. */
export interface Prepared {
  cluster: Cluster;
  needed: string[];
}

/** Why volumes were passed over, by cluster and volume. */
export type Passed = Map<string, string>;

export function passedKey(cluster: Cluster, volume: string): string {
  return `${cluster.spec.name}:${volume}`;
}

/**
 * The volume that comes first, of those that a stack may take; undefined when none will do. `hold` takes the lock that keeps others from picking: the
 * volume is free for as long as that is held.
 */
export async function lookInPool(
  clusters: readonly Prepared[],
  wish: ShareWish,
  passed: Passed,
  hold: (cluster: Cluster) => Promise<void>,
): Promise<{ seen: SeenPool; elsewhere: boolean } | undefined> {
  const candidates = await candidatesOf(clusters, wish, passed, hold);
  const seen = await chooseFrom(candidates, wish, passed);
  return seen && { seen, elsewhere: candidates.some(({ cluster }) => cluster !== seen.cluster) };
}

/** Pure. Nobody else picks meanwhile; the mark is read back with what is set along with it later. */
export function planTaking(wish: ShareWish, { cluster, volume, infrastructure }: SeenPool): Step[] {
  const record = newRecord(volume, { wish, cluster: cluster.spec, infrastructure, origin: "pool" });
  // With what an earlier share may have left: its tenants are not this one's.
  const marks = { ...shareMark(record), ...clearedSlots(volume) };
  return [step("take", `take volume ${volume.name} of cluster "${cluster.spec.name}"`, cli.volumeSet(volume.name, marks))];
}

async function candidatesOf(
  clusters: readonly Prepared[],
  wish: ShareWish,
  passed: Passed,
  hold: (cluster: Cluster) => Promise<void>,
): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  for (const prepared of clusters) {
    const { cluster } = prepared;
    try {
      await hold(cluster);
      candidates.push(...(await candidatesOn(prepared, wish, passed)));
    } catch (error) {
      // It has answered before: what was looked for is not on it, so that another cluster may be asked.
      if (!isUnreachable(error) || clusters.length === 1) throw error;
      passed.set(cluster.spec.name, error.summary);
    }
  }
  return candidates;
}

async function candidatesOn({ cluster, needed }: Prepared, wish: ShareWish, passed: Passed): Promise<Candidate[]> {
  const { volumePattern, infrastructureNames } = cluster.spec;
  if (volumePattern === undefined) {
    passed.set(cluster.spec.name, "the cluster has no volumePattern");
    return [];
  }
  const pattern = volumePatternOf(volumePattern);
  const candidates: Candidate[] = [];
  for (const volume of (await observeVolumes(cluster)).values()) {
    const size = pattern.sizeOf(volume.name);
    const key = passedKey(cluster, volume.name);
    if (size === undefined || passed.has(key)) continue;
    const infrastructure = infrastructureIn(volume, infrastructureNames);
    const problem = problemOf(volume, size, wish) ?? ("problem" in infrastructure ? infrastructure.problem : undefined);
    if (problem !== undefined || !("names" in infrastructure)) {
      passed.set(key, problem ?? "");
      continue;
    }
    const { names, others } = infrastructure;
    const missing = needed.filter((name) => !names.includes(name));
    if (others.length > 0) passed.set(key, `lets in ${others.join(", ")}: somebody uses it`);
    else if (missing.length > 0) passed.set(key, `does not let in ${missing.join(", ")} (${sslAllow})`);
    else candidates.push({ cluster, volume, infrastructure: names, size });
  }
  return candidates;
}

function problemOf(volume: Volume, size: bigint | "unsized", { spec }: ShareWish): string | undefined {
  if (size !== "unsized" && size < spec.size) return `is of ${formatSize(size)}`;
  const owner = ownerOf(volume);
  if (owner !== undefined) return owner;
  if (volume.status !== "started") return `is ${volume.status}: pool volumes have to be started`;
  if (volume.snapshots > 0) return "has snapshots";
  return undefined;
}

function ownerOf(volume: Volume): string | undefined {
  if (isManilas(volume)) return "is marked by Manila (user.manila-share)";
  if (inheritedFrom(volume) !== undefined) return "is a clone of a share's volume";
  try {
    const record = shareRecordOf(volume);
    return record && `is ${wordFor(record.state)} ${record.key} of "${record.owner}"`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function wordFor(state: ShareState): string {
  if (state === "trash") return "in the trash:";
  return state === "retained" ? "the retained share" : "share";
}

/** In the order in which they are tried: sized before unsized, smallest first, then where most are left, so that clusters fill alike. */
export function inOrder(candidates: readonly Candidate[]): Candidate[] {
  const left = (one: Candidate) => candidates.filter(({ cluster }) => cluster === one.cluster).length;
  return [...candidates].sort(
    (a, b) =>
      compare(sizeOf(a), sizeOf(b)) ||
      left(b) - left(a) ||
      compare(a.volume.name, b.volume.name) ||
      compare(a.cluster.id, b.cluster.id),
  );
}

// Beyond any size that a name can say.
const sizeOf = ({ size }: Candidate) => (size === "unsized" ? 1n << 200n : size);
const compare = (a: bigint | string, b: bigint | string) => (a < b ? -1 : a > b ? 1 : 0);

/** The first of which the bricks can hold it: what the name says is only said. */
async function chooseFrom(candidates: readonly Candidate[], wish: ShareWish, passed: Passed): Promise<SeenPool | undefined> {
  for (const candidate of inOrder(candidates)) {
    const { cluster, volume } = candidate;
    const bricks = await observeBricks(cluster, volume.name).catch((error: unknown) => {
      const isElsewhere = candidates.some((other) => other.cluster !== cluster);
      if (!isUnreachable(error) || !isElsewhere) throw error;
      return error.summary;
    });
    const problem = typeof bricks === "string" ? bricks : capacityProblem(volume, bricks, wish.spec.size);
    if (problem === undefined && typeof bricks !== "string")
      return { from: "pool", cluster, volume, infrastructure: candidate.infrastructure, bricks };
    passed.set(passedKey(cluster, volume.name), problem ?? "");
  }
  return undefined;
}

/** Why the bricks of a started volume cannot hold so much. */
export function capacityProblem(volume: Volume, bricks: readonly BrickStatus[], size: bigint): string | undefined {
  const capacity = volumeCapacity(volume, bricks);
  if (!capacity) return "its capacity cannot be told: bricks are down";
  return capacity.total < size ? `its bricks hold ${approximateSize(capacity.total)}` : undefined;
}

export function noFreeVolume(wish: ShareWish, clusters: readonly Cluster[], passed: Passed) {
  const reasons = [...passed].map(([what, why]) => `${what} ${why}`);
  const names = clusters.map(({ spec }) => `"${spec.name}"`).join(", ");
  const [shown, more] = [reasons.slice(0, 3).join("; "), reasons.length - 3];
  return fault("NO_FREE_VOLUME", {
    object: wish.key,
    summary: `no volume of ${names} can be taken for ${formatSize(wish.spec.size)}: ${shown || "none matches volumePattern"}${more > 0 ? `; and ${more} more` : ""}`,
    ...(more > 0 ? { said: reasons.join("\n") } : {}),
  });
}

/** Certificates are looked at before anything is marked. */
export async function prepare(clusters: readonly Cluster[], wish: ShareWish, passed: Passed): Promise<Prepared[]> {
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
