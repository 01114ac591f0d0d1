// Compiled forms of parts: used, so that hooks start fast, and never where they could be somebody else's or another text's.
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { afterAll, beforeEach, expect, test } from "vitest";

const dir = mkdtempSync(join(tmpdir(), "sharewright-part-"));
const main = join(dir, "main.cjs");
buildSync({
  stdin: {
    contents: `import { loadPart } from "./src/core/part"; console.log(loadPart("part.cjs", process.argv[2]).word());`,
    resolveDir: join(__dirname, "../.."),
  },
  bundle: true,
  platform: "node",
  outfile: main,
});
afterAll(() => rmSync(dir, { recursive: true }));

const says = (word: string) => writeFileSync(join(dir, "part.cjs"), `exports.word = () => ${JSON.stringify(word)};`);
const said = (digest = "first") => spawnSync(process.execPath, [main, digest], { encoding: "utf8" }).stdout.trim();
const compiled = () => readdirSync(dir).filter((name) => name.startsWith("part.cjs."));
const theOne = () => join(dir, compiled()[0] ?? "");

beforeEach(() => {
  for (const name of compiled()) rmSync(join(dir, name));
  says("one");
  expect(said()).toBe("one");
});

test("is made at the first use, for this Node and this text", () => {
  expect(compiled()).toEqual([`part.cjs.${process.version}-${process.arch}-first`]);
  expect(statSync(theOne()).mode & 0o777).toBe(0o644);
});

test("is used: V8 itself would not notice another text of the same length, so its name says of which it is", () => {
  says("two");
  expect(said()).toBe("one");
  expect(said("second")).toBe("two");
});

test.each([0o664, 0o646])("of mode %o others could have written it: not used", (mode) => {
  chmodSync(theOne(), mode);
  says("two");
  expect(said()).toBe("two");
});

test("one that is broken, or of another version, is made anew", () => {
  writeFileSync(theOne(), "nothing that V8 knows");
  says("two");
  expect(said()).toBe("two");
  says("six");
  expect(said()).toBe("two");
});

test("who is not the owner of the part leaves none behind", () => {
  rmSync(theOne());
  writeFileSync(join(dir, "part.cjs"), `process.getuid = () => -1; exports.word = () => "guest";`);
  expect(said()).toBe("guest");
  expect(compiled()).toEqual([]);
});
