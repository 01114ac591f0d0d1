// Snapshots of shares. The record is written before the snapshot is made, so that a run that was cut off knows it for its own.

import type { Command } from "../../../core/command";
import { type Asker, isOurs, managedBy, managedElsewhere, managerText } from "../../../core/manager";
import type { Step } from "../../../core/plan";
import type { GlusterSnapshotSpec } from "../../../spec/gluster";
import * as cli from "../cli";
import { fault } from "../faults";
import type { Volume } from "../parse";
import { none, type Slot, slotMark, slotsOf } from "../records";
import type { Found, SeenShare } from "../share/observe";
import { quiet, step } from "../share/steps";

/** A snapshot as its claim wants it. */
export interface SnapshotWish extends Asker {
  key: string;
  spec: GlusterSnapshotSpec;
}

export interface SeenSnapshot extends SeenShare {
  /** Names of the volume's snapshots. */
  snapshots: string[];
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
    ...(isNoted ? [] : [noteOf(wish, slot, cli.volumeSet(volume.name, note))]),
    ...(exists
      ? []
      : [step("snapshot", `make snapshot ${name} of volume ${volume.name}`, cli.snapshotCreate(name, volume.name))]),
  ];
}

/** Whom it is taken over from is told: nothing else shows it. */
function noteOf({ claim, spec: { snapshot } }: SnapshotWish, slot: Slot | undefined, command: Command): Step {
  if (slot === undefined || slot.claim === claim) return quiet(step("note-snapshot", `note snapshot ${snapshot}`, command));
  return step("take-over", `take snapshot ${snapshot} over from ${managerText(slot)}`, command);
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

export function forgetStep(volume: Volume, { name, option }: Slot): Step {
  return quiet(step("forget-snapshot", `forget snapshot ${name}`, cli.volumeSet(volume.name, { [option]: none })));
}
