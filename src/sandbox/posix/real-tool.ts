// Runs the real tool behind a stand-in: same streams, same inherited files (the executor's lock is fd 3), same ending.
import { spawn } from "node:child_process";
import { readdirSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, join } from "node:path";
import type { Context } from "../context";

export function findTool(name: string, path: string, notIn: string): string | undefined {
  for (const directory of path.split(delimiter))
    if (isElsewhere(directory, notIn) && isProgram(join(directory, name))) return join(directory, name);
  return undefined;
}

/** Where each of them is; those that are nowhere are left out. */
export function findTools(names: readonly string[], path: string, notIn: string): ReadonlyMap<string, string> {
  const directories = path.split(delimiter).filter((directory) => isElsewhere(directory, notIn));
  return new Map(
    names.flatMap((name) => {
      const found = directories.map((directory) => join(directory, name)).find(isProgram);
      return found === undefined ? [] : [[name, found] as const];
    }),
  );
}

/** The sandbox's own bin comes first on PATH and has to be passed over. */
function isElsewhere(directory: string, sandbox: string): boolean {
  try {
    const real = realpathSync(directory);
    return real !== sandbox && !real.startsWith(`${sandbox}/`);
  } catch {
    return false; // not there
  }
}

function isProgram(path: string): boolean {
  try {
    return ((statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & 0o111) !== 0;
  } catch {
    return false; // not to be reached
  }
}

export async function runReal(context: Context, tool: string, args: readonly string[]): Promise<number> {
  const path = findTool(tool, context.io.env["PATH"] ?? "", context.dir);
  if (path === undefined) {
    context.err(`${tool}: command not found\n`);
    return 127;
  }
  if (context.io.real) return context.io.real(path, args);
  const child = spawn(path, args, { stdio: inheritedFiles(), env: context.io.env, cwd: context.io.cwd, argv0: tool });
  const forward = (signal: NodeJS.Signals) => child.kill(signal);
  const signals = ["SIGTERM", "SIGINT", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, forward);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (...ending) => resolve(ending));
  });
  for (const name of signals) process.off(name, forward);
  if (signal === null) return code ?? 1;
  process.kill(process.pid, signal);
  return 128 + constants.signals[signal];
}

const firstOther = 3;

/** Files that this process was started with, at their numbers. Node's own descriptors are pipes and anonymous inodes, never files. */
function inheritedFiles(): ("inherit" | "ignore" | number)[] {
  const stdio: ("inherit" | "ignore" | number)[] = ["inherit", "inherit", "inherit"];
  for (const fd of openFiles()) {
    while (stdio.length < fd) stdio.push("ignore");
    stdio[fd] = fd;
  }
  return stdio;
}

function openFiles(): number[] {
  const own = `/proc/${process.pid}/fd`;
  const isFile = (fd: number) => {
    try {
      return readlinkSync(`${own}/${fd}`).startsWith("/") && !statSync(`${own}/${fd}`).isDirectory();
    } catch {
      return false;
    }
  };
  return readdirSync(own)
    .map(Number)
    .filter((fd) => fd >= firstOther && isFile(fd))
    .sort((a, b) => a - b);
}
