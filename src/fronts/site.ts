// Connects a file system's hosts, and lets go of them.
import { homedir } from "node:os";
import { probeOf, type RoleProbe } from "../backends/lustre/roles";
import type { Site } from "../backends/lustre/site";
import { type Command, hole, type Result } from "../core/command";
import { ShareError } from "../core/errors";
import type { Host, Role } from "../core/host";
import type { Log } from "../core/log";
import { quote } from "../core/quote";
import type { Transport } from "../core/transport";
import type { ConnectionSpec, SshConnectionSpec } from "../spec/connection";
import type { FileSystemSpec } from "../spec/lustre";
import { localTransport } from "../transports/local";

/**
 * Runs work against a file system; its connections are closed however the work ends. `surely`: roles that will be needed, which are connected
 * to at once and together; the others at their first use.
 */
export async function withSite<T>(
  fileSystem: FileSystemSpec,
  log: Log,
  work: (site: Site) => Promise<T>,
  surely: readonly ("client" | "mds" | "mgs")[] = [],
): Promise<T> {
  const { client, mgs, mds, servers = [], mountPoint, fsName } = fileSystem;
  const connections = [client, mgs, ...servers, ...(mds ? [mds.connection] : [])];
  const ssh = connections.some(({ type }) => type === "ssh") ? await sshConnector(log) : undefined;
  const opened = new Map<string, Transport>();
  const transportTo = (connection: ConnectionSpec, probe: RoleProbe | undefined, role: Role, name: string): Transport => {
    // Roles on one machine share its connection, and with it the locks. Which of several machines it is depends on the role.
    const id = JSON.stringify(isOneHost(connection) ? connection : { role, connection });
    const transport =
      opened.get(id) ??
      (connection.type === "ssh" && ssh ? ssh.transportTo(connection, probe, name) : connectHere(connection, log));
    opened.set(id, transport);
    return transport;
  };
  const host = (role: Role, connection: ConnectionSpec, mount: string): Host => {
    const name = `${role} (${describeConnection(connection)})`;
    return { role, name, transport: transportTo(connection, probeOf(role, fsName, mount), role, name), mount };
  };
  try {
    const clientHost = host("client", client, mountPoint);
    const site: Site = {
      fileSystem,
      client: clientHost,
      mgs: host("mgs", mgs, ""),
      mds: mds
        ? host("mds", mds.connection, mds.mountPoint ?? mountPoint)
        : { ...clientHost, role: "mds", name: `mds (${describeConnection(client)})` },
      servers: servers.map((server) => host("server", server, "")),
      log,
    };
    for (const role of surely) site[role].transport.connect?.();
    return await work(site);
  } finally {
    await Promise.all([...opened.values()].map((transport) => transport.close()));
    await ssh?.close();
  }
}

function isOneHost(connection: ConnectionSpec): boolean {
  return connection.type === "local" || connection.hosts.length === 1;
}

/** For messages: "local", "ssh admin@mds1:2222 through bastion". */
function describeConnection(connection: ConnectionSpec): string {
  if (connection.type === "local") return "local";
  const { user, hosts, port, jump } = connection;
  const address = `${user === undefined ? "" : `${user}@`}${hosts.join(",")}${port === undefined ? "" : `:${port}`}`;
  return `ssh ${address}${jump ? ` through ${jump.hosts.join(",")}` : ""}`;
}

function debugEnd(log: Log, where: string): (command: Command, result: Result) => void {
  return ({ argv }, { exitCode, signal, ms }) =>
    log.debug(
      `${where}${quote(argv.map((word) => (word === hole ? "FOUND" : word)))} -> ${exitCode ?? signal ?? "lost"} (${ms} ms)`,
    );
}

function connectHere(connection: ConnectionSpec, log: Log): Transport {
  return localTransport({ path: connection.path ?? [], onEnd: debugEnd(log, "") });
}

interface SshConnector {
  /** `name`: of the first role that uses it, for messages. */
  transportTo(connection: SshConnectionSpec, probe: RoleProbe | undefined, name: string): Transport;
  close(): Promise<void>;
}

/** Loaded only where a connection is remote: a hook on the local machine pays nothing for it. */
async function sshConnector(log: Log): Promise<SshConnector> {
  const { connectionPool, sshTransport } = await import("../transports/ssh");
  const pool = connectionPool({ environment: process.env, home: homedir(), log: log.debug });
  return {
    transportTo(connection, probe, name) {
      const where = `${connection.hosts.join(",")}: `;
      const transport = sshTransport(connection, {
        pool,
        log: (line) => log.note(line),
        onEnd: debugEnd(log, where),
        ...(probe ? { probe } : {}),
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
