// Puts a rule in force.
import { type Check, judgeAll } from "../../../core/check";
import { runStep } from "../../../core/engine";
import { ShareError } from "../../../core/errors";
import { looksAt } from "../../../core/looks";
import { isOurs, managedElsewhere, managerText } from "../../../core/manager";
import { once } from "../../../core/once";
import type { Step } from "../../../core/plan";
import { formatSquash, ruleMessage } from "../../../spec/lustre";
import { fault } from "../faults";
import { mark } from "../leaving";
import { lockAndLook, withAccessLock } from "../locks";
import { askPlaces, proveLustre } from "../look";
import { checkServedFileSystems } from "../other-file-systems";
import { checkAccess } from "../preflight";
import { guardRecordSize } from "../record-folders";
import { type RuleRecord, recordsIn, type ShareRecord, writeRecord } from "../records";
import { guardPlaces, parentsOf } from "../safe-path";
import { recordPath, type Site } from "../site";
import { checkOwners } from "../users";
import { intervalsAsked } from "./clients";
import { convergeAccess } from "./converge";
import { isInForce } from "./in-force";
import { type AccessLooks, accessLooks } from "./infrastructure";
import type { SeenAccess } from "./observe";
import { guardNarrowed } from "./proof";
import { confirmRule, onlyTakes, pendingRecord, qualified, type RuleWish, withdrawRule } from "./rules";
import { squashNote } from "./squash-note";

export async function applyRule(site: Site, wish: RuleWish): Promise<Step[]> {
  // The wish is noted before the access lock is had: a run that was killed in the middle of that must not note it after this one.
  const first = await lockAndLook(site, wish.key, () => proveAndReadRule(site, wish));
  if (!first) {
    await proveLustre(site);
    throw fault("SHARE_NOT_READY", { object: wish.key, summary: `the share ${wish.spec.share} is not there` });
  }
  const { rules: before, shares: share } = first.seen;
  guardRuleOwner(site, wish, before);
  guardRecordSize(wish.key, ruleMessage.write(qualified(site, wish.spec)), before?.live);
  // Before anybody else compiles it along: what cannot be read, or be had, would stop them all.
  intervalsAsked(wish.spec, site, wish.key);
  const pending = pendingRecord(site, wish, before);
  const isNoted = before !== undefined && says(before, pending);
  // What is the same takes nothing, and may have to be opened anew.
  const takes =
    onlyTakes(site, wish, before) && !share?.closed && JSON.stringify(before?.live) !== JSON.stringify(pending.pending);
  if (isNoted && (await isInForce(site, wish, before, share))) return [];
  const noting = isNoted ? [] : [writeRecord(site, "rules", pending)];
  // What closes access needs no room, which a tenant may have taken.
  const unnoted = takes ? await mark(site, noting) : undefined;
  if (!takes) for (const step of noting) await runStep(site.client, step);
  const unwritten = unnoted && pending;
  // A neighbour may have compiled it along already: then nothing is left to change, but it has not been judged yet.
  const isUnjudged = before?.pending !== undefined || !isNoted;
  return withAccessLock(site, async () => {
    const looks = accessLooks(site);
    const preflight = once(async () => {
      const checks = await preflightChecks(site, wish, before, looks);
      judgeAll(checks, takes ? "warn" : site.fileSystem.preflight, site.log);
    });
    try {
      if (isUnjudged) await preflight();
      const { done, seen } = await convergeAccess(site, wish.key, { wish, preflight, looks, unwritten });
      if (before?.live) guardNarrowed(site, wish.key, wish.spec.fileset, seen);
      if (unnoted) throw tellUnwritten(site, wish.key, unnoted);
      if (isUnjudged) for (const note of squashNote(wish.key, wish.spec, seen.records.shares)) site.log.note(note);
      await confirm(site, wish, seen);
      return [...takenOver(site, wish, before), ...done];
    } catch (error) {
      if (ShareError.isShareError(error) && refusals.has(error.code)) await withdraw(site, pending, error);
      throw error;
    }
  });
}

async function preflightChecks(
  site: Site,
  { spec: { squash, fileset } }: RuleWish,
  before: RuleRecord | undefined,
  looks: AccessLooks,
): Promise<Check[]> {
  const isNewSquash = before?.live?.squash !== formatSquash(squash);
  const uids = isNewSquash && squash.kind === "all" ? [squash.uid] : [];
  const checks = [checkAccess(site, looks), checkServedFileSystems(site, fileset), checkOwners(site, uids)];
  return (await Promise.all(checks)).flat();
}

/** As the last look has found it: nobody else writes it while both locks are held. */
async function confirm(site: Site, { key }: RuleWish, { records }: SeenAccess): Promise<void> {
  const now = records.rules.find((record) => record.key === key);
  if (now) for (const step of confirmRule(site, now)) await runStep(site.client, step);
}

/** Until it is written, whoever compiles next goes by the old record. */
function tellUnwritten(site: Site, key: string, error: ShareError): ShareError {
  site.log.note(
    `${key} is closed to whom it gives up, but not recorded as that, so that another change of access would open it again`,
  );
  return error;
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
  { key, spec: { share, fileset } }: RuleWish,
): Promise<{ rules?: RuleRecord; shares?: ShareRecord }> {
  const looks = looksAt(site.client);
  const parents = parentsOf(site, fileset);
  const records = [recordPath(site, "rules", key), recordPath(site, "shares", share)];
  const first = askPlaces(site, looks, [...parents, ...records], ["rules", "shares"]);
  await looks.send();
  const found = first();
  guardPlaces(site, parents, found.entries);
  return recordsIn(site, found.records, { rules: key, shares: share });
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
