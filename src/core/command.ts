// A command is an argument list, never a shell string; a result says how it ended, never throws. Imports nothing.

export interface Command {
  argv: readonly [string, ...string[]];
  stdin?: string;
  /** Whole run time. Default: `defaultTimeoutMs`. */
  timeoutMs?: number;
  /** Time without any output, for long work that reports its progress; replaces `timeoutMs`. */
  idleTimeoutMs?: number;
}

/** Long enough for a busy metadata server, short enough that a dead one is noticed while somebody still looks. */
export const defaultTimeoutMs = 60_000;

export interface Result {
  /** null when the command was ended by a signal or the connection was lost: never a success. */
  exitCode: number | null;
  signal?: string;
  timedOut: boolean;
  stdout: string;
  stderr: string;
  ms: number;
}

export function command(...argv: [string, ...string[]]): Command {
  return { argv };
}

export function succeeded(result: Result): boolean {
  return result.exitCode === 0 && !result.timedOut;
}
