// The steps that shares are made, changed and removed by, each with its words. Pure.
import type { Command } from "../../../core/command";
import type { Host } from "../../../core/host";
import type { Asker } from "../../../core/manager";
import type { Step } from "../../../core/plan";
import type { GlusterShareSpec } from "../../../spec/gluster";
import { formatSize } from "../../../spec/size";
import * as cli from "../cli";
import type { Volume } from "../parse";
import { clearedSlots, markOption, none, type ShareRecord, shareMark } from "../records";

/** A share as its claim wants it. */
export interface ShareWish extends Asker {
  key: string;
  spec: GlusterShareSpec;
}

export function step(id: string, say: string, ...commands: Command[]): Step {
  return { id, say, on: "server", commands };
}

export const quiet = (one: Step): Step => ({ ...one, quiet: true });

/** Writes the record, and options along with it: all or nothing. */
export function markStep(id: string, say: string, record: ShareRecord, options: Readonly<Record<string, string>> = {}): Step {
  return step(id, say, cli.volumeSet(record.volume, { ...options, ...shareMark(record) }));
}

/** Book-keeping only. */
export function noteStep(record: ShareRecord): Step {
  return quiet(markStep("note", `note that ${record.key} is ${record.state}`, record));
}

export function setStep(volume: string, options: Readonly<Record<string, string>>, say: string): Step {
  return step("set-options", say, cli.volumeSet(volume, options));
}

/** Deletes a brick directory of a volume that we made. */
export function removeBrickStep(volume: string, { server, path }: { server: Host; path: string }, say: string): Step {
  return { ...step("remove-brick", say, cli.removeBrick(volume, path)), on: server };
}

export function startStep(volume: string): Step {
  return step("start", `start volume ${volume}`, cli.volumeStart(volume));
}

export function reviveStep(volume: string): Step {
  return step("revive", `see that all bricks of volume ${volume} run`, cli.volumeRevive(volume));
}

export function stopStep(volume: string): Step {
  return step("stop", `stop volume ${volume}`, cli.volumeStop(volume));
}

export function limitStep(volume: string, size: bigint): Step {
  return step("set-limit", `set limit ${formatSize(size)} on volume ${volume}`, cli.quotaLimit(volume, size));
}

export function quotaStep(volume: string): Step {
  return step("enable-quota", `enforce limits on volume ${volume}`, cli.quotaEnable(volume));
}

/** Bricks that have missed that quota was switched on hear of it when it is switched on anew. */
export function missedStep(volume: string): Step {
  const say = `switch the limit of volume ${volume} off and on again: its bricks have missed it`;
  return step("disable-quota", say, cli.quotaDisable(volume));
}

/** So that bricks notice at once that a limit is reached: by default 60 MB go into 20 MB (measured on 10.3). */
const promptly = { "features.hard-timeout": "0", "features.soft-timeout": "0" };

/** Those that are not so yet. Only while quota is on can they be set. */
export function lateTimeouts({ options }: Volume): Record<string, string> {
  return Object.fromEntries(Object.entries(promptly).filter(([name, value]) => options[name] !== value));
}

export function timeoutsStep(volume: string, options: Readonly<Record<string, string>>): Step {
  return quiet(step("set-timeouts", `check the limit of volume ${volume} at every write`, cli.volumeSet(volume, options)));
}

/** Nobody's from now on; also what a clone has inherited goes. */
export function freeStep(volume: Volume): Step {
  return step(
    "free",
    `give volume ${volume.name} back`,
    cli.volumeSet(volume.name, { [markOption]: none, ...clearedSlots(volume) }),
  );
}
