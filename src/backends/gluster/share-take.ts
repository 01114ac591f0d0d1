// Takes a volume of the pool for a share: the next one where one will not do, and another cluster where one goes away.
import { ShareError } from "../../core/errors";
import { run } from "../../core/host";
import type { Step } from "../../core/plan";
import * as cli from "./cli";
import { markOption, none, shareRecordOf } from "./records";
import {
  awayNote,
  capacityProblem,
  noFreeVolume,
  type Passed,
  type Picked,
  type Prepared,
  passedKey,
  pickVolume,
} from "./share-choose";
import { type Closed, close, show } from "./share-close";
import { type Found, observeBricks, observeVolumes } from "./share-observe";
import type { ShareWish } from "./share-steps";
import { type Cluster, isUnreachable } from "./site";
import { requireTls } from "./tls-preflight";
import { traceIn } from "./volume-content";
import { rootOwner } from "./volume-root";

/** Marked by a run that got no further: it has not been looked into yet, and nothing of it was changed. */
export function isUntouched({ record }: Found): boolean {
  return record.state === "taking" && record.origin === "pool" && !record.shown && !record.looked;
}

export async function takeFromPool(clusters: readonly Cluster[], wish: ShareWish, marked?: Found): Promise<Step[]> {
  const passed: Passed = new Map();
  let left = await prepare(clusters, wish, passed);
  for (let own = marked && (await withBricks(marked)); ; own = undefined) {
    const found = own ?? (await pickVolume(left, wish, passed));
    if (!found) throw noFreeVolume(wish, clusters, passed);
    const { cluster, volume } = found;
    const others = left.filter((one) => one.cluster !== cluster);
    let closed: Closed;
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
    return [...closed.done, ...(await show(closed, wish))];
  }
}

/** A volume that was picked by an earlier run, for another size perhaps. */
async function withBricks(found: Found): Promise<Picked> {
  const { cluster, volume } = found;
  return { ...found, bricks: volume.status === "started" ? await observeBricks(cluster, volume.name) : [] };
}

/** Why a marked volume will not do. Seen before anything about it is changed: what is in it may be somebody's, who uses it now. */
async function unfitness({ cluster, volume, bricks }: Picked, wish: ShareWish): Promise<string | undefined> {
  if (volume.status !== "started") return `is ${volume.status}: pool volumes have to be started`;
  const small = capacityProblem(volume, bricks, wish.spec.size);
  if (small !== undefined) return small;
  try {
    return await traceIn(cluster, wish.key, volume, { owner: rootOwner(volume.options), bricks });
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
