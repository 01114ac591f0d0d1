// The files that a pattern of `Include` names, as the glob(3) finds them that ssh brings along: of the whole path, one part after the other.
import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Paths in the order of their bytes; none where there is no such file. `pattern` is absolute. */
export function globFiles(pattern: string): string[] {
  let found = ["/"];
  for (const part of pattern.split("/").filter((text) => text !== ""))
    found = found.flatMap((directory) => inDirectory(directory, part));
  return found.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

function inDirectory(directory: string, part: string): string[] {
  if (!/[*?[]/.test(part)) {
    const path = join(directory, part.replace(/\\(.)/g, "$1"));
    return orNone(() => [path].filter((one) => lstatSync(one)));
  }
  const names = orNone(() => readdirSync(directory));
  const expression = new RegExp(`^${sourceOf(part)}$`, "s");
  // A dot at the beginning is matched by a dot alone.
  const isHidden = (name: string) => name.startsWith(".") && !/^\\?\./.test(part);
  return names.filter((name) => !isHidden(name) && expression.test(name)).map((name) => join(directory, name));
}

function orNone(look: () => string[]): string[] {
  try {
    return look();
  } catch {
    return [];
  }
}

function sourceOf(part: string): string {
  let source = "";
  for (let at = 0; at < part.length; at += 1) {
    const letter = part[at] ?? "";
    const set = letter === "[" ? setAt(part, at) : undefined;
    if (set) {
      source += set.source;
      at = set.end;
    } else if (letter === "*") source += ".*";
    else if (letter === "?") source += ".";
    else if (letter === "\\" && at + 1 < part.length) source += literal(part[++at] ?? "");
    else source += literal(letter);
  }
  return source;
}

const literal = (letter: string) => letter.replace(/[\\^$.|+*?()[\]{}-]/, "\\$&");

const classes: Record<string, string> = {
  alnum: "A-Za-z0-9",
  alpha: "A-Za-z",
  blank: " \\t",
  digit: "0-9",
  lower: "a-z",
  punct: "!-\\/:-@\\[-`{-~",
  space: "\\s",
  upper: "A-Z",
  xdigit: "0-9A-Fa-f",
};

/** "[a-c_]", "[!a]", "[]x]", "[[:digit:]]"; undefined of a bracket that is never closed, which means itself. */
function setAt(part: string, start: number): { source: string; end: number } | undefined {
  let at = start + 1;
  const isNegated = part[at] === "!";
  if (isNegated) at += 1;
  let source = "";
  for (let first = true; ; first = false) {
    if (at >= part.length) return undefined;
    if (part[at] === "]" && !first) return { source: `[${isNegated ? "^" : ""}${source}]`, end: at };
    const named = /^\[:([a-z]+):\]/.exec(part.slice(at));
    if (named) {
      source += classes[named[1] ?? ""] ?? "";
      at += named[0].length;
      continue;
    }
    const low = letterAt(part, at);
    at = low.end;
    if (part[at] !== "-" || part[at + 1] === "]" || at + 1 >= part.length) {
      source += literal(low.letter);
      continue;
    }
    const high = letterAt(part, at + 1);
    at = high.end;
    if (low.letter <= high.letter) source += `${literal(low.letter)}-${literal(high.letter)}`;
  }
}

function letterAt(part: string, at: number): { letter: string; end: number } {
  const isEscaped = part[at] === "\\" && at + 1 < part.length;
  return { letter: part[isEscaped ? at + 1 : at] ?? "", end: at + (isEscaped ? 2 : 1) };
}
