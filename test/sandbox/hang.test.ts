// What hangs while an OST is down, and what does not (golden od8, odc): every tool that an executor or an operator runs.
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { hangs } from "../../src/sandbox/hang";
import { makeSandbox, type TestSandbox } from "./sandbox";

let sandbox: TestSandbox;
const at = (path: string) => join(sandbox.mount, path);
const lfs = (...argv: string[]) => sandbox.run(["lfs", ...argv]);
beforeAll(async () => {
  sandbox = makeSandbox();
  for (const name of ["dom", "plain", "placed", "old", "empty"]) mkdirSync(at(name));
  writeFileSync(at("old/before.json"), "made before its directory had a layout");
  for (const name of ["dom", "old"]) await lfs("setstripe", "-E", "64K", "-L", "mdt", "-E", "-1", "-c", "1", at(name));
  await lfs("setstripe", "-i", "0", "-c", "1", at("placed/on0"));
  await lfs("setstripe", "-i", "1", "-c", "1", at("placed/on1"));
  writeFileSync(at("plain/a.json"), "plain");
  writeFileSync(at("dom/a.json"), "small");
  writeFileSync(at("dom/big.txt"), "x".repeat(65_537));
  writeFileSync(at("old/after.json"), "made afterwards");
  await sandbox.operate("target", "down", "OST0001");
});
afterAll(() => sandbox.remove());
afterEach(() => sandbox.operate("target", "down", "OST0001"));

/** `true` hangs; words are paths below the mount where they say so. */
const cases: readonly [boolean, string][] = [
  [true, "cat @plain/a.json"],
  [false, "cat @dom/a.json"],
  // It has an object beyond the first 64 KiB (golden y388).
  [true, "head -c 10 @dom/big.txt"],
  [true, "cat @placed/on1"],
  [false, "cat @placed/on0"],
  [true, "cat @old/before.json"],
  [false, "cat @old/after.json"],
  [true, "find @plain -maxdepth 1 -type f -name *.json -exec cat {} +"],
  [false, "find @dom -maxdepth 1 -type f -name *.json -exec cat {} +"],
  [true, "find @dom -maxdepth 1 -type f -exec cat {} +"],
  [true, "find @dom @plain -maxdepth 1 -type f -name *.json -exec cat {} +"],
  [true, "find @ @plain -maxdepth 1 -path */plain/*.json -type f -exec cat {} + -o -printf %m -prune"],
  [false, "find @ @dom -maxdepth 1 -path */dom/*.json -type f -exec cat {} + -o -printf %m -prune"],
  [true, "find @plain -maxdepth 1 -type f -name *.json -printf %T@\\n"],
  [false, "find @plain -maxdepth 1 -type f -name *.json -printf %f\\n"],
  [false, "find @plain -mindepth 1 -maxdepth 1 -print -quit"],
  [true, "find @plain -xdev -depth -printf . -delete"],
  [false, "find @empty -xdev -depth -printf . -delete"],
  [true, "dd of=@plain/new.tmp conv=fsync status=none"],
  [false, "dd of=@dom/new.tmp conv=fsync status=none"],
  [true, "dd of=@plain/a.json conv=fsync status=none"],
  [true, "tee @plain/new"],
  [false, "tee @dom/new"],
  [true, "rm -f -- @plain/a.json @plain/a.json.tmp"],
  [false, "rm -f -- @dom/a.json @dom/a.json.tmp"],
  [true, "rm -r @plain"],
  [false, "ls @plain"],
  [true, "ls -l @plain"],
  [false, "ls -ld @plain"],
  [true, "touch -r @plain/a.json @dom/a.json"],
  [false, "mkdir @plain/d"],
  [false, "rmdir @empty"],
  [false, "ln -s -T -- text @plain/link"],
  [false, "flock -n @plain/a.json true"],
];

test.each(cases)("R-02: hangs %s: %s", (expected, line) => {
  const [tool = "", ...args] = line.split(" ").map((word) => word.replace("@", `${sandbox.mount}/`));
  const context = { dir: sandbox.dir, io: { cwd: "/" }, sight: { mount: true }, state: sandbox.state };
  expect(hangs(context as unknown as Parameters<typeof hangs>[0], tool, args)).toBe(expected);
});

test.each([
  ["stat", "-c", "%s", "plain/a.json"],
  ["mv", "-T", "--", "plain/a.json", "plain/b.json"],
  ["lfs", "df"],
  ["lfs", "df", "-i"],
])("R-02: a stand-in hangs as well: %s %s", async (...words) => {
  const argv = words.map((word) => (word.includes("/") ? at(word) : word));
  expect(await sandbox.run(argv)).toMatchObject({ exit: 124, hangs: true });
});

test.each([
  ["stat", "-c", "%F", "plain"],
  ["stat", "-c", "%s", "dom/a.json"],
  ["mv", "-T", "--", "empty", "moved"],
  ["lfs", "project", "-d", "plain/a.json"],
  ["lfs", "setquota", "-p", "7", "-B", "10M", "."],
  ["lfs", "getstripe", "plain/a.json"],
  ["lfs", "path2fid", "plain/a.json"],
  ["df", "-P", "."],
])("R-02: a stand-in that asks the MDT alone answers: %s %s", async (...words) => {
  const argv = words.map((word) => (word.includes("/") || existsSync(at(word)) || word === "moved" ? at(word) : word));
  expect((await sandbox.run(argv)).hangs).toBeUndefined();
});

test("R-09: setstripe refuses more than 2000 stripes, and makes a file where there is nothing", async () => {
  expect(await lfs("setstripe", "-c", "2001", at("plain"))).toMatchObject({
    exit: 4,
    stderr: "lfs setstripe setstripe: invalid stripe count '2001'\n",
  });
  expect((await lfs("setstripe", "-c", "1", at("plain/made"))).exit).toBe(0);
  expect(existsSync(at("plain/made"))).toBe(true);
});

test("R-03: an MDT that is filling up allows less than its maximum, and says so in dom_stripesize_cur_kb", async () => {
  await sandbox.operate("param", "lod.scratch-MDT0000-mdtlov.dom_stripesize_cur_kb=512");
  mkdirSync(at("filling"));
  await lfs("setstripe", "-E", "1M", "-L", "mdt", "-E", "-1", at("filling"));
  expect((await lfs("getstripe", "-d", at("filling"))).stdout).toContain("lcme_extent.e_end:   524288");
  expect((await sandbox.run(["lctl", "get_param", "-n", "lod.*.dom_stripesize_*"])).stdout).toBe("512\n1024\n");
});
