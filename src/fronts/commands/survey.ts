// Compares a stack with the storage, object by object: what plan and status show and repair mends. Changes nothing.
import { type RuleWish, intervalsOf, pendingRecord, planAllAccess } from "../../backends/lustre/access";
import type { SeenAccess } from "../../backends/lustre/access-observe";
import type { AccessFeatures } from "../../backends/lustre/access-compiler";
import { type Difference, accessDifferences, nodemapsOf, recordDifferences, shareDifferences } from "../../backends/lustre/differences";
import { type Inventory, inspectAccess, readInventory } from "../../backends/lustre/inspect";
import { infrastructureIntervals } from "../../backends/lustre/preflight";
import type { RuleRecord, ShareRecord } from "../../backends/lustre/records";
import { observeShare, recordedSpec, type SeenShare } from "../../backends/lustre/share-observe";
import { previewRemoval, previewShare } from "../../backends/lustre/share-preview";
import type { Site } from "../../backends/lustre/site";
import { ShareError } from "../../core/errors";
import type { Step } from "../../core/plan";
import { type AccessRuleSpec, type ShareSpec, shareProperties } from "../../spec/lustre";
import { readRule, readShare } from "../request";
import type { LeavingObject, Stack, StackObject } from "../stack";

/**
 * good: as described. new: not applied yet. changed: the code differs from what was applied, Terraform's own plan shows it.
 * drifted: the storage differs from what was applied, Terraform cannot see it. leaving: no construct asks for it any more.
 * refused: an apply would be refused. unknown: some properties only an apply can tell.
 */
export type Verdict = "good" | "new" | "changed" | "drifted" | "leaving" | "refused" | "unknown";

export interface SurveyedObject {
  kind: StackObject["kind"];
  key: string;
  verdict: Verdict;
  differences: Difference[];
  steps: Step[];
  refusal?: ShareError;
  object?: StackObject;
  share?: { spec: ShareSpec; seen: SeenShare };
  rule?: { spec: AccessRuleSpec; nodemaps: string[]; inForce: boolean };
}

export interface Survey {
  objects: SurveyedObject[];
  /** What an apply of any rule would do: access is compiled as a whole. */
  accessSteps: Step[];
}

const noClaim = "(not applied yet)";

/** Everything of a stack on one file system. `onProgress` hears of each object before it is looked at. */
export async function survey(site: Site, stack: Stack, onProgress: (key: string) => void): Promise<Survey> {
  const mine = <T extends { fileSystem: { fsName: string } }>(things: readonly T[]) => things.filter(({ fileSystem }) => fileSystem.fsName === site.fileSystem.fsName);
  const [objects, leaving] = [mine(stack.objects), mine(stack.leaving)];
  const inventory = await readInventory(site);
  const shares: SurveyedObject[] = [];
  // Ids that shares before it in this plan would take.
  const promised = new Set<number>();
  for (const object of objects.filter(({ kind }) => kind === "lustre.share")) {
    onProgress(object.key);
    shares.push(await surveyShare({ ...site, fileSystem: object.fileSystem }, object, promised));
  }
  for (const object of leaving.filter(({ kind }) => kind === "lustre.share")) {
    onProgress(object.key);
    shares.push(...(await surveyLeavingShare({ ...site, fileSystem: object.fileSystem }, object, inventory)));
  }
  onProgress("access");
  const access = await surveyAccess(site, stack, inventory, objects, leaving, shares);
  return { objects: [...shares, ...access.rules], accessSteps: access.steps };
}

// ---- shares ----------------------------------------------------------------------------------------------------------------

async function surveyShare(site: Site, object: StackObject, promised: Set<number>): Promise<SurveyedObject> {
  const base = { kind: object.kind, key: object.key, object };
  if (object.unknown.length > 0) return { ...base, verdict: "unknown", differences: [], steps: [] };
  return refusable(base, async () => {
    const { spec } = readShare(JSON.stringify({ ...object.triggers, claim: object.claim ?? noClaim }), object.key);
    const seen = withOwnId(await observeShare(site, object.key, spec), promised);
    const share = { spec, seen };
    const differences = shareDifferences(spec, seen);
    return refusable({ ...base, share, differences }, async () => {
      const steps = previewShare(site, { key: object.key, claim: object.claim ?? noClaim, spec }, seen);
      return { ...base, share, differences, steps, verdict: verdictOf(object, steps.length + differences.length > 0 || !seen.record) };
    });
  });
}

/** Shares that are planned together take different ids; which ones is known when they are applied. */
function withOwnId(seen: SeenShare, promised: Set<number>): SeenShare {
  let id = seen.freeId;
  if (id === undefined) return seen;
  while (promised.has(id)) id += 1;
  promised.add(id);
  return { ...seen, freeId: id };
}

function verdictOf(object: StackObject, hasWork: boolean): Verdict {
  if (object.isNew) return "new";
  if (object.changed.length > 0) return "changed";
  return hasWork ? "drifted" : "good";
}

