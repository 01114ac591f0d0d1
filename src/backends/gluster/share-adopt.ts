// Takes over a volume that was there before, with its data and the names that it lets in.
import { fault } from "../../core/errors";
import { run } from "../../core/host";
import * as cli from "./cli";
import { lockPicking } from "./locks";
import { booleanOf, type Volume } from "./parse";
import { clearedSlots, inheritedFrom, type ShareRecord, shareMark, shareRecordOf } from "./records";
import { type Found, observeVolumes } from "./share-observe";
import { newRecord } from "./share-plan";
import type { ShareWish } from "./share-steps";
import { type Cluster, requirePeers } from "./site";
import { infrastructureIn } from "./volume-options";

/** A volume of the share's own name that is nobody's: taken over if that is asked for, with the names that it lets in. */
export async function adopt(clusters: readonly Cluster[], wish: ShareWish): Promise<Found | undefined> {
  if (!wish.spec.adopt) return undefined;
  for (const cluster of clusters) {
    // Somebody may be picking just this volume.
    const picking = await lockPicking(cluster);
    try {
      const volume = (await observeVolumes(cluster)).get(wish.key);
      if (!volume || shareRecordOf(volume) || isBegun(volume, wish)) continue;
      const record = adoptedRecord(cluster, volume, wish);
      await requirePeers(cluster, volume);
      await run(cluster.server, cli.volumeSet(record.volume, { ...shareMark(record), ...clearedSlots(volume) }));
      cluster.log.step(`adopt volume ${volume.name}`);
      return { cluster, volume, record };
    } finally {
      await picking.release();
    }
  }
  return undefined;
}

/** Made or cloned for the share by a run that could not mark it any more, or a clone of somebody's: it has to be closed before its first start. */
export function isBegun(volume: Volume, wish: ShareWish): boolean {
  return inheritedFrom(volume) !== undefined || volume.bricks.every((brick) => brick.endsWith(`/${wish.key}.${wish.claim}`));
}

function adoptedRecord(cluster: Cluster, volume: Volume, wish: ShareWish): ShareRecord {
  const found = infrastructureIn(volume, cluster.spec.infrastructureNames);
  if ("problem" in found)
    throw fault("VOLUME_OPEN", { object: wish.key, summary: `volume ${volume.name} cannot be adopted: ${found.problem}` });
  requireConsent(volume, wish);
  return {
    ...newRecord(volume, { wish, owner: cluster.spec.owner, infrastructure: found.names, origin: "adopted" }),
    kept: found.others,
    shown: true,
    state: "ready",
  };
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
