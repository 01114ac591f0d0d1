// The access rules of a stack compared with the nodemaps. Access is compiled as a whole, so the dry run foresees the whole stack applied.

import { bansIn, readLeft } from "../../backends/lustre/access/bans";
import { intervalsAsked, intervalsOf } from "../../backends/lustre/access/clients";
import type { AccessFeatures } from "../../backends/lustre/access/compiler";
import { accessDifferences, nodemapsOf, recordDifferences } from "../../backends/lustre/access/differences";
import { infrastructureIntervals, reportedNids } from "../../backends/lustre/access/infrastructure";
import { overlaps } from "../../backends/lustre/access/intervals";
import { type Ending, type StillGiven, stillGiven, stillGivenNote } from "../../backends/lustre/access/kept";
import type { SeenAccess } from "../../backends/lustre/access/observe";
import { type Kept, keptNote, keptOf } from "../../backends/lustre/access/revocation";
import { pendingRecord, planAllAccess, qualified, type RuleWish, type WholePlan } from "../../backends/lustre/access/rules";
import { squashNote } from "../../backends/lustre/access/squash-note";
import type { LiveAccess } from "../../backends/lustre/access/steps";
import { touchedNote } from "../../backends/lustre/access/touched";
import { type Inventory, inspectAccess } from "../../backends/lustre/inspect";
import type { RuleRecord, ShareRecord } from "../../backends/lustre/records";
import type { Site } from "../../backends/lustre/site";
import { ShareError } from "../../core/errors";
import type { Step } from "../../core/plan";
import { formatInterval, type NidInterval } from "../../spec/address";
import { type ShareSpec, shareMessage } from "../../spec/lustre";
import type { LeavingObject, StackObject } from "../stack";
import { bare, type KeptAccess, noClaim, refused, type SurveyedObject, type TouchedAccess, verdictOf } from "../surveyed";
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
}

interface WantedRule {
  object: StackObject;
  wish: RuleWish;
}

interface SurveyedAccess {
  rules: SurveyedObject<RuleSight>[];
  steps: Step[];
  /** Who would keep what was taken, for whom else something would be done, who is banned, and whom a squash does not let in. */
  notes: string[];
  kept: KeptAccess[];
  touched: TouchedAccess[];
}

const nothing = { rules: [], steps: [], notes: [], kept: [], touched: [] };

export async function surveyAccess(scope: Scope): Promise<SurveyedAccess> {
  const rules = scope.objects.filter(({ kind }) => kind === "lustre.access-rule");
  const gone = scope.leaving.filter(({ kind }) => kind === "lustre.access-rule");
  if (rules.length + gone.length === 0) return nothing;
  const read = rules.map((object) => readWish(object));
  const wanted = read.flatMap((rule) => ("wish" in rule ? [rule] : []));
  const unread = read.flatMap((rule) => ("wish" in rule ? [] : [rule]));
  const others = [...gone.map(({ kind, key }) => bare<RuleSight>({ kind, key }, "leaving")), ...unread];
  const { rules: surveyed, ...access } = await compareAccess(scope, wanted, gone);
  return { rules: [...others, ...surveyed].sort((a, b) => (a.key < b.key ? -1 : 1)), ...access };
}

/** The wish of a rule, or what is to be said of one that cannot be read. */
function readWish(object: StackObject): WantedRule | SurveyedObject<RuleSight> {
  const { kind, key, claim = noClaim, among: keys } = object;
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
    const own = [...wanted.map(({ wish }) => wish.key), ...gone.map(({ key }) => key)];
    const ours = ownSteps(after, (records) => planAllAccess(site, { ...after, records }, features), own);
    const coming = rules.filter(({ verdict }) => verdict !== "good");
    const squashed = coming.flatMap(({ key, sight }) => (sight ? squashNote(key, sight.spec, after.records.shares) : []));
    const kept = keptOf(ours.revoked);
    const endings = seen.records.rules
      .filter(({ key }) => own.includes(key))
      .map((record) => ({ record, ...wantedOf(after, record) }));
    const given = endings.flatMap((ending) => stillGiven(site, ending, after.records.rules));
    const touched = ours.touched().filter(({ key }) => !own.includes(key));
    const unseen: string[] = [];
    const left = await readLeft(site, after).catch((error: unknown) => {
      // Nobody's rule is worse for that.
      if (!ShareError.isShareError(error)) throw error;
      unseen.push(`who is connected although no rule lets it in cannot be told: ${error.summary}`);
      return [];
    });
    const notes = [
      ...ours.others,
      ...kept.map((one) => keptNote(one)),
      ...given.map(stillGivenNote),
      ...left.map(leftNote),
      ...unseen,
      ...touched.map((one) => touchedNote(one)),
      ...banNotes(wanted, site, seen.live),
      ...squashed,
    ];
    return {
      rules,
      steps: ours.steps.filter((step) => !step.quiet),
      notes,
      kept: [...kept.map(keptDocument), ...given.map(givenDocument), ...left.map(leftDocument)],
      touched: touched.map(({ key, clients, ...one }) => ({ rule: key, ...one, clients: clients.map(formatInterval) })),
    };
  } catch (error) {
    const rules = wanted.map(({ object }) => refused<RuleSight>({ kind: object.kind, key: object.key, object }, error));
    return { ...nothing, rules };
  }
}

// ---- whom an ending does not reach -------------------------------------------------------------------------------------------

/** As the stack would have it once it is applied. */
function wantedOf({ records }: SeenAccess, { key }: RuleRecord): Pick<Ending, "wanted"> {
  const record = recordOf(records.rules, key);
  return { wanted: record?.pending ?? record?.live };
}

function leftNote(clients: NidInterval): string {
  return `${formatInterval(clients)} is connected, and no access rule lets it in: it keeps what it has mounted until it unmounts`;
}

function leftDocument(clients: NidInterval): KeptAccess {
  return { by: "connected", clients: [formatInterval(clients)] };
}

function keptDocument({ clients, path, writing, revocation, left }: Kept): KeptAccess {
  return { by: writing ? "writing" : "mounted", clients: clients.map(formatInterval), path, revocation, left };
}

function givenDocument({ clients, path, by: { key, owner } }: StillGiven): KeptAccess {
  return { by: "rule", clients: clients.map(formatInterval), path, rule: key, owner };
}

/**
 * Access is compiled as a whole, so what another stack is in the middle of would look like steps of ours. Ours are those that are to be done whether
 * or not the others' changes are counted.
 */
function ownSteps(
  { records }: SeenAccess,
  plan: (records: SeenAccess["records"]) => WholePlan,
  own: readonly string[],
): Pick<WholePlan, "steps" | "revoked" | "touched"> & { others: string[] } {
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
    touched: without.touched,
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
