// Words and patterns of ssh_config(5), as OpenSSH splits and matches them (misc.c and match.c of 9.2). Pure.

const space = /^[ \t\r\n]+/;

/** The first word of a line, and what follows it: words end at a blank or at one "=". Undefined: a quote has no end. */
export function firstWord(text: string): { word: string | undefined; rest: string } {
  const at = text.search(/[ \t\r\n"=]/);
  if (at < 0) return { word: text, rest: "" };
  if (text[at] === '"') {
    const unquoted = text.slice(0, at) + text.slice(at + 1);
    const end = unquoted.indexOf('"', at);
    if (end < 0) return { word: undefined, rest: "" };
    return { word: unquoted.slice(0, end), rest: unquoted.slice(end + 1).replace(space, "") };
  }
  const rest = text.slice(at + 1).replace(space, "");
  const isAssigned = text[at] !== "=" && rest.startsWith("=");
  return { word: text.slice(0, at), rest: isAssigned ? rest.slice(1).replace(space, "") : rest };
}

/** The arguments behind a keyword: with quotes of both kinds, and a comment at the end. Undefined: a quote has no end. */
export function splitArguments(text: string): string[] | undefined {
  const words: string[] = [];
  let at = 0;
  for (;;) {
    while (text[at] === " " || text[at] === "\t") at += 1;
    if (at >= text.length || text[at] === "#") return words;
    const read = readWord(text, at);
    if (!read) return undefined;
    words.push(read.word);
    at = read.end;
  }
}

function readWord(text: string, from: number): { word: string; end: number } | undefined {
  let [word, quote] = ["", ""];
  for (let at = from; at < text.length; at += 1) {
    const [letter = "", next = ""] = [text[at], text[at + 1]];
    if (letter === "\\" && (/^['"\\]$/.test(next) || (quote === "" && next === " "))) {
      word += next;
      at += 1;
    } else if (quote === "" && (letter === " " || letter === "\t")) return { word, end: at };
    else if (quote === "" && (letter === '"' || letter === "'")) quote = letter;
    else if (letter === quote) quote = "";
    else word += letter;
  }
  return quote === "" ? { word, end: text.length } : undefined;
}

/** "*" and "?" mean something, nothing else does. */
export function matchesPattern(text: string, pattern: string): boolean {
  const source = pattern
    .replace(/\*+/g, "*")
    .replace(/[\\^$.|+()[\]{}]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "s").test(text);
}

/** Patterns separated by commas: one that is negated and matches decides. */
export function matchesList(text: string, patterns: string): boolean {
  let matches = false;
  for (const pattern of patterns.split(",")) {
    if (!matchesPattern(text, pattern.replace(/^!/, ""))) continue;
    if (pattern.startsWith("!")) return false;
    matches = true;
  }
  return matches;
}
