// Connects a file system's hosts, and lets go of them.

import type { Site } from "../backends/lustre/site";
import type { Host, Role } from "../core/host";
import type { Log } from "../core/log";
import { quote } from "../core/quote";
import type { Transport } from "../core/transport";
import type { ConnectionSpec } from "../spec/connection";
import type { FileSystemSpec } from "../spec/lustre";
import { localTransport } from "../transports/local";

/** Runs work against a file system; its connections are closed however the work ends. */
export async function withSite<T>(fileSystem: FileSystemSpec, log: Log, work: (site: Site) => Promise<T>): Promise<T> {
  const opened = new Map<string, Transport>();
  const transportTo = (connection: ConnectionSpec): Transport => {
    // Roles on one machine share its connection, and with it the locks.
    const id = JSON.stringify(connection);
    const transport = opened.get(id) ?? connect(connection, log);
    opened.set(id, transport);
    return transport;
  };
  const host = (role: Role, connection: ConnectionSpec, mount: string): Host => ({
    role,
    name: `${role} (${connection.type})`,
    transport: transportTo(connection),
    mount,
  });
  const { client, mgs, mds, servers = [], mountPoint } = fileSystem;
  try {
    return await work({
      fileSystem,
      client: host("client", client, mountPoint),
      mgs: host("mgs", mgs, ""),
      mds: host("mds", mds?.connection ?? client, mds?.mountPoint ?? mountPoint),
      servers: servers.map((server) => host("server", server, "")),
      log,
    });
  } finally {
    await Promise.all([...opened.values()].map((transport) => transport.close()));
  }
}

function connect(connection: ConnectionSpec, log: Log): Transport {
  return localTransport({
    path: connection.path ?? [],
    onEnd: (command, result) => log.debug(`${quote(command.argv)} -> ${result.exitCode ?? result.signal} (${result.ms} ms)`),
  });
}
