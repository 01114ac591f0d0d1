// What travels about one object, made of the table of its properties: the triggers of its applied resource, what a record keeps of them, and
// what the executor works with. A property has one name; texts spell it in snake case.
import * as z from "zod/mini";
import type { Defined } from "./defined";
import { type Properties, type Property, type Values, writeAll } from "./property";

type TextOf<P> = P extends { write(value: never): infer Text } ? Exclude<Text, undefined> : never;
type Snake<Name extends string> = Name extends `${infer First}${infer Rest}`
  ? `${First extends Lowercase<First> ? First : `_${Lowercase<First>}`}${Snake<Rest>}`
  : Name;

/** The texts of a table's properties. */
export type Texts<T> = Defined<{
  [K in keyof T & string as Snake<K>]: T[K] extends { readonly absent: unknown } ? TextOf<T[K]> | undefined : TextOf<T[K]>;
}>;

/** A text that fits. `z.regex` would bring all of zod's formats of texts into every hook. */
export const matching = (pattern: RegExp, rule: string) => z.refine<string>((text) => pattern.test(text), rule);

const claim = z.string().check(z.minLength(1));

/** What of a value does not fit: where ("" is all of it), and why. */
export interface Misfit {
  at: string;
  why: string;
}

/** `others`: triggers beside the properties; the executor reads none of them but the id of the claim. */
export function message<T extends Properties, Others extends Readonly<Record<string, z.ZodMiniType>> = Record<never, never>>(
  table: T,
  others?: Others,
) {
  const properties = Object.entries(table).map(([name, property]) => {
    return { name, spelled: spelled(name), property, read: rememberingLast(property.read) };
  });
  const known = new Set(properties.map(({ spelled }) => spelled));
  const shape = () => Object.fromEntries(properties.map(({ spelled, property }) => [spelled, schemaOf(property)]));
  const values = (read: Record<string, unknown>) =>
    Object.fromEntries(
      properties.flatMap(({ name, spelled, property }) => {
        const value = read[spelled] ?? property.absent;
        return value === undefined ? [] : [[name, value]];
      }),
    ) as Values<T>;
  // Made when first used: a hook reads messages of few kinds.
  const triggers = z.lazy(() =>
    z.pipe(
      z.strictObject({ claim, ...others, ...shape() }),
      z.transform((read) => ({ claim: String(read["claim"]), spec: values(read) })),
    ),
  );
  return {
    table,
    triggers: triggers as unknown as z.ZodMiniType<
      { claim: string; spec: Values<T> },
      { claim: string } & Defined<{ [K in keyof Others]: z.input<Others[K]> }> & Texts<T>
    >,
    /** Reads the texts that a record keeps. By hand: there may be a thousand of them for one hook. */
    read(texts: unknown): { spec: Values<T>; misfit?: undefined } | { misfit: Misfit } {
      if (!isFields(texts)) return { misfit: { at: "", why: "it has no fields" } };
      const read: Record<string, unknown> = {};
      for (const { name, spelled, property, read: readText } of properties) {
        const text = texts[spelled];
        const value = typeof text === "string" ? readText(text) : text === undefined ? property.absent : undefined;
        if (value !== undefined) read[name] = value;
        else if (text !== undefined || !("absent" in property)) return { misfit: { at: spelled, why: property.fix } };
      }
      const unknown = Object.keys(texts).find((name) => !known.has(name));
      return unknown === undefined ? { spec: read as Values<T> } : { misfit: { at: unknown, why: "nobody knows it" } };
    },
    /** The texts of a spec, in the order of the table; the inverse of `read`. */
    write(spec: Values<T>): Texts<T> {
      return writeAll(table, spec, spelled) as Texts<T>;
    },
    /** What is for people alone, and differs. */
    changedNotes(before: Texts<T>, after: Texts<T>): string[] {
      const text = (of: Texts<T>, name: string) => (of as Record<string, unknown>)[name];
      const notes = properties.filter(({ property }) => property.sort?.is === "note").map(({ spelled }) => spelled);
      return notes.filter((name) => text(before, name) !== text(after, name));
    },
  };
}

/** Of most properties one object says what the one before it has said. */
function rememberingLast<Value>(read: (text: string) => Value): (text: string) => Value {
  let last: { text: string; value: Value } | undefined;
  return (text) => {
    if (last?.text !== text) last = { text, value: read(text) };
    return last.value;
  };
}

/** Whether a value that was read from JSON has fields by name. */
export function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** "softSize" is "soft_size" in a text. */
export function spelled(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function schemaOf(property: Property) {
  const schema = z.pipe(
    z.string(),
    z.transform((text, context) => {
      const value = property.read(text);
      if (value === undefined) context.issues.push({ code: "custom", message: property.fix, input: text });
      return value;
    }),
  );
  return "absent" in property ? z.optional(schema) : schema;
}
