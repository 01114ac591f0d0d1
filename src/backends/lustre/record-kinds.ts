// The kinds of records, and what each may hold: a table of its fields, judged by hand, since a hook may have to read thousands of records. Pure.
import { type Revocation, type RuleTexts, revocations, ruleMessage, type ShareTexts, shareMessage } from "../../spec/lustre";
import { isFields, type Misfit } from "../../spec/message";
import { fault } from "./faults";

interface Common {
  format: 1;
  key: string;
  /** Id of the claim that owns the object; absent when nobody does (retained or released). */
  claim?: string | undefined;
  /** Random id of the stack that it is or was of; records of earlier versions have none. */
  stack?: string | undefined;
  /** Label of that stack, for people. */
  owner: string;
}

/**
 * creating: not yet shown to anybody. ready: in use. leaving: its access is being closed, its removal has begun.
 * deleting: its data is in the trash and being deleted. unowned: kept, managed by nobody. trashed: kept in the trash.
 */
const shareStates = ["creating", "ready", "leaving", "deleting", "unowned", "trashed"] as const;

export interface ShareRecord extends Common {
  kind: "lustre.share";
  state: (typeof shareStates)[number];
  /** Absent only while the first id is being claimed. */
  projectId?: number | undefined;
  adopted?: true | undefined;
  /** Limits before a shrink that is not yet confirmed: "blockSoft blockHard inodeSoft inodeHard". */
  before?: string | undefined;
  /** Its access was closed for a removal that did not come about: rules that are still there have to come into force again. */
  closed?: true | undefined;
  spec: ShareTexts;
}

export interface RuleRecord extends Common {
  kind: "lustre.access-rule";
  /** What is in force. */
  live?: RuleTexts | undefined;
  /** What its hook asks for and nobody has confirmed yet. */
  pending?: RuleTexts | undefined;
  /** Its removal has begun. */
  leaving?: true | undefined;
  /** What its stack wants of what is taken from clients; absent: they keep it. */
  revocation?: Revocation | undefined;
}

/** A nodemap of ours. One that no such record names is never touched. */
export interface NodemapRecord {
  format: 1;
  kind: "lustre.nodemap";
  key: string;
  fsName: string;
  /** IPv6 prefixes given to it: `get_param` prints them without their length (golden d075). */
  prefixes?: string[] | undefined;
}

/** Clients cut off and not yet let in again. */
export interface BansRecord {
  format: 1;
  kind: "lustre.bans";
  key: "banlist";
  ranges: string[];
  /** What those may have mounted that stay banned until somebody lifts it: "rw /shares/a" to ranges. */
  held?: Record<string, string[]> | undefined;
}

export type AnyRecord = ShareRecord | RuleRecord | NodemapRecord | BansRecord;

// ---- judging them ----------------------------------------------------------------------------------------------------------

/** undefined where a value fits. A field that is not there is undefined. */
type Field = (value: unknown) => Misfit | undefined;

const fitting =
  (fits: (value: unknown) => boolean, why: string): Field =>
  (value) =>
    fits(value) ? undefined : { at: "", why };

const text = fitting((value) => typeof value === "string", "it is no text");
const whole = fitting(Number.isSafeInteger, "it is no whole number");
const oneOf = (values: readonly unknown[]) => fitting((value) => values.includes(value), `it is not one of ${values.join(", ")}`);
const only = (value: unknown) => oneOf([value]);

const maybe =
  (field: Field): Field =>
  (value) =>
    value === undefined ? undefined : field(value);

const within = (name: string, { at, why }: Misfit): Misfit => ({ at: at === "" ? name : `${name}.${at}`, why });

/** Judges each part of something that has some. */
function misfitAmong(parts: Iterable<[name: string | number, part: unknown]>, field: Field): Misfit | undefined {
  for (const [name, part] of parts) {
    const misfit = field(part);
    if (misfit) return within(String(name), misfit);
  }
  return undefined;
}

const listOf =
  (field: Field): Field =>
  (value) =>
    Array.isArray(value) ? misfitAmong(value.entries(), field) : { at: "", why: "it is no list" };

const namesWith =
  (field: Field): Field =>
  (value) =>
    isFields(value) ? misfitAmong(Object.entries(value), field) : { at: "", why: "it has no fields" };

type Fields<R> = { readonly [K in keyof Required<R>]: Field };

/** Of what has fields; `kind` has told which. */
function fieldsOf<R>(table: Omit<Fields<R>, "kind">): Field {
  const fields = Object.entries<Field>({ ...table, kind: text });
  const known = new Set(fields.map(([name]) => name));
  return (value) => {
    const held = value as Readonly<Record<string, unknown>>;
    for (const [name, field] of fields) {
      const misfit = field(held[name]);
      if (misfit) return within(name, misfit);
    }
    const unknown = Object.keys(held).find((name) => !known.has(name));
    return unknown === undefined ? undefined : { at: unknown, why: "nobody knows it" };
  };
}

const common: Fields<Common> = { format: only(1), key: text, claim: maybe(text), stack: maybe(text), owner: text };
const texts = listOf(text);
const marked = maybe(only(true));
const ruleTexts = maybe((value) => ruleMessage.read(value).misfit);

const kinds: Readonly<Record<AnyRecord["kind"], Field>> = {
  "lustre.share": fieldsOf<ShareRecord>({
    ...common,
    state: oneOf(shareStates),
    projectId: maybe(whole),
    adopted: marked,
    before: maybe(text),
    closed: marked,
    spec: (value) => shareMessage.read(value).misfit,
  }),
  "lustre.access-rule": fieldsOf<RuleRecord>({
    ...common,
    live: ruleTexts,
    pending: ruleTexts,
    leaving: marked,
    revocation: maybe(oneOf(revocations)),
  }),
  "lustre.nodemap": fieldsOf<NodemapRecord>({ format: only(1), key: text, fsName: text, prefixes: maybe(texts) }),
  "lustre.bans": fieldsOf<BansRecord>({
    format: only(1),
    key: only("banlist"),
    ranges: texts,
    held: maybe(namesWith(texts)),
  }),
};

const ofAnyKind: Field = (value) => {
  if (!isFields(value)) return { at: "", why: "it has no fields" };
  const { kind } = value;
  const field = typeof kind === "string" && Object.hasOwn(kinds, kind) ? kinds[kind as AnyRecord["kind"]] : undefined;
  return field ? field(value) : { at: "kind", why: `it is not one of ${Object.keys(kinds).join(", ")}` };
};

/** Reads one record. Its text stays as written: checked, not transformed. `where` of many: as far as the text tells. */
export function parseRecord(line: string, where: string | ((value: unknown) => string)): AnyRecord {
  let value: unknown;
  const place = () => (typeof where === "string" ? where : where(value));
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw fault("RECORD_BROKEN", { summary: `a record in ${place()} is not JSON`, said: line.slice(0, 200), cause });
  }
  const misfit = ofAnyKind(value);
  if (!misfit) return value as AnyRecord;
  throw fault("RECORD_BROKEN", {
    summary: `a record in ${place()} has a bad "${misfit.at}": ${misfit.why}`,
    said: line.slice(0, 200),
  });
}
