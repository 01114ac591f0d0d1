// Certificates have to be in order wherever a share is begun; a share that is ready needs none of this.
import { judgeAll } from "../../core/check";
import { fault } from "./faults";
import { checkTls } from "./preflight";
import { type Cluster, mounterOf } from "./site";

/**
 * The common names of the servers and of the host that mounts. Of `all`: a host whose certificate cannot be read is an error, since a list that
 * leaves it out would shut it out.
 */
export async function requireTls(cluster: Cluster, all?: "all"): Promise<string[]> {
  const { checks, names } = await checkTls(cluster, await mounterOf(cluster));
  judgeAll(checks, cluster.spec.preflight, cluster.log);
  const unread = checks.find(({ verdict }) => verdict !== "good");
  if (all && unread) throw fault("PREFLIGHT", { object: cluster.spec.name, summary: `${unread.about}: ${unread.found}` });
  return [...new Set([...names.servers, ...(names.mounter === undefined ? [] : [names.mounter])])].sort();
}
