// The access rules of a stack compared with the nodemaps. Access is compiled as a whole, so the dry run foresees the whole stack applied.

import { bansIn } from "../../backends/lustre/access/bans";
import { intervalsAsked, intervalsOf } from "../../backends/lustre/access/clients";
import type { AccessFeatures } from "../../backends/lustre/access/compiler";
import { accessDifferences, nodemapsOf, recordDifferences } from "../../backends/lustre/access/differences";
import { infrastructureIntervals, reportedNids } from "../../backends/lustre/access/infrastructure";
import { overlaps } from "../../backends/lustre/access/intervals";
import type { SeenAccess } from "../../backends/lustre/access/observe";
import type { AccessPlan } from "../../backends/lustre/access/plan";
import { keptNotes } from "../../backends/lustre/access/revocation";
import { pendingRecord, planAllAccess, qualified, type RuleWish } from "../../backends/lustre/access/rules";
import { squashNote } from "../../backends/lustre/access/squash-note";
import type { LiveAccess } from "../../backends/lustre/access/steps";
import { type Inventory, inspectAccess } from "../../backends/lustre/inspect";
import type { RuleRecord, ShareRecord } from "../../backends/lustre/records";
import type { Site } from "../../backends/lustre/site";
import type { Step } from "../../core/plan";
import { formatInterval } from "../../spec/address";
import { type ShareSpec, shareMessage } from "../../spec/lustre";
import type { LeavingObject, StackObject } from "../stack";
import { bare, noClaim, refused, type SurveyedObject, verdictOf } from "../surveyed";
import { readRule } from "./request";
import type { RuleSight, ShareSight } from "./sight";

interface Scope {
  site: Site;
  inventory: Inventory;
  /** What the stack has on this file system, and what leaves it. */
  objects: readonly StackObject[];
  leaving: readonly LeavingObject[];
  /** What was found about its shares. */
  shares: readonly SurveyedObject<ShareSight>[];
  ruleKeys: readonly string[];
}

interface WantedRule {
  object: StackObject;
  wish: RuleWish;
}

interface SurveyedAccess {
  rules: SurveyedObject<RuleSight>[];
  steps: Step[];
  /** Who would keep what was taken, who is banned, and whom a squash does not let in. */
  notes: string[];
}

export async function surveyAccess(scope: Scope): Promise<SurveyedAccess> {
  const rules = scope.objects.filter(({ kind }) => kind === "lustre.access-rule");
  const gone = scope.leaving.filter(({ kind }) => kind === "lustre.access-rule");
  if (rules.length + gone.length === 0) return { rules: [], steps: [], notes: [] };
  const read = rules.map((object) => readWish(object, scope.ruleKeys));
  const wanted = read.flatMap((rule) => ("wish" in rule ? [rule] : []));
  const unread = read.flatMap((rule) => ("wish" in rule ? [] : [rule]));
  const others = [...gone.map(({ kind, key }) => bare<RuleSight>({ kind, key }, "leaving")), ...unread];
  const { rules: surveyed, ...access } = await compareAccess(scope, wanted, gone);
  return { rules: [...others, ...surveyed].sort((a, b) => (a.key < b.key ? -1 : 1)), ...access };
}

/** The wish of a rule, or what is to be said of one that cannot be read. */
function readWish(object: StackObject, keys: readonly string[]): WantedRule | SurveyedObject<RuleSight> {
  const { kind, key, claim = noClaim } = object;
  if (object.unknown.length > 0) return bare({ kind, key, object }, "unknown");
  try {
    const { spec } = readRule(JSON.stringify({ ...object.triggers, claim }), key);
    return { object, wish: { key, claim, stack: object.stack, spec, keys } };
  } catch (error) {
    return refused({ kind, key, object }, error);
  }
}

async function compareAccess(
  scope: Scope,
  wanted: readonly WantedRule[],
  gone: readonly LeavingObject[],
): Promise<SurveyedAccess> {
  const { site, inventory } = scope;
  try {
    const { seen, features } = await inspectAccess(site, inventory);
    const infrastructure = infrastructureIntervals(site, await reportedNids(site));
    const after = { ...seen, records: foreseenRecords(scope, wanted, gone), infrastructure };
    const rules = wanted.map((rule) => surveyRule(site, rule, seen, after, features));
    const { steps, revoked, others } = ownSteps(after, (records) => planAllAccess(site, { ...after, records }, features), [
      ...wanted.map(({ wish }) => wish.key),
      ...gone.map(({ key }) => key),
    ]);
    const coming = rules.filter(({ verdict }) => verdict !== "good");
    const squashed = coming.flatMap(({ key, sight }) => (sight ? squashNote(key, sight.spec, after.records.shares) : []));
    const notes = [...others, ...keptNotes(revoked), ...banNotes(wanted, site, seen.live), ...squashed];
    return { rules, steps: steps.filter((step) => !step.quiet), notes };
  } catch (error) {
    const rules = wanted.map(({ object }) => refused<RuleSight>({ kind: object.kind, key: object.key, object }, error));
    return { rules, steps: [], notes: [] };
  }
}

