// What can be done with shares and access rules: apply, destroy, and the dry runs behind plan and repair.
import { type Check, judgeAll } from "../../core/check";
import { converge, type Outcome } from "../../core/engine";
import { ShareError } from "../../core/errors";
import { attempt, commandFault, type Host, run } from "../../core/host";
import { looksAt } from "../../core/looks";
import { isOurs, leftAlone, managedElsewhere, managerText } from "../../core/manager";
import type { Step } from "../../core/plan";
import { formatSquash, limitDoubts, ruleProperties, shareProperties } from "../../spec/lustre";
import { intervalsAsked } from "./access/clients";
import { closeShare, convergeAccess } from "./access/converge";
import { isInForce } from "./access/in-force";
import { guardNarrowed, proveNoneLost, proveTaken } from "./access/proof";
import { confirmRule, leavingRecord, onlyTakes, pendingRecord, qualified, type RuleWish, withdrawRule } from "./access/rules";
import { squashNote } from "./access/squash-note";
import * as cli from "./cli";
import { fault } from "./faults";
import { type Guard, lockAndLook, withAccessLock } from "./locks";
import { askMount, entriesIn, proveLustre, proveMount, statAll } from "./look";
import { checkServedFileSystems } from "./other-file-systems";
import { checkAccess, checkLimits, judge } from "./preflight";
import { checkPlace } from "./preflight-open";
import { guardRecordSize, moveRecords, openOnMdt } from "./record-folders";
import { askRecords, type RuleRecord, readRecord, removeRecord, type ShareRecord, writeRecord } from "./records";
import { guardPlaces, parentsOf } from "./safe-path";
import { judgeMdtPart, proveInStaging, unprovenLayout } from "./share/layout-limit";
import { guardOrder, guardSmall, isShrink, limitsOf, wantedLimits } from "./share/limits";
import { observeShare, type SeenShare } from "./share/observe";
import { planShare } from "./share/plan";
import { mayRemove, planLeaving, planRemoval } from "./share/removal";
import type { ShareWish } from "./share/steps";
import { hostOf, onClient, recordFolders, recordsFolder, recordsRoot, type Site } from "./site";
import { checkUsers } from "./users";

// ---- shares ----------------------------------------------------------------------------------------------------------------

export async function applyShare(site: Site, wish: ShareWish): Promise<Outcome<SeenShare>> {
  guardRecordSize(wish.key, shareProperties(wish.spec));
  let latest: SeenShare | undefined;
  let mdtPart: "holds" | "unknown" = "holds";
  const preflight = once(async () => {
    // An owner that has been there before was asked about then.
    const owners = latest?.record?.spec.owner === `${wish.spec.uid}:${wish.spec.gid}` ? [] : [wish.spec.uid];
    const isSeen = latest?.record?.state === "ready" && latest.directory !== undefined;
    const place = isSeen ? [] : [checkPlace(site, wish.key, wish.spec.path)];
    judge(site, (await Promise.all([checkLimits(site), usersOf(site, owners), ...place])).flat());
    const layout = unprovenLayout(wish.spec, latest);
    if (layout) mdtPart = await judgeMdtPart(site, wish.key, layout);
  });
  // Its refusal is told before the first change.
  const soon = () => void preflight().catch(() => {});
  const look = async (guard: Guard) => {
    const projectId = latest?.record?.projectId ?? latest?.freeId;
    latest = await observeShare(site, wish.key, wish.spec, { soon, projectId, guard });
    return latest;
  };
  const beforeChange = async (steps: readonly Step[]) => {
    // A limit may be raised whatever state the file system is in.
    if (latest && onlyRaises(wish, latest, steps)) return;
    await preflight();
    for (const { property, found, fix } of limitDoubts(wish.spec)) site.log.note(`${property} ${found}; ${fix}`);
    if (mdtPart === "unknown" && wish.spec.layout) await proveInStaging(site, wish.key, wish.spec.layout);
  };
  let first = await lockAndLook(site, wish.key, look);
  if (!first) {
    guardOrder(wish.key, wish.spec);
    if (!wish.spec.adopt) guardSmall(wish.key, wish.spec, undefined);
    await openRecords(site, preflight);
    first = await lockAndLook(site, wish.key, look, true);
  }
  const { seen, guard } = first as NonNullable<typeof first>;
  const job = { object: wish.key, seen, observe: () => look(guard), plan: (now: SeenShare) => planShare(site, wish, now) };
  const outcome = await converge(job, hostOf(site), site.log, beforeChange);
  if (!outcome.seen.recordsOnMdt) await moveRecords(site, wish.key);
  return outcome.seen.record?.closed ? reopen(site, outcome, outcome.seen.record) : outcome;
}

