// How a share goes: access first, then what its removal policy says. Pure.
//
// leaving -> cut -> wiped -> free for a volume that is given back; a volume that was made for the share is deleted with it.

import type { Step } from "../../../core/plan";
import { splitBrick, sslAllow } from "../../../spec/gluster";
import * as cli from "../cli";
import { wipe } from "../cli-content";
import { fault } from "../faults";
import { booleanOf, type Volume } from "../parse";
import { clearedSlots, none, type ShareRecord, slotsOf } from "../records";
import { type Cluster, type Server, serverOf } from "../site";
import { type Content, traceOf } from "../volume/content";
import { allowedNames, missingTls, needsRestart, trackedOptions, turnedDynamic, valuesOf } from "../volume/options";
import { resetCommands, rootOwner } from "../volume/root";
import type { SeenShare } from "./observe";
import { restoring } from "./plan";
import { freeStep, markStep, noteStep, removeBrickStep, reviveStep, startStep, step, stopStep } from "./steps";

/** Whether the volume goes with the share. */
export function isOwn(record: ShareRecord): boolean {
  return record.origin === "made" || record.origin === "clone";
}

/** What is seen of a share that goes. */
export interface SeenLeaving extends SeenShare {
  cluster: Cluster;
  /** Where its volume came from, of one that was never marked: a run was cut off before that. */
  begun?: "made" | "clone";
  /** Of a volume that is given back: what is in it, once nobody has it any more. */
  content?: Content;
  /** How often it was emptied. Where the trash translator is on, the first time moves it all into the trash. */
  wipes: number;
  /** Owner, mode and attributes were put back. */
  isReset?: true;
  /** Of a volume that was made: brick directories that are still to be deleted. */
  bricks?: Brick[];
  /** One that is still there although it was deleted. */
  stuckBrick?: Brick;
  /** The volume was deleted. */
  isDeleted?: true;
}

export interface Brick {
  server: Server;
  path: string;
}

/** Until nobody has it and it is no share any more. `time`: now. */
export function planRemoval(key: string, seen: SeenLeaving, time: string): Step[] {
  const { volume, record, begun } = seen;
  if (!volume) return [];
  if (begun) return planDeletion(key, seen, volume);
  const leaving = planLeaving(seen, time);
  if (leaving.length > 0 || !record) return leaving;
  if (record.state === "cut") return isOwn(record) ? planDeletion(key, seen, volume) : planEmptying(seen, volume, record);
  return planFreeing(seen);
}

/**
 * The content of the bricks goes before the volume: without the volume nothing would say any more that they are to be deleted. The bricks of a
 * clone are logical volumes, which glusterd removes itself.
 */
function planDeletion(key: string, { bricks = [], stuckBrick, isDeleted }: SeenLeaving, volume: Volume): Step[] {
  if (stuckBrick) {
    const { server, path } = stuckBrick;
    throw fault("COMMAND_FAILED", { object: volume.name, host: server.name, summary: `brick ${path} is still there` });
  }
  if (isDeleted) {
    throw fault("NOT_CONVERGED", {
      object: key,
      summary: `volume ${volume.name} is still there, although gluster said that it was deleted`,
    });
  }
  if (bricks.length === 0) return [step("delete", `delete volume ${volume.name}`, cli.volumeDelete(volume.name))];
  return bricks.map((brick): Step => {
    const say = `delete brick ${brick.path} of ${brick.server.address} with all data`;
    return { ...removeBrickStep(volume.name, brick, say), risk: "data" };
  });
}

/** All of them are judged before the first is deleted. */
export function ownBricks(cluster: Cluster, volume: Volume): Brick[] {
  return volume.bricks.map((brick) => {
    const { host, path } = splitBrick(brick);
    if (cli.isBrickOf(volume.name, path)) return { server: serverOf(cluster, host), path };
    throw fault("FOREIGN_BRICK", {
      object: volume.name,
      summary: `brick ${brick} of volume ${volume.name} was not made with the volume, so it is not deleted`,
      fix: `move the data out of the way, then delete the volume by hand: gluster volume delete ${volume.name}`,
    });
  });
}

function planEmptying({ content, wipes, isReset }: SeenLeaving, volume: Volume, record: ShareRecord): Step[] {
  const uncovering = planUncovering(volume, record);
  if (uncovering.length > 0 || !content) return uncovering;
  const { host, directory, entry, used } = content;
  if (entry !== undefined && wipes < 2) {
    const say = `delete what is in volume ${volume.name}`;
    return [{ ...step("wipe", say, wipe(directory)), on: host, risk: "data" }];
  }
  if (entry === undefined && used.length > 0 && !isReset) return [planReset(content, volume)];
  const trace = traceOf(content);
  if (trace === undefined) return [noteStep({ ...record, state: "wiped" })];
  throw fault("VOLUME_NOT_EMPTY", { object: record.key, host: host.name, summary: `volume ${volume.name} ${trace}` });
}

function planReset({ host, directory, used }: Content, volume: Volume): Step {
  const say = `put owner, mode and attributes of the root of volume ${volume.name} back`;
  const commands = used.flatMap((one) => resetCommands(one, directory, rootOwner(volume.options)));
  // Such as an attribute whose name is no text.
  const fix = `mount the volume, do it by hand (\`getfattr -m - DIRECTORY\`, \`setfattr -x NAME DIRECTORY\`), then apply again`;
  return { ...step("reset-root", say, ...commands), on: host, fix };
}

const sharding = "features.shard";

/**
 * What persons asked for is put back before the content goes: shards are hidden from mounts while features.shard is on, and bricks give the root to
 * storage.owner-uid again and again.
 */
export function planUncovering(volume: Volume, record: ShareRecord): Step[] {
  const back = record.options.filter((name) => name !== sharding).flatMap((name) => restoring(volume, record, name));
  if (booleanOf(volume.options[sharding]) !== true) return back;
  const isNoted = record.options.includes(sharding);
  if (isNoted && booleanOf(record.before[sharding]) !== true) return [...back, ...restoring(volume, record, sharding)];
  const noted: ShareRecord = {
    ...record,
    options: [...new Set([...record.options, sharding])].sort(),
    before: isNoted ? record.before : { ...record.before, ...valuesOf(volume, [sharding]) },
  };
  return [...back, markStep("set-options", `show what shards of volume ${volume.name} hide`, noted, { [sharding]: "off" })];
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
  if (record.protected) throw fault("DELETION_PROTECTED", { object: record.key });
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
