import { Construct, type IConstruct } from "constructs";
import { type ClusterSpec, defaultInfrastructureNames } from "../../src/spec/gluster";
import { namePattern, nameRule, ownerPattern, ownerRule, sitePattern, siteRule } from "../../src/spec/name";
import type { Carrier } from "../carrier";
import type { Connection } from "../connection";
import { mark } from "../internal/brands";
import { Checks } from "../internal/checks";
import {
  backupServers,
  brickRootList,
  directory,
  infrastructureNameList,
  serverHost,
  serverList,
  volumePatternText,
} from "../internal/gluster/cluster-checks";
import { type BoundCluster, GlusterStack } from "../internal/gluster/gluster-stack";
import * as kind from "../internal/property-kinds";
import { idIn, optionsWith, type Read, required, type Shape } from "../internal/property-kinds";
import { StackScope } from "../internal/stack-scope";
import { Preflight } from "../preflight";
import { GlusterShare, type GlusterShareOptions } from "./gluster-share";

/** A server of the trusted pool. */
export interface GlusterServer {
  /** How to run `gluster` on it, as root. */
  readonly connection: Connection;

  /** Its name or address in the trusted pool, as `gluster pool list` shows it on another server; bricks are named by it. */
  readonly host: string;
}

/** A GlusterFS cluster as its shares refer to it. */
export interface IGlusterCluster extends IConstruct {
  /** Name of the cluster in plans and messages. */
  readonly clusterName: string;

  /** The server that clients mount from. */
  readonly exportHost: string;

  /** Defines a share on this cluster. */
  addShare(id: string, options: GlusterShareOptions): GlusterShare;

  /** @internal */
  readonly _bound: BoundCluster;
}

/** Properties of GlusterCluster. Only literals: a destroy hook cannot read references. */
export interface GlusterClusterProps {
  /**
   * Servers of the trusted pool. All commands and locks of the executor are on one of them, the pool's member with the smallest UUID, so
   * that one has to be among them; list all that hold bricks.
   */
  readonly servers: GlusterServer[];

  /**
   * Regular expression of JavaScript for the names of the pool's volumes, always for whole names. `#{size}` may stand once, for the digits
   * of the volume's size in GiB: `"pool-\\d+-#{size}G"`. Volumes that it does not match are never touched.
   *
   * @default - none: the cluster has no pool, and Pool.pick is an error
   */
  readonly volumePattern?: string;

  /**
   * Directory below which the executor mounts volumes to look at them and to empty them.
   *
   * @default "/var/lib/sharewright/mnt"
   */
  readonly mountPointBase?: string;

  /**
   * Directories that exist on every server and hold the bricks of volumes that are created.
   *
   * @default - none: Volume.create needs `bricks`
   */
  readonly brickRoots?: string[];

  /**
   * The host in export locations: a server, or a name that leads to several.
   *
   * @default - the host of the first server
   */
  readonly exportHost?: string;

  /**
   * Hosts that clients ask for a volume's description when the export host is down (mount option `backup-volfile-servers`).
   *
   * @default - the hosts of the other servers
   * @see mount.glusterfs(8)
   */
  readonly backupVolfileServers?: string[];

  /**
   * Who manages the shares, for people who look at the marks of volumes: 1 to 128 of `A-Z a-z 0-9 blank . _ / @ : -`.
   *
   * @default - the name of the stack
   */
  readonly owner?: string;

  /**
   * The Terraform resources that carry the shares; the same for all clusters of a stack.
   *
   * @default - the context key `sharewright:carrier` of the app, else Carrier.NULL_RESOURCE
   */
  readonly carrier?: Carrier;

  /**
   * Name of the cluster in plans and messages: 1 to 64 of `A-Z a-z 0-9 . _ -`, beginning with a letter or digit. Another name changes
   * nothing on the storage.
   *
   * @default - the id of the construct
   */
  readonly clusterName?: string;

  /**
   * Which group of clusters it belongs to, where the stack has shares of one name on clusters that have nothing to do with each other, such as those
   * of production and staging: 1 to 32 of `A-Z a-z 0-9 _ -`, beginning with a letter. It becomes part of the addresses of claim blocks, so give it to
   * clusters that are added, never to one whose shares are deployed, and keep it. A share is on clusters of one site, which is in its mark: hooks refuse
   * those of another one.
   *
   * @default - none: one of the clusters of the stack that have no site
   */
  readonly site?: string;

  /**
   * Common names of the certificates of servers and of the managing host, which keep access to every share and can be given to no
   * client: names, or beginnings of names followed by `*`. Those of them that `auth.ssl-allow` of a volume names when it becomes a share
   * stay in it.
   *
   * @default ["glusterfs-server*", "manila-host*"]
   */
  readonly infrastructureNames?: string[];

