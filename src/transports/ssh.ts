// Commands on a host over SSH, through one shell that stays there and holds the locks.
import type { Command, Result } from "../core/command";
import { succeeded } from "../core/command";
import { ShareError } from "../core/errors";
import { dropped, lockOf, runBy, runDirectoryIn, type Transport, type Turns, turns } from "../core/transport";
import type { SshConnectionSpec } from "../spec/connection";
import { killAfterMs } from "./running";
import { afterSudo, resultOf } from "./ssh/answers";
import type { HostFacts } from "./ssh/connection";
import { readShellFacts, type ShellFacts, shellFactsText } from "./ssh/facts";
import { type Connector, openSession, type Probe, type Session, taskFor } from "./ssh/session";
import { listText, lockDescriptors, lockText, releaseText } from "./ssh/shell-script";
import type { Answer, Task } from "./ssh/task";

export { connectionPool } from "./ssh/connection";
export { endpointOf } from "./ssh/endpoint";

export interface SshOptions {
  /** Makes the connections; it outlives the transport, and is not closed by it. */
  pool: Connector;
  /** Asked only where there are several hosts. Default: the first that can be reached is the one. */
  probe?: Probe;
  environment?: NodeJS.ProcessEnv;
  /** Hears of every command that ended. */
  onEnd?: (command: Command, result: Result) => void;
  /** Hears of hosts that were passed over. */
  log?: (line: string) => void;
}

/** `sudo`: "not used", "works", or what it said. */
export type SshFacts = HostFacts & ShellFacts & { sudo: string };

export interface SshTransport extends Transport {
  facts(): Promise<SshFacts>;
  /** Round trips: how often something was asked for while nothing was outstanding; connecting is not counted. */
  readonly counts: { readonly roundTrips: number; readonly commands: number };
}

