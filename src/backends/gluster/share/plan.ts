// What is left to do until a share is as it should be; what must not be done is refused. Pure.
//
// taking -> closed -> ready, each noted on the volume when it is reached, so that a run that was cut off is gone on with from there. A volume of the
// pool is closed and limited in one go, and noted as ready when it was seen to be empty: a run that was cut off in between closes it again.

import { managedBy, policyNews, protectionNews, takenFrom } from "../../../core/manager";
import type { Step } from "../../../core/plan";
import { defined } from "../../../spec/defined";
import type { ClusterSpec } from "../../../spec/gluster";
import { approximateSize, formatSize } from "../../../spec/size";
import * as cli from "../cli";
import { fault } from "../faults";
import type { Quota, Volume } from "../parse";
import { clearedSlots, type ShareRecord, shareMark } from "../records";
import { bricksWithout } from "../volume/brick-limits";
import { differing, needsRestart, strangersIn, trackedOptions, valuesOf, wantedOptions } from "../volume/options";
import { type Found, hasQuota, impossibleUse, type Limit, type SeenShare } from "./observe";
import {
  lateTimeouts,
  limitStep,
  markStep,
  missedStep,
  noteStep,
  quotaStep,
  type ShareWish,
  setStep,
  startStep,
  step,
  stopStep,
  timeoutsStep,
} from "./steps";

/** Of a volume of the pool that was not shown yet: `planClosed`, and `planShown` when it was seen to be empty after that. */
export function planShare(wish: ShareWish, seen: SeenShare): Step[] {
  const { volume, record } = seen;
  if (!volume || !record) throw fault("VOLUME_MISSING", { object: wish.key });
  switch (record.state) {
    case "taking":
      return [...planClosing(wish, volume, record), closedNote(wish, { volume, record })];
    case "closed":
      return planReady(wish, seen, volume, record);
    case "ready":
      return planChange(wish, seen, volume, record);
    case "leaving":
    case "retained":
    case "trash":
      // Nothing of it is gone yet. What was let in before is let in again by its rules.
      return [settle({ ...withoutTime(wished(wish, record, volume)), state: "ready" }, record, seen)];
    case "cut":
    case "wiped":
      throw fault("MANAGED_ELSEWHERE", {
        object: wish.key,
        summary: `the removal of ${wish.key} has begun to delete its data and was cut off`,
        fix: "let it end first: remove the share from the code, apply, then add it again",
      });
  }
}

/** What only the record knows is told as well: who manages the share, and how it will go. */
function settle(next: ShareRecord, record: ShareRecord, { volume, quota }: SeenShare): Step {
  const held = quota?.used !== undefined ? approximateSize(quota.used) : "what gluster cannot tell now";
  const news = [
    ...(record.claim === next.claim ? [] : [`take ${volume?.name} over ${takenFrom(record, held)}`]),
    ...policyNews(record.removalPolicy, next.removalPolicy),
    ...protectionNews(record.protected, next.protected),
  ];
  return news.length === 0 ? noteStep(next) : markStep("settle-record", news.join("; "), next);
}

/** TLS and the list of names have to be in force before anything else: they are, once the bricks have been started with them. */
function planClosing(wish: ShareWish, volume: Volume, record: ShareRecord): Step[] {
  const wanted = wantedOptions(volume, record, wish.spec.volumeOptions);
  return [
    markStep(
      "set-options",
      `let nobody but the infrastructure into volume ${volume.name}`,
      looked(wish, record, volume),
      differing(volume, wanted),
    ),
    ...(volume.status === "started" ? [stopStep(volume.name)] : []),
    startStep(volume.name),
  ];
}

/** Before anything of it is changed it has been looked into. */
function looked(wish: ShareWish, record: ShareRecord, volume: Volume): ShareRecord {
  return { ...withOptions(wish, record, volume), looked: true };
}

type Begun = Pick<Found, "volume" | "record">;

/** Until nobody has a volume that was not shown yet, and it has its limit. `limit`: what gluster says of that since. */
export function planClosed(wish: ShareWish, { volume, record }: Begun, limit: Limit | "not set"): Step[] {
  const limited = limitStep(volume.name, wish.spec.size);
  switch (limit) {
    case "not set":
      return [
        ...(record.state === "taking" ? planClosing(wish, volume, record) : planRunning(volume)),
        ...(hasQuota(volume) ? [] : [quotaStep(volume.name)]),
        limited,
      ];
    case "uncounted":
      return [missedStep(volume.name), quotaStep(volume.name), limited];
    case "unknown":
      return [limited];
    default:
      return limit.limit === wish.spec.size ? [] : [limited];
  }
}