function onlyRaises(wish: ShareWish, { record, quota }: SeenShare, steps: readonly Step[]): boolean {
  if (record?.state !== "ready" || !quota || isShrink(wantedLimits(wish.spec), limitsOf(quota))) return false;
  return steps.every(({ id, quiet }) => quiet || id === "set-limits" || id === "settle-record");
}

async function usersOf(site: Site, uids: readonly number[]): Promise<Check[]> {
  return uids.every((uid) => uid === 0) ? [] : [await checkUsers(site, uids)];
}

/** Rules that outlived the removal of their share, of another stack or because only the share's claim was replaced, let clients in again. */
async function reopen(site: Site, { seen, done }: Outcome<SeenShare>, record: ShareRecord): Promise<Outcome<SeenShare>> {
  const { closed: _, ...open } = record;
  const preflight = async () => judge(site, await checkAccess(site));
  const access = await withAccessLock(site, () => convergeAccess(site, record.key, { preflight }));
  await runStep(site.client, writeRecord(site, "shares", open));
  return { seen: { ...seen, record: open }, done: [...done, ...access.done] };
}

/** Removes the share of a claim by the policy last applied. What is not the claim's own is left alone. */
export async function destroyShare(site: Site, key: string, claim: string): Promise<Step[]> {
  let leavingId: number | undefined;
  const look = async (guard: Guard) => {
    const seen = await observeShare(site, key, undefined, { guard, leavingId });
    leavingId = seen.record?.projectId;
    return seen;
  };
  const first = await lockAndLook(site, key, look);
  if (!first) {
    const nothing = await nothingRecorded(site, key);
    await guardAbsent(site, key);
    return nothing;
  }
  const { seen, guard } = first;
  const observe = () => look(guard);
  if (!seen.record) return noRecord(site, key);
  if (!mayRemove(seen.record, claim)) return note(site, key, leftAlone(seen.record, site.fileSystem.owner));
  // Looked at again once its access is closed; which comes first where there is no room to record that.
  const unmarked = await mark(site, planLeaving(site, seen));
  const neverShown = seen.record.state === "creating" && !seen.directory;
  const closed = neverShown
    ? []
    : await closeShare(site, key, seen.record.spec.fileset, seen.record.spec.removal_policy !== "retain");
  if (unmarked) throw unmarked;
  const removal = await converge({ object: key, observe, plan: (now) => planRemoval(site, key, now) }, hostOf(site), site.log);
  return [...closed, ...removal.done];
}

function note(site: Site, key: string, why: string): Step[] {
  site.log.note(`${key}: ${why}`);
  return [];
}

/** Without a place for locks, sharewright has never changed anything: if this is the right file system, and there really is none. */
async function nothingRecorded(site: Site, key: string): Promise<Step[]> {
  await proveLustre(site);
  const locks = recordsFolder(site, "locks");
  if ((await statAll(site, [locks])).size > 0)
    throw fault("COMMAND_FAILED", { object: key, summary: `no lock can be had, although ${locks} is there` });
  return note(site, key, "no record of it on the file system, left alone");
}

async function noRecord(site: Site, key: string): Promise<Step[]> {
  await guardAbsent(site, key);
  return forgetShare(site, key);
}

/** All records may be lost, and the share is there all the same. */
async function guardAbsent(site: Site, key: string): Promise<void> {
  const path = onClient(site, `/${key}`);
  if (!(await statAll(site, [path])).has(path)) return;
  throw fault("FOREIGN_DIRECTORY", {
    object: key,
    summary: `${path} exists, but no record says that it is this share: nothing was touched`,
    fix: "look at it; adopt it again, or let Terraform forget it with `terraform state rm`",
  });
}

/** There is no record; but a run that was killed while it wrote the first one leaves half of it. */
async function forgetShare(site: Site, key: string): Promise<Step[]> {
  await runStep(site.client, removeRecord(site, "shares", key));
  return [];
}

// ---- access rules ----------------------------------------------------------------------------------------------------------

