// Rules of one stack that change together: what a rule's record says may be older than what its stack wants, because its own hook is still to
// come. Then it is taken as the stack wants it, as far as another hook can know that. Pure.
import { crypto } from "../../../core/crypto";
import { type NidInterval, rangeTexts } from "../../../spec/address";
import { defined } from "../../../spec/defined";
import { type AccessRuleSpec, isReference, type RuleIntent, ruleMessage } from "../../../spec/lustre";
import type { RuleRecord } from "../records";
import { subtract } from "./intervals";

type Properties = NonNullable<RuleRecord["live"]>;
type Rights = Pick<Properties, "level" | "squash" | "rbac" | "advisory_read_only">;

export interface Sibling {
  record: RuleRecord;
  /** As it is compiled now. */
  properties: Properties;
  intervals: readonly NidInterval[];
  /** As the code asks for it. */
  intent: RuleIntent;
}

/** The rule of the hook that asks, with all of its values. */
export interface Asking {
  intent: RuleIntent;
  /** With the network of every client. */
  spec: AccessRuleSpec;
}

/**
 * The record of a sibling as its stack wants it; undefined where that is no other than it is, or cannot be known. Its clients are known where the code
 * says those that the record has, or the same text as the asking rule. Elsewhere it is narrowed at once, but nobody is given more who might not be
 * its client any more: what it has in common with the `other` rule of the contradiction waits for its own hook, the rest stays as it is.
 */
export function asWanted(sibling: Sibling, asking: Asking, other: readonly NidInterval[]): RuleRecord | undefined {
  const { record, properties, intervals, intent } = sibling;
  const rights = rightsOf(intent, asking);
  if (!rights) return undefined;
  const { live, pending: _, ...rest } = record;
  const clients = clientsOf(sibling, asking) ?? (narrows(properties, rights) ? properties.clients : undefined);
  const { share, fileset } = properties;
  const pending: Properties =
    clients === undefined
      ? { ...properties, clients: textOf(subtract(intervals, other)) }
      : { share, fileset, clients, ...rights };
  // Nothing of it is left until its own hook comes.
  if (pending.clients === "") return rest;
  if (JSON.stringify(pending) === JSON.stringify(properties)) return undefined;
  return { ...rest, ...defined({ live }), pending };
}

/** In the order in which records have them, so that equal ones are equal texts. */
function rightsOf({ level, squash, rbac, advisory_read_only }: RuleIntent, asking: Asking): Rights | undefined {
  const known = !isReference(squash)
    ? squash
    : squash === asking.intent.squash
      ? ruleMessage.write(asking.spec).squash
      : undefined;
  if (known === undefined) return undefined;
  return { level, squash: known, ...defined({ rbac }), ...(advisory_read_only ? { advisory_read_only } : {}) };
}

function clientsOf({ record, properties, intent }: Sibling, asking: Asking): string | undefined {
  const recorded = [properties, record.live].find((one) => one && textDigest(one.clients) === intent.clients);
  if (recorded) return recorded.clients;
  return intent.clients === asking.intent.clients ? asking.spec.clients.join(", ") : undefined;
}

/** Whether rights are no more than others. A read-only fileset beside a writable one is more than read-only (golden k002). */
export function narrows(from: Rights, to: Rights): boolean {
  const height = ({ level, advisory_read_only }: Rights) => (level === "rw" ? 2 : advisory_read_only ? 1 : 0);
  const squashed = from.squash === to.squash || (from.squash === "none" && to.squash === "root");
  return squashed && from.rbac === to.rbac && height(to) <= height(from);
}

function textOf(intervals: readonly NidInterval[]): string {
  return intervals.flatMap(rangeTexts).join(", ");
}

/** As the constructs' `textDigest`. */
export function textDigest(text: string): string {
  return crypto().createHash("sha256").update(text).digest("base64url").slice(0, 12);
}
