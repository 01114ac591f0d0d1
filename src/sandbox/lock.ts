// The lock around the state: exclusive, and free again when its holder dies, however it dies (the crash sweep kills with SIGKILL).
// Node has no flock(2). A holder is the highest numbered file in a directory; its text names the process. Nobody ever removes
// the highest number, so "is the highest holder gone?" followed by "create the next number" cannot be won by two.
import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sleep } from "./io";

const released = "released";
const shortestWaitMs = 2;
const longestWaitMs = 30;
const giveUpMs = 30_000;

export function withLock<T>(lockDirectory: string, work: () => T): T {
  const ticket = acquire(lockDirectory);
  try {
    return work();
  } finally {
    release(lockDirectory, ticket);
  }
}

function acquire(directory: string): number {
  const started = startTime(process.pid);
  const mine = join(directory, `${process.pid}-${started}.claim`); // never a dead holder's file: its ticket is a hard link to it
  writeFileSync(mine, `${process.pid} ${started}`);
  const deadline = Date.now() + giveUpMs;
  let wait = shortestWaitMs;
  try {
    for (;;) {
      const ticket = tryOnce(directory, mine);
      if (ticket !== undefined) return ticket;
      if (Date.now() > deadline) throw new Error(`the sandbox's state stayed locked for ${giveUpMs / 1000} s (${directory})`);
      sleep(wait * (0.5 + Math.random()));
      wait = Math.min(wait * 1.5, longestWaitMs); // a hundred waiters must not eat the processor of the one that works
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

function tryOnce(directory: string, mine: string): number | undefined {
  const highest = highestTicket(directory);
  if (highest > 0 && !isFree(directory, highest)) return undefined;
  const next = highest + 1;
  if (!claim(mine, ticketPath(directory, next)) || highestTicket(directory) !== next) return undefined;
  sweep(directory, next);
  return next;
}

/** A new file renamed over the ticket: the number stays taken, and a half written text is never read. */
function release(directory: string, ticket: number): void {
  const note = join(directory, `${process.pid}.release`);
  writeFileSync(note, released);
  renameSync(note, ticketPath(directory, ticket));
}

/** link(2) fails if the number is taken. A number below the highest (its maker slept meanwhile) means nothing and is swept. */
function claim(mine: string, ticket: string): boolean {
  try {
    linkSync(mine, ticket);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function isFree(directory: string, ticket: number): boolean {
  let text: string;
  try {
    text = readFileSync(ticketPath(directory, ticket), "utf8");
  } catch {
    return false; // swept by a later holder: look again
  }
  if (text === released) return true;
  const [pid = "", started = ""] = text.split(" ");
  return startTime(Number(pid)) !== started;
}

function sweep(directory: string, ticket: number): void {
  for (const name of readdirSync(directory)) {
    const number = ticketNumber(name);
    if (number > 0 && number < ticket) rmSync(join(directory, name), { force: true });
  }
}

function highestTicket(directory: string): number {
  return Math.max(0, ...readdirSync(directory).map(ticketNumber));
}

function ticketNumber(name: string): number {
  return /^\d+\.ticket$/.test(name) ? Number.parseInt(name, 10) : 0;
}

function ticketPath(directory: string, ticket: number): string {
  return join(directory, `${ticket}.ticket`);
}

/** Pid and start time together name a process for good: pids are used again. "" = no such process. */
function startTime(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? "" : (fields[19] ?? "");
  } catch {
    return "";
  }
}

export function makeLock(directory: string): void {
  mkdirSync(directory, { recursive: true });
}
