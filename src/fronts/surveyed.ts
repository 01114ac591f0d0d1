// What a comparison of a stack with the storage finds, object by object.
import type { Check } from "../core/check";
import { ShareError } from "../core/errors";
import type { Difference, Step } from "../core/plan";
import type { StackObject } from "./stack";

/**
 * good: as described. new: not applied yet. changed: the code differs from what was applied, Terraform's own plan shows it.
 * drifted: the storage differs from what was applied, Terraform cannot see it. leaving: no construct asks for it any more.
 * refused: an apply would be refused. unknown: some properties only an apply can tell.
 */
export type Verdict = "good" | "new" | "changed" | "drifted" | "leaving" | "refused" | "unknown";

/** `Sight`: what its system has found out about it. */
export interface SurveyedObject<Sight = unknown> {
  kind: string;
  key: string;
  /** Where it is, of one whose key the stack has in several places. */
  at?: string | undefined;
  verdict: Verdict;
  differences: Difference[];
  steps: Step[];
  refusal?: ShareError;
  object?: StackObject;
  /** Absent where nothing could be found out. */
  sight?: Sight;
}

export interface Survey {
  objects: SurveyedObject[];
  /** What an apply of any rule would do: access is compiled as a whole. */
  accessSteps: Step[];
  /** What would keep an apply from its first change. */
  notes: string[];
  /** Who keeps access that is taken from him, and for whom else something is done; notes say the same to people. Absent: nobody. */
  kept?: KeptAccess[];
  touched?: TouchedAccess[];
}

/** Clients that an ending of access does not reach. */
export interface KeptAccess {
  clients: string[];
  /** What they keep; absent where nothing tells what they have mounted. */
  path?: string;
  /** mounted: what they have mounted. writing: that they may write what they have mounted. rule: another rule gives it to them. connected: no rule lets them in. */
  by: "mounted" | "writing" | "rule" | "connected";
  revocation?: string;
  /** What else they may still mount. */
  left?: string[];
  rule?: string;
  owner?: string;
}

/** What an apply would do for clients of a rule of somebody else. */
export interface TouchedAccess {
  rule: string;
  owner: string;
  effect: string;
  clients: string[];
}

/** Whether an apply would change something. */
export function hasWork(objects: readonly SurveyedObject[]): boolean {
  return objects.some(({ verdict }) => !["good", "refused", "leaving"].includes(verdict));
}

/** What would keep an apply from its first change. */
export function notesOf(checks: readonly Check[], storage: string, preflight: "enforce" | "warn"): string[] {
  const bad = checks.filter(({ verdict }) => verdict === "bad");
  if (bad.length === 0) return [];
  const outcome = preflight === "enforce" ? "refused; see `sharewright doctor`" : "made at your own risk (preflight: warn)";
  return [...bad.map(({ about, found }) => `${about}: ${found}`), `as ${storage} is now, a first change would be ${outcome}`];
}

/** Stands for the id of a claim that Terraform has not made yet: it owns nothing. */
export const noClaim = "not-applied-yet";

export function verdictOf(object: StackObject, hasWork: boolean): Verdict {
  if (object.isNew) return "new";
  if (object.changed.length > 0) return "changed";
  return hasWork ? "drifted" : "good";
}

type Known<Sight> = Pick<SurveyedObject, "kind" | "key"> & Partial<SurveyedObject<Sight>>;

/** Keys with their places where a stack has them in several. */
export function toldApart(objects: readonly SurveyedObject[]): SurveyedObject[] {
  const first = new Map(objects.map(({ kind, key, at }) => [`${kind} ${key}`, at]));
  const several = new Set(objects.flatMap(({ kind, key, at }) => (first.get(`${kind} ${key}`) === at ? [] : [`${kind} ${key}`])));
  return objects.map(({ at, ...object }) => (several.has(`${object.kind} ${object.key}`) ? { ...object, at } : object));
}

/** A key as people are told it. */
export function keyText({ key, at }: Pick<SurveyedObject, "key" | "at">): string {
  return at === undefined ? key : `${key} (${at})`;
}

/** An object of which nothing is known but its verdict. */
export function bare<Sight>(known: Known<Sight>, verdict: Verdict): SurveyedObject<Sight> {
  return { differences: [], steps: [], ...known, verdict };
}

/** A refusal is the result of that object alone; any other error ends the command. */
export function refused<Sight>(known: Known<Sight>, error: unknown): SurveyedObject<Sight> {
  if (!ShareError.isShareError(error)) throw error;
  return { ...bare(known, "refused"), steps: [], refusal: error };
}
