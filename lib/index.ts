// The public package: constructs and the values that they take. Everything else is internal.
export { AccessLevel, Squash } from "./access";
export { Carrier } from "./carrier";
export { Connection, type LocalConnectionOptions, type SshConnectionOptions, type SudoCommand } from "./connection";
export { GlusterAccessRule, type GlusterAccessRuleOptions, type GlusterAccessRuleProps } from "./gluster/gluster-access-rule";
export { GlusterCluster, type GlusterClusterProps, type GlusterServer, type IGlusterCluster } from "./gluster/gluster-cluster";
export { GlusterProvisioning, GlusterTransport, Pool, Volume, type VolumeCreateOptions } from "./gluster/gluster-provisioning";
export {
  GlusterShare,
  type GlusterShareAttributes,
  type GlusterShareOptions,
  type GlusterShareProps,
  type IGlusterShare,
} from "./gluster/gluster-share";
export { GlusterSnapshot, type GlusterSnapshotOptions, type GlusterSnapshotProps } from "./gluster/gluster-snapshot";
export { ShareSynthesisError } from "./internal/synthesis-error";
export { LustreAccessRule, type LustreAccessRuleOptions, type LustreAccessRuleProps } from "./lustre/lustre-access-rule";
export {
  type ILustreFileSystem,
  LustreFileSystem,
  type LustreFileSystemProps,
  type LustreMds,
  LustreVersion,
  type ProjectIdRange,
  Revocation,
} from "./lustre/lustre-file-system";
export { LustreLayout, type LustreLayoutComponent, type LustreStriping } from "./lustre/lustre-layout";
export { type ILustreShare, LustreShare, type LustreShareAttributes, type LustreShareProps } from "./lustre/lustre-share";
export type { LustreShareAdoption, LustreShareOptions, LustreShareOwner } from "./lustre/lustre-share-options";
export { Preflight } from "./preflight";
export { RemovalPolicy } from "./removal-policy";
export { Size } from "./size";
