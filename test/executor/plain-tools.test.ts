// Plain tools within the test against the real ones: the same output, exit code and files, or nothing at all.
import { spawnSync } from "node:child_process";
import {
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import * as gluster from "../../src/backends/gluster/cli";
import * as content from "../../src/backends/gluster/cli-content";
import * as lustre from "../../src/backends/lustre/cli";
import type { Command } from "../../src/core/command";
import { makeRunDirectory } from "../../src/core/locks";
import { plainly } from "./plain-tools";

let parent: string;
let at: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "plain-tools-"));
  at = join(parent, "at");
  mkdirSync(join(at, "d/e/f"), { recursive: true });
  mkdirSync(join(at, "empty"));
  mkdirSync(join(at, ".trashcan/internal_op"), { recursive: true });
  for (const name of ["a.json", "b.json", "c.json.tmp", "d/one", "d/e/two", "d/e/f/three"])
    writeFileSync(join(at, name), `${name}\n`);
  symlinkSync("shares/ghost", join(at, "777"));
  symlinkSync("d", join(at, "link"));
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

/** Every entry with its kind, mode and content. */
function tree(path: string, name = ""): string[] {
  const stat = lstatSync(path);
  const mode = stat.isSymbolicLink() ? "" : (stat.mode & 0o7777).toString(8);
  if (stat.isSymbolicLink()) return [`${name} -> ${readlinkSync(path)}`];
  if (stat.isFile()) return [`${name} ${mode} ${readFileSync(path, "utf8")}`];
  return [`${name}/ ${mode}`, ...readdirSync(path).flatMap((entry) => tree(join(path, entry), `${name}/${entry}`))];
}

const lines = (text: string) => text.split("\n").sort();

function really({ argv, stdin }: Command) {
  const [program, ...args] = argv;
  const { status, stdout, stderr } = spawnSync(program, args, {
    encoding: "utf8",
    input: stdin ?? "",
    env: { ...process.env, LC_ALL: "C" },
  });
  return { exitCode: status, stdout, stderr };
}

const done: Record<string, () => Command> = {
  "mkdir -m": () => lustre.mkdir("0711", join(at, "new")),
  "mkdir -m of set-id bits": () => lustre.mkdir("02770", join(at, "new")),
  "mkdir -p": () => makeRunDirectory(join(at, "run")),
  "mkdir -p of one that is there": () => makeRunDirectory(join(at, "d")),
  "mkdir -p below nothing": () => makeRunDirectory(join(at, "run/below/it")),
  "mkdir of a proof": () => content.makeProof(at, "proof"),
  chmod: () => lustre.chmod("0750", join(at, "d")),
  "rmdir": () => lustre.rmdir(join(at, "empty")),
  "rm -f": () => lustre.rmFile(join(at, "a.json"), join(at, "none"), join(at, "link")),
  "ln -f": () => lustre.lnReplace("shares/b", join(at, "777")),
  "ln -f of what is new": () => lustre.lnReplace("shares/b", join(at, "778")),
  ln: () => lustre.lnExclusive("shares/a", join(at, "10000")),
  "dd of a new file": () => lustre.writeFile(join(at, "new.json"), "text\n"),
  "dd over a file": () => lustre.writeFile(join(at, "a.json"), "x"),
  "find of links": () => lustre.findLinks(at),
  "find of some links": () => lustre.findLinks(at, "-name", "77*"),
  "find of directories": () => lustre.findDirectories(at),
  "find of nothing": () => lustre.findAny(join(at, "empty")),
  "find of anything": () => lustre.findAny(join(at, "d/e/f")),
  "cat of records": () => lustre.catRecords(join(at, "d"), at),
  "cat of one record": () => lustre.catRecord(join(at, "b.json")),
  "cat of two records": () => lustre.catRecord(join(at, "b.json"), join(at, "a.json")),
  "removal of temporary files": () => lustre.findTemporary(at),
  "removal of a tree": () => lustre.findDelete(join(at, "d")),
  "cat": () => gluster.certificate(join(at, "a.json")),
  "test -r": () => gluster.isReadable(join(at, "a.json")),
  "test -e": () => gluster.exists(join(at, "d")),
  "cat of what is not there": () => gluster.certificate(join(at, "none")),
  "cat of a record and of none": () => lustre.catRecord(join(at, "z.json"), join(at, "a.json"), join(at, "none/z.json")),
  "cat of records that are not there": () => lustre.catRecord(join(at, "shares:a#cpu.json"), join(at, "a#b.json")),
  "cat below nothing": () => lustre.catRecord(join(at, "none/z.json")),
  "test -r of what is not there": () => gluster.isReadable(join(at, "none")),
  "test -e of what is not there": () => gluster.exists(join(at, "none")),
  "findmnt of what is no mount point": () => gluster.mountOf(at),
  "findmnt of what is not there": () => gluster.mountOf(join(at, "none")),
  wipe: () => content.wipe(at),
  "first entry": () => content.firstEntry(join(at, "d/e/f")),
  "first entry of a brick": () => content.firstBrickEntry(join(at, "empty")),
  "first entry of a brick with something in it": () => content.firstBrickEntry(join(at, "d/e/f")),
  "kept directories": () => content.keptDirectories(at),
  "removal of proofs": () => content.removeProofs(at),
  "find that follows what it is given": () => ({ argv: ["find", "-H", join(at, "link"), "-mindepth", "1", "-type", "f", "-print"] }),
}; // biome-ignore format: one a line

test.each(Object.entries(done))("%s is what the real tool does", (_, command) => {
  const asked = command();
  const before = join(parent, "before");
  cpSync(at, before, { recursive: true, verbatimSymlinks: true });
  const within = plainly(asked);
  const after = tree(at);
  rmSync(at, { recursive: true });
  cpSync(before, at, { recursive: true, verbatimSymlinks: true });
  const real = really(asked);
  expect(within).toMatchObject({ exitCode: real.exitCode, stderr: real.stderr });
  expect(lines(within?.stdout ?? "")).toEqual(lines(real.stdout));
  expect(after).toEqual(tree(at));
});

describe("is left to the real tool, and nothing is done", () => {
  const left: Record<string, () => Command> = {
    "mkdir of what is there": () => lustre.mkdir("0711", join(at, "d")),
    "mkdir below nothing": () => lustre.mkdir("0711", join(at, "none/new")),
    "chmod of nothing": () => lustre.chmod("0750", join(at, "none")),
    "rmdir of what is not empty": () => lustre.rmdir(join(at, "d")),
    "rm -f of a directory": () => lustre.rmFile(join(at, "d")),
    "ln over what is there": () => lustre.lnExclusive("shares/a", join(at, "777")),
    "ln -f over a directory": () => lustre.lnReplace("shares/a", join(at, "d")),
    "dd below nothing": () => lustre.writeFile(join(at, "none/new.json"), "text\n"),
    "find below nothing": () => lustre.catRecords(at, join(at, "none")),
    "find with what is not known here": () => content.havingTime(at, 5),
    "mkdir over a file": () => makeRunDirectory(join(at, "a.json")),
    "cat of what is not there, with a name that is quoted": () => gluster.certificate(join(at, "no ne")),
    "cat of what is below a file": () => gluster.certificate(join(at, "a.json/none")),
    "findmnt of a mount point": () => gluster.mountOf("/proc"),
  };

  test.each(Object.entries(left))("%s", (_, command) => {
    const before = tree(at);
    expect(plainly(command())).toBeUndefined();
    expect(tree(at)).toEqual(before);
  });
});
