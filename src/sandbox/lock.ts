// The lock around the state: exclusive, and free again when its holder dies, however it dies (the crash sweep kills with SIGKILL).
// Node has no flock(2). The lock is one file whose name says who holds it, and taking it is renaming it: of two who rename the same name
// one finds nothing. No process ever has a dead one's name again, so who takes over from the dead never takes from the living.
import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sleep } from "./io";

const free = "free";
const shortestWaitMs = 2;
const longestWaitMs = 30;
const giveUpMs = 30_000;

export function makeLock(directory: string): void {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, free), "");
}

export function withLock<T>(directory: string, work: () => T): T {
  own ??= nameOf(process.pid);
  const [mine, nobodys] = [join(directory, own), join(directory, free)];
  if (!take(nobodys, mine)) waitFor(directory, mine);
  try {
    return work();
  } finally {
    renameSync(mine, nobodys);
  }
}

function waitFor(directory: string, mine: string): void {
  const deadline = Date.now() + giveUpMs;
  for (let wait = shortestWaitMs; ; wait = Math.min(wait * 1.5, longestWaitMs)) {
    for (const holder of readdirSync(directory)) if (isFree(holder) && take(join(directory, holder), mine)) return;
    if (Date.now() > deadline) throw new Error(`the sandbox's state stayed locked for ${giveUpMs / 1000} s (${directory})`);
    sleep(wait * (0.5 + Math.random())); // a hundred waiters must not eat the processor of the one that works
  }
}

function take(holder: string, mine: string): boolean {
  try {
    renameSync(holder, mine);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return false;
    throw error;
  }
}

function isFree(holder: string): boolean {
  return holder === free || nameOf(Number.parseInt(holder, 10)) !== holder;
}

/** Of this process, read once. */
let own: string | undefined;

/** Pid and start time together name a process for good: pids are used again. */
function nameOf(pid: number): string {
  return `${pid}-${startTime(pid)}`;
}

/** "" = no such process. */
function startTime(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? "" : (fields[19] ?? "");
  } catch {
    return "";
  }
}