/** Connects at the first use. Rejects with a ShareError when the host cannot be used at all, or sudo refuses; all else is a result. */
export function sshTransport(spec: SshConnectionSpec, options: SshOptions): SshTransport {
  const { environment = process.env, onEnd } = options;
  const sudo = spec.sudo ?? [];
  const counts = { roundTrips: 0, commands: 0 };
  const closing = new AbortController();
  const outstanding = new Set<Promise<unknown>>();
  /** Descriptors of the shell, each with the session that holds a lock, or tries to. */
  const locks = new Map<number, OpenSession | undefined>();
  let opened: Promise<OpenSession> | undefined;
  const order = turns();

  const session = async (): Promise<OpenSession | undefined> => {
    const before = await opened;
    if (before && !before.shell.isGone) return before;
    // Whoever held a lock must not go on without it, as if nothing had happened.
    if (before && [...locks.values()].includes(before)) return undefined;
    const onRoundTrip = () => {
      counts.roundTrips += 1;
    };
    const { pool, probe, log } = options;
    opened = openSession(spec, { pool, probe, log, onRoundTrip }).then((made) => ({ ...made, failures: 0 }));
    return opened;
  };

  /** Asks the shell, behind all that was asked before, without waiting for its answers. undefined: dropped. */
  const ask = async (
    tasks: (session: OpenSession) => readonly Task[],
    options?: Parameters<Turns["take"]>[1],
  ): Promise<readonly Answer[] | undefined> => {
    const asked = order.take(async () => {
      const now = await session();
      return now ? now.shell.submit(tasks(now)) : [lockLost];
    }, options);
    const answered = asked.then((answers) => answers && Promise.all(answers));
    const settled: Promise<unknown> = answered.catch(() => {}).finally(() => outstanding.delete(settled));
    outstanding.add(settled);
    return answered;
  };
  const resultFor = (command: Command, answer: Answer, host: string): Result | undefined => {
    const plain = resultOf(answer);
    if (!plain) return undefined;
    counts.commands += 1;
    const result = afterSudo(plain, command.argv, sudo, host);
    onEnd?.(command, result);
    return result;
  };

  const runAll: Transport["runAll"] = async (commands, options) => {
    const { as, signal } = options;
    const list = order.list(commands, options);
    let refusal: unknown;
    const settle = (place: number, command: Command, answer: Answer, now?: OpenSession) => {
      // Of steps that were lost together the first may have been run; those behind it count as not begun.
      if (list.isOver) return;
      try {
        const result = resultFor(command, answer, now?.host ?? spec.hosts.join(", "));
        if (result) list.settle(place, result);
      } catch (error) {
        refusal ??= error;
        list.fail();
      }
      if (list.isOver && now && answer.failed) now.failures += 1;
    };
    const answers = await ask((now) => {
      if (signal?.aborted) return [];
      const texts = listText(commands, as, now.failures);
      return commands.map((command, place) => ({
        ...taskFor(spec, command, texts[place] ?? "", signal),
        onAnswer: (answer) => settle(place, command, answer, now),
      }));
    }, options);
    const untold = answers?.includes(lockLost) ? lockLost : answers?.length === 0 ? notStarted : undefined;
    if (untold) for (const [place, command] of commands.entries()) settle(place, command, untold);
    if (refusal) throw refusal;
    return list.results;
  };

  const lock: Transport["lock"] = async (file, waitMs, { name, onWait }) => {
    const seconds = Math.ceil(waitMs / 1000);
    const argv: Command["argv"] = ["flock", "-w", String(seconds), file];
    const descriptor = lockDescriptors.find((number) => !locks.has(number));
    if (descriptor === undefined) {
      const stderr = `more than ${lockDescriptors.length} locks at once`;
      return lockOf({ ...dropped, exitCode: 1, stderr }, async () => {});
    }
    locks.set(descriptor, undefined);
    let result: Result | undefined;
    try {
      const answers = await ask((now) => {
        locks.set(descriptor, now);
        const text = lockText(descriptor, file, seconds, name, now.failures);
        return [{ text, timeoutMs: waitMs + 2 * killAfterMs, signal: closing.signal, onHeld: onWait }];
      });
      result = answers?.[0] && resultFor({ argv }, answers[0], locks.get(descriptor)?.host ?? "");
    } finally {
      if (!result || !succeeded(result)) locks.delete(descriptor);
    }
    return lockOf(result ?? dropped, () => release(descriptor));
  };
  const release = async (descriptor: number): Promise<void> => {
    const holder = locks.get(descriptor);
    // A lock that went with its connection keeps its place: nobody goes on without it.
    if (!holder || holder.shell.isGone) return;
    await ask(() => [{ text: releaseText(descriptor), timeoutMs: killAfterMs }], { always: true });
    if (!holder.shell.isGone) locks.delete(descriptor);
  };

  return {
    runDirectory: runDirectoryIn(environment),
    counts,
    connect() {
      order.take(session, { always: true }).catch(() => {});
    },
    run: runBy(runAll),
    runAll,
    lock,
    async facts() {
      const asked = Date.now();
      const [answer = lockLost] = (await ask(() => [{ text: shellFactsText }], { always: true })) ?? [];
      const shell = readShellFacts(answer.stdout.toString("utf8"), asked, Date.now());
      const { facts } = (await opened) ?? {};
      if (!facts) throw new Error("facts of no connection");
      return { ...facts, ...shell, sudo: sudo.length === 0 ? "not used" : await sudoWorks(this.run) };
    },
    async close() {
      closing.abort();
      while (outstanding.size > 0) await Promise.all(outstanding);
      await Promise.all([...locks.keys()].map(release));
      const now = await opened?.catch(() => undefined);
      await now?.shell.close();
      locks.clear();
      opened = undefined;
    },
  };
}

/** A session, and how many lists of steps its shell has seen fail. */
interface OpenSession extends Session {
  failures: number;
}

const nothing = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0), ms: 0, first: true } as const;
const lockLost: Answer = { ...nothing, lost: "the lock went with the connection, so nothing more is run" };
const notStarted: Answer = { ...nothing, lost: "not started" };

async function sudoWorks(run: Transport["run"]): Promise<string> {
  try {
    const result = await run({ argv: ["true"] });
    return succeeded(result) ? "works" : result.stderr.trim() || `exit ${result.exitCode}`;
  } catch (error) {
    if (!ShareError.isShareError(error)) throw error;
    return error.said ?? error.summary;
  }
}
