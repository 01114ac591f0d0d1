// Runs the real tool behind a stand-in: same streams, same inherited files (the executor's lock is fd 3), same ending.
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import type { Context } from "../context";
import { files } from "../store";

export function findTool(name: string, path: string): string | undefined {
  return path
    .split(delimiter)
    .map((directory) => join(directory, name))
    .find(isRealProgram);
}

/** Where each of them is; those that are nowhere are left out. */
export function findTools(names: readonly string[], path: string): ReadonlyMap<string, string> {
  return new Map(
    names.flatMap((name) => {
      const found = findTool(name, path);
      return found === undefined ? [] : [[name, found] as const];
    }),
  );
}

/** PATH without what leads into a sandbox: its stand-ins would ask for the real tool again, and find those of another one, in a circle. */
export function outsideSandboxes(path: string): string {
  return path
    .split(delimiter)
    .filter((directory) => !isInSandbox(directory))
    .join(delimiter);
}

function isRealProgram(path: string): boolean {
  try {
    return ((statSync(path, { throwIfNoEntry: false })?.mode ?? 0) & 0o111) !== 0 && !isInSandbox(path);
  } catch {
    return false; // not to be reached
  }
}

/** This one, or any other. */
function isInSandbox(path: string): boolean {
  try {
    return isBelowMarker(realpathSync(path));
  } catch {
    return false; // not there
  }
}

function isBelowMarker(real: string): boolean {
  const parent = dirname(real);
  return existsSync(join(parent, files.marker)) || (parent !== real && isBelowMarker(parent));
}

export async function runReal(context: Context, tool: string, args: readonly string[]): Promise<number> {
  const path = findTool(tool, context.io.env["PATH"] ?? "");
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
