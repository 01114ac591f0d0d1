// Which clusters of a stack a command is about.
import { fault } from "../../core/errors";
import type { ClusterSpec } from "../../spec/gluster";
import { distinct, type Placed, type StackConfig } from "../stack-config";
import { hasKind } from "../system";
import { gluster } from "./hooks";

export interface OnGluster {
  /** It may be on any of them. */
  place: ClusterSpec[];
}

export function isOnGluster<T extends Placed>(placed: T): placed is T & OnGluster {
  return hasKind(gluster, placed.kind);
}

export function clustersIn({ placed }: Pick<StackConfig, "placed">): ClusterSpec[] {
  return distinct(placed.filter(isOnGluster).flatMap(({ place }) => place));
}

/** The clusters that a command is about: all of the stack, or the one that is named. */
export function chooseClusters(config: Pick<StackConfig, "name" | "placed">, named: string | undefined): ClusterSpec[] {
  const { name } = config;
  const clusters = clustersIn(config);
  const chosen = clusters.filter((spec) => named === undefined || spec.name === named);
  if (chosen.length > 0) return chosen;
  const names = [...new Set(clusters.map((spec) => spec.name))];
  throw fault("BAD_REQUEST", {
    summary: `the stack ${name} has no GlusterFS cluster${named === undefined ? "" : ` "${named}"`} of sharewright`,
    fix: names.length === 0 ? "name a stack with a GlusterCluster" : `it has: ${names.join(", ")}`,
  });
}
