// The lock around the sandbox's state, as its directory shows it.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeLock, withLock } from "../../src/sandbox/lock";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "sandbox-lock-"));
  makeLock(directory);
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const heldAs = (name: string) => renameSync(join(directory, "free"), join(directory, name));
const startOf = (pid: number) => readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ")[19];

test("is held by its name, and free afterwards, whatever the work does", () => {
  const during = withLock(directory, () => readdirSync(directory));
  expect(during).toEqual([`${process.pid}-${startOf(process.pid)}`]);
  expect(() =>
    withLock(directory, () => {
      throw new Error("work");
    }),
  ).toThrow("work");
  expect(readdirSync(directory)).toEqual(["free"]);
});

test.each([
  ["a process that is gone", "4194304-1"],
  ["an earlier process of the same number", `${process.ppid}-1`],
])("is taken over from %s", (_, holder) => {
  heldAs(holder);
  expect(withLock(directory, () => "worked")).toBe("worked");
  expect(readdirSync(directory)).toEqual(["free"]);
});

test("is waited for while its holder lives", () => {
  const holder = spawn("sleep", ["30"]);
  const pid = holder.pid ?? 0;
  const name = `${pid}-${startOf(pid)}`;
  heldAs(name);
  // The wait blocks this thread, so another process ends the holder.
  const killer = spawn("sh", ["-c", 'sleep 0.2; echo > "$0"; kill -9 "$1"', join(directory, "..", `${pid}.ended`), String(pid)]);
  try {
    const endedFirst = withLock(directory, () => readFileSync(join(directory, "..", `${pid}.ended`), "utf8"));
    expect(endedFirst).toBe("\n");
  } finally {
    rmSync(join(directory, "..", `${pid}.ended`), { force: true });
    killer.kill("SIGKILL");
    holder.kill("SIGKILL");
  }
});
