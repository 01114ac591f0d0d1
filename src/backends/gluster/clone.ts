// Makes a volume for a share out of a snapshot. The clone inherits every option of the snapshot's volume, names of old tenants included, so it is
// closed before its first start. Gluster clones active snapshots only; ours are active for no longer than that.
import { converge } from "../../core/engine";
import { fault } from "../../core/errors";
import { run } from "../../core/host";
import { managedBy } from "../../core/manager";
import type { Step } from "../../core/plan";
import { splitSnapshotKey } from "../../spec/name";
import * as cli from "./cli";
import { lockShare } from "./locks";
import { snapshotIn, snapshotNamesIn, type Volume } from "./parse";
import { inheritedFrom, none, type Slot, shareRecordOf, slotMark, slotsOf } from "./records";
import { type Begun, findShare, observeVolumes, type Reached, type Volumes } from "./share-observe";
import { newRecord, planFirstOptions } from "./share-plan";
import { type ShareWish, step } from "./share-steps";
import { readyOne } from "./share-volumes";
import type { Cluster } from "./site";
import { infrastructureIn } from "./volume-options";

interface Source {
  cluster: Cluster;
  parent: Volume;
  /** The snapshot's own name. */
  snapshot: string;
}

interface SeenClone {
  parent: Volume;
  /** The clone's volume. */
  volume?: Volume;
  active: boolean;
}

export async function cloneVolume(reached: Reached, wish: ShareWish, key: string): Promise<Begun> {
  const source = await sourceOf(reached, wish, key);
  const { cluster } = source;
  // What is being made of a volume is noted on it, like all that is known of it.
  await lockShare(cluster, parentKey(source.parent));
  const { seen, done } = await converge(
    { object: wish.key, observe: () => observe(source, wish), plan: (now) => planClone(source, wish, now) },
    () => cluster.server,
    cluster.log,
  );
  const volume = seen.volume as Volume;
  const record = shareRecordOf(volume);
  if (!record) throw fault("NOT_CONVERGED", { object: wish.key });
  return { found: { cluster, volume, record }, done };
}

/** Data that was let go of may have the share's name, and snapshots of the same names. */
async function sourceOf(reached: Reached, wish: ShareWish, key: string): Promise<Source> {
  const { share } = splitSnapshotKey(key);
  const home = readyOne(await findShare(reached.clusters, share), reached, wish.key);
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

async function observe({ cluster, parent, snapshot }: Source, wish: ShareWish): Promise<SeenClone> {
  const volumes = await observeVolumes(cluster);
  const volume = volumes.get(wish.key);
  const { active, volume: source } = snapshotIn((await run(cluster.server, cli.snapshotInfo(snapshot))).stdout);
  if (source !== parent.name) {
    throw fault("SNAPSHOT_MISSING", {
      object: wish.key,
      summary: `snapshot ${snapshot} is one of volume ${source} now, not of ${parent.name}: somebody has deleted ours and made another of its name`,
    });
  }
  return { parent: volumes.get(parent.name) ?? parent, ...(volume ? { volume } : {}), active };
}

function planClone({ cluster, snapshot }: Source, wish: ShareWish, { parent, volume, active }: SeenClone): Step[] {
  const slot = slotsOf(parent, "clone").find(({ key }) => key === wish.key);
  if (volume) {
    if (shareRecordOf(volume)?.key === wish.key) return [];
    if (inheritedFrom(volume) !== parent.name || slot?.claim !== wish.claim || volume.status !== "created") {
      throw fault("FOREIGN_VOLUME", {
        object: wish.key,
        summary: `volume ${volume.name} exists, but no record says that it is this share: nothing was touched`,
      });
    }
    return planFirstOptions(
      wish,
      volume,
      newRecord(volume, { wish, owner: cluster.spec.owner, infrastructure: infrastructureOf(cluster, parent), origin: "clone" }),
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

/** Lets the snapshot rest again, and forgets that a clone was being made of it. Also what an earlier run has left of that. */
export async function tidyClone(cluster: Cluster, key: string): Promise<Step[]> {
  const noted = notedClone(await observeVolumes(cluster), key);
  if (!noted) return [];
  await lockShare(cluster, parentKey(noted.parent));
  const { parent, slot } = noted;
  const { done } = await converge(
    {
      object: key,
      observe: async () => ({
        noted: notedClone(await observeVolumes(cluster), key),
        active: await isActive(cluster, parent, slot.name),
      }),
      plan: (seen) =>
        seen.noted
          ? [
              ...(seen.active && !slot.wasActive
                ? [step("deactivate", `deactivate snapshot ${slot.name}`, cli.snapshotDeactivate(slot.name))]
                : []),
              {
                ...step("forget-clone", `forget that ${key} was being made`, cli.volumeSet(parent.name, { [slot.option]: none })),
                quiet: true,
              },
            ]
          : [],
    },
    () => cluster.server,
    cluster.log,
  );
  return done;
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
