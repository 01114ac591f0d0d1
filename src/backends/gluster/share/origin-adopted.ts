// Takes over a volume that was there before, with its data and the names that it lets in.
import { ShareError } from "../../../core/errors";
import type { Step } from "../../../core/plan";
import * as cli from "../cli";
import { fault } from "../faults";
import type { Volume } from "../parse";
import { clearedSlots, inheritedFrom, isManilas, type ShareRecord, shareMark, shareRecordOf } from "../records";
import { type Cluster, requirePeers } from "../site";
import { requireMount } from "../volume/content";
import { infrastructureIn, missingTls, needsRestart } from "../volume/options";
import { type Looked, observeVolumes, type Volumes } from "./observe";
import { newRecord } from "./plan";
import type { SeenAdoptable } from "./seen";
import { type ShareWish, step } from "./steps";

/** The cluster with a volume of the share's own name that is nobody's, if it is to be taken over. */
export function clusterToAdoptOn(looked: readonly Looked[], wish: ShareWish): Cluster | undefined {
  if (!wish.spec.adopt) return undefined;
  const [first, ...others] = looked.filter(({ volumes }) => adoptable(volumes, wish)).map(({ cluster }) => cluster);
  if (!first || others.length === 0) return first;
  throw fault("FOREIGN_VOLUME", {
    object: wish.key,
    summary: `${[first, ...others].map(({ spec }) => `"${spec.name}"`).join(" and ")} each have a volume ${wish.key} that is nobody's`,
    fix: "leave all but one out of the share's clusters",
  });
}

/** With nobody picking on the cluster: it may be just this volume. Without `isMounted` only what is set is looked at. */
export async function lookAtAdoptable(cluster: Cluster, wish: ShareWish, isMounted: boolean): Promise<SeenAdoptable | undefined> {
  const volume = adoptable(await observeVolumes(cluster), wish);
  if (!volume) return undefined;
  // Before anything is asked of its hosts: it may be refused.
  adoptedRecord(cluster, volume, wish);
  await requirePeers(cluster, volume);
  const isServing = volume.status === "started" && isTlsSet(volume);
  const servesTls = isServing && (!isMounted || (await canBeMounted(cluster, volume, wish)));
  return { from: "adopted", cluster, volume, servesTls };
}

/** Pure. */
export function planAdoption(wish: ShareWish, { cluster, volume, servesTls }: SeenAdoptable): Step[] {
  const record = adoptedRecord(cluster, volume, wish);
  const marks = { ...shareMark({ ...record, state: servesTls ? "ready" : "taking" }), ...clearedSlots(volume) };
  return [step("adopt", `adopt volume ${volume.name} of cluster "${cluster.spec.name}"`, cli.volumeSet(volume.name, marks))];
}

function adoptable(volumes: Volumes, wish: ShareWish): Volume | undefined {
  const volume = volumes.get(wish.key);
  return volume && !shareRecordOf(volume) && !isBegun(volume, wish) ? volume : undefined;
}

/** Made or cloned for the share by a run that could not mark it any more, or a clone of somebody's: it has to be closed before its first start. */
function isBegun(volume: Volume, wish: ShareWish): boolean {
  return inheritedFrom(volume) !== undefined || volume.bricks.every((brick) => brick.endsWith(`/${wish.key}.${wish.claim}`));
}

/**
 * A mount of ours succeeds when TLS is in force. Options may have been set, and the bricks not been started since.
 * @throws RESTART_NEEDED where that may be so, and a restart is not consented to
 */
async function canBeMounted(cluster: Cluster, volume: Volume, wish: ShareWish): Promise<boolean> {
  try {
    await requireMount(cluster, wish.key, volume);
    return true;
  } catch (error) {
    if (!ShareError.isShareError(error) || error.code !== "COMMAND_FAILED") throw error;
    if (wish.spec.allowRestart) return false;
    throw fault("RESTART_NEEDED", {
      ...error,
      summary: `volume ${volume.name} cannot be adopted: TLS is set, but may not be in force, for ${error.summary}`,
      fix: "`sharewright doctor` shows whether this host's certificate is in order; if it is, set allowRestart: true on the share to consent to a restart",
    });
  }
}

function adoptedRecord(cluster: Cluster, volume: Volume, wish: ShareWish): ShareRecord {
  const found = infrastructureIn(volume, cluster.spec.infrastructureNames);
  if ("problem" in found)
    throw fault("VOLUME_OPEN", { object: wish.key, summary: `volume ${volume.name} cannot be adopted: ${found.problem}` });
  if (isManilas(volume)) {
    throw fault("FOREIGN_VOLUME", {
      object: wish.key,
      summary: `volume ${volume.name} is marked by Manila (user.manila-share): nothing was touched`,
      fix: "let Manila unmanage it first",
    });
  }
  requireConsent(volume, wish);
  return {
    ...newRecord(volume, { wish, cluster: cluster.spec, infrastructure: found.names, origin: "adopted" }),
    kept: found.others,
    shown: true,
  };
}

function isTlsSet(volume: Volume): boolean {
  return !needsRestart(missingTls(volume));
}

/** Before anything is marked: TLS takes effect when bricks are started. */
function requireConsent(volume: Volume, wish: ShareWish): void {
  if (isTlsSet(volume) || wish.spec.allowRestart) return;
  throw fault("RESTART_NEEDED", {
    object: wish.key,
    summary: `volume ${volume.name} has no TLS; turning it on restarts the volume, which cuts off all its clients`,
  });
}
