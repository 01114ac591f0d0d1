// What is left to do until a share is as it should be; what must not be done is refused. Pure.
//
// taking -> closed -> ready, each noted on the volume when it is reached, so that a run that was cut off is gone on with from there.
import { fault } from "../../core/errors";
import type { Step } from "../../core/plan";
import { approximateSize, formatSize } from "../../spec/size";
import * as cli from "./cli";
import { booleanOf, type Volume } from "./parse";
import { clearedSlots, type ShareRecord, shareMark } from "./records";
import type { SeenShare } from "./share-observe";
import {
  limitStep,
  markStep,
  noteStep,
  quotaStep,
  type ShareWish,
  setStep,
  startStep,
  step,
  stopStep,
  timeoutStep,
} from "./share-steps";
import { differing, needsRestart, strangersIn, trackedOptions, valuesOf, wantedOptions } from "./volume-options";

/** `proven`: the volume was seen to be empty after it had been closed. */
export function planShare(wish: ShareWish, seen: SeenShare, proven: boolean): Step[] {
  const { volume, record } = seen;
  if (!volume || !record) throw fault("VOLUME_MISSING", { object: wish.key });
  switch (record.state) {
    case "taking":
      return planClosing(wish, volume, record);
    case "closed":
      return planReady(wish, seen, volume, record, proven);
    case "ready":
      return planChange(wish, seen, volume, record);
    case "leaving":
    case "retained":
    case "trash":
      // Nothing of it is gone yet. What was let in before is let in again by its rules.
      return [noteStep({ ...withoutTime(wished(wish, record, volume)), state: "ready" })];
    case "cut":
    case "wiped":
      throw fault("MANAGED_ELSEWHERE", {
        object: wish.key,
        summary: `the removal of ${wish.key} has begun to delete its data and was cut off`,
        fix: "let it end first: remove the share from the code, apply, then add it again",
      });
  }
}

/** TLS and the list of names have to be in force before anything else: they are, once the bricks have been started with them. */
function planClosing(wish: ShareWish, volume: Volume, record: ShareRecord): Step[] {
  const wanted = wantedOptions(volume, record, wish.spec.volumeOptions);
  const options = differing(volume, wanted);
  const noted = { ...withOptions(wish, record, volume), looked: true };
  return [
    markStep("set-options", `let nobody but the infrastructure into volume ${volume.name}`, noted, options),
    ...(volume.status === "started" ? [stopStep(volume.name)] : []),
    startStep(volume.name),
    noteStep({ ...noted, state: "closed" }),
  ];
}

function planReady(wish: ShareWish, seen: SeenShare, volume: Volume, record: ShareRecord, proven: boolean): Step[] {
  const missed = record.shown ? [] : planMissedQuota(seen, volume);
  if (missed.length > 0) return missed;
  const steps = [...planRunning(volume), ...planQuota(wish, seen, volume)];
  if (steps.length > 0) return steps;
  const isOurs = record.shown || record.origin !== "pool";
  return isOurs || proven
    ? [markStep("ready", `volume ${volume.name} is ready`, { ...wished(wish, record, volume), state: "ready", shown: true })]
    : [];
}

function planChange(wish: ShareWish, seen: SeenShare, volume: Volume, record: ShareRecord): Step[] {
  requireUse(wish, seen, volume, record);
  const options = differing(volume, wantedOptions(volume, record, wish.spec.volumeOptions));
  if (needsRestart(options)) {
    // Of one that is stopped no client is cut off.
    if (!wish.spec.allowRestart && volume.status === "started") {
      throw fault("RESTART_NEEDED", {
        object: wish.key,
        summary: `${Object.keys(options).join(", ")} of volume ${volume.name} were changed by somebody: to set them again takes effect only when the volume is restarted, which cuts off all its clients for a moment`,
      });
    }
    return [
      markStep(
        "set-options",
        `set ${Object.keys(options).join(", ")} of volume ${volume.name} again`,
        { ...wished(wish, record, volume), size: record.size, state: "taking" },
        options,
      ),
    ];
  }
  const dropped = record.options.filter((name) => !(name in wish.spec.volumeOptions));
  const putBack = dropped.flatMap((name) => restoring(volume, record, name));
  const noted = withOptions(wish, record, volume);
  const now = without(wished(wish, record, volume), dropped);
  const names = Object.keys(options);
  const strangers = strangersIn(volume, record);
  const out = strangers.length === 0 ? "" : `, which shuts out ${strangers.join(", ")}: no access rule explains them`;
  const say = `set ${names.join(", ")} of volume ${volume.name}${out}`;
  return [
    ...planRunning(volume),
    ...(names.length === 0
      ? []
      : [sameText(noted, record) ? setStep(volume.name, options, say) : markStep("set-options", say, noted, options)]),
    ...putBack,
    ...planQuota(wish, seen, volume),
    ...(sameText(now, record) ? [] : [noteStep(now)]),
  ];
}

/** The record as the wish would have it. Options that are no longer wished for stay noted until they have been put back. */
function wished(wish: ShareWish, record: ShareRecord, volume: Volume): ShareRecord {
  const { claim, spec } = wish;
  return { ...withOptions(wish, record, volume), claim, size: spec.size, removalPolicy: spec.removalPolicy };
}

/** What options were before has to be noted no later than they are set: a run that is cut off in between could not tell any more. */
function withOptions({ spec }: ShareWish, record: ShareRecord, volume: Volume): ShareRecord {
  const added = Object.keys(spec.volumeOptions).filter((name) => !record.options.includes(name));
  const before = isGivenBack(record.origin) ? { ...record.before, ...valuesOf(volume, added) } : record.before;
  return { ...record, options: [...record.options, ...added].sort(), before };
}

