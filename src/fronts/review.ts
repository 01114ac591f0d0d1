// What a plan of Terraform does to shares, access and data. A removal is a claim that goes: all else that Terraform destroys or replaces is an update.
import { fault } from "../core/errors";
import { spelled } from "../spec/message";
import type { Properties } from "../spec/property";
import type { PlanJson, PlannedResource, Value } from "./plan-json";

/** In the order in which they are told. */
export const changeKinds = [
  "goes",
  "retained",
  "left",
  "closed",
  "opened",
  "altered",
  "resized",
  "changed",
  "adopted",
  "made",
  "moved",
] as const;

export interface Change {
  is: (typeof changeKinds)[number];
  what: Noun;
  key: string;
  /** Which one, of several of that key: as its block of claims is called. */
  at?: string;
  /** Of the resource that says it. */
  address: string;
  /** Undefined: whatever was applied last. */
  policy?: string;
  /** The policy is what the code said last, and the share may still have the one before. */
  unproven?: true;
  /** Its hook refuses. */
  protected?: true;
  size?: string;
  /** Clients or common names; undefined: as was applied last. */
  who?: readonly string[];
  level?: string;
  properties?: readonly Difference[];
  /** Address before, of one that moves. */
  from?: string;
  /** Its claim is replaced: what goes is made anew. */
  again?: true;
}

interface Difference {
  property: string;
  from: string;
  to: string;
}

export interface Review {
  changes: Change[];
  /** Applied resources that are replaced, or go without their claim. */
  harmless: number;
  /** Claims and applied resources in the plan. */
  resources: number;
  notes: string[];
}

export type Noun = "share" | "rule" | "snapshot";

/** What a review has to know of a kind. */
export interface Reviewed {
  list: `${Noun}s`;
  properties: Properties;
  /** Which of them says who is let in. */
  who?: string;
}

type Kinds = Readonly<Record<string, Reviewed>>;
type Values = NonNullable<PlannedResource["before"]>;

/** A claim with its applied resources. */
interface Subject {
  claim: PlannedResource;
  kind: Reviewed;
  what: Noun;
  key: string;
  old: PlannedResource | undefined;
  next: PlannedResource | undefined;
}

/** Pure. @throws VERSION where the plan has objects of a kind that is not known */
export function review({ resources, notes }: PlanJson, kinds: Kinds): Review {
  const claims = resources.filter(isClaim);
  const applied = resources.filter((resource) => (resource.hook && !isClaim(resource)) || isLeftApplied(resource, claims));
  const subjects = subjectsOf(claims, applied, kinds);
  const removed = new Set(subjects.filter(({ claim }) => fateOf(claim) !== "stays").map(({ old }) => old));
  const isSeveral = severalIn(subjects);
  const changes = subjects.flatMap((subject) => {
    const at = isSeveral(subject) ? { at: placeOf(subject.claim.block) } : {};
    return changesOf(subject).map((change) => ({ ...change, ...at }));
  });
  return {
    changes: changeKinds.flatMap((kind) => changes.filter(({ is }) => is === kind).sort(byKey)),
    harmless: applied.filter((resource) => ends(resource) && !removed.has(resource)).length,
    resources: claims.length + applied.length,
    notes,
  };
}

/** What a pipeline stops at. */
export const gates = ["data", "access", "never"] as const;
export type Gate = (typeof gates)[number];

const accessKinds: readonly Change["is"][] = ["retained", "closed", "opened", "altered"];

/** Whether data goes comes first, whatever else changes. */
export function exitAt(gate: Gate, { changes }: Pick<Review, "changes">): number {
  if (gate === "never") return 0;
  if (changes.some(({ is }) => is === "goes")) return 10;
  return gate === "access" && changes.some(({ is }) => accessKinds.includes(is)) ? 11 : 0;
}

const byKey = (a: Change, b: Change) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);

// ---- what belongs together ---------------------------------------------------------------------------------------------------

const nouns: readonly string[] = ["share", "rule", "snapshot"] satisfies Noun[];

/** The one trigger of a claim is its own key; also of one whose block has left the code. */
function isClaim({ hook, before, index }: PlannedResource): boolean {
  if (hook) return hook.action === "destroy";
  const [[name, value] = ["", undefined], ...others] = Object.entries(before ?? {});
  return others.length === 0 && nouns.includes(name) && value !== undefined && value.raw === index;
}

