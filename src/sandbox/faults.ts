// Faults on demand: what a command, or its caller, may suffer. They are chosen under the lock, so that "the 17th command" means one
// command even when many run at once.
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type { Context } from "./context";
import { forever } from "./forever";

export const effects = ["fail", "hang", "garble", "kill-caller", "finish-later"] as const;

export interface Fault {
  do: (typeof effects)[number];
  when: "before" | "after";
  /** The start of "tool arg arg"; any command if absent. */
  match?: string;
  /** Which of the matching commands, counted from when the fault was set. */
  nth: number;
  /** From the nth on, every one. */
  repeat: boolean;
  exit: number;
  stderr: string;
  delayMs: number;
  seen: number;
  fired: boolean;
}

export interface Command {
  tool: string;
  args: string[];
}

export function pickFault(faults: readonly Fault[], { tool, args }: Command): Fault | undefined {
  const text = [tool, ...args].join(" ");
  let picked: Fault | undefined;
  for (const fault of faults) {
    if (!text.startsWith(fault.match ?? "")) continue;
    fault.seen++;
    const due = fault.repeat ? fault.seen >= fault.nth : fault.seen === fault.nth;
    if (!due || picked) continue;
    fault.fired = true;
    picked = fault;
  }
  return picked;
}

type Run = (context: Context) => Promise<number>;

/** What a shell says of a command that SIGKILL ended. */
const killedExit = 137;

export async function withFault(
  context: Context,
  fault: Fault | undefined,
  run: Run,
  note: (exit: number) => void,
): Promise<number> {
  const done = (exit: number) => {
    note(exit);
    return exit;
  };
  if (!fault) return done(await run(context));
  if (fault.do === "garble") return done(await garble(context, run));
  if (fault.do === "finish-later") {
    killCaller(context);
    await delay(fault.delayMs); // our inherited files stay open all the while: the executor's lock with them
    return done(await run(context));
  }
  if (fault.when === "before") return strike(context, fault, done, 0);
  const quiet = fault.do === "fail" ? { ...context, out: () => {} } : context;
  return strike(context, fault, done, await run(quiet));
}

async function strike(context: Context, fault: Fault, done: (exit: number) => number, exit: number): Promise<number> {
  switch (fault.do) {
    case "fail":
      context.err(`${fault.stderr}\n`);
      return done(fault.exit);
    case "hang":
      done(exit);
      return forever();
    default:
      done(fault.when === "before" ? killedExit : exit);
      killCaller(context);
      return killedExit;
  }
}

async function garble(context: Context, run: Run): Promise<number> {
  context.out("\u0000\u001b[31m\ufffd}{ 0x5eed garbled <<\n"); // before it: a real tool writes past us
  return run({ ...context, out: () => {} });
}

/** The executor is whoever started us (the stand-in's shell became us by exec), or the pid that it names. */
function killCaller({ io }: Context): void {
  const pid = Number(io.env["SHAREWRIGHT_SANDBOX_CALLER"] ?? executorAbove((io.process ?? process).ppid));
  try {
    if (pid > 1) process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // it was gone already
  }
}

/** A shell that does several commands for the executor goes on without it, which is what is to be seen. */
function executorAbove(pid: number): number {
  try {
    const [tool, option] = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return tool === "sh" && option === "-c" ? Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]) : pid;
  } catch {
    return pid; // it was gone already
  }
}
