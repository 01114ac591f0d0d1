// A command while it runs, wherever: how long it may take, how much it may print, and why it is told to end.
import { type Command, defaultMaxOutputBytes, defaultTimeoutMs, type Result } from "../core/command";

/** Between TERM, KILL and giving up. */
export const killAfterMs = 2_000;
/** Of a command that may go on for as long as it reports progress. */
const longestMs = 7 * 24 * 60 * 60_000;

export type Limits = { [K in "timeoutMs" | "idleTimeoutMs" | "maxOutputBytes" | "progressOnly"]?: Command[K] | undefined } & {
  signal?: AbortSignal | undefined;
};

export type Stream = "stdout" | "stderr";

/** Why we ended a command ourselves. */
export type Cause = "timedOut" | "tooLong" | "aborted";

export interface Running {
  /** Its clock starts. What is heard of it may come before. */
  begin(): void;
  hear(stream: Stream, chunk: Buffer): void;
  /** It prints more than it may, by what somebody else counts. */
  overrun(): void;
  /** From now on it has its time again. */
  arm(): void;
  /** What was heard, of which nothing is kept. */
  take(stream: Stream): Buffer;
  /** Nothing counts any more but what it still says. */
  end(): void;
  /** Output beyond the limit was not kept, even if the command ended before it was told to, or did not obey. */
  cause(hasObeyed?: boolean): Cause | undefined;
  /** How long it has run; 0 if its turn never came. */
  ms(): number;
}

/** `stop` is called once. */
export function running(limits: Limits, stop: (cause: Cause) => void): Running {
  const { timeoutMs = defaultTimeoutMs, idleTimeoutMs, maxOutputBytes = defaultMaxOutputBytes, progressOnly, signal } = limits;
  const output = { stdout: pieces(), stderr: pieces() };
  let bytes = 0;
  let started = 0;
  let isRunning = false;
  let isTooLong = false;
  let wish: Cause | undefined;
  let deadline: NodeJS.Timeout | undefined;
  const tell = (cause: Cause) => {
    if (!isRunning || wish) return;
    wish = cause;
    clearTimeout(deadline);
    stop(cause);
  };
  const abort = () => tell("aborted");
  const arm = () => {
    clearTimeout(deadline);
    if (!isRunning || wish) return;
    const left = started + longestMs - Date.now();
    deadline = setTimeout(() => tell("timedOut"), Math.min(idleTimeoutMs ?? timeoutMs, left));
  };
  const overrun = () => {
    isTooLong = true;
    tell("tooLong");
  };
  return {
    begin() {
      started = Date.now();
      isRunning = true;
      arm();
      if (signal?.aborted) abort();
      else if (isTooLong) overrun();
      else signal?.addEventListener("abort", abort, { once: true });
    },
    hear(stream, chunk) {
      if (!progressOnly || stream === "stderr") {
        bytes += chunk.length;
        if (bytes > maxOutputBytes) overrun();
        else output[stream].add(chunk);
      }
      if (idleTimeoutMs !== undefined) arm();
    },
    overrun,
    arm,
    take: (stream) => output[stream].take(),
    end() {
      isRunning = false;
      clearTimeout(deadline);
      signal?.removeEventListener("abort", abort);
    },
    cause: (hasObeyed = true) => (isTooLong ? "tooLong" : hasObeyed ? wish : undefined),
    ms: () => (started === 0 ? 0 : Date.now() - started),
  };
}

export function causeIn(cause: Cause | undefined): Pick<Result, "timedOut" | "tooLong"> {
  return { timedOut: cause === "timedOut", ...(cause === "tooLong" ? { tooLong: true } : {}) };
}

/** Bytes that come in pieces, in one buffer: of pieces of one byte each would take a hundred times its size. */
function pieces() {
  let buffer = Buffer.alloc(0);
  let used = 0;
  return {
    add(piece: Buffer) {
      if (used + piece.length > buffer.length) {
        const larger = Buffer.alloc(Math.max(2 * buffer.length, used + piece.length));
        buffer.copy(larger, 0, 0, used);
        buffer = larger;
      }
      used += piece.copy(buffer, used);
    },
    /** All of them; nothing is kept. */
    take(): Buffer {
      const all = buffer.subarray(0, used);
      buffer = Buffer.alloc(0);
      used = 0;
      return all;
    },
  };
}
