import { Construct, type IConstruct } from "constructs";
import { glusterShareMessage } from "../../src/spec/gluster";
import { isVolumeName, volumeNameRule } from "../../src/spec/name";
import { isMarked, mark } from "../internal/brands";
import type { CarrierResource } from "../internal/carrier-resource";
import { Checks } from "../internal/checks";
import { clusterList, type ShareTarget } from "../internal/gluster/cluster-list";
import { locationUnknown } from "../internal/gluster/errors";
import * as kind from "../internal/property-kinds";
import { idIn, optionsWith, required, type Shape } from "../internal/property-kinds";
import { kindsOf } from "../message-triggers";
import type { RemovalPolicy } from "../removal-policy";
import type { Size } from "../size";
import { GlusterAccessRule, type GlusterAccessRuleOptions } from "./gluster-access-rule";
import type { IGlusterCluster } from "./gluster-cluster";
import type { GlusterProvisioning } from "./gluster-provisioning";
import { shareTriggers } from "./gluster-share-triggers";
import { GlusterSnapshot, type GlusterSnapshotOptions } from "./gluster-snapshot";

/** A share, managed here or elsewhere, as access rules and snapshots refer to it. */
export interface IGlusterShare extends IConstruct {
  /** Name of the share on the storage. */
  readonly shareName: string;

  /**
   * Lets clients read and write the share.
   *
   * @param id of the access rule, and its name on the storage unless `options.ruleName` says otherwise
   * @param commonName as in GlusterAccessRuleProps.commonName
   */
  grantReadWrite(id: string, commonName: string, options?: GlusterAccessRuleOptions): GlusterAccessRule;

  /** Takes a snapshot of the share. */
  addSnapshot(id: string, options?: GlusterSnapshotOptions): GlusterSnapshot;

  /** @internal */
  readonly _target: ShareTarget;
}

/** Properties of a share, without the clusters that it may be on. */
export interface GlusterShareOptions {
  /**
   * Name of the share on the storage, and of its volume where that is created or cloned. Another name is another share: the old one goes
   * the way of its removal policy, the new one is empty. 1 to 64 of `A-Z a-z 0-9 _ -`, beginning with a letter or digit, and no word of
   * the gluster CLI (`all`, `help`, `volume`).
   *
   * @default - the id of the construct
   */
  readonly shareName?: string;

  /**
   * The most that the share may hold, enforced by a quota on the root of its volume for every client that mounts as clients do (see
   * SECURITY.md): at least 1 MiB. `Size.bytes(token)` is checked at deploy time. It may grow and shrink in place, but never below what the
   * share uses nor above what the bricks hold. A text such as "10 TiB" is read as by `Size.parse`.
   */
  readonly size: Size | string;

  /**
   * Where the volume of the share comes from. Counts when the share is first deployed.
   *
   * @default Pool.pick()
   */
  readonly provisioning?: GlusterProvisioning;

  /**
   * Makes the share a clone of a snapshot, a volume of its own that begins with that data and without anybody's access. The clusters have
   * to be those of the snapshot's share. Counts when the share is first deployed.
   *
   * @default - the share is empty
   */
  readonly fromSnapshot?: GlusterSnapshot;

  /**
   * What happens to the data when the share is removed from the code. The policy that was last deployed counts.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Keeps the share from being removed, whatever its policy: while it is on, a plan that removes the share from the code fails, as
   * does `terraform destroy`, and so does the hook. To lift it write `false` and deploy, then remove the share; leaving the line
   * out is no lifting.
   *
   * @default - not protected
   */
  readonly deletionProtection?: boolean;

  /**
   * Takes over what exists: a share of that name that was retained or belongs to another stack, else a volume of that name. Take it out
   * again when it is done: Terraform replaces nothing for that.
   *
   * @default false - such a share or volume is an error at deploy time
   */
  readonly adopt?: boolean;

