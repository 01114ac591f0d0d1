// Faults, the log, and what a pass-through hands on.

import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ending, type ProcessSandbox, startProcessSandbox, until } from "./processes";

let sandbox: ProcessSandbox;
beforeEach(() => {
  sandbox = startProcessSandbox();
});
afterEach(() => sandbox.remove());

const set = (...faults: object[]) => sandbox.operate("fault", "set", ...faults.map((fault) => JSON.stringify(fault)));
const quota = () => sandbox.run(["lfs", "quota", "-q", "-p", "7", sandbox.mount], { SHAREWRIGHT_SANDBOX_QUIET: "1" });
const setquota = ["lfs", "setquota", "-p", "7", "-B", "1G"];

it("fails the nth matching command, before or after it has worked, once", async () => {
  set({ match: "lfs setquota", nth: 2, do: "fail", exit: 5, stderr: "boom" });
  const command = [...setquota, sandbox.mount];
  expect((await sandbox.run(command)).exit).toBe(0);
  expect((await sandbox.run(["lfs", "setquota", "-p", "7", "-B", "2G", sandbox.mount])).stderr).toBe("boom\n");
  expect((await quota()).stdout).toContain(" 1048576 ");
  expect((await sandbox.run(command)).exit).toBe(0);
  set({ match: "lfs setquota", when: "after", do: "fail", exit: 5 });
  expect((await sandbox.run(["lfs", "setquota", "-p", "7", "-B", "3G", sandbox.mount])).exit).toBe(5);
  expect((await quota()).stdout).toContain(" 3145728 ");
});

it("hangs until killed", async () => {
  set({ match: "mkdir", do: "hang" });
  const child = sandbox.spawn(["mkdir", join(sandbox.mount, "a")]);
  const ended = ending(child);
  await new Promise((resolve) => setTimeout(resolve, 400));
  child.kill("SIGTERM");
  expect(await ended).toMatchObject({ signal: "SIGTERM" });
  expect(existsSync(join(sandbox.mount, "a"))).toBe(false);
});

it("garbles what a command says, after it has worked", async () => {
  set({ match: "lfs project", do: "garble" });
  const { stdout, exit } = await sandbox.run(["lfs", "project", "-d", sandbox.mount]);
  expect(exit).toBe(0);
  expect(stdout).toContain("garbled");
  expect(stdout).not.toContain("0 -");
});

describe("the caller", () => {
  /** A caller that starts commands and would say so if it came to the end. */
  const caller = (commands: string) => spawn("/bin/sh", ["-c", `${commands}; echo survived`], { env: sandbox.env });

  it("is killed before the nth command of any kind, which then does nothing", async () => {
    set({ nth: 2, do: "kill-caller", when: "before" });
    const ended = await ending(caller(`mkdir ${sandbox.mount}/a; mkdir ${sandbox.mount}/b`));
    expect(ended).toMatchObject({ signal: "SIGKILL", stdout: "" });
    await until(() => existsSync(join(sandbox.mount, "a")));
    expect(existsSync(join(sandbox.mount, "b"))).toBe(false);
  });

  it("is killed after the command has worked", async () => {
    set({ do: "kill-caller", when: "after" });
    expect(await ending(caller(`mkdir ${sandbox.mount}/a`))).toMatchObject({ signal: "SIGKILL" });
    expect(existsSync(join(sandbox.mount, "a"))).toBe(true);
  });

  it("is killed while the command goes on, with the caller's lock in its hand", async () => {
    set({ match: "mkdir", do: "finish-later", delayMs: 3000 });
    const lock = join(sandbox.dir, "run/lock");
    const child = caller(`exec 3>${lock}; flock 3; mkdir ${sandbox.mount}/late`);
    const died = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    await died;
    expect(existsSync(join(sandbox.mount, "late"))).toBe(false);
    const quiet = { SHAREWRIGHT_SANDBOX_QUIET: "1" };
    expect((await sandbox.run(["flock", "-n", lock, "true"], quiet)).exit).toBe(1);
    expect((await sandbox.run(["flock", "-w", "10", lock, "true"], quiet)).exit).toBe(0);
    expect(existsSync(join(sandbox.mount, "late"))).toBe(true);
  });
});

it("hands every inherited file to the real tool", async () => {
  sandbox.operate("log", "on");
  const lock = join(sandbox.dir, "run/lock");
  const fd = openSync(lock, "w");
  const child = spawn(join(sandbox.dir, "bin/flock"), ["-n", "3"], { env: sandbox.env, stdio: ["ignore", "pipe", "pipe", fd] });
  expect((await ending(child)).exit).toBe(0);
  expect((await sandbox.run(["flock", "-n", lock, "true"])).exit).toBe(1); // held by our descriptor: the real flock got the same file
  closeSync(fd);
});

it("logs every command while it is on, and leaves no trace when off", async () => {
  sandbox.operate("log", "on");
  await sandbox.run(["mkdir", join(sandbox.mount, "a b")]);
  await sandbox.run(["lctl", "nodemap_add", "default"]);
  await sandbox.run(["lctl", "nodemap_add", "quiet"], { SHAREWRIGHT_SANDBOX_QUIET: "1" });
  const lines = readFileSync(join(sandbox.dir, "log.ndjson"), "utf8").trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { n: 1, host: "all", tool: "mkdir", argv: [join(sandbox.mount, "a b")], exit: 0, ppid: process.pid },
    { n: 2, host: "all", tool: "lctl", argv: ["nodemap_add", "default"], exit: 1 },
  ]);
  sandbox.operate("log", "off");
  expect(existsSync(join(sandbox.dir, "armed"))).toBe(false);
});

it("gives back the real tool's exit code and signal", async () => {
  sandbox.operate("log", "on");
  mkdirSync(join(sandbox.mount, "a"));
  expect((await sandbox.run(["mkdir", join(sandbox.mount, "a")])).exit).toBe(1);
  expect((await sandbox.run(["ls", join(sandbox.mount, "none")])).exit).toBe(2);
});
