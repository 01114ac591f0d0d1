// Stops managing a share and touches nothing: directory, data, limits and project id stay, and so does the record, without an owner.
import { converge } from "../../../core/engine";
import type { Step } from "../../../core/plan";
import { defined } from "../../../spec/defined";
import { fault } from "../faults";
import { readInventory } from "../inspect";
import { lockObject } from "../locks";
import { type ShareRecord, writeRecord } from "../records";
import { hostOf, type Site } from "../site";

interface SeenRelease {
  record?: ShareRecord;
  /** Keys of the rules that open the share. */
  rules: string[];
}

/** `claims` are the ids in the state of the stack that asks: only its own share may it let go. */
export async function releaseShare(site: Site, key: string, claims: ReadonlySet<string>): Promise<Step[]> {
  if (!(await readInventory(site)).shares.some((share) => share.key === key)) throw noSuchShare(key);
  await lockObject(site, key);
  const job = {
    object: key,
    observe: () => observeRelease(site, key),
    plan: (seen: SeenRelease) => planRelease(site, key, claims, seen),
  };
  return (await converge(job, hostOf(site), site.log)).done;
}

async function observeRelease(site: Site, key: string): Promise<SeenRelease> {
  const { shares, rules } = await readInventory(site);
  const record = shares.find((share) => share.key === key);
  const opening = rules.filter((rule) => (rule.pending ?? rule.live)?.share === key);
  return { ...defined({ record }), rules: opening.map((rule) => rule.key) };
}

/** Pure. The project id stays reserved by its link and its limits, so that nobody is ever given it again. */
function planRelease(site: Site, key: string, claims: ReadonlySet<string>, { record, rules }: SeenRelease): Step[] {
  if (!record) throw noSuchShare(key);
  const { claim, ...unclaimed } = record;
  if (claim === undefined) return [];
  if (!claims.has(claim)) {
    throw fault("MANAGED_ELSEWHERE", {
      object: key,
      summary: `the share is managed by "${record.owner}", and its claim is not in this stack's state`,
      fix: "release it from the stack that manages it (--stack)",
    });
  }
  if (record.state !== "ready") {
    throw fault("SHARE_NOT_READY", {
      object: key,
      summary: `the share is ${record.state}, and only one that is ready can be released`,
      fix: "let the next apply finish it first",
    });
  }
  if (record.spec.deletion_protection) throw fault("DELETION_PROTECTED", { object: key });
  if (rules.length > 0) {
    throw fault("STILL_OPEN", {
      object: key,
      summary: `access rules still open the share: ${rules.join(", ")}`,
      fix: "take the rules out of the code and apply first: without its share a rule would be closed at the next change of any access",
    });
  }
  const say = `stop managing ${record.spec.fileset}; its data, limits and project id ${record.projectId} stay as they are`;
  const { quiet: _, ...step } = writeRecord(site, "shares", { ...unclaimed, state: "unowned" });
  return [{ ...step, id: "release", say }];
}

function noSuchShare(key: string) {
  return fault("BAD_REQUEST", {
    object: key,
    summary: `there is no record of a share "${key}"`,
    fix: "`sharewright list` shows the keys",
  });
}
