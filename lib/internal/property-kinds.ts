// What a property can be, and reading the properties that a construct or a factory is given by a list of them.
import { Construct } from "constructs";
import { type Brand, isMarked, isOurs } from "./brands";
import { notLiteral } from "./errors";
import { isStack } from "./framework";
import * as errors from "./property-errors";
import { isToken } from "./tokens";

export interface Kind {
  /** What fits, behind "write ". */
  readonly rule: string;
  /** The value as it is used. @throws ShareSynthesisError */
  read(value: unknown, at: errors.Place): unknown;
  readonly required?: true;
}

/** Every property has its kind, and those that cannot be left out say so: the compiler sees to both. */
export type Shape<T> = {
  readonly [K in keyof T]-?: undefined extends T[K]
    ? Kind
    : Record<never, never> extends Pick<T, K>
      ? Kind
      : Kind & { readonly required: true };
};

type Texts = readonly string[];
/** A Size, by what it can do. */
type Measured = { toBytes(): unknown };
type ReadValue<V> = [Extract<V, Measured>] extends [never] ? ReadPlain<V> : Exclude<V, string>;
type ReadPlain<V> = number extends V ? Exclude<V, string> : Texts extends V ? V : string[] extends V ? Exclude<V, string> : V;
/** Properties as they are once read: the texts that can only mean one thing have become that. */
export type Read<T> = { [K in keyof T]: ReadValue<T[K]> };

export function required(kind: Kind): Kind & { readonly required: true } {
  return { ...kind, required: true };
}

function simple(rule: string, fits: (value: unknown) => boolean, tokenWay?: string): Kind {
  return {
    rule,
    read(value, at) {
      if (!fits(value)) throw errors.wrongType(at, value, rule, tokenWay);
      return value;
    },
  };
}

/** Tokens are judged where a text is used: some may be one. */
export const text = simple(
  "a text",
  (value) => typeof value === "string",
  "write a text; for a token that is `Token.asString(...)`",
);
export const literalText = simple("a text", (value) => typeof value === "string" && !isToken(value));
export const flag = simple("true or false", (value) => typeof value === "boolean");
/** Judged by `Checks.oneOf`, which names the possible values. */
export const choice = simple("one of its values", (value) => value !== null);
export const textMap = simple('texts by their names, such as { "a.b": "on" }', isProperties);

const beyondNumbers = 1e100;

function number(rule: string, mayBeToken: boolean): Kind {
  const tokenWay = mayBeToken ? "write a number; for a token that is `variable.numberValue` or `Token.asNumber(...)`" : undefined;
  return {
    rule,
    read(value, at) {
      if (typeof value !== "number") throw errors.wrongType(at, value, rule, tokenWay);
      if (isToken(value)) {
        if (mayBeToken) return value;
        throw at.path === undefined ? errors.wrongType(at, value, rule) : notLiteral(at.path, at.property);
      }
      if (Number.isFinite(value) && Math.abs(value) > beyondNumbers) throw errors.tokenArithmetic(at);
      return value;
    },
  };
}

export const count = number("a whole number", false);
export const idOrToken = number("a whole number", true);

export function made(brand: Brand, rule: string): Kind {
  return simple(rule, (value) => isMarked(value, brand));
}

/** What people write in its place may hold a password, so that it is not repeated. */
export const connection: Kind = {
  rule: "Connection.local() or Connection.ssh({ host: ... })",
  read(value, at) {
    if (!isMarked(value, "Connection")) throw errors.wrongType(at, value, connection.rule, undefined, true);
    return value;
  },
};

const octal = /^(?:0o|0)?([0-7]{3,4})$/;

/** In a text the digits can only be octal. */
export const mode: Kind = {
  rule: 'an octal number such as 0o770, or its digits as a text such as "0770"',
  read(value, at) {
    if (typeof value !== "string" || isToken(value)) return number(mode.rule, false).read(value, at);
    const digits = octal.exec(value)?.[1];
    if (digits === undefined) throw errors.wrongType(at, value, mode.rule);
    return Number.parseInt(digits, 8);
  },
};