function without(record: ShareRecord, dropped: readonly string[]): ShareRecord {
  const before = Object.entries(record.before).filter(([name]) => !dropped.includes(name));
  return { ...record, options: record.options.filter((name) => !dropped.includes(name)), before: Object.fromEntries(before) };
}

/** Whether the volume was there before the share, and is again when the share has gone. */
function isGivenBack(origin: ShareRecord["origin"]): boolean {
  return origin === "pool" || origin === "adopted";
}

function withoutTime({ since: _, ...record }: ShareRecord): ShareRecord {
  return record;
}

function sameText(a: ShareRecord, b: ShareRecord): boolean {
  return JSON.stringify(shareMark(a)) === JSON.stringify(shareMark(b));
}

/** An option back to what it was before the share. */
export function restoring(volume: Volume, record: ShareRecord, name: string): Step[] {
  const [before, now] = [record.before[name], volume.options[name]];
  // GlusterFS 11 without an NFS server says "on" of a new volume, forgets that when it starts, and knows no such option (seen with 11.1).
  if (before === now || (name === "nfs.disable" && now === undefined)) return [];
  return before === undefined
    ? [step("reset-option", `reset ${name} of volume ${volume.name}`, cli.volumeReset(volume.name, name))]
    : [setStep(volume.name, { [name]: before }, `set ${name} of volume ${volume.name} back to ${before}`)];
}

function planRunning(volume: Volume): Step[] {
  return volume.status === "started" ? [] : [startStep(volume.name)];
}

function planQuota(wish: ShareWish, { quota }: SeenShare, volume: Volume): Step[] {
  const { size } = wish.spec;
  const timeouts = (["hard", "soft"] as const).filter((which) => volume.options[`features.${which}-timeout`] !== "0");
  const isOn = booleanOf(volume.options["features.quota"]) === true;
  if (isOn && quota && quota.limit !== size) refuseTooSmall(wish.key, quota.used, size);
  return [
    ...(isOn ? [] : [quotaStep(volume.name)]),
    ...(isOn && quota?.limit === size ? [] : [limitStep(volume.name, size)]),
    ...timeouts.map((which) => timeoutStep(volume.name, which)),
  ];
}

/**
 * Where quota was switched on while bricks had not found a restarted glusterd again, they enforce a limit that gluster then never tells (measured on
 * 10.3). Right after it was switched on that means nothing: the timeouts are the last that is set.
 */
function hasMissedQuota({ uncounted }: SeenShare, volume: Volume): boolean {
  return uncounted === true && (["hard", "soft"] as const).every((which) => volume.options[`features.${which}-timeout`] === "0");
}

/** Off and on again is what helps: of a share that nobody has used yet. */
function planMissedQuota(seen: SeenShare, volume: Volume): Step[] {
  const say = `switch the limit of volume ${volume.name} off and on again: its bricks have missed it`;
  return hasMissedQuota(seen, volume) ? [step("disable-quota", say, cli.quotaDisable(volume.name))] : [];
}

/** A share in use is never without its limit by our doing. */
function requireUse(wish: ShareWish, seen: SeenShare, volume: Volume, record: ShareRecord): void {
  if (hasMissedQuota(seen, volume)) {
    throw fault("USE_UNKNOWN", {
      object: wish.key,
      summary: `gluster tells neither limit nor use of volume ${volume.name}: its bricks have missed that quota was switched on`,
      fix: `\`gluster volume quota ${volume.name} disable\`, then apply again, which switches it on anew; in between nothing limits the share`,
    });
  }
  if (wish.spec.size >= record.size || seen.quota) return;
  throw fault("USE_UNKNOWN", {
    object: wish.key,
    summary: `the use of volume ${volume.name} cannot be read now, so its limit is not lowered`,
    fix: `\`gluster volume status ${volume.name}\` shows which bricks and quota daemons do not run; bring them back, then apply again`,
  });
}

// Use is counted while data is written: a twentieth of it is kept free.
const marginDivisor = 20n;

function refuseTooSmall(key: string, used: bigint, size: bigint): void {
  if (used === 0n || used + used / marginDivisor < size) return;
  throw fault("SHRINK_BELOW_USE", {
    object: key,
    summary: `the new limit ${formatSize(size)} is below, or too near, the ${approximateSize(used)} that are in use`,
  });
}

// ---- how a record begins -----------------------------------------------------------------------------------------------------

interface Beginning {
  wish: ShareWish;
  owner: string;
  infrastructure: string[];
  origin: ShareRecord["origin"];
}

export function newRecord(
  volume: Pick<Volume, "name" | "options">,
  { wish, owner, infrastructure, origin }: Beginning,
): ShareRecord {
  return {
    key: wish.key,
    volume: volume.name,
    claim: wish.claim,
    owner,
    state: "taking",
    origin,
    size: wish.spec.size,
    removalPolicy: wish.spec.removalPolicy,
    infrastructure,
    kept: [],
    looked: false,
    shown: false,
    before: isGivenBack(origin) ? valuesOf(volume, trackedOptions(Object.keys(wish.spec.volumeOptions))) : {},
    options: Object.keys(wish.spec.volumeOptions).sort(),
  };
}

/** The first options of a volume that was just made or cloned, before its first start: nobody can have mounted it. */
export function planFirstOptions(wish: ShareWish, volume: Volume, record: ShareRecord): Step[] {
  const closed: ShareRecord = { ...record, state: "closed" };
  const inherited = clearedSlots(volume);
  const wanted = wantedOptions(volume, closed, wish.spec.volumeOptions);
  return [
    markStep("set-options", `let nobody but the infrastructure into volume ${volume.name}`, closed, { ...wanted, ...inherited }),
    startStep(volume.name),
  ];
}