/** With what bricks check the limit at every write: until then nobody writes. */
export function planShown(wish: ShareWish, { volume, record }: Begun): Step[] {
  const noted: ShareRecord = { ...wished(wish, record, volume), state: "ready", shown: true };
  return [markStep("ready", `volume ${volume.name} is ready`, noted, lateTimeouts(volume))];
}

/** A closed one, noted for a run that goes on later. */
export function closedNote(wish: ShareWish, { volume, record }: Begun): Step {
  return noteStep({ ...looked(wish, record, volume), state: "closed" });
}

function planReady(wish: ShareWish, seen: SeenShare, volume: Volume, record: ShareRecord): Step[] {
  if (seen.uncounted && !record.shown) return [missedStep(volume.name)];
  const steps = [...planRunning(volume), ...planLimit(wish, seen, volume)];
  if (steps.length > 0) return steps;
  const isProven = record.shown || record.origin !== "pool";
  return isProven ? planShown(wish, { volume, record }) : [];
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
    ...planLimit(wish, seen, volume),
    ...planTimeouts(volume),
    ...(sameText(now, record) ? [] : [settle(now, record, seen)]),
  ];
}

/** The record as the wish would have it. Options that are no longer wished for stay noted until they have been put back. */
function wished(wish: ShareWish, record: ShareRecord, volume: Volume): ShareRecord {
  const { spec } = wish;
  return {
    ...withOptions(wish, record, volume),
    ...managedBy(wish, record.owner),
    size: spec.size,
    removalPolicy: spec.removalPolicy,
    protected: spec.deletionProtection,
  };
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

function planLimit(wish: ShareWish, { quota, brickLimits, record }: SeenShare, volume: Volume): Step[] {
  const { size } = wish.spec;
  const isOn = hasQuota(volume);
  // Raised it may always be: of what is over its limit already, too. One that is gone from the bricks is set again.
  if (isOn && quota && size < (quota.limit ?? record?.size ?? 0n)) refuseTooSmall(wish.key, volume, quota, size);
  const isSet = quota?.limit === size && bricksWithout(brickLimits, volume, size).length === 0;
  return [...(isOn ? [] : [quotaStep(volume.name)]), ...(isOn && isSet ? [] : [limitStep(volume.name, size)])];
}

function planTimeouts(volume: Volume): Step[] {
  const late = lateTimeouts(volume);
  return Object.keys(late).length === 0 ? [] : [timeoutsStep(volume.name, late)];
}

/**
 * Where quota was switched on while bricks had not found a restarted glusterd again, they enforce a limit that gluster then never tells (measured on
 * 10.3). Right after it was switched on that means nothing: the timeouts are the last that is set.
 */
function hasMissedQuota({ uncounted }: SeenShare, volume: Volume): boolean {
  return uncounted === true && Object.keys(lateTimeouts(volume)).length === 0;
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

function refuseTooSmall(key: string, volume: Volume, { used }: Quota, size: bigint): void {
  if (used === undefined) {
    const problem = impossibleUse(volume.name);
    throw fault("USE_UNKNOWN", { object: key, summary: `${problem.found}, so its limit is not lowered`, fix: problem.fix });
  }
  if (used === 0n || used + used / marginDivisor < size) return;
  throw fault("SHRINK_BELOW_USE", {
    object: key,
    summary: `the new limit ${formatSize(size)} is below, or too near, the ${approximateSize(used)} that are in use`,
  });
}

// ---- how a record begins -----------------------------------------------------------------------------------------------------

interface Beginning {
  wish: ShareWish;
  cluster: Pick<ClusterSpec, "owner" | "site">;
  infrastructure: string[];
  origin: ShareRecord["origin"];
}

export function newRecord(
  volume: Pick<Volume, "name" | "options">,
  { wish, cluster: { owner, site }, infrastructure, origin }: Beginning,
): ShareRecord {
  return {
    key: wish.key,
    volume: volume.name,
    ...managedBy(wish, owner),
    state: "taking",
    origin,
    size: wish.spec.size,
    removalPolicy: wish.spec.removalPolicy,
    protected: wish.spec.deletionProtection,
    infrastructure,
    kept: [],
    looked: false,
    shown: false,
    before: isGivenBack(origin) ? valuesOf(volume, trackedOptions(Object.keys(wish.spec.volumeOptions))) : {},
    options: Object.keys(wish.spec.volumeOptions).sort(),
    ...defined({ site }),
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