export function list(item: Kind, example: string): Kind {
  const rule = `a list such as [${example}]`;
  return {
    rule,
    read(value, at) {
      if (!Array.isArray(value)) throw errors.wrongType(at, value, rule);
      return Array.from(value as unknown[], (one) => item.read(one, at));
    },
  };
}

/** A list of texts. */
export function texts(example: string): Kind {
  return list(text, JSON.stringify(example));
}

/** One may stand without its list. */
export function oneOrMore(item: Kind, example: string): Kind {
  const many = list(item, example);
  return { rule: many.rule, read: (value, at) => many.read(typeof value === "string" ? [value] : value, at) };
}

export function either(first: Kind, isFirst: (value: unknown) => boolean, second: Kind): Kind {
  return {
    rule: `${first.rule}, or ${second.rule}`,
    read: (value, at) => (isFirst(value) ? first : second).read(value, at),
  };
}

export function properties<T extends object>(shape: Shape<T>): Kind {
  const names = Object.keys(shape);
  const rule = `an object with ${names.join(", ")}`;
  return {
    rule,
    read(value, at) {
      if (!isProperties(value)) throw errors.wrongType(at, value, rule);
      return readProperties<T>(at, value as T, shape);
    },
  };
}

/** @throws ShareSynthesisError for the first property that is unknown, missing, or of a wrong type */
export function readProperties<T extends object>(at: errors.Place, given: T, shape: Shape<T>): Read<T> {
  const named = (name: string) => ({ ...at, property: at.property === "" ? name : `${at.property}.${name}` });
  if (!isProperties(given)) {
    const place = at.property === "" ? named("props") : at;
    throw errors.wrongType(place, given, `an object with ${Object.keys(shape).join(", ")}`);
  }
  const values = given as Record<string, unknown>;
  const unknown = Object.keys(values).find((name) => !Object.hasOwn(shape, name) && values[name] !== undefined);
  if (unknown !== undefined) throw errors.unknownProperty(named(unknown), values[unknown], unknown, Object.keys(shape));
  const read: Record<string, unknown> = {};
  for (const [name, kind] of Object.entries<Kind>(shape)) {
    const value = values[name];
    if (value !== undefined) read[name] = kind.read(value, named(name));
    else if (kind.required) throw errors.missing(named(name), kind.rule);
  }
  return read as Read<T>;
}

/** Options together with what the method that takes them gives; none of them may say that, too. */
export function optionsWith<O extends object, G extends object>(scope: Construct, id: string, options: O, given: G): O & G {
  // What is missing then is said by its name.
  if (options === undefined) return optionsWith(scope, id, {} as O, given);
  const path = `${scope.node.path}/${String(id)}`;
  if (!isProperties(options)) throw errors.wrongType({ path, property: "options" }, options, "an object of properties");
  const twice = Object.keys(given).find((name) => (options as Record<string, unknown>)[name] !== undefined);
  if (twice !== undefined) throw errors.fixedByMethod({ path, property: twice });
  return { ...options, ...given };
}

/** The id of a construct, before `constructs` itself stumbles over it. */
export function idIn(scope: Construct, id: string): string {
  if (!Construct.isConstruct(scope)) {
    throw errors.noScope("scope", undefined, "is no construct", "write the stack or another construct, such as `this`");
  }
  const { path, scopes } = scope.node;
  if (!scopes.some(isStack)) {
    throw errors.noScope("scope", path, "is in no stack", "write a TerraformStack, or a construct in one");
  }
  if (typeof id !== "string" || id === "" || isToken(id)) {
    throw errors.noScope("id", path, "is no id", 'write a text that is no token, such as "genomics"');
  }
  return id;
}

// Neither a list, a date, a map, a token, nor what a factory has made.
function isProperties(value: unknown): value is object {
  if (typeof value !== "object" || value === null || Object.prototype.toString.call(value) !== "[object Object]") return false;
  return !isToken(value) && !isOurs(value);
}
