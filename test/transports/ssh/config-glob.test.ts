// Patterns of `Include`, on files that are there.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { globFiles } from "../../../src/transports/ssh/config-glob";

const names = [
  "a.conf",
  "b.conf",
  "m.conf",
  "z.conf",
  "7.conf",
  "-.conf",
  "].conf",
  ".hidden.conf",
  "[a.conf",
  "team/ssh",
  "lab/ssh",
];

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "sharewright-glob-"));
  for (const name of names) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), "");
  }
});
afterAll(() => rmSync(dir, { recursive: true }));

test.each<[pattern: string, found: string[]]>([
  ["a.conf", ["a.conf"]],
  ["c.conf", []],
  ["*.conf", ["-.conf", "7.conf", "[a.conf", "].conf", "a.conf", "b.conf", "m.conf", "z.conf"]],
  [".*.conf", [".hidden.conf"]],
  ["?.conf", ["-.conf", "7.conf", "].conf", "a.conf", "b.conf", "m.conf", "z.conf"]],
  ["[a-m].conf", ["a.conf", "b.conf", "m.conf"]],
  ["[b-b].conf", ["b.conf"]],
  // From high to low there is nothing.
  ["[m-a].conf", []],
  ["[!a-y].conf", ["-.conf", "7.conf", "].conf", "z.conf"]],
  ["[am].conf", ["a.conf", "m.conf"]],
  ["[[:digit:]z].conf", ["7.conf", "z.conf"]],
  ["[a-].conf", ["-.conf", "a.conf"]],
  ["[]x].conf", ["].conf"]],
  ["\\[a.conf", ["[a.conf"]],
  ["[a.conf", ["[a.conf"]],
  ["*/ssh", ["lab/ssh", "team/ssh"]],
  ["none/*", []],
])("%s", async (pattern, found) => {
  expect(globFiles(join(dir, pattern))).toEqual(found.map((name) => join(dir, name)));
});
