// Where a volume pattern is wrong. JavaScript says what is wrong with a regular expression, but not where.
import { sizePlaceholder } from "../../../src/spec/gluster";

interface PatternProblem {
  /** Index of the character that is at fault. */
  readonly at: number;
  readonly problem: string;
}

export function patternProblem(pattern: string): PatternProblem | undefined {
  const syntax = syntaxProblem(pattern);
  if (syntax !== undefined) return { at: positionOf(pattern, syntax), problem: syntax };
  const at = pattern.indexOf(sizePlaceholder);
  const second = pattern.indexOf(sizePlaceholder, at + 1);
  if (second > at) return { at: second, problem: `${sizePlaceholder} may stand once` };
  const own = pattern.indexOf("(?<size>");
  if (own >= 0) return { at: own, problem: `the size is read where ${sizePlaceholder} stands, so no group may be called size` };
  if (at >= 0 && !isGroup(pattern.replace(sizePlaceholder, "(?<size>\\d+)")))
    return { at, problem: `${sizePlaceholder} becomes a group of digits, which cannot stand here` };
  return undefined;
}

function syntaxProblem(pattern: string): string | undefined {
  try {
    new RegExp(pattern);
    return undefined;
  } catch (error) {
    // "Invalid regular expression: /(/: Unterminated group"
    const { message } = error as SyntaxError;
    return message.slice(message.lastIndexOf(": ") + 2);
  }
}

const openGroup = "Unterminated group";
const openClass = "Unterminated character class";

function positionOf(pattern: string, problem: string): number {
  const problemUpTo = (end: number) => syntaxProblem(pattern.slice(0, end));
  let end = pattern.length;
  if (problem === openGroup || problem === openClass) {
    // What was never closed begins where the longest part ends that is whole, but for groups around a character class.
    const isWhole = (found: string | undefined) => found === undefined || (problem === openClass && found === openGroup);
    do end -= 1;
    while (!isWhole(problemUpTo(end)));
    return end;
  }
  // Everything else is complained of as soon as it is read: by the shortest of the parts that all have the same problem.
  while (problemUpTo(end - 1) === problem) end -= 1;
  return end - 1;
}

/** False where the brackets of the group are read as characters, within [] or behind a backslash. */
function isGroup(source: string): boolean {
  return syntaxProblem(source) === undefined && new RegExp(`${source}|`).exec("")?.groups !== undefined;
}