/** A refusal is the result of that object alone. */
async function refusable(base: Pick<SurveyedObject, "kind" | "key"> & Partial<SurveyedObject>, work: () => Promise<SurveyedObject>): Promise<SurveyedObject> {
  try {
    return await work();
  } catch (error) {
    if (!ShareError.isShareError(error)) throw error;
    return { differences: [], ...base, verdict: "refused", steps: [], refusal: error };
  }
}

async function surveyLeavingShare(site: Site, { kind, key, claim }: LeavingObject, { shares }: Inventory): Promise<SurveyedObject[]> {
  const leaving: SurveyedObject = { kind, key, verdict: "leaving", differences: [], steps: [] };
  const record = shares.find((share) => share.key === key && share.claim === claim);
  if (!record) return [leaving];
  const seen = await observeShare(site, key, undefined);
  return [{ ...leaving, steps: previewRemoval(site, key, seen), share: { spec: recordedSpec(record), seen } }];
}

// ---- access ----------------------------------------------------------------------------------------------------------------

interface WantedRule {
  object: StackObject;
  wish: RuleWish;
}

async function surveyAccess(site: Site, stack: Stack, inventory: Inventory, objects: readonly StackObject[], leaving: readonly LeavingObject[], shares: readonly SurveyedObject[]) {
  const rules = objects.filter(({ kind }) => kind === "lustre.access-rule");
  const gone = leaving.filter(({ kind }) => kind === "lustre.access-rule");
  if (rules.length + gone.length === 0) return { rules: [], steps: [] };
  const surveyed: SurveyedObject[] = gone.map(({ kind, key }) => ({ kind, key, verdict: "leaving", differences: [], steps: [] }));
  const wanted: WantedRule[] = [];
  for (const object of rules) {
    const base = { kind: object.kind, key: object.key, object };
    if (object.unknown.length > 0) surveyed.push({ ...base, verdict: "unknown", differences: [], steps: [] });
    else {
      try {
        const { spec } = readRule(JSON.stringify({ ...object.triggers, claim: object.claim ?? noClaim }), object.key);
        wanted.push({ object, wish: { key: object.key, claim: object.claim ?? noClaim, spec, keys: stack.ruleKeys } });
      } catch (error) {
        if (!ShareError.isShareError(error)) throw error;
        surveyed.push({ ...base, verdict: "refused", differences: [], steps: [], refusal: error });
      }
    }
  }
  try {
    const { seen, features } = await inspectAccess(site, inventory);
    const after = { ...seen, records: foreseenRecords(site, inventory, wanted, gone, shares), infrastructure: await infrastructureIntervals(site) };
    surveyed.push(...wanted.map((rule) => surveyRule(site, rule, seen, after, features)));
    return { rules: surveyed.sort((a, b) => (a.key < b.key ? -1 : 1)), steps: planAllAccess(site, after, features).steps.filter((step) => !step.quiet) };
  } catch (error) {
    if (!ShareError.isShareError(error)) throw error;
    surveyed.push(...wanted.map(({ object }): SurveyedObject => ({ kind: object.kind, key: object.key, object, verdict: "refused", differences: [], steps: [], refusal: error })));
    return { rules: surveyed, steps: [] };
  }
}

/** The records as they would be once the whole stack has been applied. */
function foreseenRecords(site: Site, inventory: Inventory, wanted: readonly WantedRule[], gone: readonly LeavingObject[], shares: readonly SurveyedObject[]): Inventory {
  const keys = new Set([...wanted.map(({ wish }) => wish.key), ...gone.map(({ key }) => key)]);
  const leaving = new Set(shares.filter(({ verdict }) => verdict === "leaving").map(({ key }) => key));
  const ready = shares.flatMap(({ key, verdict, share }) => (share && verdict !== "leaving" ? [readyRecord(site, key, share.spec)] : []));
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
  return { format: 1, kind: "lustre.share", key, owner: site.fileSystem.owner, state: "ready", spec: shareProperties(spec) };
}

function recordOf(records: readonly RuleRecord[], key: string): RuleRecord | undefined {
  return records.find((record) => record.key === key);
}

function surveyRule(site: Site, { object, wish }: WantedRule, seen: Omit<SeenAccess, "infrastructure">, after: SeenAccess, features: AccessFeatures): SurveyedObject {
  const { key, kind } = object;
  const base = { key, kind, object, steps: [], differences: [] as Difference[] };
  try {
    const intervals = intervalsOf(wish.spec, site, key);
    const record = recordOf(seen.records.rules, key);
    const live = accessDifferences(key, wish.spec, intervals, seen.live, features);
    const differences = record ? [...recordDifferences(wish.spec, record), ...live] : [];
    const rule = { spec: wish.spec, nodemaps: nodemapsOf(intervals, seen.live).map(({ name }) => name), inForce: live.length === 0 };
    planAllAccess(site, after, features, wish);
    return { ...base, rule, differences, verdict: verdictOf(object, differences.length > 0 || !record) };
  } catch (error) {
    if (!ShareError.isShareError(error)) throw error;
    return { ...base, verdict: "refused", refusal: error };
  }
}
