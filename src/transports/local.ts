// Commands on this machine: argument lists handed to the kernel; deadlines by TERM, then KILL. No shell, but for commands that have to go on without us,
// and that one reads none of their words.
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, writeFileSync } from "node:fs";
import { type Command, defaultTimeoutMs, type Result } from "../core/command";
import { holderIn, lockOf, noteOf, notStarted, queueOf, type RunWhole, runDirectoryIn, type Transport } from "../core/transport";
import { causeIn, killAfterMs, running, type Stream } from "./running";

/** Beside a lock, which must not be kept by what hangs. */
const aside = { timeoutMs: 5_000, daemon: true } as const;

export interface LocalOptions {
  /** Directories searched for tools before the PATH. */
  path?: readonly string[];
  environment?: NodeJS.ProcessEnv;
  /** Hears of every command that ended. */
  onEnd?: (command: Command, result: Result) => void;
}

export function localTransport({ path = [], environment = process.env, onEnd }: LocalOptions = {}): Transport {
  const locks: number[] = [];
  const env: NodeJS.ProcessEnv = {
    ...environment,
    PATH: [...path, environment["PATH"] ?? "/usr/sbin:/usr/bin:/sbin:/bin"].join(":"),
    // Parsers read messages and numbers as the C locale prints them.
    LC_ALL: "C",
  };
  const runNow = async (command: Command, signal?: AbortSignal) => {
    const result = await runProcess(command, env, locks, signal);
    onEnd?.(command, result);
    return result;
  };
  const release = async (descriptor: number) => {
    if (!locks.includes(descriptor)) return;
    locks.splice(locks.indexOf(descriptor), 1);
    closeSync(descriptor);
  };
  const runDirectory = runDirectoryIn(environment);
  /** By a command, since what touches data of a file may hang for ever, and we with it: but not in the run directory, which lies in memory. */
  const leaveName = async (note: string, name: string) => {
    if (!note.startsWith(`${runDirectory}/`)) await runNow({ argv: ["tee", note], stdin: `${name}\n`, ...aside });
    else
      try {
        writeFileSync(note, `${name}\n`);
      } catch {
        // who waits for us is told no name
      }
  };
  const lockNow: Transport["lock"] = async (file, waitMs, { name, onWait }) => {
    const started = Date.now();
    let descriptor: number;
    try {
      // The lock belongs to the open file, which every command started later inherits as well.
      descriptor = openSync(file, "a+", 0o600);
    } catch (error) {
      const result = { exitCode: 1, timedOut: false, stdout: "", stderr: (error as Error).message, ms: Date.now() - started };
      return lockOf(result, async () => {});
    }
    locks.push(descriptor);
    const number = String(2 + locks.length);
    const note = noteOf(file);
    let result = await runNow({ argv: ["flock", "-n", number] });
    if (result.exitCode === 1 && result.stderr === "") {
      onWait(holderIn((await runNow({ argv: ["cat", note], ...aside })).stdout));
      const seconds = String(Math.ceil(waitMs / 1000));
      result = await runNow({ argv: ["flock", "-w", seconds, number], timeoutMs: waitMs + killAfterMs });
    }
    if (result.exitCode === 0) await leaveName(note, name);
    else await release(descriptor);
    return lockOf(result, () => release(descriptor));
  };
  const runWhole: RunWhole = async (commands, signal) => {
    const results = resultsOf(commands, await runProcess(wholeCommand(commands), env, locks, signal, "of its own"));
    for (const [place, result] of results.entries()) onEnd?.(commands[place] as Command, result);
    return results;
  };
  const { run, runAll, lock, turns } = queueOf(runNow, lockNow, runWhole);
  return {
    runDirectory,
    run,
    runAll,
    lock,
    async close() {
      await turns.idle();
      for (const descriptor of locks.splice(0)) closeSync(descriptor);
    },
  };
}

/**
 * One process that does all of them and does not need us. The words are its arguments, and its text has only their numbers. Who reads its dots may be
 * gone: that must not end it.
 */
function wholeCommand(commands: readonly Command[]): Command {
  let before = 0;
  const calls = commands.map(({ argv }) => {
    const words = argv.map((_, index) => `"\${${before + index + 1}}"`);
    before += argv.length;
    return `${words.join(" ")} >&2 && { printf . || :; }`;
  });
  const timeoutMs = commands.reduce((sum, { timeoutMs: each = defaultTimeoutMs }) => sum + each, 0);
  const text = `trap '' PIPE; ${calls.join(" && ")}`;
  return { argv: ["sh", "-c", text, "sh", ...commands.flatMap(({ argv }) => argv)], timeoutMs };
}

