// How commands reach a host, and the locks that live there.
import { argvGiven, type Command, type Result, succeeded } from "./command";

/** `result` tells whether the lock is held: exit 0, else why not. */
export interface Lock {
  result: Result;
  release(): Promise<void>;
}

/** A lock that was had if `result` succeeded. It is let go once: later what identifies it may be another lock's. */
export function lockOf(result: Result, letGo: () => Promise<void>): Lock {
  let isHeld = succeeded(result);
  return {
    result,
    async release() {
      if (isHeld) await letGo();
      isHeld = false;
    },
  };
}

/** Where a lock's holder leaves its name: not in the lock's own file, which is locked without touching data, that may lie on a target that is down. */
export function noteOf(lock: string): string {
  return `${lock}~holder`;
}

const maxHolderLength = 200;

/** What the holder of a lock calls itself there. */
export function holderIn(note: string): string {
  return note.trim().slice(0, maxHolderLength);
}

/** Who asks for a lock. */
export interface Applicant {
  /** One line for whoever will have to wait for us. */
  name: string;
  /** Told once, when the lock is held by somebody: what that one called itself, "" if nothing. */
  onWait(holder: string): void;
}

interface ListOptions {
  /** steps: the first that does not succeed is the last. looks: each is run, whatever became of the others. */
  as: "steps" | "looks";
  /** Keeps the list, and all that is asked for later, waiting; false counts as a step that failed. Never rejects. */
  after?: Promise<boolean>;
  signal?: AbortSignal;
  /** Told of each ending as it happens. */
  onResult?(index: number, result: Result): void;
}

/**
 * Work is done one after the other in the order in which it was asked for, whether or not the asker waits in between. But when a list of steps
 * fails, what had been asked for behind it before its failure was known is dropped: a command's result is `dropped`, a list's has no results.
 */
export interface Transport {
  /** Begins to connect, where there is something to connect; whether it succeeds is told by the first use. */
  connect?(): void;
  /** Runs a command; every ending is a result. While locks are held the command inherits them. */
  run(command: Command, signal?: AbortSignal): Promise<Result>;
  /** Runs a list in one go. A command that was not run has no result. */
  runAll(commands: readonly Command[], options: ListOptions): Promise<(Result | undefined)[]>;
  /**
   * Waits for an exclusive kernel lock on a file, which is made if its directory exists, and holds it until `release`. Commands run meanwhile
   * inherit the lock, so it ends when the last of them has ended, also when we are killed.
   */
  lock(file: string, waitMs: number, applicant: Applicant): Promise<Lock>;
  /** Directory of the host for what need not outlive a reboot, such as the nodemap lock. */
  readonly runDirectory: string;
  close(): Promise<void>;
}

/** The `runDirectory` of hosts; a sandbox has its own. */
export function runDirectoryIn(environment: Readonly<Record<string, string | undefined>>): string {
  return environment["SHAREWRIGHT_RUN_DIR"] ?? "/run/sharewright";
}

/** The result of what was asked for behind a step that failed. */
export const dropped: Result = { exitCode: null, timedOut: false, stdout: "", stderr: "not run: an earlier step failed", ms: 0 };

/** The result of what was aborted before its turn came. */
export const notStarted: Result = { ...dropped, stderr: "not started" };

/** The order in which a host is asked. */
export interface Turns {
  /** Does work behind all that was asked for before; undefined: dropped. `always`: whatever became of that. */
  take<T>(work: () => Promise<T>, options?: { after?: Promise<boolean> | undefined; always?: true }): Promise<T | undefined>;
  /** Keeps what becomes of a list that is under way. */
  list(commands: readonly Command[], options: ListOptions): List;
  /** Resolves when all that has been asked for so far has had its turn. */
  idle(): Promise<void>;
}

interface List {
  readonly results: (Result | undefined)[];
  /** A step has failed: nothing further counts. */
  readonly isOver: boolean;
  settle(place: number, result: Result): void;
  /** A command has ended in a fault. */
  fail(): void;
}

export function turns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  /** Lists of steps that failed. */
  let failures = 0;
  return {
    take(work, { after, always = false } = {}) {
      const askedAfter = failures;
      const turn = last.then(async () => {
        if (askedAfter !== failures && !always) return undefined;
        if (!after || (await after)) return work();
        failures += 1;
        return undefined;
      });
      last = turn.catch(() => {});
      return turn;
    },
    list(commands, { as, onResult }) {
      const results: (Result | undefined)[] = commands.map(() => undefined);
      let isOver = false;
      const fail = () => {
        isOver = as === "steps";
        if (isOver) failures += 1;
      };
      return {
        results,
        get isOver() {
          return isOver;
        },
        fail,
        settle(place, result) {
          results[place] = result;
          onResult?.(place, result);
          if (!succeeded(result)) fail();
        },
      };
    },
    async idle() {
      await last;
    },
  };
}

/** A command alone is a list of looks. */
export function runBy(runAll: Transport["runAll"]): Transport["run"] {
  return async (command, signal) => (await runAll([command], { as: "looks", ...(signal ? { signal } : {}) }))[0] ?? dropped;
}

/** A command with those that are joined to it. */
export function wholeAt(commands: readonly Command[], place: number): readonly Command[] {
  const next = commands.findIndex(({ joined }, index) => index > place && !joined);
  return commands.slice(place, next < 0 ? undefined : next);
}

/** The queue of a transport that starts commands one by one. */
export interface Queue extends Pick<Transport, "run" | "runAll" | "lock"> {
  readonly turns: Turns;
}

/** The commands that have to go on once the first of them has begun: as many results as were run, of which only the last may be no success. */
export type RunWhole = (commands: readonly Command[], signal?: AbortSignal) => Promise<Result[]>;

export function queueOf(
  runNow: (command: Command, signal?: AbortSignal) => Promise<Result>,
  lockNow: Transport["lock"],
  runWhole?: RunWhole,
): Queue {
  const order = turns();
  const runList = async (commands: readonly Command[], options: ListOptions) => {
    const list = order.list(commands, options);
    for (const [place, command] of commands.entries()) {
      const argv = argvGiven(command, list.results);
      if (!argv || list.isOver || list.results[place]) continue;
      try {
        const whole = runWhole ? wholeAt(commands, place) : [];
        if (runWhole && whole.length > 1) {
          for (const [index, result] of (await runWhole(whole, options.signal)).entries()) list.settle(place + index, result);
        } else list.settle(place, await runNow({ ...command, argv }, options.signal));
      } catch (error) {
        list.fail();
        throw error;
      }
    }
    return list.results;
  };
  const runAll: Transport["runAll"] = async (commands, options) =>
    (await order.take(() => runList(commands, options), options)) ?? commands.map(() => undefined);
  return {
    turns: order,
    runAll,
    run: runBy(runAll),
    lock: async (...asked) => (await order.take(() => lockNow(...asked))) ?? lockOf(dropped, async () => {}),
  };
}
