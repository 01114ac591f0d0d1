// A command is an argument list, never a shell string; a result says how it ended, never throws. Imports nothing.

export interface Command {
  argv: readonly [string, ...string[]];
  stdin?: string;
  /** Whole run time. Default: `defaultTimeoutMs`. */
  timeoutMs?: number;
  /** Time without any output, for long work that reports its progress; replaces `timeoutMs`. */
  idleTimeoutMs?: number;
  /** Beyond it the command is ended and has failed. Default: `defaultMaxOutputBytes`. */
  maxOutputBytes?: number;
  /** Standard output says only that there is progress: it is neither kept nor counted. */
  progressOnly?: true;
  /** Leaves a process behind, such as that of a FUSE mount, which must not keep the locks. */
  daemon?: true;
  /** Runs only if an earlier command of the same list says so. */
  given?: Given;
  /**
   * Belongs to the step before it in the list: once that has begun, the host goes on with this one, whatever becomes of us. Both are without `given`
   * and `stdin`.
   */
  joined?: true;
}

/** What the output of an earlier command of the same list has to hold; never true of one that was not run. */
export interface Given {
  /** Place of the earlier command in the list. */
  of: number;
  says: string;
  /** The output must not hold the text. */
  not?: true;
  /** The digits after the first occurrence of this text take the place of `hole`; without any the command is not run. */
  digitsAfter?: string;
}

/** A word of an argument list that `given` fills in. No real argument can be it. */
export const hole = "\0";

/** Long enough for a busy metadata server, short enough that a dead one is noticed while somebody still looks. */
export const defaultTimeoutMs = 60_000;

export const defaultMaxOutputBytes = 16 * 1024 * 1024;

export interface Result {
  /** null when the command was ended by a signal or the connection was lost: never a success. */
  exitCode: number | null;
  signal?: string;
  timedOut: boolean;
  /** More output than the command may print: it was ended, and is no success. */
  tooLong?: true;
  /** It did not end when it was killed: it is still there, with the locks that it inherited. Nobody waits for it any longer. */
  stuck?: true;
  stdout: string;
  stderr: string;
  ms: number;
}

export function command(...argv: [string, ...string[]]): Command {
  return { argv };
}

export function succeeded(result: Result): boolean {
  return result.exitCode === 0 && !result.timedOut && !result.tooLong;
}

/** The argument list to run after these results of the same list, or undefined when the command is not to be run. */
export function argvGiven({ argv, given }: Command, results: readonly (Result | undefined)[]): Command["argv"] | undefined {
  if (!given) return argv;
  const output = results[given.of]?.stdout;
  if (output === undefined || output.includes(given.says) === (given.not ?? false)) return undefined;
  if (given.digitsAfter === undefined) return argv;
  const [, after = ""] = splitOnce(output, given.digitsAfter);
  const digits = /^[0-9]*/.exec(after)?.[0] ?? "";
  return digits === "" ? undefined : (argv.map((word) => (word === hole ? digits : word)) as [string, ...string[]]);
}

function splitOnce(text: string, separator: string): [string, string?] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}
