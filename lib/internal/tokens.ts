// Values that cdktf resolves only at synthesis, and texts that Terraform must not interpret.
import { Fn, Lazy, Token } from "cdktf";

/** True for a token, and for a list that holds one. */
export function isToken(value: unknown): boolean {
  return Token.isUnresolved(value) || (Array.isArray(value) && value.some((item) => Token.isUnresolved(item)));
}

/** A number as text, also when it is a token (a raw token number is a huge negative double). */
export function numberText(value: number): string {
  return Token.isUnresolved(value) ? Token.asString(value) : String(value);
}

/** Texts joined by `, `. Any of them may be a token, also a token for a whole list (`[...list, "more"]`). */
export function joinTexts(texts: string[]): string {
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

/** A map that is asked for at synthesis. */
export function lazyMap(produce: () => Record<string, string>): Record<string, string> {
  return Lazy.anyValue({ produce }) as unknown as Record<string, string>;
}
