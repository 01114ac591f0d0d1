// What `lctl get_param NAME...` prints, read as strictly as all else. Pure.
import { unreadable } from "./parse";

export interface ParamReader {
  /** How long the line at a place is, if it need not be matched. */
  skip?(text: string, at: number): number;
  /** A line with a name and the beginning of its value. */
  begin(name: string, value: string): void;
  /** Further lines of that value. */
  more(lines: string): void;
}

const paramLine = /(version|[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_*:@-]+)+)=(.*)(?:\n|$)/y;

/** Lines that begin as no name does. */
const listLines = /(?:[ [\]{].*\n)+/y;

/** What `lctl get_param NAME...` prints, in its order. */
export function eachParam(text: string, { skip = () => 0, begin, more }: ParamReader): void {
  let isBegun = false;
  for (let at = 0; at < text.length; ) {
    const length = skip(text, at);
    at += length;
    if (length > 0) continue;
    paramLine.lastIndex = at;
    const match = paramLine.exec(text);
    if (match) {
      begin(match[1] as string, match[2] as string);
      isBegun = true;
      at = paramLine.lastIndex;
      continue;
    }
    const lines = linesAt(text, at);
    if (lines !== "" && !isBegun) unreadable("lctl get_param", lines);
    if (lines !== "") more(lines);
    at += lines.length + 1;
  }
}

/** Those of a list, or one, without the end of the last. */
function linesAt(text: string, at: number): string {
  listLines.lastIndex = at;
  const end = listLines.test(text) ? listLines.lastIndex - 1 : text.indexOf("\n", at);
  return end < 0 ? text.slice(at) : text.slice(at, end);
}

/** Values by name; lists keep their lines (golden d028). */
export function parseGetParam(text: string): Map<string, string> {
  const params = new Map<string, string>();
  let open = "";
  eachParam(text, {
    begin(name, value) {
      open = name;
      params.set(name, value);
    },
    more: (lines) => params.set(open, `${params.get(open)}\n${lines}`),
  });
  return params;
}
