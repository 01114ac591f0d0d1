// The properties of a share as the triggers of its applied resource, checked.
import type { IConstruct } from "constructs";
import { formatProvisioning, glusterShareMessage, locationOf, type Provisioning } from "../../src/spec/gluster";
import type { Checks } from "../internal/checks";
import type { ClusterList } from "../internal/gluster/cluster-list";
import * as errors from "../internal/gluster/errors";
import { volumeLayout } from "../internal/gluster/layouts";
import { requireNotInPool, volumeOptionsText } from "../internal/gluster/share-checks";
import { triggersOf } from "../message-triggers";
import { type GlusterProvisioning, Pool } from "./gluster-provisioning";

/** What is asked here in a way of its own; a snapshot is known by what a clone needs of it. */
interface Options {
  readonly provisioning?: GlusterProvisioning;
  readonly fromSnapshot?: Source;
  readonly volumeOptions?: Readonly<Record<string, string>>;
}

interface Source extends IConstruct {
  readonly _source: { readonly clusters: ClusterList; key(): string };
}

interface ShareTriggers {
  readonly triggers: object;
  /** References, which come from other resources. */
  readonly late: () => Record<string, string>;
  /** Why the location is not known at synthesis; undefined where it is. */
  readonly unknownLocation?: string;
}

export function shareTriggers(check: Checks, shareName: string, clusters: ClusterList, options: Options): ShareTriggers {
  const { fromSnapshot } = options;
  const provisioning = fromSnapshot ? cloneOf(check, clusters, fromSnapshot, options) : provisioningOf(check, clusters, options);
  const isPooled = provisioning === "pool";
  if (!isPooled) requireNotInPool(check, shareName, clusters.bound);
  const single = isPooled ? undefined : clusters.single;
  return {
    triggers: {
      share: shareName,
      clusters: clusters.names,
      ...(single ? { volume: shareName, ...locationOf(single.spec, shareName, shareName) } : {}),
      ...triggersOf(check, glusterShareMessage.table, options, {
        provisioning: () => (typeof provisioning === "string" ? provisioning : undefined),
        volumeOptions: (volumeOptions) => volumeOptions && (volumeOptionsText(check, volumeOptions) || undefined),
      }),
    },
    late: () => (typeof provisioning === "string" ? {} : { provisioning: provisioning() }),
    ...(single ? {} : { unknownLocation: isPooled ? "its volume is picked when it is deployed" : whereClone(clusters) }),
  };
}

function whereClone({ names }: ClusterList): string {
  return `the clone is where its snapshot is, on any of "${names}"`;
}

/** A reference to the snapshot, so that it is made first. */
function cloneOf(check: Checks, clusters: ClusterList, snapshot: Source, options: Options): () => string {
  if (options.provisioning) throw errors.snapshotAndProvisioning(check.path);
  const { clusters: source, key } = snapshot._source;
  const isSame = source.bound.length === clusters.bound.length && source.bound.every((one) => clusters.bound.includes(one));
  if (!isSame) throw errors.cloneElsewhere(check.path, clusters.names, snapshot.node.path, source.names);
  return () => `clone ${key()}`;
}

function provisioningOf(check: Checks, clusters: ClusterList, options: Options): string {
  const provisioning = options.provisioning ?? Pool.pick();
  const created = provisioning._created;
  if (created) {
    if (!clusters.single) throw errors.createsOnOneCluster(check.path, clusters.names);
    return formatProvisioning({ kind: "create", layout: volumeLayout(check, created, clusters.single) });
  }
  const without = clusters.bound.find(({ spec }) => spec.volumePattern === undefined);
  if (without) throw errors.noVolumePattern(check.path, without.construct.node.path);
  return formatProvisioning({ kind: "pool" } satisfies Provisioning);
}
