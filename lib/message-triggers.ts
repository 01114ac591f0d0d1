// Properties that a construct is given for the message: what each can be, and its text in the triggers. Both follow from the message's own table; a
// construct adds what it asks for in a way of its own.
import { spelled, type Texts } from "../src/spec/message";
import { type Properties, type Property, type Sort, sayAll } from "../src/spec/property";
import type { Checks } from "./internal/checks";
import * as kind from "./internal/property-kinds";
import { type Kind, required } from "./internal/property-kinds";
import { isToken } from "./internal/tokens";
import { type Size, size } from "./size";

type Sorted<T> = { [K in keyof T as T[K] extends { readonly sort: Sort } ? K : never]: T[K] };
type MayBeLeftOut = { readonly absent: unknown } | { readonly usual: unknown };
type Kinds<T> = { [K in keyof T]: T[K] extends MayBeLeftOut ? Kind : Kind & { readonly required: true } };

const kinds: Readonly<Record<Sort["is"], Kind>> = {
  size,
  count: kind.count,
  choice: kind.choice,
  flag: kind.flag,
  note: kind.text,
};

/** In the order of the table. */
export function kindsOf<T extends Properties, Own extends { readonly [K in keyof T]?: Kind }>(
  table: T,
  own: Own,
): Omit<Kinds<Sorted<T>>, keyof Own> & Own {
  const found = Object.entries<Property>(table).flatMap(([name, property]): [string, Kind][] => {
    const common = property.sort && kinds[property.sort.is];
    const isOptional = "absent" in property || "usual" in property;
    const kind = own[name] ?? (common && !isOptional ? required(common) : common);
    return kind ? [[name, kind]] : [];
  });
  return Object.fromEntries(found) as Omit<Kinds<Sorted<T>>, keyof Own> & Own;
}

/** In the order of the table. @throws ShareSynthesisError for the first value that cannot be used */
export function triggersOf<
  T extends Properties,
  Given extends object,
  Own extends { readonly [K in keyof T & keyof Given]?: (value: Given[K]) => string | undefined },
>(check: Checks, table: T, given: Given, own: Own): Texts<Pick<T, keyof Sorted<T> | (keyof T & keyof Own)>> {
  const values = given as Readonly<Record<string, unknown>>;
  const writers: Readonly<Record<string, ((value: never) => string | undefined) | undefined>> = own;
  const say = (name: string, { sort, usual }: Property) => {
    const value = values[name] ?? usual;
    const write = writers[name];
    if (write) return write(value as never);
    return sort && value !== undefined ? textOf(check, name, value, sort) : undefined;
  };
  const texts: Record<string, string> = sayAll(table, say, spelled);
  return texts as Texts<Pick<T, keyof Sorted<T> | (keyof T & keyof Own)>>;
}

/** The value is of the kind of its sort. */
function textOf(check: Checks, name: string, value: unknown, sort: Sort): string | undefined {
  switch (sort.is) {
    case "size":
      return check.size(name, (value as Size)._inspect(), sort);
    case "count":
      return String(check.integer(name, value as number, Number(sort.least), Number(sort.most)));
    case "choice":
      return check.oneOf(name, value as string, sort.values);
    case "flag":
      return value ? "true" : undefined;
    case "note": {
      const fits = (text: string) => text.length <= sort.most;
      return isToken(value) ? String(value) : check.text(name, value as string, fits, `at most ${sort.most} characters`);
    }
  }
}
