// One shell on a host that stays: commands are written to it without waiting for the answers of those before, which come back in order.
import { randomBytes } from "node:crypto";
import { holderIn } from "../../core/transport";
import { type Cause, killAfterMs, type Running, running, type Stream } from "../running";
import { maxIdleBytes, maxNoiseBytes, maxTogetherBytes, noiseKeeper } from "./bounds";
import type { Channel } from "./channel";
import { frameReader } from "./frames";
import { deferred, within } from "./promises";
import { heardWord, heldStatus, notRunStatus, prologue, type ShellSetting } from "./shell-script";
import type { Answer, Task } from "./task";

const retryAfterMs = 500;

export interface Shell {
  /** Once the shell has said hello. Rejects with a `ShellFailure`. */
  readonly ready: Promise<void>;
  /** Asks for tasks, one after the other; never rejects. */
  submit(tasks: readonly Task[]): Promise<Answer>[];
  /** Resolves with the reason when no further command can be run. */
  readonly gone: Promise<string>;
  readonly isGone: boolean;
  /** Ends the shell by end of file, or lets go of it after a bounded wait. */
  close(): Promise<void>;
}

/** The shell never said hello: what was said instead. */
export class ShellFailure extends Error {
  constructor(
    message: string,
    readonly said: string,
    /** The connection broke: no fault of the login shell. */
    readonly lost: boolean,
  ) {
    super(message);
  }
}

export interface ShellOptions extends Omit<ShellSetting, "nonce"> {
  helloTimeoutMs: number;
  /** Sends a signal to a process and its group by another way; whether it succeeds is not asked. */
  signalOtherwise: (name: "TERM" | "USR1", pid: number) => void;
  /** Called when something is asked for and nothing was outstanding. */
  onRoundTrip?: () => void;
}

/** A task that was written to the shell; it runs when those before it have ended. */
interface Turn extends Task {
  running: Running;
  /** Who holds its lock was told. */
  held?: true;
  resolve(answer: Answer): void;
}

const streamNames = ["stdout", "stderr"] as const;

