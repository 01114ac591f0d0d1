// A shell on the first of a connection's hosts that can be reached and is what its role needs.
import { setImmediate } from "node:timers/promises";
import type { Command, Result } from "../../core/command";
import { ShareError } from "../../core/errors";
import type { SshConnectionSpec } from "../../spec/connection";
import { defined } from "../../spec/defined";
import { fault } from "../faults";
import { afterSudo, resultOf } from "./answers";
import type { Channel } from "./channel";
import type { Connection, ConnectionPool, HostFacts } from "./connection";
import { connectTimeoutMs } from "./endpoint";
import { isImpostor } from "./failure";
import { openShell, type Shell, ShellFailure } from "./shell";
import { listText, signalText } from "./shell-script";

/** What is needed of the pool: it is closed by whoever made it. */
export type Connector = Pick<ConnectionPool, "connect">;

/** Asked of each of several hosts: undefined when it is the one, else why not. */
export type Probe = (run: (command: Command) => Promise<Result>) => Promise<string | undefined>;

export interface Session {
  host: string;
  shell: Shell;
  facts: HostFacts;
}

export interface SessionOptions {
  pool: Connector;
  probe?: Probe | undefined;
  onRoundTrip?: () => void;
  /** Told of hosts that were passed over. */
  log?: ((line: string) => void) | undefined;
}

export async function openSession(spec: SshConnectionSpec, options: SessionOptions): Promise<Session> {
  const [only, ...others] = spec.hosts;
  if (only !== undefined && others.length === 0) return openOn(spec, only, options);
  const reasons: string[] = [];
  for (const host of spec.hosts) {
    try {
      const session = await openOn(spec, host, options);
      const reason = await whyNot(spec, session, options.probe);
      if (reason === undefined) return session;
      reasons.push(`${host}: ${reason}`);
    } catch (error) {
      if (!ShareError.isShareError(error) || isImpostor(error)) throw error;
      reasons.push(`${host}: ${error.code}, ${[error.summary, error.said].filter(Boolean).join("; ")}`);
    }
    options.log?.(`passed over ${reasons.at(-1)}`);
  }
  throw fault("NO_SUCH_ROLE", { host: spec.hosts.join(", "), said: reasons.join("\n") });
}

async function whyNot(spec: SshConnectionSpec, { host, shell }: Session, probe?: Probe): Promise<string | undefined> {
  let reason: string | undefined = "the probe did not end";
  try {
    reason = await probe?.(async (command) => runOn(shell, spec, host, command));
    return reason;
  } finally {
    if (reason !== undefined) await shell.close();
  }
}

async function runOn(shell: Shell, spec: SshConnectionSpec, host: string, command: Command): Promise<Result> {
  const tasks = listText([command], "looks").map((text) => taskFor(spec, command, text));
  const [answer] = await Promise.all(shell.submit(tasks));
  const result = answer && resultOf(answer);
  if (!result) throw new Error("the shell left a command out");
  return afterSudo(result, command.argv, spec.sudo ?? [], host);
}

/** A command with the limits that the connection gives it. */
export function taskFor(spec: SshConnectionSpec, command: Command, text: string, signal?: AbortSignal) {
  const { timeoutMs = spec.commandTimeout === undefined ? undefined : spec.commandTimeout * 1000 } = command;
  const { idleTimeoutMs, maxOutputBytes, progressOnly } = command;
  return { text, timeoutMs, idleTimeoutMs, maxOutputBytes, progressOnly, signal };
}

async function openOn(spec: SshConnectionSpec, host: string, { pool, onRoundTrip }: SessionOptions): Promise<Session> {
  const { connection, channel } = await startShell(pool, spec, host);
  const shell = openShell(channel, {
    path: spec.path ?? [],
    sudo: spec.sudo ?? [],
    helloTimeoutMs: connectTimeoutMs(spec),
    signalOtherwise: (name, pid) => void tell(connection, signalText(name, pid)),
    ...defined({ onRoundTrip }),
  });
  try {
    await shell.ready;
  } catch (error) {
    if (!(error instanceof ShellFailure)) throw error;
    const said = [error.said, `(${error.message})`].filter(Boolean).join(" ");
    throw fault(error.lost ? "CANNOT_CONNECT" : "LOGIN_SHELL", { host, said });
  }
  return { host, shell, facts: connection.facts };
}

async function startShell(
  pool: Connector,
  spec: SshConnectionSpec,
  host: string,
): Promise<{ connection: Connection; channel: Channel }> {
  // Understood by every login shell, csh and fish included; what follows is read by /bin/sh alone.
  const start = async (connection: Connection) => ({ connection, channel: await connection.start("exec /bin/sh") });
  const connection = await pool.connect(spec, host);
  try {
    return await start(connection);
  } catch (error) {
    // A shared connection may have broken since it was last used; a shell that has read nothing has done nothing.
    const isLost = await Promise.race([connection.lost.then(() => true), setImmediate(false)]);
    if (!isLost) throw error;
    return start(await pool.connect(spec, host));
  }
}

/** Has a shell of its own read a short text; what becomes of it shows elsewhere. */
async function tell(connection: Connection, text: string): Promise<void> {
  try {
    const channel = await connection.start("exec /bin/sh");
    channel.stdin.on("error", () => {});
    channel.stdout.resume();
    channel.stderr.resume();
    channel.stdin.end(text);
    await channel.ended;
    channel.destroy();
  } catch (error) {
    if (!ShareError.isShareError(error)) throw error;
  }
}
