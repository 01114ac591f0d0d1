// start, stop, reset, env, help.
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { sandboxCommand } from "../../src/sandbox/commands";
import type { Answer } from "./sandbox";

let parent: string;

beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "sandbox-test-"));
});
afterEach(() => rmSync(parent, { recursive: true, force: true }));

async function operate(...argv: string[]): Promise<Answer> {
  const answer: Answer = { exit: 0, stdout: "", stderr: "" };
  answer.exit = await sandboxCommand(argv, {
    stdout: (text) => {
      answer.stdout += text;
    },
    stderr: (text) => {
      answer.stderr += text;
    },
    env: { PATH: process.env["PATH"] },
    cwd: parent,
  });
  return answer;
}

it("makes a prepared site, says what to export, and removes it without a trace", async () => {
  const dir = join(parent, ".sharewright-sandbox");
  expect((await operate("start")).exit).toBe(0);
  expect((await operate("start")).exit).toBe(2);
  const { stdout } = await operate("env", "--json");
  expect(JSON.parse(stdout)).toMatchObject({
    SHAREWRIGHT_SANDBOX: dir,
    SHAREWRIGHT_SANDBOX_MOUNT: join(dir, "mnt"),
    SHAREWRIGHT_RUN_DIR: join(dir, "run"),
  });
  expect((await operate("env", "--shell")).stdout).toContain(`export PATH='${join(dir, "bin")}:`);
  expect((await operate("status")).stdout).toContain("default");
  expect((await operate("stop")).exit).toBe(0);
  expect(existsSync(dir)).toBe(false);
});

it("fails to start in a directory that holds something", async () => {
  writeFileSync(join(parent, "mine"), "");
  expect((await operate("start", "--dir", parent)).exit).toBe(2);
});

it("fails to stop what is not a sandbox", async () => {
  writeFileSync(join(parent, "mine"), "");
  expect((await operate("stop", "--dir", parent)).exit).toBe(2);
  expect(existsSync(join(parent, "mine"))).toBe(true);
});

it("follows no symlink out when it stops, and opens closed directories", async () => {
  const outside = join(parent, "outside");
  mkdirSync(outside);
  writeFileSync(join(outside, "mine"), "");
  await operate("start", "--dir", join(parent, "s"));
  symlinkSync(outside, join(parent, "s/mnt/link"));
  mkdirSync(join(parent, "s/mnt/closed/below"), { recursive: true, mode: 0o000 });
  expect((await operate("stop", "--dir", join(parent, "s"))).exit).toBe(0);
  expect(existsSync(join(outside, "mine"))).toBe(true);
});

it("resets to the prepared site, or to a bare one", async () => {
  await operate("start", "--lustre-version", "2.16");
  mkdirSync(join(parent, ".sharewright-sandbox/mnt/shares"));
  await operate("reset");
  expect(existsSync(join(parent, ".sharewright-sandbox/mnt/shares"))).toBe(false);
  expect(existsSync(join(parent, ".sharewright-sandbox/mnt/.sharewright/closed"))).toBe(true);
  await operate("reset", "--bare");
  expect(JSON.parse((await operate("status", "--json")).stdout)).toMatchObject({ nodemapActive: false, version: "2.16.1" });
});

it("has help for every command, and no other words", async () => {
  const { stdout } = await operate("--help");
  const names = [...stdout.matchAll(/^ {2}(\S+) {2}/gm)].map(([, name]) => name ?? "");
  expect(names.length).toBeGreaterThan(10);
  for (const name of names)
    expect(await operate(name, "--help")).toMatchObject({
      exit: 0,
      stdout: expect.stringContaining(`usage: sharewright sandbox ${name}`),
    });
  expect((await operate("nonsense")).exit).toBe(2);
  expect((await operate("start", "--nonsense")).exit).toBe(2);
});