function isLeftApplied({ hook, before }: PlannedResource, claims: readonly PlannedResource[]): boolean {
  const id = before?.["claim"]?.raw;
  return !hook && id !== undefined && claims.some((claim) => claim.id === id);
}

function subjectsOf(claims: readonly PlannedResource[], applied: readonly PlannedResource[], kinds: Kinds): Subject[] {
  const olds = new Map(applied.map((resource) => [resource.before?.["claim"]?.raw, resource]));
  const nexts = new Map(
    applied.flatMap((resource) => (resource.after ? claimsReferredTo(resource).map((claim) => [claim, resource] as const) : [])),
  );
  return claims.map((claim) => {
    const key = claim.index ?? "";
    const { kind, what } = kindOf(claim, kinds);
    return { claim, kind, what, key, old: olds.get(claim.id ?? ""), next: nexts.get(`${claim.block}[${key}]`) };
  });
}

/** An applied resource takes its claim's id from a local that is named for the block of claims. */
function claimsReferredTo({ block, hook }: PlannedResource): string[] {
  const parts = block.split(".");
  const blocks = (hook?.references ?? []).flatMap((reference) => /^local\.(.+)_ids$/.exec(reference)?.[1] ?? []);
  return blocks.map((name) => `${[...parts.slice(0, -1), name].join(".")}[${hook?.key}]`);
}

/** Whether another block of claims has the key as well. */
function severalIn(subjects: readonly Subject[]): (subject: Subject) => boolean {
  const nameOf = ({ what, key }: Subject) => `${what} ${key}`;
  const last = new Map(subjects.map((subject) => [nameOf(subject), subject.claim.block]));
  const several = new Set(subjects.filter((subject) => last.get(nameOf(subject)) !== subject.claim.block).map(nameOf));
  return (subject) => several.has(nameOf(subject));
}

/** Blocks are called after the file system, or the site of clusters; a module may have the same. */
const placeOf = (block: string) => block.replace(/[a-z_]+\.([\w-]+?)_[a-z]+_claims$/, "$1");

function kindOf({ hook, before, after, address }: PlannedResource, kinds: Kinds): { kind: Reviewed; what: Noun } {
  const [noun = ""] = Object.keys(before ?? after ?? {});
  // A block that has left the code says no more than what its claims are.
  const known = hook ? kinds[hook.kind] : Object.values(kinds).find(({ list }) => list === `${noun}s`);
  if (known) return { kind: known, what: known.list.slice(0, -1) as Noun };
  throw fault("VERSION", {
    summary: `the plan has objects of the kind ${hook?.kind ?? noun}, which are not known here`,
    object: address,
    fix: "review it with the version of sharewright that the stack was synthesized with",
  });
}

// ---- what becomes of a claim -------------------------------------------------------------------------------------------------

const ends = ({ actions }: PlannedResource) => actions.includes("delete") || actions.includes("forget");

/** "removed": its hook runs. "left": it goes, and none runs. */
function fateOf(claim: PlannedResource): "stays" | "removed" | "left" {
  if (!ends(claim)) return "stays";
  // Terraform runs no destroy hook of a block that is not in the code, of a tainted resource, nor where the new one comes first.
  const hookRuns = claim.actions[0] === "delete" && !claim.tainted;
  if (hookRuns && !/no_resource_config|no_module/.test(claim.reason)) return "removed";
  // The stack knows its own objects, by its own id, whatever claim has them.
  return claim.actions.includes("create") ? "stays" : "left";
}

function changesOf(subject: Subject): Change[] {
  const { claim, what, key, old, next } = subject;
  const about = { what, key, address: claim.address };
  const fate = fateOf(claim);
  if (fate === "left") return [{ ...about, is: "left" }];
  if (fate === "removed") return removalOf(subject);
  const moved = movedOf(subject);
  const after = next?.after;
  if (!next || !after) return moved;
  // What was not finished is no state to compare with.
  const before = old && !old.tainted ? old.before : undefined;
  const made = before ? differenceChanges(subject, before, after) : newChanges(subject, after);
  return [...made, ...moved].map((change) => ({ ...change, address: next.address }));
}

