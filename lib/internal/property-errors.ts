// Errors of properties that are missing, unknown, or of a type that nothing can be made of. Imports nothing but the error, tokens and arithmetic on texts.
import { editDistance } from "../../src/spec/edit-distance";
import { ShareSynthesisError } from "./synthesis-error";
import { isToken } from "./tokens";

/** Where a value stands: in a construct, or in a value that is made outside of any. */
export interface Place {
  readonly path?: string | undefined;
  readonly property: string;
}

/** `rule` says what fits; `tokenWay` what to write for a value that Terraform knows only later. */
export function wrongType(at: Place, value: unknown, rule: string, tokenWay?: string, hidden = false): ShareSynthesisError {
  if (isToken(value)) {
    const problem = `is a token of ${tokenType(value)}, and its value is not known at synthesis`;
    return new ShareSynthesisError({ ...at, problem, fix: tokenWay ?? `write ${rule}, as a literal` });
  }
  const shown = hidden || value === undefined ? {} : { value };
  return new ShareSynthesisError({ ...at, ...shown, problem: `is ${typeText(value)}`, fix: `write ${rule}` });
}

export function tokenArithmetic(at: Place): ShareSynthesisError {
  return new ShareSynthesisError({
    ...at,
    problem: "is what arithmetic on a token gives: a token is no number yet",
    fix: "let Terraform calculate: `Op.mul(token, 2)` and the like, with `Token.asNumber(...)` around it where a token may stand",
  });
}

export function missing(at: Place, rule: string): ShareSynthesisError {
  return new ShareSynthesisError({ ...at, problem: "is missing", fix: `write ${rule}` });
}

export function unknownProperty(at: Place, value: unknown, name: string, known: readonly string[]): ShareSynthesisError {
  const near = nearest(name, known);
  return new ShareSynthesisError({
    ...at,
    // Who invents a property for a secret does not want to read it in a log.
    ...(/pass|secret|token|key|credential/i.test(name) ? {} : { value }),
    problem: "is no property",
    fix: near === undefined ? `leave it out, or write one of ${known.join(", ")}` : `write ${near}`,
  });
}

export function fixedByMethod(at: Place): ShareSynthesisError {
  return new ShareSynthesisError({
    ...at,
    problem: "is given by the method already",
    fix: "leave it out, or make the construct with `new`",
  });
}

export function noScope(property: "scope" | "id", path: string | undefined, problem: string, fix: string): ShareSynthesisError {
  return new ShareSynthesisError({ path, property, problem, fix });
}

function tokenType(value: unknown): string {
  if (typeof value === "string") return "a text";
  if (typeof value === "number") return "a number";
  return Array.isArray(value) ? "a list" : "something";
}

function typeText(value: unknown): string {
  if (value === null || value === undefined || Number.isNaN(value)) return `${value}`;
  if (Array.isArray(value)) return "a list";
  const name = typeof value === "object" ? (value.constructor?.name ?? "Object") : "";
  if (name !== "" && name !== "Object") return `an object of ${name}`;
  const types: Record<string, string> = { string: "a text", boolean: "true or false", object: "an object of properties" };
  return types[typeof value] ?? `a ${typeof value}`;
}

/** The one that is meant: the same letters in another case, or two letters off. */
function nearest(name: string, known: readonly string[]): string | undefined {
  const plain = (text: string) => text.replace(/[^A-Za-z]/g, "").toLowerCase();
  return known.find((one) => plain(one) === plain(name)) ?? known.find((one) => editDistance(plain(one), plain(name)) <= 2);
}
