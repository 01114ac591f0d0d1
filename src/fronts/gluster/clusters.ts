// Connects the servers of GlusterFS clusters and the hosts that mount their volumes, and lets go of them.
import { glusterAdvice } from "../../backends/gluster/faults";
import { judgedTransport } from "../../backends/gluster/judged-transport";
import type { ClusterAccess, Server } from "../../backends/gluster/site";
import type { Host } from "../../core/host";
import type { Log } from "../../core/log";
import type { ConnectionSpec } from "../../spec/connection";
import type { ClusterSpec } from "../../spec/gluster";
import { describeConnection, type Open, withConnections } from "../connections";

const here: ConnectionSpec = { type: "local" };

/** Runs work on clusters; their connections are closed however the work ends. Each is made at its first use. */
export async function withClusters<T>(
  clusters: readonly ClusterSpec[],
  log: Log,
  work: (clusters: ClusterAccess[]) => Promise<T>,
): Promise<T> {
  const connections = clusters.flatMap(({ servers, client = here }) => [...servers.map(({ connection }) => connection), client]);
  return withConnections([...connections, here], log, (open) => work(clusters.map((spec) => accessOf(spec, log, open))));
}

function accessOf(spec: ClusterSpec, log: Log, open: Open): ClusterAccess {
  return {
    spec,
    servers: spec.servers.map(({ connection, host }) => serverAt(host, connection, open)),
    ...(spec.client ? { client: mounterAt(spec.client, open) } : {}),
    here: mounterAt(here, open),
    log,
  };
}

function serverAt(address: string, connection: ConnectionSpec, open: Open): Server {
  const name = `server ${address} (${describeConnection(connection)})`;
  const transport = open({
    id: JSON.stringify({ role: "server", connection }),
    connection,
    name,
    // What only a connection over SSH can tell stays.
    around: (inner) => ({ ...inner, ...judgedTransport(inner, name) }),
  });
  return { role: "server", name, transport, mount: "", advice: glusterAdvice, address };
}

/**
 * Never the transport of a server, even on the same machine: commands inherit the locks of their transport, and the process behind a mount
 * lives on.
 */
function mounterAt(connection: ConnectionSpec, open: Open): Host {
  const name = `client (${describeConnection(connection)})`;
  const transport = open({ id: JSON.stringify({ role: "client", connection }), connection, name });
  return { role: "client", name, transport, mount: "", advice: glusterAdvice };
}