  /**
   * Options of the volume by their whole names, as for `gluster volume set`: `{ "performance.cache-size": "256MB" }`. One that is left out
   * later gets the value back that it had before, or is reset. Not those that decide on access, size or marks, nor those of the
   * whole cluster; a name that neither GlusterFS 10 nor 11 has is an error.
   *
   * @default - none
   */
  readonly volumeOptions?: Readonly<Record<string, string>>;

  /**
   * Consents to a restart of the volume, which cuts its clients for a moment, where a change takes effect in no other way: TLS for a volume
   * that clients already use.
   *
   * @default false - such a change is an error at deploy time
   */
  readonly allowRestart?: boolean;
}

/** Properties of GlusterShare. One of `cluster` and `clusters`. */
export interface GlusterShareProps extends GlusterShareOptions {
  /** The cluster that the share is on; of the same stack. */
  readonly cluster?: IGlusterCluster;

  /**
   * Clusters of the same stack that the share may be on. It is made where there is room, on another one when one is down, and stays where
   * it is.
   */
  readonly clusters?: IGlusterCluster[];
}

/** What is needed to refer to a share that somebody else manages. One of `cluster` and `clusters`. */
export interface GlusterShareAttributes {
  /** A description of its cluster in the stack that refers to the share. */
  readonly cluster?: IGlusterCluster;

  /** Descriptions of the clusters that it may be on. */
  readonly clusters?: IGlusterCluster[];

  /** Name of the share on the storage. */
  readonly shareName: string;
}

const cluster = kind.made("GlusterCluster", "a GlusterCluster");
const clusters = { cluster, clusters: kind.list(cluster, "cluster") };

const shareProps: Shape<GlusterShareProps> = {
  ...clusters,
  shareName: kind.text,
  fromSnapshot: kind.made("GlusterSnapshot", "a GlusterSnapshot"),
  ...kindsOf(glusterShareMessage.table, {
    provisioning: kind.made("GlusterProvisioning", "Pool.pick() or Volume.create({ ... }), which are calls"),
    volumeOptions: kind.textMap,
  }),
};

const shareAttributes: Shape<GlusterShareAttributes> = { ...clusters, shareName: required(kind.text) };

/**
 * A share: one volume of a GlusterFS cluster, with a quota on its root and TLS for its clients.
 *
 * Deploying it picks, creates or clones a volume, marks it before anything else (`user.sharewright.share`), closes it to all but the
 * infrastructure (`auth.ssl-allow`, `client.ssl`, `server.ssl`, `server.dynamic-auth`), limits it (`gluster volume quota limit-usage /`)
 * and starts it. Nobody can mount it until an access rule says so. A change of size, options or policy changes just that on the storage.
 *
 * In Terraform it is a claim (its existence, one key of the stack's claim block) and an applied resource (its properties). A plan that
 * replaces the applied resource is how a change looks; it never touches data. Only a claim that goes away removes the share, the way
 * `removalPolicy` says.
 *
 * The id is also the name of the share unless `shareName` is given: renaming the id then makes a new, empty share. Write `shareName`
 * before you rename an id.
 */
export class GlusterShare extends Construct implements IGlusterShare {
  /**
   * Refers to a share that another stack, app or person manages. Access rules may be put on it and snapshots taken of it, and nothing about
   * the share itself is ever changed from here.
   *
   * @throws ShareSynthesisError for a name that no share can have, or a cluster of another stack
   */
  static fromShareName(scope: Construct, id: string, attributes: GlusterShareAttributes): IGlusterShare {
    return new ImportedGlusterShare(scope, id, attributes);
  }

  /** True for a GlusterShare, also one of another copy of this package; false for what `fromShareName` returns. */
  static isGlusterShare(construct: unknown): construct is GlusterShare {
    return isMarked(construct, "GlusterShare");
  }

  readonly shareName: string;

  /** @internal */
  readonly _target: ShareTarget;

  private readonly applied: CarrierResource;
  /** Why the location is not known; undefined where it is. */
  private readonly unknownLocation: string | undefined;

