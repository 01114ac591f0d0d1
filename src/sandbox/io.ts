// What a stand-in or a sandbox command reads and writes, injected so that tests run them in-process.
import { writeSync } from "node:fs";
import { forever } from "./forever";

export interface Io {
  stdout: (text: string) => void;
  stderr: (text: string) => void;
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** Who runs the command, where that is not this process. */
  process?: Pick<NodeJS.Process, "pid" | "ppid">;
  /** Runs a real tool with the caller's own files, where they are not this process's; returns its exit code. */
  real?: (path: string, args: readonly string[]) => Promise<number>;
  /** What becomes of a command that waits for a target that is down. Absent: it waits. */
  hang?: () => Promise<never>;
}

/** Written synchronously: `lfs df` prints what it has and then hangs (golden l014), and nothing may be lost on a kill. */
export function processIo(): Io {
  return {
    stdout: (text) => writeAll(1, text),
    stderr: (text) => writeAll(2, text),
    env: process.env,
    cwd: process.cwd(),
    // It does not die of TERM there; that KILL ends it here is what a laptop's kernel does (golden od8: exit 124 after KILL).
    hang: () => {
      process.on("SIGTERM", () => {});
      return forever();
    },
  };
}

function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  let done = 0;
  while (done < bytes.length) {
    try {
      done += writeSync(fd, bytes, done);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === "EPIPE") return;
      if (code !== "EAGAIN") throw error;
      sleep(2);
    }
  }
}

const neverWoken = new Int32Array(new SharedArrayBuffer(4));

/** Blocks this thread: the state lock is taken and released without ever yielding, so that no two users in one process interleave. */
export function sleep(ms: number): void {
  Atomics.wait(neverWoken, 0, 0, ms);
}
