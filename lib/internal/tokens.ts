// Values that are resolved only at synthesis, and texts that Terraform must not interpret.
import type { IConstruct } from "constructs";
import { anyFramework, frameworkOf } from "./framework";

/** True for a token, and for a list that holds one. */
export function isToken(value: unknown): boolean {
  const { Token } = anyFramework();
  return Token.isUnresolved(value) || (Array.isArray(value) && value.some((item) => Token.isUnresolved(item)));
}

/** A number as text, also when it is a token (a raw token number is a huge negative double). */
export function numberText(value: number): string {
  return isToken(value) ? anyFramework().Token.asString(value) : String(value);
}

/** Texts joined by `, `. Any of them may be a token, also a token for a whole list (`[...list, "more"]`). */
export function joinTexts(construct: IConstruct, texts: string[]): string {
  const { Fn, Token } = frameworkOf(construct);
  const isList = (text: string) => Token.isUnresolved([text]) && !Token.isUnresolved(text);
  return texts.map((text) => (isList(text) ? Fn.join(", ", [text]) : text)).join(", ");
}

/**
 * Makes `${` and `%{` of a user's text arrive literally, and leaves tokens alone.
 * cdktf passes the first through as an expression, and its own Fn.rawString forgets the second.
 */
export function escapeTemplate(text: string): string {
  return text.replace(/([$%])\{(?!TfToken\[)/g, "$1$1{");
}

/** Named texts, each escaped; what is undefined is left out. */
export function escapeAll(texts: object): Record<string, string> {
  const escaped: Record<string, string> = {};
  for (const [name, text] of Object.entries(texts)) if (text !== undefined) escaped[name] = escapeTemplate(text);
  return escaped;
}

/** A value that is asked for at synthesis. To both frameworks a token is whatever can be resolved. */
export function lazy<T>(produce: () => T): T {
  const text = "<asked for at synthesis>";
  return { creationStack: [], resolve: produce, toString: () => text, toJSON: () => text } as unknown as T;
}