export async function applyRule(site: Site, wish: RuleWish): Promise<Step[]> {
  let isNewSquash = false;
  let takes = false;
  const preflight = once(async () => {
    const { squash, path } = wish.spec;
    const uids = isNewSquash && squash.kind === "all" ? [squash.uid] : [];
    const checks = [checkAccess(site), checkServedFileSystems(site, path), usersOf(site, uids)];
    judgeAll((await Promise.all(checks)).flat(), takes ? "warn" : site.fileSystem.preflight, site.log);
  });
  // The wish is noted before the access lock is had: a run that was killed in the middle of that must not note it after this one.
  const first = await lockAndLook(site, wish.key, () => proveAndReadRule(site, wish));
  if (!first) {
    await proveLustre(site);
    throw fault("SHARE_NOT_READY", { object: wish.key, summary: `the share ${wish.spec.share} is not there` });
  }
  const { rules: before, shares: share } = first.seen;
  isNewSquash = before?.live?.squash !== formatSquash(wish.spec.squash);
  guardRuleOwner(site, wish, before);
  guardRecordSize(wish.key, ruleProperties(qualified(site, wish.spec)), before?.live);
  // Before anybody else compiles it along: what cannot be read, or be had, would stop them all.
  intervalsAsked(wish.spec, site, wish.key);
  const pending = pendingRecord(site, wish, before);
  const isNoted = before !== undefined && says(before, pending);
  // What is the same takes nothing, and may have to be opened anew.
  takes = onlyTakes(site, wish, before) && !share?.closed && JSON.stringify(before?.live) !== JSON.stringify(pending.pending);
  if (isNoted && (await isInForce(site, wish, before, share))) return [];
  if (!isNoted) await runStep(site.client, writeRecord(site, "rules", pending));
  // A neighbour may have compiled it along already: then nothing is left to change, but it has not been judged yet.
  const isUnjudged = before?.pending !== undefined || !isNoted;
  return withAccessLock(site, async () => {
    try {
      if (isUnjudged) await preflight();
      const { done, seen } = await convergeAccess(site, wish.key, { wish, preflight });
      if (before?.live) guardNarrowed(site, wish.key, wish.spec.path, seen);
      if (isUnjudged) for (const note of squashNote(wish.key, wish.spec, seen.records.shares)) site.log.note(note);
      // As the last look has found it: nobody else writes it while both locks are held.
      const now = seen.records.rules.find(({ key }) => key === wish.key);
      if (now) for (const step of confirmRule(site, now)) await runStep(site.client, step);
      return [...takenOver(site, wish, before), ...done];
    } catch (error) {
      if (ShareError.isShareError(error) && refusals.has(error.code)) await withdraw(site, pending, error);
      throw error;
    }
  });
}

/** Told as a step, although only the record has changed. */
function takenOver(site: Site, { claim }: RuleWish, before: RuleRecord | undefined): Step[] {
  if (!before || before.claim === claim) return [];
  const step: Step = { id: "settle-record", say: `take it over from ${managerText(before)}`, on: "client", commands: [] };
  site.log.step(step.say);
  return [step];
}

/** The record of a rule and that of its share, on what is proven to be the file system, where nobody but root can swap the share. */
async function proveAndReadRule(
  site: Site,
  { key, spec: { share, path } }: RuleWish,
): Promise<{ rules?: RuleRecord; shares?: ShareRecord }> {
  const looks = looksAt(site.client);
  const mount = askMount(site, looks, site.client);
  const parents = parentsOf(site, path);
  const entries = looks.ask(cli.stat(...parents), (result, command) => entriesIn(site, command, result, parents.length));
  const records = askRecords(site, looks, { rules: key, shares: share });
  await looks.send();
  mount();
  guardPlaces(site, parents, entries() ?? new Map());
  return records() ?? {};
}

/** Whether a record already asks for this, for this claim: then its compilation is under way or done. */
function says(record: RuleRecord, { claim, stack, owner, pending, revocation }: RuleRecord): boolean {
  if (record.leaving || record.claim !== claim || record.stack !== stack || record.owner !== owner) return false;
  if (record.revocation !== revocation) return false;
  return JSON.stringify(record.pending ?? record.live) === JSON.stringify(pending);
}

