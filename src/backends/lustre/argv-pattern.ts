// Command lines of which parts vary, as POSIX extended regular expressions: builders called with marks for what varies. Pure.
import type { Command } from "../../core/command";

/** A regular expression for the arguments of a tool, without anchors; arguments are joined by single blanks, as sudo does. */
export interface ArgvPattern {
  tool: string;
  /** "": no arguments. */
  args: string;
}

const open = "\u0001";
const openMany = "\u0002";
const close = "\u0003";

/** In place of a text: what it matches, as a regular expression. */
export const varying = (pattern: string): string => `${open}${pattern}${close}`;
/** In place of one argument: one or more arguments that match. */
export const several = (pattern: string): string => `${openMany}${pattern}${close}`;
/** In place of a number. No number that stands in a command line for itself. */
export const anyNumber = 4_040_404_040;

/** The pattern of all command lines like this one. */
export function patternOf({ argv: [tool, ...args] }: Pick<Command, "argv">): ArgvPattern {
  // A blank before an argument is part of the repetition where there may be several; before the first there is none.
  const text = args.map((word, index) => {
    const one = patternOfWord(word);
    if (!word.startsWith(openMany)) return index === 0 ? one : ` ${one}`;
    return index === 0 ? `${one}( ${one})*` : `( ${one})+`;
  });
  return { tool, args: text.join("") };
}

function patternOfWord(word: string): string {
  return word
    .split(new RegExp(`([${open}${openMany}][^${close}]*${close})`))
    .map((part) => (part.endsWith(close) ? part.slice(1, -1) : literal(part).replaceAll(String(anyNumber), "[0-9]+")))
    .join("");
}

/** Matches the text and nothing else. */
export function literal(text: string): string {
  return text.replaceAll(/[.[\]{}()*+?^$|\\]/g, "\\$&");
}
