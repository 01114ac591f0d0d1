// Programs that tests start and wait for, and what a hook is.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Writable } from "node:stream";
import type { Sink } from "../../src/core/log";

export const bundle = process.env["SHAREWRIGHT_BUNDLE"] ?? join(__dirname, "../../dist/sharewright.cjs");

export interface Ended {
  exitCode: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

interface Execution {
  timeoutMs?: number;
  cwd?: string;
  /** Called when the program writes to file 3; it may read file 4 to wait for the end of the call. */
  afterCommand?: () => void;
  /** Called at once: to follow its output, or to kill it. */
  started?: (child: ChildProcess) => void;
}

/** Runs a program to its end, or kills it: no test leaves a process behind. */
export function execute(
  argv: readonly string[],
  environment: NodeJS.ProcessEnv = {},
  { timeoutMs = 500_000, cwd, afterCommand, started }: Execution = {},
): Promise<Ended> {
  const [program = "", ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: "", ...environment },
      stdio: ["ignore", "pipe", "pipe", ...(afterCommand ? (["pipe", "pipe"] as const) : [])],
      timeout: timeoutMs,
      killSignal: "SIGKILL",
      ...(cwd ? { cwd } : {}),
    });
    const output = { stdout: "", stderr: "" };
    const collect = (name: keyof typeof output) =>
      child[name]?.setEncoding("utf8").on("data", (text: string) => {
        output[name] += text;
      });
    collect("stdout");
    collect("stderr");
    if (afterCommand) listen(child, afterCommand);
    started?.(child);
    child.on("error", reject);
    // Not "close": a command that outlives its executor may keep the pipes open, which is what the crash sweep is about.
    child.on("exit", (exitCode, signal) => setImmediate(() => resolve({ exitCode, signal, ...output })));
  });
}

function listen(child: ChildProcess, afterCommand: () => void): void {
  const [, , , asks, answers] = child.stdio;
  asks?.on("data", () => {
    afterCommand();
    (answers as Writable).write("!");
  });
  answers?.on("error", () => {}); // killed while it waited
  asks?.on("error", () => {});
}

/** What Terraform starts: the arguments after `node BUNDLE` and the request. */
export interface Hook {
  args: readonly string[];
  environment: Record<string, string>;
}

export function expectSuccess(argv: readonly string[], ended: Ended): string {
  if (ended.exitCode === 0) return ended.stdout;
  throw new Error(`${argv.join(" ")}: exit ${ended.exitCode ?? ended.signal}\n${ended.stdout}${ended.stderr}`);
}

export function linesOf(path: string): string[] {
  return existsSync(path) ? readFileSync(path, "utf8").split("\n").filter(Boolean) : [];
}

/** What is printed by work within this process, and how it ends. */
export async function captured(work: (sink: Sink) => Promise<number>): Promise<Ended> {
  const said = { stdout: "", stderr: "" };
  const exitCode = await work(sinkOf(said));
  return { exitCode, signal: null, ...said };
}

/** Adds what is printed. */
export function sinkOf(said: Pick<Ended, "stdout" | "stderr">): Sink {
  return {
    stdout: (text) => {
      said.stdout += text;
    },
    stderr: (text) => {
      said.stderr += text;
    },
  };
}
