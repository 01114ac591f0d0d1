// Looks at all clusters of a stack at once: one that does not answer keeps nobody from hearing of the others.
import { type ClusterInspection, inspectCluster } from "../../backends/gluster/inspect";
import { type ClusterAccess, isUnreachable } from "../../backends/gluster/site";
import type { Away } from "./places";

export interface Looked<T> {
  seen: T[];
  away: Away[];
}

export async function lookAtAll<T>(
  accesses: readonly ClusterAccess[],
  look: (access: ClusterAccess) => Promise<T>,
): Promise<Looked<T>> {
  const looked: Looked<T> = { seen: [], away: [] };
  const results = await Promise.allSettled(accesses.map(look));
  for (const [index, result] of results.entries()) {
    if (result.status === "fulfilled") looked.seen.push(result.value);
    else if (isUnreachable(result.reason)) looked.away.push({ cluster: accesses[index]?.spec.name ?? "", error: result.reason });
    else throw result.reason;
  }
  return looked;
}

export function inspectAll(accesses: readonly ClusterAccess[]): Promise<Looked<ClusterInspection>> {
  return lookAtAll(accesses, inspectCluster);
}
