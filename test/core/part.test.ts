// The compiled form of a part: made at the end of the first process that loads it, taken by the next one, and only from the part's owner.
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { loadPart } from "../../src/core/part";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "sharewright-part-"));
  writeFileSync(join(dir, "part.cjs"), `exports.answer = () => require("node:path").basename(__filename);\n`);
});
afterEach(() => rmSync(dir, { recursive: true }));

/** What a process does that loads the part, and then ends; whether it has compiled it. */
function loadAndEnd(digest = "digest"): { answer: unknown; compiled: boolean } {
  const before = process.rawListeners("exit");
  const part = loadPart(relative(join(__dirname, "../../src/core"), join(dir, "part.cjs")), digest) as { answer(): unknown };
  const answer = part.answer();
  const atExit = process.rawListeners("exit").filter((listener) => !before.includes(listener));
  for (const listener of atExit) {
    process.removeListener("exit", listener as () => void);
    listener.call(process, 0);
  }
  return { answer, compiled: atExit.length > 0 };
}

const compiledForms = () => readdirSync(dir).filter((name) => name !== "part.cjs");

test("is made once, for one text and one version of Node, and none is half written", () => {
  expect(loadAndEnd()).toEqual({ answer: "part.cjs", compiled: true });
  expect(compiledForms()).toEqual([`part.cjs.${process.version}-${process.arch}-digest`]);
  expect(loadAndEnd()).toEqual({ answer: "part.cjs", compiled: false });
  expect(loadAndEnd("other")).toEqual({ answer: "part.cjs", compiled: true });
  expect(compiledForms()).toHaveLength(2);
});

test("that others may write is not taken, and made anew", () => {
  loadAndEnd();
  const [form = ""] = compiledForms();
  chmodSync(join(dir, form), 0o666);
  expect(loadAndEnd()).toEqual({ answer: "part.cjs", compiled: true });
  expect(statSync(join(dir, form)).mode & 0o777).toBe(0o644);
  expect(loadAndEnd().compiled).toBe(false);
});

test("that is none is not taken, and made anew", () => {
  // A text that this process has compiled before would not be compared with it.
  writeFileSync(join(dir, "part.cjs"), "exports.answer = () => 42;\n");
  writeFileSync(join(dir, `part.cjs.${process.version}-${process.arch}-digest`), "no code", { mode: 0o644 });
  expect(loadAndEnd()).toEqual({ answer: 42, compiled: true });
  expect(loadAndEnd()).toEqual({ answer: 42, compiled: false });
});
