// One rule among all: which records count, which rule is rejected alone when the rules do not go together. Pure.

import { type Asker, isOfStack, managedBy } from "../../../core/manager";
import type { Step } from "../../../core/plan";
import type { NidInterval } from "../../../spec/address";
import { defined } from "../../../spec/defined";
import { type AccessRuleSpec, type RuleIntent, ruleMessage } from "../../../spec/lustre";
import { fault } from "../faults";
import { type RuleRecord, removeRecord, writeInLock, writeRecord } from "../records";
import type { Site } from "../site";
import { intervalsOf } from "./clients";
import {
  type AccessConflict,
  type AccessFeatures,
  type AccessGroup,
  type CompilableRule,
  compileAccess,
  describeConflict,
} from "./compiler";
import { type AccessSight, foreignRanges, withoutForeign } from "./foreign-ranges";
import { subtract } from "./intervals";
import { defaultNet, ruleSpec } from "./observe";
import { guardOpening } from "./openers";
import { type AccessPlan, planAccess } from "./plan";
import type { Revoked, Taken } from "./revocation";
import { asWanted, narrows } from "./siblings";
import { type OwnedRule, type Touched, touchedBy } from "./touched";

/** The rule that a hook is about. */
export interface RuleWish extends Asker {
  key: string;
  spec: AccessRuleSpec;
  /** Keys of all rules of the stack: its other rules are leaving. */
  keys?: readonly string[];
  /** What the stack asks of them, by key. */
  intents?: ReadonlyMap<string, RuleIntent>;
}

/** A rule under its name, in the version that is to be compiled. */
interface Candidate extends CompilableRule {
  record: RuleRecord;
  properties: NonNullable<RuleRecord["live"]>;
  isPending: boolean;
}

/** Steps to the compiled truth of all rules. */
export interface WholePlan extends AccessPlan {
  /** Whose clients they touch. Not every plan is told. */
  touched: () => Touched[];
}

/** With a wish its rule has to be part of it, or the wish is refused. */
export function planAllAccess(
  site: Site,
  seen: AccessSight,
  features: AccessFeatures,
  wish?: RuleWish,
  lifted: readonly NidInterval[] = [],
): WholePlan {
  const judge = (taken: Taken) => revokedBy(site, seen.records.rules, taken);
  const { groups, changed } = compileRecords(site, seen, features, wish);
  const plan = planAccess(site, groups, seen.live, features, { judge, lifted });
  const touched = () => touchedBy(ownedRules(site, seen.records.rules), plan.change);
  // Before anything is changed: whoever compiles next has to find the same.
  return { ...plan, touched, steps: [...changed.map((record) => writeInLock(site, record)), ...plan.steps] };
}

/** Every rule with the clients that it has or asks for, share by share. */
function ownedRules(site: Site, rules: readonly RuleRecord[]): OwnedRule[] {
  return rules.flatMap((record) => {
    const { key, owner } = record;
    const versions = [record.live, record.pending].flatMap((one) => (one ? [candidateOf(site, record, one, false)] : []));
    const filesets = [...new Set(versions.map(({ spec }) => spec.fileset))];
    return filesets.map((fileset) => {
      const intervals = versions.filter(({ spec }) => spec.fileset === fileset).flatMap((one) => one.intervals);
      return { key, owner, fileset, intervals };
    });
  });
}

interface Compiled {
  groups: AccessGroup[];
  /** Records of rules that are compiled otherwise than they are recorded. */
  changed: RuleRecord[];
}

function compileRecords(site: Site, seen: AccessSight, features: AccessFeatures, wish: RuleWish | undefined): Compiled {
  if (wish) guardWish(site, seen, wish);
  const foreign = foreignRanges(seen);
  const live = [...seen.live.registered.keys()].flatMap((name) => seen.live.nodemaps.get(name)?.ranges ?? []);
  const changed = new Map(lostWish(site, seen, wish).map((record) => [record.key, record]));
  let candidates = candidatesOf(site, seen, wish).map((rule) => withoutForeign(rule, foreign, live, rule.key === wish?.key));
  for (;;) {
    const { groups, conflicts } = compileAccess(candidates, features);
    const [conflict] = conflicts;
    if (!conflict) return { groups, changed: [...changed.values()] };
    const renewed = renewOne(site, candidates, conflict, wish, features);
    if (renewed) {
      changed.set(renewed.record.key, renewed.record);
      candidates = candidates.flatMap((rule) => (rule.key === renewed.record.key ? renewed.candidate : [rule]));
      candidates = candidates.map((rule) => withoutForeign(rule, foreign, live, rule.key === wish?.key));
    } else candidates = withoutOne(site, candidates, conflict, wish);
  }
}

