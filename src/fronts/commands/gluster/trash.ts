// What operators do with shares that are set aside on GlusterFS clusters.
import { purgeTrash, releasedElsewhere, releaseShare, restoreFromTrash } from "../../../backends/gluster/operations";
import type { Log } from "../../../core/log";
import type { Step } from "../../../core/plan";
import type { ClusterSpec } from "../../../spec/gluster";
import { withClusters } from "../../clusters";
import { inspectAll } from "./look";
import { type PlacedShare, placedShares } from "./places";

/** A cluster that does not answer ends it: a list that leaves things out would mislead whoever purges by it. */
export async function readTrash(clusters: readonly ClusterSpec[], log: Log): Promise<PlacedShare[]> {
  return (await readShares(clusters, log)).filter(({ record }) => record.state === "trash");
}

async function readShares(clusters: readonly ClusterSpec[], log: Log): Promise<PlacedShare[]> {
  const { seen, away } = await withClusters(clusters, log, inspectAll);
  const [first] = away;
  if (first) throw first.error;
  return seen.flatMap(placedShares);
}

export function restore(clusters: readonly ClusterSpec[], key: string, log: Log): Promise<Step[]> {
  return withClusters(clusters, log, (accesses) => restoreFromTrash(accesses, key));
}

export function purge(clusters: readonly ClusterSpec[], key: string, log: Log, since?: string): Promise<Step[]> {
  return withClusters(clusters, log, (accesses) => purgeTrash(accesses, key, since));
}

/** False: nobody manages it already. `claims`: ids in the state of the stack, which may let go only of what is its own. */
export async function release(
  clusters: readonly ClusterSpec[],
  key: string,
  claims: ReadonlySet<string>,
  log: Log,
): Promise<boolean> {
  const records = (await readShares(clusters, log)).flatMap(({ record }) => (record.key === key ? [record] : []));
  const foreign = records.find(({ claim }) => claim !== undefined && !claims.has(claim));
  if (foreign) throw releasedElsewhere(key, foreign.owner);
  if (records.length > 0 && records.every(({ claim }) => claim === undefined)) return false;
  await withClusters(clusters, log, (accesses) => releaseShare(accesses, key, claims));
  return true;
}
