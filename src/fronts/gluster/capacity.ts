// What GlusterFS clusters hold, and how much of it limits have promised.

import { type ClusterCapacity, capacityOf } from "../../backends/gluster/capacity";
import { openCluster } from "../../backends/gluster/site";
import type { Space } from "../../backends/gluster/volume/capacity";
import { defined } from "../../spec/defined";
import { type Amount, type CapacityView, overCommit } from "../commands/capacity-view";
import type { Call, Capacities } from "../desk";
import type { StackConfig } from "../stack-config";
import { clustersIn } from "./choose";
import { withClusters } from "./clusters";
import { lookAtAll } from "./look";
import { awayDocument, awayText, exitOf } from "./places";

export async function capacity(config: StackConfig, { log, terminal }: Call): Promise<Capacities> {
  terminal.progress("asking the bricks of the clusters");
  const { seen, away } = await withClusters(clustersIn(config), log, (accesses) =>
    lookAtAll(accesses, async (access) => capacityOf(await openCluster(access))),
  );
  return {
    places: [
      ...seen.map((each) => ({ view: viewOf(each), document: documentOf(each) })),
      ...away.map((each) => ({ text: awayText(each), document: awayDocument(each) })),
    ],
    exitCode: exitOf(away),
  };
}

function viewOf({ cluster, space, volumes, degraded, promised, shares, notes }: ClusterCapacity): CapacityView {
  return {
    name: cluster,
    ...(space ? { data: amountOf(space) } : {}),
    promised,
    shares,
    parts: volumes.map(({ volume, share, space: own, quota }) => {
      const { used, limit: total } = quota ?? {};
      const amount = used !== undefined && total !== undefined ? { used, total } : own && amountOf(own);
      return { name: share === undefined ? volume : `${volume} (${share})`, ...defined({ amount }) };
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
