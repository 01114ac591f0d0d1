// Takes over a volume that was there before, with its data and the names that it lets in.
import { fault, ShareError } from "../../core/errors";
import { run } from "../../core/host";
import * as cli from "./cli";
import { lockPicking } from "./locks";
import type { Volume } from "./parse";
import { clearedSlots, inheritedFrom, isManilas, type ShareRecord, shareMark, shareRecordOf } from "./records";
import { type Found, observeVolumes, type Volumes } from "./share-observe";
import { newRecord } from "./share-plan";
import type { ShareWish } from "./share-steps";
import { type Cluster, requirePeers } from "./site";
import { requireMount } from "./volume-content";
import { infrastructureIn, missingTls, needsRestart } from "./volume-options";

/** A volume of the share's own name that is nobody's: taken over if that is asked for, with the names that it lets in. */
export async function adopt(clusters: readonly Cluster[], wish: ShareWish): Promise<Found | undefined> {
  if (!wish.spec.adopt) return undefined;
  const [cluster, ...others] = await namesakes(clusters, wish);
  if (!cluster) return undefined;
  if (others.length > 0) {
    throw fault("FOREIGN_VOLUME", {
      object: wish.key,
      summary: `${[cluster, ...others].map(({ spec }) => `"${spec.name}"`).join(" and ")} each have a volume ${wish.key} that is nobody's`,
      fix: "leave all but one out of the share's clusters",
    });
  }
  // Somebody may be picking just this volume.
  const picking = await lockPicking(cluster);
  try {
    const volume = adoptable(await observeVolumes(cluster), wish);
    if (!volume) return undefined;
    const record = adoptedRecord(cluster, volume, wish);
    await requirePeers(cluster, volume);
    const state = (await servesTls(cluster, volume, wish)) ? record.state : "taking";
    const marked = { ...record, state };
    await run(cluster.server, cli.volumeSet(record.volume, { ...shareMark(marked), ...clearedSlots(volume) }));
    cluster.log.step(`adopt volume ${volume.name}`);
    return { cluster, volume: (await observeVolumes(cluster)).get(volume.name) ?? volume, record: marked };
  } finally {
    await picking.release();
  }
}

async function namesakes(clusters: readonly Cluster[], wish: ShareWish): Promise<Cluster[]> {
  const found: Cluster[] = [];
  for (const cluster of clusters) if (adoptable(await observeVolumes(cluster), wish)) found.push(cluster);
  return found;
}

function adoptable(volumes: Volumes, wish: ShareWish): Volume | undefined {
  const volume = volumes.get(wish.key);
  return volume && !shareRecordOf(volume) && !isBegun(volume, wish) ? volume : undefined;
}

/**
 * Whether TLS is in force, and not only set: a mount of ours succeeds then. Options may have been set, and the bricks not been started since.
 * @throws RESTART_NEEDED where that may not be, and a restart is not consented to
 */
async function servesTls(cluster: Cluster, volume: Volume, wish: ShareWish): Promise<boolean> {
  if (volume.status !== "started" || !isTlsSet(volume)) return false;
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

/** Made or cloned for the share by a run that could not mark it any more, or a clone of somebody's: it has to be closed before its first start. */
export function isBegun(volume: Volume, wish: ShareWish): boolean {
  return inheritedFrom(volume) !== undefined || volume.bricks.every((brick) => brick.endsWith(`/${wish.key}.${wish.claim}`));
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
    ...newRecord(volume, { wish, owner: cluster.spec.owner, infrastructure: found.names, origin: "adopted" }),
    kept: found.others,
    shown: true,
    state: "ready",
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
