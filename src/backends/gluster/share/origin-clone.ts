// Makes a volume for a share out of a snapshot. The clone inherits every option of the snapshot's volume, names of old tenants included, so it is
// closed before its first start. Gluster clones active snapshots only; ours are active for no longer than that.

import { converge } from "../../../core/engine";
import { run } from "../../../core/host";
import { managedBy } from "../../../core/manager";
import type { Step } from "../../../core/plan";
import { defined } from "../../../spec/defined";
import { splitSnapshotKey } from "../../../spec/name";
import * as cli from "../cli";
import { fault } from "../faults";
import { lockShare } from "../locks";
import { snapshotIn, snapshotNamesIn, type Volume } from "../parse";
import { inheritedFrom, none, type Slot, shareRecordOf, slotMark, slotsOf } from "../records";
import type { Cluster } from "../site";
import { infrastructureIn } from "../volume/options";
import { foundIn, type Looked, observeVolumes, type Reached, type Volumes } from "./observe";
import { newRecord, planFirstOptions } from "./plan";
import type { Cloning, SeenClone } from "./seen";
import { quiet, type ShareWish, step } from "./steps";
import { readyOne } from "./volumes";

/** Of the snapshot that is named by `key`. `hold` takes a lock: what is being made of a volume is noted on it, like all that is known of it. */
export async function lookForClone(
  looked: readonly Looked[],
  reached: Reached,
  wish: ShareWish,
  key: string,
  hold: typeof lockShare,
): Promise<SeenClone> {
  const source = sourceOf(looked, reached, wish, key);
  await hold(source.cluster, parentKey(source.parent));
  return lookAtClone(source, wish);
}

/** Data that was let go of may have the share's name, and snapshots of the same names. */
function sourceOf(looked: readonly Looked[], reached: Reached, wish: ShareWish, key: string): Source {
  const { share } = splitSnapshotKey(key);
  const home = readyOne(foundIn(looked, share), reached, wish.key);
  const slot = home && slotsOf(home.volume, "snapshot").find((one) => one.key === key);
  if (slot) return { cluster: home.cluster, parent: home.volume, snapshot: slot.name };
  const names = reached.clusters.map(({ spec }) => `"${spec.name}"`).join(", ");
  throw fault("SNAPSHOT_MISSING", {
    object: wish.key,
    summary: home
      ? `volume ${home.volume.name} of "${home.cluster.spec.name}", the share ${share}, has no snapshot ${key}`
      : `no volume of ${names} is the share ${share}, of which ${key} would be a snapshot`,
  });
}

function parentKey(parent: Volume): string {
  return shareRecordOf(parent)?.key ?? parent.name;
}

type Source = Pick<SeenClone, "cluster" | "parent" | "snapshot">;

export async function lookAtClone({ cluster, parent, snapshot }: Source, wish: ShareWish): Promise<SeenClone> {
  const volumes = await observeVolumes(cluster);
  const volume = volumes.get(wish.key);
  const { active, volume: source } = snapshotIn((await run(cluster.server, cli.snapshotInfo(snapshot))).stdout);
  if (source !== parent.name) {
    throw fault("SNAPSHOT_MISSING", {
      object: wish.key,
      summary: `snapshot ${snapshot} is one of volume ${source} now, not of ${parent.name}: somebody has deleted ours and made another of its name`,
    });
  }
  return { from: "clone", cluster, snapshot, parent: volumes.get(parent.name) ?? parent, ...defined({ volume }), active };
}

/** Pure. */
export function planClone(wish: ShareWish, { cluster, parent, snapshot, volume, active }: SeenClone): Step[] {
  const slot = slotsOf(parent, "clone").find(({ key }) => key === wish.key);
  if (volume) {
    if (inheritedFrom(volume) !== parent.name || slot?.claim !== wish.claim || volume.status !== "created") {
      throw fault("FOREIGN_VOLUME", {
        object: wish.key,
        summary: `volume ${volume.name} exists, but no record says that it is this share: nothing was touched`,
      });
    }
    return planFirstOptions(
      wish,
      volume,
      newRecord(volume, { wish, cluster: cluster.spec, infrastructure: infrastructureOf(cluster, parent), origin: "clone" }),
    );
  }
  if (slot?.claim !== wish.claim) {
    const record = {
      key: wish.key,
      volume: parent.name,
      ...managedBy(wish, cluster.spec.owner),
      name: snapshot,
      // A run for another claim may have activated it.
      ...((slot ? slot.wasActive : active) ? { wasActive: true as const } : {}),
    };
    return [
      {
        ...step(
          "note-clone",
          `note that ${wish.key} is made of ${snapshot}`,
          cli.volumeSet(parent.name, slotMark(parent, "clone", record)),
        ),
        quiet: true,
      },
    ];
  }
  return [
    ...(active ? [] : [step("activate", `activate snapshot ${snapshot}`, cli.snapshotActivate(snapshot))]),
    step("clone", `make volume ${wish.key} of snapshot ${snapshot}`, cli.snapshotClone(wish.key, snapshot)),
  ];
}

function infrastructureOf(cluster: Cluster, parent: Volume): string[] {
  const record = shareRecordOf(parent);
  if (record) return record.infrastructure;
  const found = infrastructureIn(parent, cluster.spec.infrastructureNames);
  if ("problem" in found) throw fault("VOLUME_OPEN", { object: parent.name, summary: `volume ${parent.name}: ${found.problem}` });
  return found.names;
}

/** What is noted of a clone that was being made. `hold` takes a lock. */
export async function lookAtCloning(
  cluster: Cluster,
  key: string,
  volumes: Volumes,
  hold: typeof lockShare,
): Promise<Cloning | undefined> {
  const noted = notedClone(volumes, key);
  if (!noted) return undefined;
  await hold(cluster, parentKey(noted.parent));
  return { ...noted, active: await isActive(cluster, noted.parent, noted.slot.name) };
}

/** Lets the snapshot rest again, and forgets that a clone was being made of it. Pure. */
export function planTidy(key: string, { parent, slot, active }: Cloning): Step[] {
  const forget = step("forget-clone", `forget that ${key} was being made`, cli.volumeSet(parent.name, { [slot.option]: none }));
  return [
    ...(active && !slot.wasActive
      ? [step("deactivate", `deactivate snapshot ${slot.name}`, cli.snapshotDeactivate(slot.name))]
      : []),
    quiet(forget),
  ];
}

/** Of a share that is removed. */
export async function tidyClone(cluster: Cluster, key: string): Promise<Step[]> {
  const observe = async () => lookAtCloning(cluster, key, await observeVolumes(cluster), lockShare);
  const plan = (seen: Cloning | undefined) => (seen ? planTidy(key, seen) : []);
  return (await converge({ object: key, observe, plan }, () => cluster.server, cluster.log)).done;
}

/** A snapshot that has gone in the meantime is not. */
async function isActive(cluster: Cluster, parent: Volume, snapshot: string): Promise<boolean> {
  const names = snapshotNamesIn((await run(cluster.server, cli.snapshotList(parent.name))).stdout);
  return names.includes(snapshot) && snapshotIn((await run(cluster.server, cli.snapshotInfo(snapshot))).stdout).active;
}

/** The volume of whose snapshot a clone is being made, and the note that says so. */
export function notedClone(volumes: Volumes, key: string): { parent: Volume; slot: Slot } | undefined {
  for (const parent of volumes.values()) {
    const slot = slotsOf(parent, "clone").find((one) => one.key === key);
    if (slot) return { parent, slot };
  }
  return undefined;
}
