// Connects a file system's hosts, and lets go of them.
import { lustreAdvice } from "../../backends/lustre/faults";
import { probeOf } from "../../backends/lustre/roles";
import type { Site } from "../../backends/lustre/site";
import type { Host, Role } from "../../core/host";
import type { Log } from "../../core/log";
import type { ConnectionSpec } from "../../spec/connection";
import type { FileSystemSpec } from "../../spec/lustre";
import { describeConnection, withConnections } from "../connections";

export type SiteRole = "client" | "mds" | "mgs";

/**
 * Runs work against a file system; its connections are closed however the work ends. `surely`: roles that will be needed, which are connected
 * to at once and together; the others at their first use.
 */
export async function withSite<T>(
  fileSystem: FileSystemSpec,
  log: Log,
  work: (site: Site) => Promise<T>,
  surely: readonly SiteRole[] = [],
): Promise<T> {
  const { client, mgs, mds, servers = [], mountPoint, fsName } = fileSystem;
  const connections = [client, mgs, ...servers, ...(mds ? [mds.connection] : [])];
  return withConnections(connections, log, async (open) => {
    const host = (role: Role, connection: ConnectionSpec, mount: string): Host => {
      const name = `${role} (${describeConnection(connection)})`;
      // Roles on one machine share its connection, and with it the locks. Which of several machines it is depends on the role.
      const id = JSON.stringify(isOneHost(connection) ? connection : { role, connection });
      const transport = open({ id, connection, name, probe: probeOf(role, fsName, mount) });
      return { role, name, transport, mount, advice: lustreAdvice };
    };
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
    return work(site);
  });
}

function isOneHost(connection: ConnectionSpec): boolean {
  return connection.type === "local" || connection.hosts.length === 1;
}
