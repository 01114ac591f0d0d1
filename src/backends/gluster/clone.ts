// Makes a volume for a share out of a snapshot. The clone inherits every option of the snapshot's volume, names of old tenants included, so it is
// closed before its first start. Gluster clones active snapshots only; ours are active for no longer than that.
import { converge } from "../../core/engine";
import { fault } from "../../core/errors";
import { run } from "../../core/host";
import type { Step } from "../../core/plan";
import * as cli from "./cli";
import { lockShare } from "./locks";
import { snapshotIn, snapshotNamesIn, type Volume } from "./parse";
import { inheritedFrom, none, type Slot, shareRecordOf, slotMark, slotsOf } from "./records";
import { type Begun, observeVolumes, type Volumes } from "./share-observe";
import { newRecord, planFirstOptions } from "./share-plan";
import { type ShareWish, step } from "./share-steps";
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

export async function cloneVolume(clusters: readonly Cluster[], wish: ShareWish, key: string): Promise<Begun> {
  const source = await sourceOf(clusters, wish, key);
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

async function sourceOf(clusters: readonly Cluster[], wish: ShareWish, key: string): Promise<Source> {
  for (const cluster of clusters) {
    const found = sourceIn(await observeVolumes(cluster), key);
    if (found) return { cluster, ...found };
  }
  const names = clusters.map(({ spec }) => `"${spec.name}"`).join(", ");
  throw fault("SNAPSHOT_MISSING", { object: wish.key, summary: `no volume of ${names} has the snapshot ${key}` });
}

function sourceIn(volumes: Volumes, key: string): Pick<Source, "parent" | "snapshot"> | undefined {
  for (const parent of volumes.values()) {
    const slot = slotsOf(parent, "snapshot").find((one) => one.key === key);
    if (slot) return { parent, snapshot: slot.name };
  }
  return undefined;
}

function parentKey(parent: Volume): string {
  return shareRecordOf(parent)?.key ?? parent.name;
}

async function observe({ cluster, parent, snapshot }: Source, wish: ShareWish): Promise<SeenClone> {
  const volumes = await observeVolumes(cluster);
  const volume = volumes.get(wish.key);
  const { active } = snapshotIn((await run(cluster.server, cli.snapshotInfo(snapshot))).stdout);
  return { parent: volumes.get(parent.name) ?? parent, ...(volume ? { volume } : {}), active };
}

function planClone({ cluster, snapshot }: Source, wish: ShareWish, { parent, volume, active }: SeenClone): Step[] {
  const slot = slotsOf(parent, "clone").find(({ key }) => key === wish.key);
  if (volume) {
    if (shareRecordOf(volume)) return [];
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
      claim: wish.claim,
      owner: cluster.spec.owner,
      name: snapshot,
      ...(active ? { wasActive: true as const } : {}),
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
