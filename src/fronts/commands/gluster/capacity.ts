// What GlusterFS clusters hold, and how much of it limits have promised.
import { type ClusterCapacity, capacityOf } from "../../../backends/gluster/capacity";
import { openCluster } from "../../../backends/gluster/site";
import type { Space } from "../../../backends/gluster/volume-capacity";
import type { Log } from "../../../core/log";
import type { ClusterSpec } from "../../../spec/gluster";
import { withClusters } from "../../clusters";
import { type Amount, overCommit, type View } from "../capacity-view";
import { lookAtAll } from "./look";
import { awayDocument, awayText, exitOf } from "./places";

export interface ClusterCapacities {
  views: View[];
  texts: string[];
  documents: Record<string, unknown>[];
  exitCode: number;
}

export async function readClusterCapacities(clusters: readonly ClusterSpec[], log: Log): Promise<ClusterCapacities> {
  const { seen, away } = await withClusters(clusters, log, (accesses) =>
    lookAtAll(accesses, async (access) => capacityOf(await openCluster(access))),
  );
  return {
    views: seen.map(viewOf),
    texts: away.map(awayText),
    documents: [...seen.map(documentOf), ...away.map(awayDocument)],
    exitCode: exitOf(away),
  };
}

function viewOf({ cluster, space, volumes, degraded, promised, shares, notes }: ClusterCapacity): View {
  return {
    name: cluster,
    ...(space ? { data: amountOf(space) } : {}),
    promised,
    shares,
    parts: volumes.map(({ volume, share, space: own, quota }) => {
      const { used, limit: total } = quota ?? {};
      const amount = used !== undefined && total !== undefined ? { used, total } : own && amountOf(own);
      return { name: share === undefined ? volume : `${volume} (${share})`, ...(amount ? { amount } : {}) };
    }),
    degraded,
    notes,
  };
}

function amountOf({ total, free }: Space): Amount {
  return { used: total - free, total };
}

function documentOf(seen: ClusterCapacity): Record<string, unknown> {
  const { space, promised } = seen;
  return { ...seen, space: space ?? null, overCommit: overCommit(promised, space?.total) ?? null };
}
