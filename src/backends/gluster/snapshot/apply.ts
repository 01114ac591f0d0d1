// Snapshots of shares. The record is written before the snapshot is made, so that a run that was cut off knows it for its own.

import { converge, perform } from "../../../core/engine";
import { ShareError } from "../../../core/errors";
import { looksAt } from "../../../core/looks";
import { type Asker, isOurs, managedBy, managedElsewhere } from "../../../core/manager";
import type { Step } from "../../../core/plan";
import { defined } from "../../../spec/defined";
import type { GlusterSnapshotSpec } from "../../../spec/gluster";
import { splitSnapshotKey } from "../../../spec/name";
import * as cli from "../cli";
import { fault } from "../faults";
import { errno } from "../judged-transport";
import { snapshotNamesIn, type Volume } from "../parse";
import { none, type Slot, slotMark, slotsOf } from "../records";
import { type Found, mustBeDistinct, observeVolume, type SeenShare } from "../share/observe";
import { quiet, step } from "../share/steps";
import { holdersOf, lockedShares, readyOne } from "../share/volumes";
import type { ClusterAccess } from "../site";

/** A snapshot as its claim wants it. */
export interface SnapshotWish extends Asker {
  key: string;
  spec: GlusterSnapshotSpec;
}

export interface SeenSnapshot extends SeenShare {
  /** Names of the volume's snapshots. */
  snapshots: string[];
}

export async function applySnapshot(accesses: readonly ClusterAccess[], wish: SnapshotWish): Promise<Step[]> {
  const shares = await lockedShares(accesses, wish.spec.share);
  mustBeDistinct(shares.reached);
  const found = readyOne(shares.found, shares.reached, wish.key);
  if (!found) throw fault("SHARE_NOT_READY", { object: wish.key, summary: `the share ${wish.spec.share} is not there` });
  const { cluster, volume } = found;
  const wasNoted = slotsOf(volume, "snapshot").some(({ key }) => key === wish.key);
  const job = {
    object: wish.key,
    observe: () => observeSnapshot(found),
    plan: (seen: SeenSnapshot) => planSnapshot(found, wish, seen),
  };
  try {
    return (await converge(job, () => cluster.server, cluster.log)).done;
  } catch (error) {
    if (!isRefused(error)) throw error;
    // Nothing was made: the note of it would only be in the way of somebody else's.
    const slot = slotsOf((await observeVolume(cluster, volume.name)).volume ?? volume, "snapshot").find(
      ({ key }) => key === wish.key,
    );
    if (slot && !wasNoted) await perform(wish.key, [forgetStep(volume, slot)], () => cluster.server, cluster.log);
    throw fault("SNAPSHOTS_UNSUPPORTED", {
      object: wish.key,
      host: cluster.server.name,
      ...defined({ said: error.said }),
    });
  }
}

/** Words of 10 where bricks are not on thin LVM, and where there is no LVM; 11 has one word, and no number, for both (seen with 11.1). */
const refusals = [`(opErrno ${errno.notThin})`, "snapshot functionality is disabled", "Snapshots not supported for all bricks"];

/** Asked anew each time: bricks may be moved to thin LVM, and LVM be installed. */
function isRefused(error: unknown): error is ShareError {
  const said = ShareError.isShareError(error) ? (error.said ?? "") : "";
  return refusals.some((refusal) => said.includes(refusal));
}

export async function destroySnapshot(accesses: readonly ClusterAccess[], key: string, claim: string): Promise<Step[]> {
  const { found, reached } = await lockedShares(accesses, splitSnapshotKey(key).share);
  const done: Step[] = [];
  for (const one of holdersOf(found, "snapshot", key, claim, reached, accesses)) {
    const job = { object: key, observe: () => observeSnapshot(one), plan: (seen: SeenSnapshot) => planDeletion(key, seen) };
    done.push(...(await converge(job, () => one.cluster.server, one.cluster.log)).done);
  }
  return done;
}

export async function observeSnapshot({ cluster, volume }: Found): Promise<SeenSnapshot> {
  const looks = looksAt(cluster.server);
  const snapshots = looks.output(cli.snapshotList(volume.name), snapshotNamesIn);
  const [seen] = await Promise.all([observeVolume(cluster, volume.name), looks.send()]);
  return { ...seen, snapshots: snapshots() ?? [] };
}

/** Pure. */
export function planSnapshot({ cluster }: Found, wish: SnapshotWish, { volume, record, snapshots }: SeenSnapshot): Step[] {
  if (!volume || record?.state !== "ready") {
    throw fault("SHARE_NOT_READY", {
      object: wish.key,
      summary: `the share ${wish.spec.share} is ${record?.state ?? "not there"}`,
    });
  }
  const name = wish.spec.snapshot;
  const slot = slotsOf(volume, "snapshot").find(({ key }) => key === wish.key);
  if (slot && !wish.spec.adopt && !isOurs(slot, wish)) {
    const { owner } = cluster.spec;
    const on = "on the share, which takes it over with its snapshots";
    throw managedElsewhere({ object: wish.key, what: "the snapshot", record: slot, owner, nameProperty: "snapshotName", on });
  }
  const exists = snapshots.includes(name);
  if (!slot && exists) {
    throw fault("MANAGED_ELSEWHERE", {
      object: wish.key,
      summary: `volume ${volume.name} has a snapshot ${name} that sharewright did not make`,
      fix: "choose another snapshotName",
    });
  }
  const isNoted = slot?.claim === wish.claim && slot.name === name;
  const note = slotMark(volume, "snapshot", {
    key: wish.key,
    volume: volume.name,
    ...managedBy(wish, cluster.spec.owner),
    name,
  });
  return [
    ...(isNoted ? [] : [quiet(step("note-snapshot", `note snapshot ${name}`, cli.volumeSet(volume.name, note)))]),
    ...(exists
      ? []
      : [step("snapshot", `make snapshot ${name} of volume ${volume.name}`, cli.snapshotCreate(name, volume.name))]),
  ];
}

/** Pure. */
export function planDeletion(key: string, { volume, snapshots }: SeenSnapshot): Step[] {
  const slot = volume && slotsOf(volume, "snapshot").find((one) => one.key === key);
  if (!volume || !slot) return [];
  return [
    ...(snapshots.includes(slot.name)
      ? [step("delete-snapshot", `delete snapshot ${slot.name}`, cli.snapshotDelete(slot.name))]
      : []),
    forgetStep(volume, slot),
  ];
}

function forgetStep(volume: Volume, { name, option }: Slot): Step {
  return quiet(step("forget-snapshot", `forget snapshot ${name}`, cli.volumeSet(volume.name, { [option]: none })));
}
