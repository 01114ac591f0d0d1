// A sandbox whose stand-ins are real files that start the built bundle: for what needs processes (kills, locks, concurrency).
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const bundle = join(__dirname, "../../dist/sharewright.cjs");

export interface Ending {
  exit: number | null;
  signal: string | null;
  stdout: string;
  stderr: string;
}

export interface ProcessSandbox {
  dir: string;
  mount: string;
  env: NodeJS.ProcessEnv;
  spawn: (command: readonly string[], env?: NodeJS.ProcessEnv) => ChildProcess;
  run: (command: readonly string[], env?: NodeJS.ProcessEnv) => Promise<Ending>;
  operate: (...argv: string[]) => string;
  remove: () => void;
}

export function startProcessSandbox(...options: string[]): ProcessSandbox {
  const parent = mkdtempSync(join(tmpdir(), "sandbox-test-"));
  const dir = join(parent, "sandbox");
  const operate = (...argv: string[]) =>
    execFileSync(process.execPath, [bundle, "sandbox", ...argv, "--dir", dir], {
      encoding: "utf8",
      env: { ...process.env, NODE_EXTRA_CA_CERTS: "" },
    });
  operate("start", ...options);
  const env = { ...process.env, ...(JSON.parse(operate("env", "--json")) as Record<string, string>) };
  const start = ([tool = "", ...args]: readonly string[], more: NodeJS.ProcessEnv = {}) =>
    spawn(tool, args, { env: { ...env, ...more } });
  return {
    dir,
    mount: join(dir, "mnt"),
    env,
    operate,
    spawn: start,
    run: (command, more) => ending(start(command, more)),
    remove: () => rmSync(parent, { recursive: true, force: true }),
  };
}

export function ending(child: ChildProcess): Promise<Ending> {
  const result: Ending = { exit: null, signal: null, stdout: "", stderr: "" };
  child.stdout?.on("data", (data) => {
    result.stdout += String(data);
  });
  child.stderr?.on("data", (data) => {
    result.stderr += String(data);
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (exit, signal) => resolve({ ...result, exit, signal }));
  });
}

export async function until(condition: () => boolean, ms = 10_000): Promise<void> {
  const deadline = Date.now() + ms;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error("waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