/** A dot for each that succeeded; what was said is of the one that did not. */
function resultsOf(commands: readonly Command[], whole: Result): Result[] {
  const done = Math.min(whole.stdout.length, commands.length);
  const good: Result = { exitCode: 0, timedOut: false, stdout: "", stderr: "", ms: whole.ms };
  const isWell = whole.exitCode === 0 && !whole.timedOut && done === commands.length;
  // Exit 0 of all says nothing of one that did not say so itself.
  const last: Result = { ...whole, stdout: "", exitCode: whole.exitCode === 0 ? null : whole.exitCode };
  return [...commands.slice(0, done).map(() => good), ...(isWell ? [] : [last])].slice(0, commands.length);
}

function runProcess(
  command: Command,
  env: NodeJS.ProcessEnv,
  locks: readonly number[],
  signal?: AbortSignal,
  /** Whoever ends our group does not end it. */
  group?: "of its own",
): Promise<Result> {
  if (signal?.aborted) return Promise.resolve(notStarted);
  return new Promise((resolve) => {
    const [program, ...args] = command.argv;
    const stdio = [
      command.stdin === undefined ? ("ignore" as const) : ("pipe" as const),
      "pipe" as const,
      "pipe" as const,
      ...(command.daemon ? [] : locks),
    ];
    let child: ChildProcess;
    try {
      child = spawn(program, args, { env, stdio, detached: group !== undefined });
    } catch (error) {
      // A word that is longer than the kernel takes.
      resolve({ exitCode: 126, timedOut: false, stdout: "", stderr: (error as Error).message, ms: 0 });
      return;
    }
    let killer: NodeJS.Timeout | undefined;
    const stop = () => {
      child.kill("SIGTERM");
      killer = setTimeout(() => {
        child.kill("SIGKILL");
        killer = setTimeout(giveUp, killAfterMs);
      }, killAfterMs);
    };
    // A child in uninterruptible sleep dies when it wakes up; neither the result nor the end of our process waits for that.
    const giveUp = () => {
      child.unref();
      child.stdin?.destroy();
      settle({ exitCode: null, stuck: true }, "it did not end when killed, and is still there");
    };
    const run = running({ ...command, signal }, stop);
    let heard = 0;
    const listen = (stream: Stream) => (chunk: Buffer) => {
      heard += 1;
      run.hear(stream, chunk);
    };
    let settled = false;
    const settle = (ending: Pick<Result, "exitCode" | "signal" | "stuck">, message = "") => {
      if (settled) return;
      settled = true;
      run.end();
      clearTimeout(killer);
      // Pipes that a grandchild still holds would keep our own process from ending.
      child.stdout?.destroy();
      child.stderr?.destroy();
      const [stdout, stderr] = [run.take("stdout").toString("utf8"), run.take("stderr").toString("utf8") + message];
      resolve({ ...ending, ...causeIn(run.cause()), stdout, stderr, ms: run.ms() });
    };

    // Whoever was held up that long, as on a machine that stood still, has yet to read what is in the pipes: timers come first.
    const whenRead = (ending: Parameters<typeof settle>[0]) => {
      const before = heard;
      setImmediate(() => (heard === before ? settle(ending) : whenRead(ending)));
    };

    run.begin();
    child.stdout?.on("data", listen("stdout"));
    child.stderr?.on("data", listen("stderr"));
    child.on("error", (error: NodeJS.ErrnoException) =>
      settle(
        { exitCode: error.code === "ENOENT" ? 127 : 126 },
        error.code === "ENOENT" ? `${program}: command not found` : error.message,
      ),
    );
    child.on("close", (exitCode, killedBy) => settle({ exitCode, ...(killedBy ? { signal: killedBy } : {}) }));
    // A grandchild that keeps the pipes open must not keep us waiting long beyond its parent's end.
    child.on("exit", (exitCode, killedBy) => {
      run.end();
      clearTimeout(killer);
      killer = setTimeout(() => whenRead({ exitCode, ...(killedBy ? { signal: killedBy } : {}) }), killAfterMs);
    });
    child.stdin?.on("error", () => {}); // a command may end without reading all it is given; its exit code tells
    child.stdin?.end(command.stdin);
  });
}