function removalOf(subject: Subject): Change[] {
  const { claim, what, key, old, next } = subject;
  const again = claim.actions.includes("create");
  const about = { what, key, address: claim.address, ...(again ? { again: true as const } : {}) };
  // Of an apply that failed nobody knows how far it came.
  const last = old && !old.tainted ? old.before : undefined;
  if (what === "rule") {
    const opened = again && next?.after ? [{ ...grantOf(subject, next.after), is: "opened" as const, again: true as const }] : [];
    return [{ ...about, ...grantOf(subject, last ?? {}), is: "closed" }, ...opened];
  }
  if (what === "snapshot") return [{ ...about, is: "goes" }];
  const size = old?.before?.["size"]?.shown;
  const policy = last?.["removal_policy"];
  const known = policy?.plain ? { policy: policy.shown } : claim.policy ? { policy: claim.policy, unproven: true as const } : {};
  const protection = last?.["deletion_protection"] ? { protected: true as const } : {};
  const told = { ...about, ...known, ...protection, ...(size === undefined ? {} : { size }) };
  return [{ ...told, is: policy?.plain && policy.raw === "retain" ? "retained" : "goes" }];
}

function movedOf({ claim, what, key, old, next }: Subject): Change[] {
  const to = next ?? claim;
  const from = next?.previous ?? (old && next && old !== next ? old.address : undefined) ?? claim.previous;
  return from === undefined ? [] : [{ is: "moved", what, key, address: to.address, from }];
}

function newChanges(subject: Subject, after: Values): Change[] {
  const { what, key, claim, next } = subject;
  if (what === "rule") return [{ ...grantOf(subject, after), is: "opened" }];
  const [size, policy] = [after["size"]?.shown, after["removal_policy"]?.shown];
  const told = { what, key, address: claim.address, ...(size ? { size } : {}), ...(policy ? { policy } : {}) };
  return [{ ...told, is: next?.hook?.action === "adopt" ? "adopted" : "made" }];
}

// ---- what differs ------------------------------------------------------------------------------------------------------------

function differenceChanges(subject: Subject, before: Values, after: Values): Change[] {
  const { what, key, claim, kind } = subject;
  const about = { what, key, address: claim.address };
  const names = Object.keys(kind.properties)
    .map(spelled)
    .filter((name) => differs(before[name], after[name]));
  // Who owns a rule's record lets nobody in.
  const isOf = (name: string) => (name === "size" ? "resized" : what === "rule" && name !== "adopt" ? "altered" : "changed");
  const who = names.includes(whoOf(kind)) ? whoChanges(subject, before, after) : undefined;
  const others = (["altered", "resized", "changed"] as const).flatMap((is): Change[] => {
    const of = names.filter((name) => isOf(name) === is && !(who && name === whoOf(kind)));
    const properties = of.map((name) => ({ property: name, from: before[name]?.shown ?? "-", to: after[name]?.shown ?? "-" }));
    return of.length === 0 ? [] : [{ ...about, is, properties }];
  });
  return [...(who ?? []), ...others];
}

function differs(before: Value | undefined, after: Value | undefined): boolean {
  return before !== after && (before?.raw !== after?.raw || (after !== undefined && after.raw === undefined));
}

/** Those who come and go; undefined where they may not or cannot be told. */
function whoChanges(subject: Subject, before: Values, after: Values): Change[] | undefined {
  const [old, now] = [grantOf(subject, before), grantOf(subject, after)];
  const plain = [before, after].every((values) => values[whoOf(subject.kind)]?.plain);
  if (!plain || !old.who || !now.who) return undefined;
  const gone = old.who.filter((one) => !now.who?.includes(one));
  const come = now.who.filter((one) => !old.who?.includes(one));
  return [
    ...(gone.length > 0 ? [{ ...old, is: "closed" as const, who: gone }] : []),
    ...(come.length > 0 ? [{ ...now, is: "opened" as const, who: come }] : []),
  ];
}

function grantOf({ what, key, claim, kind }: Subject, values: Values): Omit<Change, "is"> {
  const [who, level] = [values[whoOf(kind)], values["level"]];
  const read = who?.plain ? kind.properties[kind.who ?? ""]?.read(who.shown) : undefined;
  const list = read === undefined ? who && [who.shown] : [read].flat().map(String);
  return { what, key, address: claim.address, ...(list ? { who: list } : {}), ...(level ? { level: level.shown } : {}) };
}

const whoOf = ({ who = "" }: Reviewed) => spelled(who);
