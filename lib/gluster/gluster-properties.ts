// What each property of the GlusterFS constructs can be. Ranges and rules of single values follow where they are used.
import { glusterRuleMessage, glusterShareMessage } from "../../src/spec/gluster";
import * as kind from "../internal/property-kinds";
import { required, type Shape } from "../internal/property-kinds";
import { kindsOf } from "../message-triggers";
import type { GlusterAccessRuleProps } from "./gluster-access-rule";
import type { GlusterClusterProps, GlusterServer } from "./gluster-cluster";
import type { VolumeCreateOptions } from "./gluster-provisioning";
import type { GlusterShareAttributes, GlusterShareProps } from "./gluster-share";
import type { GlusterSnapshotProps } from "./gluster-snapshot";

const cluster = kind.made("GlusterCluster", "a GlusterCluster");
const glusterShare = kind.made("AnyGlusterShare", "a GlusterShare, or what GlusterShare.fromShareName returns");
const snapshot = kind.made("GlusterSnapshot", "a GlusterSnapshot");

export const glusterCluster: Shape<GlusterClusterProps> = {
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
  infrastructureNames: kind.texts("glusterfs-server*"),
  client: kind.connection,
  certificateDirectory: kind.text,
  preflight: kind.choice,
};

const clusters = { cluster, clusters: kind.list(cluster, "cluster") };

export const glusterShareProps: Shape<GlusterShareProps> = {
  ...clusters,
  shareName: kind.text,
  fromSnapshot: snapshot,
  ...kindsOf(glusterShareMessage.table, {
    provisioning: kind.made("GlusterProvisioning", "Pool.pick() or Volume.create({ ... }), which are calls"),
    volumeOptions: kind.textMap,
  }),
};

export const glusterShareAttributes: Shape<GlusterShareAttributes> = { ...clusters, shareName: required(kind.text) };

export const glusterAccessRule: Shape<GlusterAccessRuleProps> = {
  share: required(glusterShare),
  ruleName: kind.text,
  ...kindsOf(glusterRuleMessage.table, { commonName: required(kind.text) }),
};

export const glusterSnapshot: Shape<GlusterSnapshotProps> = { share: required(glusterShare), snapshotName: kind.text };

export const volumeCreate: Shape<VolumeCreateOptions> = {
  replica: kind.count,
  arbiter: kind.flag,
  disperse: kind.count,
  redundancy: kind.count,
  transport: kind.choice,
  bricks: kind.texts("server1:/data/bricks"),
  force: kind.flag,
};