  /** @throws ShareSynthesisError for a property that cannot be used, or a share that is declared already anywhere in the app */
  constructor(scope: Construct, id: string, given: GlusterShareProps) {
    super(scope, idIn(scope, id));
    mark(this, "GlusterShare");
    mark(this, "AnyGlusterShare");
    const check = new Checks(this);
    const props = check.properties(shareProps, given);
    const clusters = clusterList(this, props);
    this.shareName = check.text("shareName", props.shareName ?? id, isVolumeName, volumeNameRule);
    const { triggers, late, unknownLocation } = shareTriggers(check, this.shareName, clusters, props);
    this.unknownLocation = unknownLocation;
    const { adopt = false, removalPolicy = "retain", deletionProtection } = props;
    this.applied = clusters.stack.addShare({
      ...{ construct: this, clusters: clusters.bound, key: this.shareName, triggers, late },
      ...{ adopt, removalPolicy, deletionProtection },
    });
    this._target = {
      clusters,
      key: this.shareName,
      share: () => `\${${this.applied.triggerExpression("share")}}`,
      adopt,
    };
  }

  /** Address of the applied resource, so that other resources can wait for the share: `dependsOn: [share]`. */
  get fqn(): string {
    return this.applied.fqn;
  }

  /**
   * Name of the volume.
   *
   * @throws ShareSynthesisError where it turns out only at deploy time: see `exportLocation`
   */
  get volumeName(): string {
    return this.located("volumeName", "volume");
  }

  /**
   * What a client mounts, such as `server1:/genomics`.
   *
   * @throws ShareSynthesisError where it turns out only at deploy time: for a volume of the pool, and a clone that may be on several clusters
   */
  get exportLocation(): string {
    return this.located("exportLocation", "export_location");
  }

  /**
   * A command that mounts the share on `/mnt/<shareName>`, with `backup-volfile-servers`.
   *
   * @throws ShareSynthesisError as `exportLocation` does
   */
  get mountCommand(): string {
    return this.located("mountCommand", "mount_command");
  }

  /**
   * A line of /etc/fstab that mounts the share on `/mnt/<shareName>`, with `backup-volfile-servers`.
   *
   * @throws ShareSynthesisError as `exportLocation` does
   */
  get fstabEntry(): string {
    return this.located("fstabEntry", "fstab_entry");
  }

  grantReadWrite(id: string, commonName: string, options: GlusterAccessRuleOptions = {}): GlusterAccessRule {
    return new GlusterAccessRule(this, id, optionsWith(this, id, options, { share: this, commonName }));
  }

  addSnapshot(id: string, options: GlusterSnapshotOptions = {}): GlusterSnapshot {
    return new GlusterSnapshot(this, id, optionsWith(this, id, options, { share: this }));
  }

  private located(property: string, trigger: string): string {
    if (this.unknownLocation !== undefined) throw locationUnknown(this.node.path, property, this.unknownLocation);
    return this.applied.triggerReference(trigger);
  }
}

class ImportedGlusterShare extends Construct implements IGlusterShare {
  readonly shareName: string;

  /** @internal */
  readonly _target: ShareTarget;

  constructor(scope: Construct, id: string, given: GlusterShareAttributes) {
    super(scope, idIn(scope, id));
    mark(this, "AnyGlusterShare");
    const check = new Checks(this);
    const attributes = check.properties(shareAttributes, given);
    const clusters = clusterList(this, attributes);
    const key = check.text("shareName", attributes.shareName, isVolumeName, volumeNameRule);
    this.shareName = key;
    this._target = { clusters, key, share: () => key, adopt: false };
  }

  grantReadWrite(id: string, commonName: string, options: GlusterAccessRuleOptions = {}): GlusterAccessRule {
    return new GlusterAccessRule(this, id, optionsWith(this, id, options, { share: this, commonName }));
  }

  addSnapshot(id: string, options: GlusterSnapshotOptions = {}): GlusterSnapshot {
    return new GlusterSnapshot(this, id, optionsWith(this, id, options, { share: this }));
  }
}
