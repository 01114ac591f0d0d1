// Every line of docs/conformance.md is shown by a test that carries its id, or says why not.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(__dirname, "..");
const upTo = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, index) => prefix + String(index + 1).padStart(2, "0"));
const ids = [...upTo("L-", 99), ...upTo("X-L", 24), ...upTo("G-", 128), ...upTo("X-G", 12)];
const idPattern = /(?<![\w-])(?:X-L|L-|X-G|G-)\d+\b/g;

/** Ids in the string literals of the test files, where titles are. */
function shownIn(file: string): string[] {
  return readFileSync(join(root, file), "utf8")
    .split("\n")
    .filter((line) => !/^\s*(\/\/|\*|\/\*)/.test(line))
    .flatMap((line) => [...line.matchAll(/"[^"]*"|`[^`]*`/g)].flatMap(([text]) => text.match(idPattern) ?? []));
}

const testFiles = readdirSync(join(root, "test"), { recursive: true, encoding: "utf8" })
  .map((file) => `test/${file}`)
  .filter((file) => (file.endsWith(".test.ts") || file.endsWith("contract.ts")) && file !== "test/conformance.test.ts");
const shown = new Set(testFiles.flatMap(shownIn));

const sections = readFileSync(join(root, "docs/conformance.md"), "utf8").split(/^### /m);
const rows = (title: string) =>
  sections
    .filter((section) => section.startsWith(`${title}\n`))
    .flatMap((section) => section.split("\n"))
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .flatMap(([, id = "", promise = "", where = ""]) => (ids.includes(id) ? [{ id, promise, where }] : []));

test("every id stands in one of the tables, once, with its promise", () => {
  const listed = [...rows("Shown"), ...rows("Not shown")];
  expect(listed.map(({ id }) => id).sort()).toEqual([...ids].sort());
  for (const { promise, where } of listed) expect([promise === "", where === ""]).toEqual([false, false]);
});

test("what is said to be shown is shown, in the files that are named", () => {
  for (const { id, where } of rows("Shown")) {
    for (const [, file = ""] of where.matchAll(/`([^`]+)`/g))
      expect([file, id, shownIn(file).includes(id)]).toEqual([file, id, true]);
    expect([id, where.includes("`test/")]).toEqual([id, true]);
  }
});

test("what is said not to be shown is in no title", () => {
  for (const { id } of rows("Not shown")) expect([id, shown.has(id)]).toEqual([id, false]);
});

test("no title carries an id that does not exist", () => {
  expect([...shown].filter((id) => !ids.includes(id))).toEqual([]);
});
