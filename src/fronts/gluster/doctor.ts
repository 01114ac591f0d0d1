// What doctor says of GlusterFS clusters: connections, TLS, the pool, the volumes.
import { checkCluster, checkDistinct } from "../../backends/gluster/preflight";
import { type ClusterAccess, openCluster } from "../../backends/gluster/site";
import type { Check } from "../../core/check";
import { checked } from "../commands/checked";
import { checkConnections, unlooked } from "../commands/doctor-connection";
import type { Call, Looked } from "../desk";
import type { StackConfig } from "../stack-config";
import { clustersIn } from "./choose";
import { withClusters } from "./clusters";
import { lookAtAll } from "./look";

export function check(config: StackConfig, { log, terminal }: Call): Promise<Looked[]> {
  terminal.progress("checking the clusters");
  return withClusters(clustersIn(config), log, async (accesses) => {
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
    return [{ checks: [...checks, ...found.flat(), ...(await distinct(usable))], connections: reports }];
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
