// What can be done with shares and access rules: apply, destroy, and the dry runs behind plan and repair.
import { converge, type Outcome } from "../../core/engine";
import { fault, ShareError } from "../../core/errors";
import { attempt, commandFault, type Host, run } from "../../core/host";
import type { Step } from "../../core/plan";
import { confirmRule, pendingRecord, type RuleWish, withdrawRule } from "./access";
import { closeShare, convergeAccess } from "./access-converge";
import * as cli from "./cli";
import { lock, lockObject, objectLock, withAccessLock } from "./locks";
import { proveLustre, statAll } from "./look";
import { checkOtherFileSystems } from "./other-file-systems";
import { checkAccess, checkLimits, judge } from "./preflight";
import { type RuleRecord, readRuleRecord, removeRecord, writeRecord } from "./records";
import { observeShare, type SeenShare } from "./share-observe";
import { planShare, type ShareWish } from "./share-plan";
import { mayRemove, planLeaving, planRemoval } from "./share-removal";
import { hostOf, onClient, recordFolders, recordsFolder, recordsRoot, type Site } from "./site";

// ---- shares ----------------------------------------------------------------------------------------------------------------

export async function applyShare(site: Site, wish: ShareWish): Promise<Outcome<SeenShare>> {
  const preflight = once(async () => judge(site, await checkLimits(site)));
  const held = await lock(site.client, objectLock(site, wish.key));
  if (held.result.exitCode !== 0) {
    // Most likely the first apply of all: there is nothing to lock in yet.
    await openRecords(site, preflight);
    await lockObject(site, wish.key);
  }
  const job = {
    object: wish.key,
    observe: () => observeShare(site, wish.key, wish.spec),
    plan: (seen: SeenShare) => planShare(site, wish, seen),
  };
  return converge(job, hostOf(site), site.log, preflight);
}

/** Removes the share of a claim by the policy last applied. What is not the claim's own is left alone. */
export async function destroyShare(site: Site, key: string, claim: string): Promise<Step[]> {
  await proveLustre(site);
  if (!(await recordsExist(site))) return leaveAlone(site, key, "no record of it on the file system");
  await lockObject(site, key);
  const observe = () => observeShare(site, key, undefined);
  const seen = await observe();
  if (!seen.record) return noRecord(site, key);
  if (seen.record.claim === undefined) return leaveAlone(site, key, "let go of before");
  if (!mayRemove(seen.record, claim)) return leaveAlone(site, key, `managed elsewhere (by "${seen.record.owner}")`);
  const leaving = await converge({ object: key, observe, plan: (now) => planLeaving(site, now) }, hostOf(site), site.log);
  const closed =
    seen.record.state === "creating"
      ? []
      : await closeShare(site, seen.record.spec.fileset, seen.record.spec.removal_policy !== "retain");
  const removal = await converge({ object: key, observe, plan: (now) => planRemoval(site, key, now) }, hostOf(site), site.log);
  return [...leaving.done, ...closed, ...removal.done];
}

function leaveAlone(site: Site, key: string, why: string): Step[] {
  site.log.note(`${key}: ${why}, left alone`);
  return [];
}

async function noRecord(site: Site, key: string): Promise<Step[]> {
  const path = onClient(site, `/${key}`);
  if (!(await statAll(site, [path])).has(path)) return [];
  throw fault("FOREIGN_DIRECTORY", {
    object: key,
    summary: `${path} exists, but no record says that it is this share: nothing was touched`,
    fix: "look at it; adopt it again, or let Terraform forget it with `terraform state rm`",
  });
}

// ---- access rules ----------------------------------------------------------------------------------------------------------

export async function applyRule(site: Site, wish: RuleWish): Promise<Step[]> {
  const preflight = once(async () =>
    judge(site, [...(await checkAccess(site)), ...(await checkOtherFileSystems(site, wish.spec.path))]),
  );
  await proveLustre(site);
  if (!(await recordsExist(site)))
    throw fault("SHARE_NOT_READY", { object: wish.key, summary: `the share ${wish.spec.share} is not there` });
  const before = await readRuleRecord(site, wish.key);
  guardRuleOwner(site, wish, before);
  const pending = pendingRecord(site, wish, before);
  const isNews = JSON.stringify(before?.live) !== JSON.stringify(pending.pending) || before?.claim !== wish.claim;
  if (isNews) await runStep(site.client, writeRecord(site, "rules", pending));
  return withAccessLock(site, async () => {
    try {
      const { done } = await convergeAccess(site, wish.key, wish, preflight);
      const now = await readRuleRecord(site, wish.key);
      if (now) for (const step of confirmRule(site, now)) await runStep(site.client, step);
      return done;
    } catch (error) {
      if (ShareError.isShareError(error) && refusals.has(error.code)) await runStep(site.client, withdrawRule(site, pending));
      throw error;
    }
  });
}

// After these nothing was changed, so that the wish is to be forgotten; after any other fault the next run goes on with it.
const refusals = new Set<ShareError["code"]>([
  "ACCESS_CONFLICT",
  "NID_TAKEN",
  "SHARE_NOT_READY",
  "BAD_REQUEST",
  "PREFLIGHT",
  "VERSION",
  "NOT_MGS",
]);

function guardRuleOwner(site: Site, wish: RuleWish, record: RuleRecord | undefined): void {
  if (!record || record.claim === wish.claim || wish.spec.adopt || record.owner === site.fileSystem.owner) return;
  throw fault("MANAGED_ELSEWHERE", {
    object: wish.key,
    summary: `the access rule is managed by "${record.owner}" (claim ${record.claim})`,
  });
}

export async function destroyRule(site: Site, key: string, claim: string): Promise<Step[]> {
  await proveLustre(site);
  if (!(await recordsExist(site))) return leaveAlone(site, key, "no record of it on the file system");
  return withAccessLock(site, async () => {
    const record = await readRuleRecord(site, key);
    if (!record) return [];
    if (record.claim !== claim) return leaveAlone(site, key, `managed elsewhere (by "${record.owner}")`);
    if (!record.leaving) await runStep(site.client, writeRecord(site, "rules", { ...record, leaving: true }));
    const { done } = await convergeAccess(site, key);
    await runStep(site.client, removeRecord(site, "rules", key));
    return done;
  });
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
  const present = await statAll(site, folders);
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