export function openShell(channel: Channel, options: ShellOptions): Shell {
  const nonce = randomBytes(16).toString("hex");
  const turns: Turn[] = [];
  const hello = deferred<void>();
  const end = deferred<string>();
  const noise = noiseKeeper();
  let idleBytes = 0;
  let togetherBytes = 0;
  /** Number of the next frame, counted from that of "hello". */
  let expected = 1;
  /** Frames that came on one stream and not yet on the other, which may be behind by several commands. */
  const frames: Record<Stream, string[][]> = { stdout: [], stderr: [] };
  const greeted: Record<Stream, boolean> = { stdout: false, stderr: false };
  let up = false;
  let pid = 0;
  /** The shell says so when it obeys a signal; one that never does is told by a second channel. */
  let isHeard = false;
  let isDeaf = false;
  let gone = false;
  let unsent = "";
  let escalation: NodeJS.Timeout | undefined;

  const write = (text: string) => {
    // What is asked for in one go travels in one packet.
    if (unsent === "")
      setImmediate(() => {
        if (!gone) channel.stdin.write(unsent);
        unsent = "";
      });
    unsent += text;
  };

  const signal = (name: "TERM" | "USR1") => (isDeaf ? options.signalOtherwise(name, pid) : channel.signal(name));
  const stop = (cause: Cause) => {
    isHeard = false;
    signal("TERM");
    escalate([
      // OpenSSH ignores requests for signals where root is logged in or a command is forced. And the first may have come before its command.
      [retryAfterMs, () => signal("TERM")],
      [killAfterMs - retryAfterMs, () => signal("USR1")],
      [killAfterMs, () => lose("it did not end when told to, and may still be running on the host", cause)],
    ]);
  };
  const escalate = ([stage, ...later]: [afterMs: number, act: () => void][]) => {
    if (!stage) return;
    escalation = setTimeout(() => {
      isDeaf ||= !isHeard;
      stage[1]();
      escalate(later);
    }, stage[0]);
  };
  const begin = () => {
    clearTimeout(escalation);
    turns[0]?.running.begin();
  };
  const answer = (turn: Turn, ending: Partial<Answer>) => {
    turn.running.end();
    const [stdout, stderr] = [turn.running.take("stdout"), turn.running.take("stderr")];
    const whole = { stdout, stderr, ms: turn.running.ms(), ...ending };
    turn.onAnswer?.(whole);
    turn.resolve(whole);
  };

  /** No further answer will come. */
  const lose = (reason: string, cause?: Cause, broken = false) => {
    if (gone) return;
    gone = true;
    for (const timer of [escalation, helloDeadline]) clearTimeout(timer);
    channel.destroy();
    for (const [index, turn] of turns.splice(0).entries())
      answer(turn, { lost: reason, ...(index === 0 ? { first: true } : {}), ...(index === 0 && cause ? { cause } : {}) });
    hello.reject(new ShellFailure(reason, noise.text(), broken));
    end.resolve(reason);
  };
  const seconds = Math.round(options.helloTimeoutMs / 1000);
  const helloDeadline = setTimeout(() => lose(`no /bin/sh answered within ${seconds} s`), options.helloTimeoutMs);

  const hush = (bytes: Buffer) => {
    noise.hear(bytes);
    if (noise.isTooMuch()) lose(`more than ${maxNoiseBytes / 1024} KiB came before /bin/sh answered`);
  };
  const collect = (name: Stream) => (bytes: Buffer) => {
    if (gone) return;
    if (!greeted[name]) return hush(bytes);
    const turn = turns[frames[name].filter(([, status]) => status !== heldStatus).length];
    if (turn) hear(turn, name, bytes);
    else ignore(bytes.length);
  };
  const hear = (turn: Turn, name: Stream, bytes: Buffer) => {
    const isFirst = turn === turns[0];
    if (!turn.progressOnly || name === "stderr") togetherBytes += bytes.length;
    if (togetherBytes > maxTogetherBytes) turn.running.overrun();
    else turn.running.hear(name, bytes);
    // It was told to end long ago, or its turn will never come.
    if (togetherBytes > 2 * maxTogetherBytes)
      lose("it printed on and on, and may still be running on the host", isFirst ? "tooLong" : undefined);
  };
  const ignore = (bytes: number) => {
    idleBytes += bytes;
    if (idleBytes > maxIdleBytes) lose(`it said more than ${maxIdleBytes / 1024 / 1024} MiB while nothing was asked`);
  };
  const greet = (name: Stream) => {
    greeted[name] = true;
    if (!greeted.stdout || !greeted.stderr) return;
    up = true;
    clearTimeout(helloDeadline);
    hello.resolve();
    begin();
  };
  const endFrame = (name: Stream) => (words: string[]) => {
    if (gone) return;
    if (!greeted[name]) {
      pid = Number(words[2]);
      return greet(name);
    }
    if (words[0] === heardWord) {
      isHeard = true;
      return;
    }
    // Each may be told once that its lock is held.
    if (frames[name].push(words) > 2 * turns.length) return outOfStep();
    if (frames.stdout.length > 0 && frames.stderr.length > 0) endTurn(frames.stdout.shift(), frames.stderr.shift());
  };
  /** Never expected; but an answer must not be taken for another command's. */
  const outOfStep = () => lose("its answers are out of step");
  const endTurn = ([number, status = "", obeyed]: string[] = [], [other]: string[] = []) => {
    const turn = turns[0];
    if (!turn || number !== String(expected) || other !== number) return outOfStep();
    expected += 1;
    if (status === heldStatus) return turn.held ? outOfStep() : held(turn);
    turns.shift();
    begin();
    answer(turn, ended(turn, status, obeyed === "1"));
  };
  const held = (turn: Turn) => {
    turn.held = true;
    const [holder, errors] = [turn.running.take("stdout"), turn.running.take("stderr")];
    if (errors.length === 0) turn.onHeld?.(holderIn(holder.toString("utf8")));
    turn.running.arm();
  };

  const broken = () => lose("it began a frame that does not end");
  const drained = streamNames.map((name) => {
    channel[name].on("data", frameReader(nonce, { data: collect(name), frame: endFrame(name), broken }));
    channel[name].on("error", () => {}); // the ending tells
    return new Promise<void>((resolve) => channel[name].once("end", resolve).once("close", resolve));
  });
  channel.stdin.on("error", () => {});
  void channel.ended.then(async (ending) => {
    // The last output may still be on its way; a process left in the background may keep it open for ever.
    await within(Promise.all(drained), killAfterMs / 4);
    lose(describe(ending), undefined, ending.exitCode === undefined && ending.signal === undefined);
  });
  hello.promise.catch(() => {});
  write(prologue({ ...options, nonce }));

  return {
    ready: hello.promise,
    gone: end.promise,
    get isGone() {
      return gone;
    },
    submit: (tasks) =>
      tasks.map((task) => {
        const { promise, resolve } = deferred<Answer>();
        const turn: Turn = { ...task, running: running(task, stop), resolve };
        if (gone) answer(turn, { lost: "the shell on the host is gone" });
        else {
          write(task.text);
          if (turns.push(turn) === 1) {
            togetherBytes = 0;
            options.onRoundTrip?.();
            if (up) begin();
          }
        }
        return promise;
      }),
    async close() {
      clearTimeout(helloDeadline);
      if (gone) return;
      setImmediate(() => channel.stdin.end());
      await within(end.promise, killAfterMs);
      lose("closed");
    },
  };
}

function ended(turn: Turn, status: string, isObeyed: boolean): Partial<Answer> {
  const cause = turn.running.cause(isObeyed);
  const failed = isObeyed || (status !== "0" && status !== notRunStatus);
  return { status, ...(cause ? { cause } : {}), ...(failed ? { failed: true } : {}) };
}

function describe({ exitCode, signal, error }: { exitCode?: number; signal?: string; error?: string }): string {
  if (exitCode === undefined && signal === undefined) return error ?? "the connection was lost";
  return `the shell on the host ended (${signal === undefined ? `exit ${exitCode}` : `signal ${signal}`})`;
}
