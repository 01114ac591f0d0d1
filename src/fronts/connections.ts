// Opens connections to hosts, shares them where a host is meant more than once, and lets go of them.
import { homedir, hostname } from "node:os";
import type { Command, Result } from "../core/command";
import { ShareError } from "../core/errors";
import type { Log } from "../core/log";
import { once } from "../core/once";
import { quote } from "../core/quote";
import type { Transport } from "../core/transport";
import type { ConnectionSpec, SshConnectionSpec } from "../spec/connection";
import { defined } from "../spec/defined";
import type { SshOptions } from "../transports/ssh";
import { recorder, shownArgv } from "./record";

interface Opening {
  /** Those that are alike share one transport, and with it the locks. */
  id: string;
  connection: ConnectionSpec;
  /** Of who uses it first, for messages. */
  name: string;
  /** Which of several hosts it has to be. */
  probe?: SshOptions["probe"];
  /** What is put around it. */
  around?: (inner: Transport) => Transport;
}

export type Open = (opening: Opening) => Transport;

/**
 * Runs work that opens some of these connections; they are closed however the work ends. Nothing connects before its first use.
 */
export async function withConnections<T>(
  connections: readonly ConnectionSpec[],
  log: Log,
  work: (open: Open) => Promise<T>,
): Promise<T> {
  const isUsed = (wanted: ConnectionSpec["type"]) => connections.some(({ type }) => type === wanted);
  const ssh = isUsed("ssh") ? await sshConnector(log) : undefined;
  const here = isUsed("local") ? await localConnector(log) : undefined;
  const opened = new Map<string, Transport>();
  const open: Open = ({ id, connection, name, probe, around = (inner) => inner }) => {
    const found = opened.get(id);
    if (found) return found;
    const inner = connection.type === "ssh" ? ssh?.transportTo(connection, probe, name) : here?.(connection);
    if (!inner) throw new Error(`${name} is not among the connections`);
    const transport = around(inner);
    opened.set(id, transport);
    return transport;
  };
  try {
    return await work(open);
  } finally {
    await Promise.all([...opened.values()].map((transport) => transport.close()));
    await ssh?.close();
  }
}

/** For messages: "local", "ssh admin@mds1:2222 through bastion". */
export function describeConnection(connection: ConnectionSpec): string {
  if (connection.type === "local") return "local";
  const { user, hosts, port, jump } = connection;
  const address = `${user === undefined ? "" : `${user}@`}${hosts.join(",")}${port === undefined ? "" : `:${port}`}`;
  return `ssh ${address}${jump ? ` through ${jump.hosts.join(",")}` : ""}`;
}

/** Told of every ending: the log, and what keeps transcripts. */
function onEnd(log: Log, where: string, host: string, uid: string): (command: Command, result: Result) => void {
  const record = recorder(host, uid);
  return (command, result) => {
    const { exitCode, signal, ms } = result;
    log.debug(`${where}${quote(shownArgv(command.argv))} -> ${exitCode ?? signal ?? "lost"} (${ms} ms)`);
    record?.(command, result);
  };
}

const loadLocal = once(() => import("../transports/local"));

/** Loaded only where a connection is local: to be able to start programs costs a hook over SSH as much as to start one. */
async function localConnector(log: Log): Promise<(connection: ConnectionSpec) => Transport> {
  const { localTransport } = await loadLocal();
  const ended = onEnd(log, "", hostname(), String(process.getuid?.() ?? "-"));
  return ({ path = [] }) => localTransport({ path, onEnd: ended });
}

interface SshConnector {
  /** `name`: of the first role that uses it, for messages. */
  transportTo(connection: SshConnectionSpec, probe: SshOptions["probe"], name: string): Transport;
  close(): Promise<void>;
}

/** Loaded only where a connection is remote: a hook on the local machine pays nothing for it. */
async function sshConnector(log: Log): Promise<SshConnector> {
  const { connectionPool, sshTransport } = await import("../transports/ssh");
  const pool = connectionPool({ environment: process.env, home: homedir(), log: log.debug });
  return {
    transportTo(connection, probe, name) {
      const { hosts, user = "-", sudo } = connection;
      const uid = sudo || user === "root" ? "0" : user;
      const where = `${hosts.join(",")}: `;
      const transport = sshTransport(connection, {
        pool,
        log: (line) => log.note(line),
        onEnd: onEnd(log, where, hosts.join(","), uid),
        ...defined({ probe }),
      });
      const close = async () => {
        await transport.close();
        log.debug(`${where}${transport.counts.roundTrips} round trips for ${transport.counts.commands} commands`);
      };
      const { run, runAll, lock } = transport;
      return {
        ...transport,
        run: (...asked) => run(...asked).catch(naming(name, connection)),
        runAll: (...asked) => runAll(...asked).catch(naming(name, connection)),
        lock: (...asked) => lock(...asked).catch(naming(name, connection)),
        close,
      };
    },
    close: () => pool.close(),
  };
}

/** What went wrong with a connection happened to a host, or on the way to it; people have to know to which role that belongs. */
function naming(name: string, { hosts }: SshConnectionSpec): (error: unknown) => never {
  return (error) => {
    if (!ShareError.isShareError(error)) throw error;
    const isItself =
      error.host === undefined || error.host === hosts.join(", ") || (hosts.length === 1 && error.host === hosts[0]);
    throw Object.assign(error, { host: isItself ? name : `${name}, at ${error.host}` });
  };
}
