// How a share goes: access first, then what its removal policy says. Pure, but for the deletion of data in between (operations).
//
// leaving -> cut -> wiped -> free for a volume that is given back; a volume that was made for the share is deleted with it.
import { fault } from "../../core/errors";
import type { Step } from "../../core/plan";
import { sslAllow } from "../../spec/gluster";
import * as cli from "./cli";
import { booleanOf, type Volume } from "./parse";
import { clearedSlots, none, type ShareRecord, slotsOf } from "./records";
import type { SeenShare } from "./share-observe";
import { restoring } from "./share-plan";
import { freeStep, markStep, noteStep, reviveStep, startStep, step, stopStep } from "./share-steps";
import { allowedNames, missingTls, needsRestart, trackedOptions, turnedDynamic } from "./volume-options";

/** Whether the volume goes with the share. */
export function isOwn(record: ShareRecord): boolean {
  return record.origin === "made" || record.origin === "clone";
}

/** Until nobody but the infrastructure has it. `time`: now. */
export function planLeaving(seen: SeenShare, time: string): Step[] {
  const { volume, record } = seen;
  if (!volume || !record) return [];
  if (!record.shown && record.state !== "cut" && record.state !== "wiped") return planNeverShown(volume, record);
  switch (record.state) {
    case "taking":
    case "closed":
    case "ready":
      return planFirst(volume, record, time);
    case "leaving":
      return isOwn(record)
        ? planStopped(volume, record)
        : [stopStep(volume.name), startStep(volume.name), noteStep({ ...record, state: "cut" })];
    default:
      return [];
  }
}

/** Nothing was ever put into it. What is in it may be somebody's, who has to find it as it was: only the options go back. */
function planNeverShown(volume: Volume, record: ShareRecord): Step[] {
  return isOwn(record) ? planStopped(volume, record) : [noteStep({ ...record, state: "wiped" })];
}

function planStopped(volume: Volume, record: ShareRecord): Step[] {
  // glusterd that died while it started the volume may have left bricks running, which only another start makes it know.
  const known = volume.status === "started" ? [] : [reviveStep(volume.name)];
  return [...known, stopStep(volume.name), noteStep({ ...record, state: "cut" })];
}

function planFirst(volume: Volume, record: ShareRecord, time: string): Step[] {
  const { claim: _, ...unowned } = record;
  const closed = {
    ...missingTls(volume),
    [sslAllow]: allowedNames({ ...record, kept: [] }, []).join(","),
    ...turnedDynamic(volume),
    ...clearedSlots(volume, ["rule"]),
  };
  const say = `let nobody but the infrastructure into volume ${volume.name}`;
  // Without TLS the names are nothing to the bricks: they have to be started with it. Stopped first, so that it never looks as if they had it.
  const hasPlainBricks = needsRestart(closed) || record.state === "taking";
  const stopped = hasPlainBricks && volume.status === "started" ? [stopStep(volume.name)] : [];
  switch (record.removalPolicy) {
    case "retain":
      return [
        ...stopped,
        markStep("close", say, { ...unowned, kept: [], state: "retained" }, closed),
        ...(hasPlainBricks ? [startStep(volume.name)] : []),
      ];
    case "trash":
      // The mark last: until then the claim owns it, and its next run goes on.
      return [
        ...(volume.status === "started" ? [stopStep(volume.name)] : []),
        markStep(
          "set-aside",
          `put volume ${volume.name} into the trash`,
          { ...unowned, kept: [], state: "trash", since: time },
          closed,
        ),
      ];
    case "destroy":
      refuseSnapshots(volume, record);
      return [...stopped, markStep("close", say, { ...record, kept: [], state: "leaving" }, closed)];
  }
}

/** What clones are being made of, too: only this volume tells whose they are. */
function refuseSnapshots(volume: Volume, record: ShareRecord): void {
  const [clone] = slotsOf(volume, "clone");
  if (clone) {
    throw fault("SNAPSHOTS_EXIST", {
      object: record.key,
      summary: `the share ${clone.key} of "${clone.owner}" is being made of snapshot ${clone.name} of volume ${volume.name}, so it is not removed`,
      fix: `apply ${clone.key} to its end, or remove it; where nobody knows it any more: gluster volume set ${volume.name} ${clone.option} ${none}`,
    });
  }
  if (volume.snapshots === 0) return;
  throw fault("SNAPSHOTS_EXIST", {
    object: record.key,
    summary: `volume ${volume.name} has ${volume.snapshots} ${volume.snapshots === 1 ? "snapshot" : "snapshots"}, so it is not removed`,
  });
}

/** What is in the trash is to be deleted for good. */
export function planPurge({ volume, record }: SeenShare): Step[] {
  if (!volume || record?.state !== "trash") return [];
  refuseSnapshots(volume, record);
  return [noteStep({ ...record, state: "leaving" })];
}

/** A volume that was seen to be empty, or was never touched, gets back what it had, and is nobody's. */
export function planFreeing({ volume, record }: SeenShare): Step[] {
  if (!volume || record?.state !== "wiped") return [];
  // glusterd keeps the options of quota for itself; what it says after `disable` is as good as nothing.
  const names = trackedOptions(record.options).filter((name) => name !== "features.quota");
  const back = names.flatMap((name) => restoring(volume, record, name));
  const tlsChanges = needsRestart(
    Object.fromEntries(names.filter((name) => volume.options[name] !== record.before[name]).map((name) => [name, ""])),
  );
  const hadQuota = booleanOf(record.before["features.quota"]) === true;
  const hasQuota = booleanOf(volume.options["features.quota"]) === true;
  if (hasQuota && !hadQuota) {
    // Only of a started volume can the limit be taken off.
    return [
      ...(volume.status === "started" ? [] : [startStep(volume.name)]),
      step("disable-quota", `take the limit off volume ${volume.name}`, cli.quotaDisable(volume.name)),
    ];
  }
  return [
    ...(tlsChanges && volume.status === "started" ? [stopStep(volume.name)] : []),
    ...back,
    ...(volume.status === "started" && !tlsChanges ? [] : [startStep(volume.name)]),
    reviveStep(volume.name),
    freeStep(volume),
  ];
}

/** The last of a volume of our own, when its bricks hold nothing any more. */
export function deleteStep(volume: string): Step {
  return step("delete", `delete volume ${volume}`, cli.volumeDelete(volume));
}
