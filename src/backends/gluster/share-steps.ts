// The steps that shares are made, changed and removed by, each with its words. Pure.
import type { Command } from "../../core/command";
import type { Step } from "../../core/plan";
import type { GlusterShareSpec } from "../../spec/gluster";
import { formatSize } from "../../spec/size";
import * as cli from "./cli";
import type { Volume } from "./parse";
import { clearedSlots, markOption, none, type ShareRecord, shareMark } from "./records";

/** A share as its claim wants it. */
export interface ShareWish {
  key: string;
  claim: string;
  spec: GlusterShareSpec;
}

export function step(id: string, say: string, ...commands: Command[]): Step {
  return { id, say, on: "server", commands };
}

const quiet = (one: Step): Step => ({ ...one, quiet: true });

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

/** Bricks notice at once that a limit is reached. */
export function timeoutStep(volume: string, which: "hard" | "soft"): Step {
  return quiet(
    step(`set-${which}-timeout`, `check the limit of volume ${volume} at every write`, cli.quotaTimeout(volume, which, 0)),
  );
}

/** Nobody's from now on; also what a clone has inherited goes. */
export function freeStep(volume: Volume): Step {
  return step(
    "free",
    `give volume ${volume.name} back`,
    cli.volumeSet(volume.name, { [markOption]: none, ...clearedSlots(volume) }),
  );
}
