// Programs and processes of the rig: started with a bound, seen through /proc, ended by their ids.
import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn, spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";

/** Runs a program to its end, at most a minute; throws unless its exit status is 0. Returns what it printed. */
export function run(argv: readonly string[], input = "", environment: NodeJS.ProcessEnv = {}): string {
  const [program = "", ...args] = argv;
  const { status, signal, stdout, stderr, error } = spawnSync(program, args, {
    input,
    env: { ...process.env, LC_ALL: "C", ...environment },
    encoding: "utf8",
    timeout: 60_000,
  });
  if (status !== 0) throw error ?? new Error(`${argv.join(" ")}: ${status ?? signal}\n${stdout}${stderr}`);
  return stdout;
}

/** Seconds. A sweep of all boundaries takes longer than all other tests. */
const longest = process.env.SHAREWRIGHT_SWEEP === "all" ? 9000 : 900;

/** Starts a server that lives no longer than `seconds`, nor than the thread of this process that started it. */
export function startBounded(argv: readonly string[], seconds = longest): ChildProcessWithoutNullStreams {
  return spawn("setpriv", ["--pdeathsig", "TERM", "timeout", "--kill-after", "5", String(seconds), ...argv]);
}

export function whenEnded(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.once("exit", () => resolve()));
}

export interface ProcessEntry {
  pid: number;
  parent: number;
  /** First 15 characters of the program's name. */
  name: string;
  state: string;
}

export function processes(): ProcessEntry[] {
  if (!existsSync("/proc/self/stat")) return []; // not on Linux
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      const stat = readProc(`/proc/${pid}/stat`);
      // A name may itself contain ") ".
      const [, name = "", state = "", parent = ""] = /^\d+ \((.*)\) (\S) (\d+) /s.exec(stat) ?? [];
      return state === "" ? [] : [{ pid: Number(pid), parent: Number(parent), name, state }];
    });
}

/** Ended processes that nobody has waited for do not count. */
export function isAlive(pid: number): boolean {
  const state = /\) (\S) /.exec(readProc(`/proc/${pid}/stat`))?.[1];
  return state !== undefined && lives({ state });
}

function lives({ state }: Pick<ProcessEntry, "state">): boolean {
  return state !== "Z" && state !== "X";
}

/** Those that live among the children of one. */
export function childrenOf(pid: number): number[] {
  return processes().flatMap((entry) => (entry.parent === pid && lives(entry) ? [entry.pid] : []));
}

/** All descendants, parents first. */
export function descendants(pid: number, all = processes()): ProcessEntry[] {
  return all.filter(({ parent }) => parent === pid).flatMap((child) => [child, ...descendants(child.pid, all)]);
}

/** Processes that were started with this in their environment. Only root sees those of others. */
export function withEnvironment(entry: string): number[] {
  return withEnvironmentAmong(processes(), entry);
}

function withEnvironmentAmong(all: readonly ProcessEntry[], entry: string): number[] {
  const isMarked = ({ pid }: ProcessEntry) => `\0${readProc(`/proc/${pid}/environ`)}`.includes(`\0${entry}\0`);
  return all.filter((one) => lives(one) && isMarked(one)).map(({ pid }) => pid);
}

/** What lives below a server and is none of `names`; where that is nothing, what was started with `entry` and has left it. */
export function startedBy(server: number, names: readonly string[], entry: string): number[] {
  const all = processes();
  const below = descendants(server, all).filter((one) => lives(one) && !names.includes(one.name));
  return below.length > 0 ? below.map(({ pid }) => pid) : withEnvironmentAmong(all, entry);
}

export function send(signal: NodeJS.Signals, pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended.
    }
  }
}

/** Kills processes and waits until they are gone. */
export async function kill(pids: readonly number[]): Promise<void> {
  send("SIGKILL", pids);
  await until(() => !pids.some(isAlive), `the end of ${pids.join(" ")}`);
}

/** Waits for a state that must come; throws after a minute: a server that brings up its volumes again on a busy machine has needed more than 20 s. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  const end = Date.now() + 60_000;
  while (!holds()) {
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

function readProc(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // it has ended, or is somebody else's
  }
}
