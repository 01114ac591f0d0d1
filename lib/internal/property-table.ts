// The one table of the properties of all constructs and factories: what each can be. Ranges and rules of single values follow where they are used.
import type { LocalConnectionOptions } from "../connection";
import type { GlusterAccessRuleProps } from "../gluster/gluster-access-rule";
import type { GlusterClusterProps, GlusterServer } from "../gluster/gluster-cluster";
import type { VolumeCreateOptions } from "../gluster/gluster-provisioning";
import type { GlusterShareAttributes, GlusterShareProps } from "../gluster/gluster-share";
import type { GlusterSnapshotProps } from "../gluster/gluster-snapshot";
import type { LustreAccessRuleProps } from "../lustre/lustre-access-rule";
import type { LustreFileSystemProps, LustreMds, ProjectIdRange } from "../lustre/lustre-file-system";
import type { LustreLayoutComponent, LustreStriping } from "../lustre/lustre-layout";
import type { LustreShareAdoption, LustreShareAttributes, LustreShareOwner, LustreShareProps } from "../lustre/lustre-share";
import * as kind from "./property-kinds";
import { required, type Shape } from "./property-kinds";

const fileSystem = kind.made("LustreFileSystem", "a LustreFileSystem");
const lustreShare = kind.made("AnyLustreShare", "a LustreShare, or what LustreShare.fromShareName returns");
const squash = kind.made("Squash", "Squash.root(), Squash.none() or Squash.all(uid, gid)");
const layout = kind.made(
  "LustreLayout",
  "LustreLayout.striped({ ... }), LustreLayout.progressive([ ... ]) or LustreLayout.dataOnMdt(...)",
);

const cluster = kind.made("GlusterCluster", "a GlusterCluster");
const glusterShare = kind.made("AnyGlusterShare", "a GlusterShare, or what GlusterShare.fromShareName returns");
const snapshot = kind.made("GlusterSnapshot", "a GlusterSnapshot");

const texts = (example: string) => kind.list(kind.text, JSON.stringify(example));

export const lustreFileSystem: Shape<LustreFileSystemProps> = {
  fsName: required(kind.text),
  exportNids: required(texts("10.0.0.1@tcp")),
  mountPoint: kind.text,
  pathPrefix: kind.text,
  projectIds: kind.properties<ProjectIdRange>({ start: required(kind.count), end: required(kind.count) }),
  client: kind.connection,
  mgs: kind.connection,
  mds: kind.properties<LustreMds>({ connection: required(kind.connection), mountPoint: kind.text }),
  servers: kind.list(kind.connection, "Connection.ssh({ host: ... })"),
  owner: kind.text,
  lustreVersion: kind.choice,
  revocation: kind.choice,
  trustedClients: texts("10.0.0.0/24"),
  carrier: kind.choice,
  preflight: kind.choice,
};

export const lustreShareProps: Shape<LustreShareProps> = {
  fileSystem: required(fileSystem),
  shareName: kind.text,
  size: required(kind.size),
  softSize: kind.size,
  inodes: kind.count,
  softInodes: kind.count,
  owner: required(kind.properties<LustreShareOwner>({ uid: required(kind.idOrToken), gid: required(kind.idOrToken) })),
  mode: kind.mode,
  layout,
  removalPolicy: kind.choice,
  adopt: kind.either(
    kind.flag,
    (value) => typeof value !== "object" || value === null,
    kind.properties<LustreShareAdoption>({ path: required(kind.text) }),
  ),
  description: kind.text,
};

export const lustreShareAttributes: Shape<LustreShareAttributes> = {
  fileSystem: required(fileSystem),
  shareName: required(kind.text),
};

export const lustreAccessRule: Shape<LustreAccessRuleProps> = {
  share: required(lustreShare),
  clients: required(kind.oneOrMore(kind.text, '"10.1.0.0/24"')),
  level: required(kind.choice),
  ruleName: kind.text,
  squash,
  rbac: texts("file_perms"),
  advisoryReadOnly: kind.flag,
};

export const striping: Shape<LustreStriping> = { stripeCount: kind.count, stripeSize: kind.knownSize, pool: kind.literalText };
export const layoutComponent: Shape<LustreLayoutComponent> = { ...striping, end: kind.knownSize };

export const localConnection: Shape<LocalConnectionOptions> = { path: texts("/usr/sbin") };

export const glusterCluster: Shape<GlusterClusterProps> = {
  servers: required(
    kind.list(
      kind.properties<GlusterServer>({ connection: required(kind.connection), host: required(kind.text) }),
      '{ connection: Connection.local(), host: "server1" }',
    ),
  ),
  volumePattern: kind.text,
  mountPointBase: kind.text,
  brickRoots: texts("/data/bricks"),
  exportHost: kind.text,
  backupVolfileServers: texts("server2"),
  owner: kind.text,
  carrier: kind.choice,
  clusterName: kind.text,
  infrastructureNames: texts("glusterfs-server*"),
  client: kind.connection,
  certificateDirectory: kind.text,
  preflight: kind.choice,
};

const clusters = { cluster, clusters: kind.list(cluster, "cluster") };

export const glusterShareProps: Shape<GlusterShareProps> = {
  ...clusters,
  shareName: kind.text,
  size: required(kind.size),
  provisioning: kind.made("GlusterProvisioning", "Pool.pick() or Volume.create({ ... }), which are calls"),
  fromSnapshot: snapshot,
  removalPolicy: kind.choice,
  adopt: kind.flag,
  volumeOptions: kind.textMap,
  allowRestart: kind.flag,
};

export const glusterShareAttributes: Shape<GlusterShareAttributes> = { ...clusters, shareName: required(kind.text) };

export const glusterAccessRule: Shape<GlusterAccessRuleProps> = {
  share: required(glusterShare),
  commonName: required(kind.text),
  level: kind.choice,
  ruleName: kind.text,
};

export const glusterSnapshot: Shape<GlusterSnapshotProps> = { share: required(glusterShare), snapshotName: kind.text };

export const volumeCreate: Shape<VolumeCreateOptions> = {
  replica: kind.count,
  arbiter: kind.flag,
  disperse: kind.count,
  redundancy: kind.count,
  transport: kind.choice,
  bricks: texts("server1:/data/bricks"),
  force: kind.flag,
};