  /**
   * A host with `mount.glusterfs` where volumes are mounted to be looked at and emptied.
   *
   * @default - the machine that runs Terraform if it has a mount helper, else one of the servers
   */
  readonly client?: Connection;

  /**
   * Directory of `glusterfs.pem`, `glusterfs.key` and `glusterfs.ca` on servers and client.
   *
   * @default - where the build of each looks: /etc/ssl, in Debian 12 /usr/lib/ssl
   */
  readonly certificateDirectory?: string;

  /**
   * What to do when the cluster is not set up so that limits and access hold, such as certificates that are missing or have expired.
   *
   * @default Preflight.ENFORCE
   */
  readonly preflight?: Preflight;
}

const clusterProps: Shape<GlusterClusterProps> = {
  servers: required(
    kind.list(
      kind.properties<GlusterServer>({ connection: required(kind.connection), host: required(kind.text) }),
      '{ connection: Connection.local(), host: "server1" }',
    ),
  ),
  volumePattern: kind.text,
  mountPointBase: kind.text,
  brickRoots: kind.texts("/data/bricks"),
  exportHost: kind.text,
  backupVolfileServers: kind.texts("server2"),
  owner: kind.text,
  carrier: kind.choice,
  clusterName: kind.text,
  site: kind.text,
  infrastructureNames: kind.texts("glusterfs-server*"),
  client: kind.connection,
  certificateDirectory: kind.text,
  preflight: kind.choice,
};

/**
 * A GlusterFS cluster that exists: one trusted pool. Synthesis and deployment create nothing for it; it says where volumes lie and how to
 * reach the servers.
 *
 * All clusters of a stack share three claim blocks, `gluster_share_claims`, `gluster_rule_claims` and `gluster_snapshot_claims`, since a
 * share may be on any of several; those of a `site` have three of their own (`gluster-<site>_share_claims`). Keep a cluster in the stack as long as any share is on it: a destroy hook looks for its share on the
 * clusters of the stack, and Terraform runs no hook for a block that is gone, so deploy once without shares before you remove the last
 * cluster.
 */
export class GlusterCluster extends Construct implements IGlusterCluster {
  readonly clusterName: string;
  readonly exportHost: string;

  /** @internal */
  readonly _bound: BoundCluster;

  /** @throws ShareSynthesisError for a property that cannot be used, or a cluster that the stack describes already */
  constructor(scope: Construct, id: string, given: GlusterClusterProps) {
    super(scope, idIn(scope, id));
    mark(this, "GlusterCluster");
    const props = new Checks(this).properties(clusterProps, given);
    const spec = clusterSpec(this, props);
    this.clusterName = spec.name;
    this.exportHost = spec.exportHost;
    this._bound = GlusterStack.bind(this, spec, props.carrier);
  }

  addShare(id: string, options: GlusterShareOptions): GlusterShare {
    return new GlusterShare(this, id, optionsWith(this, id, options, { cluster: this }));
  }
}

function clusterSpec(construct: Construct, props: Read<GlusterClusterProps>): ClusterSpec {
  const check = new Checks(construct);
  const servers = serverList(check, props.servers);
  const exportHost = serverHost(check, "exportHost", props.exportHost ?? servers[0]?.host ?? "");
  const { site, volumePattern, brickRoots, client, certificateDirectory } = props;
  return {
    name: check.text("clusterName", props.clusterName ?? construct.node.id, namePattern, nameRule),
    ...(site === undefined ? {} : { site: check.text("site", site, sitePattern, siteRule) }),
    servers,
    ...(volumePattern === undefined ? {} : { volumePattern: volumePatternText(check, volumePattern) }),
    mountPointBase: directory(check, "mountPointBase", props.mountPointBase ?? "/var/lib/sharewright/mnt"),
    ...(brickRoots ? { brickRoots: brickRootList(check, brickRoots) } : {}),
    exportHost,
    backupVolfileServers: backupServers(check, props.backupVolfileServers, exportHost, servers),
    owner: check.text("owner", props.owner ?? StackScope.of(construct).stack.node.id, ownerPattern, ownerRule),
    infrastructureNames: infrastructureNameList(check, props.infrastructureNames ?? defaultInfrastructureNames),
    ...(client ? { client: check.connection("client", client.toSpec()) } : {}),
    ...(certificateDirectory === undefined
      ? {}
      : { certificateDirectory: directory(check, "certificateDirectory", certificateDirectory) }),
    preflight: check.oneOf("preflight", props.preflight ?? Preflight.ENFORCE, ["enforce", "warn"]),
  };
}