/** Forgets a refused wish. Whoever held the lock before us may have let in the part of it that is possible: that goes as well. */
async function withdraw(site: Site, pending: RuleRecord, refusal: ShareError): Promise<void> {
  await runStep(site.client, withdrawRule(site, pending));
  if (refusal.code === "NOT_MGS") return;
  await convergeAccess(site, pending.key).catch((error: unknown) => {
    site.log.note(`${pending.key}: what was open of it may still be open: ${error instanceof Error ? error.message : error}`);
  });
}

// After these nothing was changed, so that the wish is to be forgotten; after any other fault the next run goes on with it.
const refusals = new Set<ShareError["code"]>([
  "ALREADY_OPEN",
  "ACCESS_CONFLICT",
  "NID_TAKEN",
  "SHARE_NOT_READY",
  "BAD_REQUEST",
  "PREFLIGHT",
  "VERSION",
  "NOT_MGS",
]);

function guardRuleOwner(site: Site, wish: RuleWish, record: RuleRecord | undefined): void {
  if (!record || wish.spec.adopt || isOurs(record, wish)) return;
  const { owner } = site.fileSystem;
  const on = "on the share, which takes it over with its rules";
  throw managedElsewhere({ object: wish.key, what: "the access rule", record, owner, nameProperty: "ruleName", on });
}

export async function destroyRule(site: Site, key: string, claim: string): Promise<Step[]> {
  const first = await lockAndLook(site, key, () => proveMount(site, site.client));
  if (!first) {
    const nothing = await nothingRecorded(site, key);
    await proveNoneLost(site, key);
    return nothing;
  }
  return withAccessLock(site, async () => {
    const record = await readRecord(site, "rules", key);
    if (record && record.claim !== claim) return note(site, key, leftAlone(record, site.fileSystem.owner));
    if (record && !record.leaving) {
      const unmarked = await mark(site, [writeRecord(site, "rules", leavingRecord(site, record))]);
      if (unmarked) site.log.note(`${key} is closed without a record that it is going, since ${unmarked.said}`);
    }
    const settled = await convergeAccess(site, key, { leaving: key });
    await proveTaken(site, key, record, settled);
    await forgetRule(site, key);
    return settled.done;
  });
}

/** The last of a rule; and, since nobody else writes them now, half-written records of nodemaps that killed runs left. */
async function forgetRule(site: Site, key: string): Promise<Step[]> {
  await runStep(site.client, removeRecord(site, "rules", key));
  await run(site.client, cli.findTemporary(recordsFolder(site, "nodemaps")));
  return [];
}

const noRoom = /No space left on device|Disk quota exceeded|Read-only file system/;

/** Records that a removal has begun. Where there is no room for that, which a tenant can bring about, the fault is returned: access is closed all the same. */
async function mark(site: Site, steps: readonly Step[]): Promise<ShareError | undefined> {
  try {
    for (const step of steps) await runStep(site.client, step);
    return undefined;
  } catch (error) {
    if (ShareError.isShareError(error) && noRoom.test(error.said ?? "")) return error;
    throw error;
  }
}

// ---- shared ----------------------------------------------------------------------------------------------------------------

export async function recordsExist(site: Site): Promise<boolean> {
  const folders = recordFolders.map((folder) => recordsFolder(site, folder));
  return (await statAll(site, folders)).size === folders.length;
}

/** The records directory has to be there before anything in it can be locked. */
async function openRecords(site: Site, preflight: () => Promise<void>): Promise<void> {
  await proveLustre(site);
  const folders = [recordsRoot(site), ...recordFolders.map((folder) => recordsFolder(site, folder))];
  const present = await statAll(site, [site.client.mount, ...folders]);
  guardPlaces(site, [site.client.mount, ...folders], present);
  present.delete(site.client.mount);
  if (present.size === folders.length) return;
  await preflight();
  for (const folder of folders) {
    if (present.has(folder)) continue;
    const command = cli.mkdir("0700", folder);
    const result = await attempt(site.client, command);
    // Another first apply may make them in the same moment; that they are there is looked at again.
    if (result.exitCode !== 0 && !result.stderr.includes("File exists"))
      throw commandFault("COMMAND_FAILED", site.client, command, result);
  }
  if (present.size === 0) await openOnMdt(site);
}

async function runStep(host: Host, step: Step): Promise<void> {
  for (const command of step.commands) await run(host, command);
}

function once(work: () => Promise<void>): () => Promise<void> {
  let done: Promise<void> | undefined;
  return () => {
    done ??= work();
    return done;
  };
}
