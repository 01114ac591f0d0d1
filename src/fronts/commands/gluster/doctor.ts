// What doctor says of GlusterFS clusters: connections, TLS, the pool, the volumes.
import { checkCluster, checkDistinct } from "../../../backends/gluster/preflight";
import { type ClusterAccess, openCluster } from "../../../backends/gluster/site";
import type { Check } from "../../../core/check";
import type { Log } from "../../../core/log";
import type { ClusterSpec } from "../../../spec/gluster";
import { withClusters } from "../../clusters";
import { checked } from "../checked";
import { type ConnectionReport, checkConnections, unlooked } from "../doctor-connection";
import { lookAtAll } from "./look";

export interface ClusterReport {
  checks: Check[];
  connections: ConnectionReport[];
}

export async function checkClusters(clusters: readonly ClusterSpec[], log: Log): Promise<ClusterReport> {
  return withClusters(clusters, log, async (accesses) => {
    const hosts = accesses.flatMap(({ servers, client }) => [
      ...servers.map(({ address, transport }) => ({ role: `server ${address}`, transport })),
      ...(client ? [{ role: client.role, transport: client.transport }] : []),
    ]);
    const { checks, reports, broken } = await checkConnections(hosts);
    const usable = accesses.map((access) => ({
      ...access,
      servers: access.servers.filter(({ transport }) => !broken.has(transport)),
    }));
    const found = await Promise.all(usable.map((access, index) => checkOne(access, accesses[index] ?? access, broken)));
    return { checks: [...checks, ...found.flat(), ...(await distinct(usable))], connections: reports };
  });
}

/** Without servers that cannot be reached, what is said of the others still holds. */
async function checkOne(
  access: ClusterAccess,
  { servers }: ClusterAccess,
  broken: Parameters<typeof unlooked>[1],
): Promise<Check[]> {
  const about = `cluster ${access.spec.name}`;
  if (access.servers.length > 0) return checked(about, () => checkCluster(access));
  const not = unlooked(about, broken, servers);
  return not ? [not] : [];
}

async function distinct(accesses: readonly ClusterAccess[]): Promise<Check[]> {
  if (accesses.length < 2) return [];
  return checked("clusters", async () => {
    const { seen } = await lookAtAll(
      accesses.filter(({ servers }) => servers.length > 0),
      openCluster,
    );
    return checkDistinct(seen);
  });
}
