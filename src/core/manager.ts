// Who manages an object. Its claim decides, and the random id of the claim's stack; labels are for people.
import { fault, type ShareError } from "./errors";

/** Who asks. */
export interface Asker {
  claim: string;
  /** Random id of its stack, which Terraform's state keeps; undefined where the request does not say. */
  stack?: string | undefined;
}

/** What a record says. */
export interface Managed {
  /** Absent when nobody manages it: kept, or released. */
  claim?: string | undefined;
  stack?: string | undefined;
  /** Label of the stack. */
  owner: string;
}

/** By its claim, or by its stack: that has kept it, or its claim was replaced without a hook (`terraform taint`). */
export function isOurs({ claim, stack }: Managed, asker: Asker): boolean {
  return claim === asker.claim || isOfStack({ stack }, asker);
}

export function isOfStack({ stack }: Pick<Managed, "stack">, asker: Pick<Asker, "stack">): boolean {
  return stack !== undefined && stack === asker.stack;
}

/** What a record says from now on. */
export function managedBy({ claim, stack }: Asker, owner: string): Managed & { claim: string } {
  return { claim, stack, owner };
}

export function managerText({ claim, owner }: Managed): string {
  return claim === undefined ? `"${owner}", who kept it` : `claim ${claim} of "${owner}"`;
}

/** What is told where a record is changed, and nothing on the storage shows it. */
export function protectionNews(before: unknown, after: unknown): string[] {
  if (Boolean(before) === Boolean(after)) return [];
  return [after ? "protect it from being removed" : "let it be removed again: deletion protection is lifted"];
}

export function policyNews(before: string, after: string): string[] {
  return before === after ? [] : [`when it is removed: ${after}, no longer ${before}`];
}

/** Whom it is taken over from; and of what nobody has managed meanwhile, that it comes back with what it holds. */
export function takenFrom(record: Managed, held: string): string {
  return `from ${managerText(record)}${record.claim === undefined ? `: it comes back and holds ${held}` : ""}`;
}

/** Why a removal leaves it alone; and, since nothing else will remove it, how that is done where its stack has lost its claim. */
export function leftAlone(record: Managed, owner: string): string {
  if (record.claim === undefined) return "let go of before, left alone";
  const lost =
    "if that was this stack before it lost its state: it stays until it is adopted (adopt: true, apply) and then removed";
  return `managed elsewhere, by ${managerText(record)}, left alone${record.owner === owner ? `; ${lost}` : ""}`;
}

/** What a stack knows of its own. */
export interface Knowing {
  id?: string | undefined;
  /** Ids of the claims in its state. */
  claims: ReadonlySet<string>;
}

/** Why no claim of the stack explains an object; undefined where one does. */
export function unclaimed(record: Managed, { id, claims }: Knowing): string | undefined {
  if (record.claim === undefined) return `kept or released by "${record.owner}": nobody manages it`;
  if (claims.has(record.claim)) return undefined;
  if (isOfStack(record, { stack: id }))
    return "of this stack, whose claim went without a hook (terraform taint, state rm): describe it and apply, then remove it";
  return `managed by ${managerText(record)}: another stack, or this one before its state was lost (adopt: true has it back)`;
}

interface Elsewhere {
  object: string;
  /** "the share", "the access rule". */
  what: string;
  record: Managed;
  /** Label of the stack that asks. */
  owner: string;
  /** Property that gives the object another name. */
  nameProperty: string;
  /** Where `adopt` is set, if not on itself. */
  on?: string;
}

export function managedElsewhere({ object, what, record, owner, nameProperty, on = "" }: Elsewhere): ShareError {
  const isNamesake = record.owner === owner ? ": another stack of this label, or this stack before its state was lost" : "";
  return fault("MANAGED_ELSEWHERE", {
    object,
    summary: `${what} is managed by ${managerText(record)}${isNamesake}`,
    fix: `if that stack is gone or has lost its state, set adopt: true${on && ` ${on}`}; else remove it there first, or choose another ${nameProperty}`,
  });
}
