// find with modes, owners and inode numbers, which are virtual on Lustre: all else as the real one has it.
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { execute } from "../executor/processes";
import { makeSandbox, type TestSandbox } from "./sandbox";

let sandbox: TestSandbox;
const at = (path: string) => join(sandbox.mount, path);

beforeEach(() => {
  sandbox = makeSandbox();
  for (const name of [".x/a", ".x/b/deep", "c"]) mkdirSync(at(name), { recursive: true });
  writeFileSync(at(".x/a/one.json"), '{"one":1}\n');
  writeFileSync(at(".x/a/two.json"), '{"two":2}\n');
  writeFileSync(at(".x/a/three.json.tmp"), "");
  symlinkSync("some|text", at("c/link"));
});
afterEach(() => sandbox.remove());

const format = "%y|%m|%l|%p\\n";
it.each<[string, (at: (path: string) => string) => string[]]>([
  ["of some paths", (at) => [at(""), at("c/link"), at("c"), "-maxdepth", "0", "-printf", `${format}%%`]],
  ["of what is not there", (at) => [at("c"), at("it's:not"), at(".x/a/one.json/below"), "-maxdepth", "0", "-printf", format]],
  [
    "with contents behind all else",
    (at) => [
      at(".x/a/one.json"),
      at("c"),
      "-maxdepth",
      "0",
      "-path",
      "*/.x/a/*.json",
      "-exec",
      "cat",
      "{}",
      "+",
      "-o",
      "-printf",
      format,
    ],
  ],
  [
    "of folders, and of what they lie in",
    (at) => [
      ...[
        at(""),
        at(".x"),
        at(".x/a"),
        at(".x/b"),
        "-maxdepth",
        "1",
        "-path",
        "*/.x/*/*.json",
        "-type",
        "f",
        "-exec",
        "cat",
        "{}",
        "+",
      ],
      ...["-o", "-path", "*/.x/*/*", "-o", "-printf", format, "-path", "*/.x/*", "-o", "-prune"],
    ],
  ],
  ["with what is not so", (at) => [at(".x"), "!", "(", "-name", "*.json", "-o", "-type", "d", ")", "-printf", format]],
])("answers as the real one does %s", async (_, words) => {
  const real = await execute(["find", ...words(at)], { ...process.env, LC_ALL: "C" });
  // That ours answers is seen by what is virtual.
  const virtual = words(at).map((word) => (word.includes("%p") ? `%U ${word}` : word));
  const ours = await sandbox.run(["find", ...virtual]);
  // The order within a directory is its file system's.
  const lines = (text: string) =>
    text
      .replace(/^(%?)0 /gm, "$1")
      .split("\n")
      .sort();
  expect([ours.exit, lines(ours.stdout), lines(ours.stderr)]).toEqual([real.exitCode, lines(real.stdout), lines(real.stderr)]);
});

it("prints owners where there is GlusterFS as well", async () => {
  const both = makeSandbox({ clusters: 1 });
  try {
    const path = join(both.mount, "owned");
    mkdirSync(path);
    await both.run(["chown", "7:8", path]);
    expect((await both.run(["find", path, "-maxdepth", "0", "-printf", "%U:%G\\n"])).stdout).toBe("7:8\n");
  } finally {
    both.remove();
  }
});

it("prints owners, and inode numbers that are made of FIDs (y614)", async () => {
  await sandbox.run(["chown", "7:8", at("c")]);
  const said = await sandbox.run(["find", at(""), at("c"), "-maxdepth", "0", "-printf", "%U:%G %i\\n"]);
  const stat = await sandbox.run(["stat", "-c", "%u:%g %i", at(""), at("c")]);
  expect(said.stdout).toBe(stat.stdout);
  expect(said.stdout.split("\n")[0]).toBe("0:0 144115188193296385");
  const fid = (await sandbox.run(["lfs", "path2fid", at("c")])).stdout.trim();
  const [, oid = ""] = /^\[0x200000401:(0x[0-9a-f]+):0x0\]$/.exec(fid) ?? [];
  expect(said.stdout.split("\n")[1]).toBe(`7:8 ${(0x200000401n << 24n) + BigInt(oid)}`);
});
