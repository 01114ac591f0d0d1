import fc from "fast-check";
import { expect, test } from "vitest";
import { anyNumber, literal, patternOf, several, varying } from "../../../src/backends/lustre/argv-pattern";
import { command } from "../../../src/core/command";

const matches = (pattern: string, text: string) => new RegExp(`^${pattern}$`).test(text);

test("what does not vary matches itself alone", () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (text, other) => {
      expect(matches(literal(text), text)).toBe(true);
      expect(matches(literal(text), other)).toBe(text === other);
    }),
  );
});

test("parts that vary may stand within a word, for a number and for several words", () => {
  const { tool, args } = patternOf(
    command("chown", `${anyNumber}:${anyNumber}`, `/mnt/a.b/${varying("[a-z]+")}`, several("-[xy] [0-9]")),
  );
  expect(tool).toBe("chown");
  expect(args).toBe("[0-9]+:[0-9]+ /mnt/a\\.b/[a-z]+( -[xy] [0-9])+");
  expect(matches(args, "0:1000 /mnt/a.b/c -x 1 -y 2")).toBe(true);
  for (const other of ["0:1000 /mnt/a.b/c", "0:1000 /mnt/axb/c -x 1", "0:x /mnt/a.b/c -x 1", "0:1 /mnt/a.b/c/d -x 1"])
    expect(matches(args, other)).toBe(false);
});

test("several words may come first", () => {
  const { args } = patternOf(command("find", several("/mnt(/[a-z])?"), "-print"));
  for (const text of ["/mnt -print", "/mnt/a /mnt /mnt/b -print"]) expect(matches(args, text)).toBe(true);
  for (const text of [" -print", "-print", "/mnt", "/mnt /etc -print", "/mnt/a/mnt/b -print"])
    expect(matches(args, text)).toBe(false);
});

test("a command without arguments has none", () => expect(patternOf(command("true"))).toEqual({ tool: "true", args: "" }));