/** What is in force stays, whatever others open beside it. */
function guardWish(site: Site, { records, live }: AccessSight, wish: RuleWish): void {
  const record = records.rules.find(({ key }) => key === wish.key);
  if (!onlyTakes(site, wish, record)) guardOpening(wish.key, wish.spec.fileset, live);
}

/** Whether a wish gives nobody more than the rule does already: what others open must not keep it from taking the rest away. */
export function onlyTakes(site: Site, { key, spec }: RuleWish, record: RuleRecord | undefined): boolean {
  if (!record?.live || record.leaving || record.live.fileset !== spec.fileset) return false;
  if (!narrows(record.live, ruleMessage.write(spec))) return false;
  return subtract(intervalsOf(spec, site, key), intervalsOf(ruleSpec(record, record.live), site, key)).length === 0;
}

/** Between the note of a wish and the lock, a hook of a sibling may have written its own idea of it: the wish is what counts. */
function lostWish(site: Site, seen: AccessSight, wish: RuleWish | undefined): RuleRecord[] {
  if (!wish) return [];
  const record = seen.records.rules.find(({ key }) => key === wish.key);
  const pending = pendingRecord(site, wish, record);
  if (!record) return [pending];
  const same =
    record.claim === pending.claim && JSON.stringify(record.pending ?? record.live) === JSON.stringify(pending.pending);
  return same && !record.leaving ? [] : [pending];
}

/** What every record asks for: pending before live, only for shares that are ready. */
function candidatesOf(site: Site, seen: AccessSight, wish: RuleWish | undefined): Candidate[] {
  const shares = new Map(seen.records.shares.map((share) => [share.key, share]));
  const { rules } = seen.records;
  // One that the MGS refused in another run has lost its record.
  const unnoted = wish && !rules.some(({ key }) => key === wish.key) ? [pendingRecord(site, wish, undefined)] : [];
  return [...rules, ...unnoted].flatMap((found) => {
    const record = found.key === wish?.key ? pendingRecord(site, wish, found) : found;
    const properties = record.pending ?? record.live;
    if (record.leaving || !properties) return [];
    const candidate = candidateOf(site, record, properties, record.pending !== undefined);
    const share = shares.get(candidate.spec.share);
    if (share?.state === "ready" && share.spec.fileset === candidate.spec.fileset) return [candidate];
    if (record.key !== wish?.key) return share ? [] : asItIs(site, seen, record);
    throw fault("SHARE_NOT_READY", {
      object: wish.key,
      summary: `the share ${candidate.spec.share} is not there, or is being removed`,
    });
  });
}

/** The record of its share is lost, for a removal closes the access first: what is open stays open until somebody has looked. */
function asItIs(site: Site, seen: AccessSight, record: RuleRecord): Candidate[] {
  const { live } = record;
  const { nodemaps, registered } = seen.live;
  const isOpen = [...registered.keys()].some((name) => nodemaps.get(name)?.filesets.some(({ path }) => path === live?.fileset));
  return live && isOpen ? [candidateOf(site, record, live, false)] : [];
}

function candidateOf(site: Site, record: RuleRecord, properties: NonNullable<RuleRecord["live"]>, isPending: boolean): Candidate {
  const spec = ruleSpec(record, properties);
  return { key: record.key, record, properties, spec, isPending, intervals: intervalsOf(spec, site, record.key) };
}

// ---- what becomes of what is taken -------------------------------------------------------------------------------------------

/**
 * The strictest policy of the rules that gave it, whoever's hook takes it away: another stack may compile the change along. Where no rule gave it,
 * for instance by hand, the policy of the stack that closes it.
 */
function revokedBy(site: Site, rules: readonly RuleRecord[], taken: Taken): Revoked[] {
  const { revocation } = site.fileSystem;
  const given = rules.flatMap((record) => {
    const properties = [record.live, record.pending].filter((one) => one?.fileset === taken.path);
    const clients = properties.flatMap((one) => (one ? candidateOf(site, record, one, false).intervals : []));
    return clients.map((interval) => ({ interval, policy: record.revocation }));
  });
  let rest = [taken.clients];
  const revoked: Revoked[] = [];
  for (const policy of ["ban", "cut", "lazy"] as const) {
    const under = given.filter((one) => policy === "lazy" || one.policy === policy).map(({ interval }) => interval);
    const left = subtract(rest, under);
    revoked.push(...subtract(rest, left).map((clients) => ({ ...taken, clients, revocation: policy })));
    rest = left;
  }
  return [...revoked, ...rest.map((clients) => ({ ...taken, clients, revocation }))];
}

