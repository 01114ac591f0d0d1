// Commands on this machine: argument lists handed to the kernel, no shell; deadlines by TERM, then KILL.
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { type Command, defaultMaxOutputBytes, defaultTimeoutMs, type Result } from "../core/command";
import { lockOf, noteOf, queueOf, runDirectoryIn, type Transport } from "../core/transport";

/** Between TERM, KILL and giving up. */
const killAfterMs = 2_000;
const noteWithinMs = 5_000;

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
    // By commands: what touches data of a file may hang for ever, and we with it.
    const note = noteOf(file);
    const aside = { timeoutMs: noteWithinMs, daemon: true } as const;
    let result = await runNow({ argv: ["flock", "-n", number] });
    if (result.exitCode === 1 && result.stderr === "") {
      onWait((await runNow({ argv: ["cat", note], ...aside })).stdout.trim());
      const seconds = String(Math.ceil(waitMs / 1000));
      result = await runNow({ argv: ["flock", "-w", seconds, number], timeoutMs: waitMs + killAfterMs });
    }
    if (result.exitCode === 0) await runNow({ argv: ["tee", note], stdin: `${name}\n`, ...aside });
    else await release(descriptor);
    return lockOf(result, () => release(descriptor));
  };
  const { run, runAll, lock, turns } = queueOf(runNow, lockNow);
  return {
    runDirectory: runDirectoryIn(environment),
    run,
    runAll,
    lock,
    async close() {
      await turns.idle();
      for (const descriptor of locks.splice(0)) closeSync(descriptor);
    },
  };
}

function runProcess(command: Command, env: NodeJS.ProcessEnv, locks: readonly number[], signal?: AbortSignal): Promise<Result> {
  if (signal?.aborted) return Promise.resolve({ exitCode: null, timedOut: false, stdout: "", stderr: "not started", ms: 0 });
  return new Promise((resolve) => {
    const started = Date.now();
    const [program, ...args] = command.argv;
    const stdio = [
      command.stdin === undefined ? ("ignore" as const) : ("pipe" as const),
      "pipe" as const,
      "pipe" as const,
      ...(command.daemon ? [] : locks),
    ];
    let child: ChildProcess;
    try {
      child = spawn(program, args, { env, stdio });
    } catch (error) {
      // A word that is longer than the kernel takes.
      resolve({ exitCode: 126, timedOut: false, stdout: "", stderr: (error as Error).message, ms: 0 });
      return;
    }
    const output = { stdout: [] as Buffer[], stderr: [] as Buffer[], bytes: 0 };
    let timedOut = false;
    let tooLong: true | undefined;
    let deadline: NodeJS.Timeout | undefined;
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
    let exited = false;
    const arm = () => {
      if (exited) return;
      clearTimeout(deadline);
      deadline = setTimeout(
        () => {
          timedOut = true;
          stop();
        },
        command.idleTimeoutMs ?? command.timeoutMs ?? defaultTimeoutMs,
      );
    };
    const collect = (name: "stdout" | "stderr") => (chunk: Buffer) => {
      if (command.progressOnly && name === "stdout") return arm();
      output.bytes += chunk.length;
      if (output.bytes <= (command.maxOutputBytes ?? defaultMaxOutputBytes)) output[name].push(chunk);
      else if (!tooLong) {
        tooLong = true;
        stop();
      }
      if (command.idleTimeoutMs !== undefined) arm();
    };
    let settled = false;
    const settle = (ending: Pick<Result, "exitCode" | "signal" | "stuck">, message = "") => {
      if (settled) return;
      settled = true;
      clearTimeout(deadline);
      clearTimeout(killer);
      signal?.removeEventListener("abort", stop);
      // Pipes that a grandchild still holds would keep our own process from ending.
      child.stdout?.destroy();
      child.stderr?.destroy();
      const text = (chunks: Buffer[]) => Buffer.concat(chunks).toString("utf8");
      resolve({
        ...ending,
        timedOut,
        ...(tooLong ? { tooLong } : {}),
        stdout: text(output.stdout),
        stderr: text(output.stderr) + message,
        ms: Date.now() - started,
      });
    };

    // Whoever was held up that long, as on a machine that stood still, has yet to read what is in the pipes: timers come first.
    const whenRead = (ending: Parameters<typeof settle>[0]) => {
      const { bytes } = output;
      setImmediate(() => (output.bytes === bytes ? settle(ending) : whenRead(ending)));
    };

    arm();
    signal?.addEventListener("abort", stop, { once: true });
    child.stdout?.on("data", collect("stdout"));
    child.stderr?.on("data", collect("stderr"));
    child.on("error", (error: NodeJS.ErrnoException) =>
      settle(
        { exitCode: error.code === "ENOENT" ? 127 : 126 },
        error.code === "ENOENT" ? `${program}: command not found` : error.message,
      ),
    );
    child.on("close", (exitCode, killedBy) => settle({ exitCode, ...(killedBy ? { signal: killedBy } : {}) }));
    // A grandchild that keeps the pipes open must not keep us waiting long beyond its parent's end.
    child.on("exit", (exitCode, killedBy) => {
      exited = true;
      clearTimeout(deadline);
      deadline = setTimeout(() => whenRead({ exitCode, ...(killedBy ? { signal: killedBy } : {}) }), killAfterMs);
    });
    child.stdin?.on("error", () => {}); // a command may end without reading all it is given; its exit code tells
    child.stdin?.end(command.stdin);
  });
}
