// One property in both directions: what its text says, and the text of a value. Triggers and records hold texts, the executor works with values.
import type { Defined } from "./defined";
import { formatSize, parseSize } from "./size";

export interface Property<Value = unknown, Text extends string = string> {
  /** What to write where `read` makes nothing of a text. */
  readonly fix: string;
  read(text: string): Value | undefined;
  /** undefined where nothing is to be said. */
  write(value: Value): Text | undefined;
  /** The value where no text says any. A property that does not have this cannot be left out. */
  readonly absent?: Value | undefined;
  /** What constructs say for those who do not ask for it. */
  readonly usual?: Value;
  readonly sort?: Sort | undefined;
  /** Said when a hook is started, and nowhere else: it is no trigger, and no record keeps it. */
  readonly passing?: true;
}

/** What constructs need to know to ask for a property. One without a sort they ask for, and spell, in a way of their own. */
export type Sort =
  | { readonly is: "size"; readonly least: bigint; readonly unit: bigint }
  | { readonly is: "count"; readonly least: bigint; readonly most: bigint }
  | { readonly is: "choice"; readonly values: readonly string[] }
  | { readonly is: "flag" }
  | { readonly is: "note"; readonly most: number };

export interface Sorted<Value, Text extends string = string> extends Property<Value, Text> {
  readonly sort: Sort;
}

export type Properties = Readonly<Record<string, Property>>;

type ValueOf<P> = P extends { read(text: string): infer Value } ? Exclude<Value, undefined> : never;
/** The values of a table's properties. */
export type Values<T> = Defined<{
  [K in keyof T]: T[K] extends { readonly absent: undefined } ? ValueOf<T[K]> | undefined : ValueOf<T[K]>;
}>;

/** What texts say of a table's properties; undefined where one of them says nothing that can be used. */
export function readAll<T extends Properties>(table: T, textOf: (name: string) => string | undefined): Values<T> | undefined {
  const values: [string, unknown][] = [];
  for (const [name, property] of Object.entries(table)) {
    const text = textOf(name);
    const value = text === undefined ? property.absent : property.read(text);
    if (value !== undefined) values.push([name, value]);
    else if (text !== undefined || !("absent" in property)) return undefined;
  }
  return Object.fromEntries(values) as Values<T>;
}

/** Texts in the order of a table, each under its name as texts spell it; nothing where nothing is said. */
export function sayAll(
  table: Properties,
  say: (name: string, property: Property) => string | undefined,
  spell: (name: string) => string,
): Record<string, string> {
  const lasting = Object.entries(table).filter(([, { passing }]) => !passing);
  const texts = lasting.map(([name, property]) => [spell(name), say(name, property)] as const);
  return Object.fromEntries(texts.filter((one): one is [string, string] => one[1] !== undefined));
}

export function writeAll(table: Properties, values: object, spell: (name: string) => string): Record<string, string> {
  const given: Record<string, unknown> = { ...values };
  return sayAll(table, (name, { write }) => (given[name] === undefined ? undefined : write(given[name])), spell);
}

export function property<Value>(
  fix: string,
  read: (text: string) => Value | undefined,
  write: (value: Value) => string,
): Property<Value> {
  return { fix, read, write };
}

/** One that may be left out. */
export function optional<P>(whole: P): P & { readonly absent: undefined } {
  return { ...whole, absent: undefined };
}

/** One that is left out where it is `absent`. */
export function orElse<Value>(
  absent: Value,
  { fix, read, write }: Property<Value>,
): Property<Value> & { readonly absent: Value } {
  return { fix, read, write: (value) => (write(value) === write(absent) ? undefined : write(value)), absent };
}

/** One that is said even for those who do not ask for it. */
export function usually<P, Value>(usual: Value, whole: P): P & { readonly usual: Value } {
  return { ...whole, usual };
}

/** One that holds for the apply that is under way. */
export function passing<P>(whole: P): P & { readonly passing: true } {
  return { ...whole, passing: true };
}

/** One that nobody is asked for: it follows from something else. */
export function derived<P>(whole: P): Omit<P, "sort"> & { readonly sort: undefined } {
  return { ...whole, sort: undefined };
}

export function text(fix: string, fits: (text: string) => boolean): Property<string> {
  return property(
    fix,
    (text) => (fits(text) ? text : undefined),
    (text) => text,
  );
}

/** A text for people. */
export function note(most: number): Sorted<string> {
  return { ...text(`write at most ${most} characters`, ({ length }) => length <= most), sort: { is: "note", most } };
}

export function choice<Value extends string>(values: readonly Value[]): Sorted<Value, Value> {
  return {
    fix: `write ${values.map((value) => `"${value}"`).join(" or ")}`,
    read: (text) => values.find((value) => value === text),
    write: (value) => value,
    sort: { is: "choice", values },
  };
}

export function size(least: bigint, unit: bigint, example: string): Sorted<bigint> {
  const whole = unit === 1n ? "" : ` in whole ${formatSize(unit).slice(2)}`;
  const read = (text: string) => {
    const bytes = parseSize(text);
    return bytes !== undefined && bytes >= least && bytes % unit === 0n ? bytes : undefined;
  };
  const fix = `write a size of at least ${formatSize(least)}${whole}, such as "${example}"`;
  return { ...property(fix, read, formatSize), sort: { is: "size", least, unit } };
}

export function count(least: bigint, most: bigint): Sorted<bigint> {
  const read = (text: string) => {
    const number = /^\d{1,16}$/.test(text) ? BigInt(text) : -1n;
    return number >= least && number <= most ? number : undefined;
  };
  return { ...property(`write a whole number of at least ${least}`, read, String), sort: { is: "count", least, most } };
}

/** A flag that nothing says where it is not set. */
export const mark: Sorted<true> = {
  ...property<true>('write "true" or leave it out', (text) => text === "true" || undefined, String),
  sort: { is: "flag" },
};

export const flag = {
  ...orElse(
    false,
    property<boolean>('write "true" or leave it out', (text) => text === "true" || undefined, String),
  ),
  sort: { is: "flag" } as const,
};