/**
 * Access is compiled as a whole, so what another stack is in the middle of would look like steps of ours. Ours are those that are to be done whether
 * or not the others' changes are counted.
 */
function ownSteps(
  { records }: SeenAccess,
  plan: (records: SeenAccess["records"]) => AccessPlan,
  own: readonly string[],
): Pick<AccessPlan, "steps" | "revoked"> & { others: string[] } {
  const isUnderWay = (rule: RuleRecord) => !own.includes(rule.key) && (rule.pending !== undefined || rule.leaving === true);
  const changing = records.rules.filter(isUnderWay);
  const all = plan(records);
  if (changing.length === 0) return { ...all, others: [] };
  const without = plan({
    ...records,
    rules: records.rules.flatMap((rule) => {
      if (!isUnderWay(rule)) return [rule];
      const { pending: _, leaving: __, ...asBefore } = rule;
      return rule.live ? [asBefore] : [];
    }),
  });
  const known = new Set(without.steps.map(({ say }) => say));
  const names = changing.map(({ key, owner }) => `${key} of "${owner}"`).join(", ");
  return {
    steps: all.steps.filter(({ say }) => known.has(say)),
    revoked: without.revoked,
    others: [`access of others is being changed in this moment, or was left half-way, and is left out here: ${names}`],
  };
}

/** Clients of the stack that mount nothing, although its rules let them in. */
function banNotes(wanted: readonly WantedRule[], site: Site, live: LiveAccess): string[] {
  const clients = wanted.flatMap(({ wish }) => intervalsOf(wish.spec, site, wish.key));
  return bansIn(live)
    .filter((ban) => ban.held.length > 0 && overlaps(ban.clients, clients))
    .map(
      ({ clients: who, held }) =>
        `${formatInterval(who)} is banned, since it may have ${held.join(", ")} mounted: unmount there, then \`sharewright bans lift ${formatInterval(who)}\``,
    );
}

/** The records as they would be once the whole stack has been applied. */
function foreseenRecords(
  { site, inventory, shares }: Scope,
  wanted: readonly WantedRule[],
  gone: readonly LeavingObject[],
): Inventory {
  const keys = new Set([...wanted.map(({ wish }) => wish.key), ...gone.map(({ key }) => key)]);
  const leaving = new Set(shares.filter(({ verdict }) => verdict === "leaving").map(({ key }) => key));
  const ready = shares.flatMap(({ key, verdict, sight }) =>
    sight && verdict !== "leaving" ? [readyRecord(site, key, sight.spec)] : [],
  );
  const known = new Set(ready.map(({ key }) => key));
  return {
    ...inventory,
    shares: [...inventory.shares.filter(({ key }) => !known.has(key) && !leaving.has(key)), ...ready],
    rules: [
      ...inventory.rules.filter(({ key }) => !keys.has(key)),
      ...wanted.map(({ wish }) => pendingRecord(site, wish, recordOf(inventory.rules, wish.key))),
    ],
  };
}

function readyRecord(site: Site, key: string, spec: ShareSpec): ShareRecord {
  return { format: 1, kind: "lustre.share", key, owner: site.fileSystem.owner, state: "ready", spec: shareMessage.write(spec) };
}

function recordOf(records: readonly RuleRecord[], key: string): RuleRecord | undefined {
  return records.find((record) => record.key === key);
}

function surveyRule(
  site: Site,
  { object, wish }: WantedRule,
  seen: Omit<SeenAccess, "infrastructure">,
  after: SeenAccess,
  features: AccessFeatures,
): SurveyedObject<RuleSight> {
  const { key, kind } = object;
  try {
    const intervals = intervalsAsked(wish.spec, site, key);
    const record = recordOf(seen.records.rules, key);
    const live = accessDifferences(key, wish.spec, intervals, seen.live, features);
    const differences = record ? [...recordDifferences(qualified(site, wish.spec), record), ...live] : [];
    const nodemapsIn = nodemapsOf(intervals, seen.live);
    const isBanned = nodemapsIn.some(({ banned }) => banned.some((ban) => overlaps(ban, intervals)));
    const sight = { spec: wish.spec, nodemaps: nodemapsIn.map(({ name }) => name), inForce: live.length === 0 && !isBanned };
    // Throws what an apply of this rule would be refused with.
    planAllAccess(site, after, features, wish);
    return bare({ key, kind, object, sight, differences }, verdictOf(object, differences.length > 0 || !record));
  } catch (error) {
    return refused({ key, kind, object }, error);
  }
}
