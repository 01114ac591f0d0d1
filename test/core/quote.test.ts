import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { quote, quoteWord } from "../../src/core/quote";

/** The words that /bin/sh makes of a command line. */
function wordsOf(lines: readonly string[]): string[][] {
  // One process for all lines: printf ends every word with a NUL, and every line with a second one.
  const script = lines.map((line) => `printf '%s\\0' ${line}; printf '\\1\\0'`).join("\n");
  const words = execFileSync("/bin/sh", { input: script, encoding: "utf8", env: { HOME: "/home", IFS: "" } }).split("\0");
  const found: string[][] = [[]];
  for (const word of words.slice(0, -1)) {
    if (word === "\u0001") found.push([]);
    else found.at(-1)?.push(word);
  }
  return found.slice(0, -1);
}

const word = fc
  .oneof(
    fc.string({ unit: "grapheme", maxLength: 20 }),
    fc.string({
      unit: fc.constantFrom(
        "'",
        '"',
        "\\",
        "$",
        "`",
        "!",
        "*",
        "?",
        "[",
        "]",
        "~",
        "#",
        "&",
        ";",
        "|",
        "<",
        ">",
        "(",
        ")",
        "{",
        "}",
        "=",
        " ",
        "\t",
        "\n",
        "a",
        "%",
        "-",
      ),
      maxLength: 20,
    }),
  )
  .filter((text) => !text.includes("\0") && text !== "\u0001" && !/\p{Surrogate}/u.test(text));

describe("words for a shell", () => {
  test("any argument list survives a real /bin/sh", () => {
    fc.assert(
      fc.property(fc.array(fc.array(word, { minLength: 1, maxLength: 5 }), { minLength: 50, maxLength: 200 }), (commands) => {
        expect(wordsOf(commands.map(quote))).toEqual(commands);
      }),
      { numRuns: 30 },
    );
  });

  test.each([
    ["lfs", "lfs"],
    ["--name=x", "--name=x"],
    ["10.0.0.0/24@tcp:x,y", "10.0.0.0/24@tcp:x,y"],
    ["", "''"],
    ["10.0.0.[1-9]@tcp", "'10.0.0.[1-9]@tcp'"],
    ["a b", "'a b'"],
    ["it's", "'it'\\''s'"],
    ["PATH=/tmp", "'PATH=/tmp'"],
    ["~root", "'~root'"],
    ["$HOME", "'$HOME'"],
  ])("%j is written %s", (text, quoted) => expect(quoteWord(text)).toBe(quoted));
});
