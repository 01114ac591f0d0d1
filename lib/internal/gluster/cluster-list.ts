// The clusters that a share may be on, and what its access rules and snapshots have to know of it.
import type { IConstruct } from "constructs";
import * as errors from "./errors";
import type { BoundCluster, GlusterStack } from "./gluster-stack";

/** A GlusterCluster. */
interface Bound {
  readonly _bound: BoundCluster;
}

export interface ClusterList {
  readonly bound: readonly BoundCluster[];
  /** The only one, where there is no choice. */
  readonly single: BoundCluster | undefined;
  /** As plans show them. */
  readonly names: string;
  readonly stack: GlusterStack;
}

export interface ShareTarget {
  readonly clusters: ClusterList;
  readonly key: string;
  /** Its name; a reference where the share is managed in this stack, so that it is made first. */
  share(): string;
  /** A share that is taken over takes its rules along. */
  readonly adopt: boolean;
}

/** @throws ShareSynthesisError for none, both properties, one named twice, or clusters of another stack or of several sites */
export function clusterList(
  construct: IConstruct,
  { cluster, clusters }: { readonly cluster?: Bound; readonly clusters?: readonly Bound[] },
): ClusterList {
  const { path } = construct.node;
  if (cluster && clusters) throw errors.oneOfClusterAndClusters(path, "both");
  const bound = (clusters ?? (cluster ? [cluster] : [])).map(({ _bound }) => _bound);
  const [first] = bound;
  if (!first) throw clusters ? errors.emptyList(path, "clusters", "cluster") : errors.oneOfClusterAndClusters(path, "neither");
  const elsewhere = bound.find(({ stack }) => stack !== first.stack);
  for (const one of bound) one.stack.requireSameStack(construct, clusters ? "clusters" : "cluster", one.construct);
  if (elsewhere) throw errors.sitesDiffer(path, elsewhere.spec, first.spec);
  const twice = bound.find((one, index) => bound.indexOf(one) < index);
  if (twice) throw errors.namedTwice(path, "clusters", twice.spec.name);
  return {
    bound,
    single: bound.length === 1 ? first : undefined,
    names: bound.map(({ spec }) => spec.name).join(", "),
    stack: first.stack,
  };
}