// ---- an impossible rule is rejected alone ------------------------------------------------------------------------------------

interface Renewed {
  record: RuleRecord;
  /** [] where nothing of it is left for now. */
  candidate: Candidate[];
}

/** A rule of a conflict that its own stack has changed, whose hook is still to come: as that stack wants it, if the conflict is gone with it. */
function renewOne(
  site: Site,
  candidates: readonly Candidate[],
  { rules }: AccessConflict,
  wish: RuleWish | undefined,
  features: AccessFeatures,
): Renewed | undefined {
  const own = wish?.intents?.get(wish.key);
  if (!wish || !own) return undefined;
  const involved = rules.flatMap((key) => candidates.find((candidate) => candidate.key === key) ?? []);
  const asking = { intent: own, spec: qualified(site, wish.spec) };
  for (const one of involved) {
    const intent = one.key === wish.key ? undefined : wish.intents?.get(one.key);
    const other = involved.find((another) => another !== one);
    if (!intent || !other || !isOfStack(one.record, wish)) continue;
    const record = asWanted({ ...one, intent }, asking, other.intervals);
    if (!record) continue;
    const candidate = record.pending ? [candidateOf(site, record, record.pending, true)] : [];
    if (compileAccess([...candidate, other], features).conflicts.length === 0) return { record, candidate };
  }
  return undefined;
}

/** Puts aside one rule of a conflict: what its own stack is removing, else what is not in force yet. */
function withoutOne(
  site: Site,
  candidates: readonly Candidate[],
  conflict: AccessConflict,
  wish: RuleWish | undefined,
): Candidate[] {
  const involved = conflict.rules
    .map((key) => candidates.find((candidate) => candidate.key === key))
    .filter((candidate) => candidate !== undefined);
  const leaving = involved.find((candidate) => isLeaving(candidate, wish));
  if (leaving) return candidates.filter((candidate) => candidate !== leaving);
  if (wish && conflict.rules.includes(wish.key))
    throw fault("ACCESS_CONFLICT", { object: wish.key, summary: describeConflict(conflict) });
  const pending = involved.find((candidate) => candidate.isPending);
  const rejected = pending ?? involved.at(-1);
  if (!rejected) throw fault("ACCESS_CONFLICT", { summary: describeConflict(conflict) });
  const { live } = rejected.record;
  const former = rejected.isPending && live ? [candidateOf(site, rejected.record, live, false)] : [];
  return [...candidates.filter((candidate) => candidate !== rejected), ...former];
}

/** A rule of the same stack whose key is no longer in the stack's claims: its own removal is only a moment away. */
function isLeaving({ key, record }: Candidate, wish: RuleWish | undefined): boolean {
  return wish?.keys !== undefined && isOfStack(record, wish) && !wish.keys.includes(key);
}

// ---- records ---------------------------------------------------------------------------------------------------------------

/** With the network of every client: another stack that compiles the rule along may have another default. */
export function qualified(site: Site, spec: AccessRuleSpec): AccessRuleSpec {
  return { ...spec, clients: spec.clients.map((client) => (client.includes("@") ? client : `${client}@${defaultNet(site)}`)) };
}

/** Notes the wish before the lock is taken, so that whoever holds it compiles this rule along. */
export function pendingRecord(site: Site, wish: RuleWish, record: RuleRecord | undefined): RuleRecord {
  const live = record?.live;
  return {
    format: 1,
    kind: "lustre.access-rule",
    key: wish.key,
    ...managedBy(wish, site.fileSystem.owner),
    ...defined({ live }),
    pending: ruleMessage.write(qualified(site, wish.spec)),
    ...policyOf(site),
  };
}

/** From now on it opens nothing, whoever compiles it. */
export function leavingRecord(site: Site, { revocation: _, ...record }: RuleRecord): RuleRecord {
  return { ...record, leaving: true, ...policyOf(site) };
}

/** What becomes of what the rule gave when it is taken away; another stack may be the one that does it. */
function policyOf({ fileSystem: { revocation } }: Site): Pick<RuleRecord, "revocation"> {
  return revocation === "lazy" ? {} : { revocation };
}

/** Once everything is in force: the wish is what is live. */
export function confirmRule(site: Site, record: RuleRecord): Step[] {
  if (!record.pending) return [];
  const { pending, ...rest } = record;
  return [writeRecord(site, "rules", { ...rest, live: pending })];
}

/** A refused wish goes, what was in force stays. */
export function withdrawRule(site: Site, record: RuleRecord): Step {
  const { pending: _, ...rest } = record;
  return record.live ? writeRecord(site, "rules", rest) : removeRecord(site, "rules", record.key);
}
