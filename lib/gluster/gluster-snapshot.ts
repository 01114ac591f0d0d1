import { Construct } from "constructs";
import { isVolumeName, snapshotKey, volumeNameRule } from "../../src/spec/name";
import { mark } from "../internal/brands";
import type { CarrierResource } from "../internal/carrier-resource";
import { Checks } from "../internal/checks";
import type { ClusterList } from "../internal/gluster/cluster-list";
import * as kind from "../internal/property-kinds";
import { idIn, required, type Shape } from "../internal/property-kinds";
import type { IGlusterShare } from "./gluster-share";

/** Properties of a snapshot, without the share that it is taken of. */
export interface GlusterSnapshotOptions {
  /**
   * Name of the snapshot on the storage, unique in the cluster. Another name is another snapshot. 1 to 64 of `A-Z a-z 0-9 _ -`, beginning
   * with a letter or digit.
   *
   * @default - `<shareName>-<id of the construct>`
   */
  readonly snapshotName?: string;
}

/** Properties of GlusterSnapshot. */
export interface GlusterSnapshotProps extends GlusterSnapshotOptions {
  /** The share; of the same stack, or from `GlusterShare.fromShareName`. */
  readonly share: IGlusterShare;
}

const snapshotProps: Shape<GlusterSnapshotProps> = {
  share: required(kind.made("AnyGlusterShare", "a GlusterShare, or what GlusterShare.fromShareName returns")),
  snapshotName: kind.text,
};

/**
 * A snapshot of a share: how its data is when the snapshot is first deployed (`gluster snapshot create`). Later deployments leave it as it
 * is. It is not mounted itself; a share with `fromSnapshot` is a clone of it that can be written.
 *
 * All bricks of the share's volume have to be on thinly provisioned LVM; anything else is an error at deploy time.
 *
 * Removing it from the code deletes it for good, before the share that it was taken of is removed. Clones stay.
 */
export class GlusterSnapshot extends Construct {
  /** Name of the snapshot on the storage. */
  readonly snapshotName: string;

  /** The share that it was taken of. */
  readonly share: IGlusterShare;

  /** @internal What a clone has to know. */
  readonly _source: { readonly clusters: ClusterList; key(): string };

  private readonly applied: CarrierResource;

  /** @throws ShareSynthesisError for a name that cannot be used, or that another snapshot in the app has on the same cluster */
  constructor(scope: Construct, id: string, given: GlusterSnapshotProps) {
    super(scope, idIn(scope, id));
    mark(this, "GlusterSnapshot");
    const check = new Checks(this);
    const props = check.properties(snapshotProps, given);
    const { _target: target, shareName } = props.share;
    const { clusters } = target;
    clusters.stack.requireSameStack(this, "share", props.share);
    this.share = props.share;
    const name = props.snapshotName ?? `${shareName}-${id}`;
    this.snapshotName = check.text("snapshotName", name, isVolumeName, volumeNameRule);
    const key = snapshotKey(target.key, this.snapshotName);
    this.applied = clusters.stack.addSnapshot(
      {
        construct: this,
        clusters: clusters.bound,
        key,
        adopt: target.adopt,
        triggers: { key, clusters: clusters.names, snapshot: this.snapshotName },
        late: () => ({ share: target.share() }),
      },
      this.snapshotName,
    );
    this._source = { clusters, key: () => `\${${this.applied.triggerExpression("key")}}` };
  }

  /** Address of the applied resource, so that other resources can wait for the snapshot: `dependsOn: [snapshot]`. */
  get fqn(): string {
    return this.applied.fqn;
  }
}
