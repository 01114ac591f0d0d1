// The public package: constructs and the values that they take. Everything else is internal.
export { AccessLevel, Squash } from "./access";
export { Carrier } from "./carrier";
export { Connection, type LocalConnectionOptions, type SshConnectionOptions, type SudoCommand } from "./connection";
export { ShareSynthesisError } from "./internal/synthesis-error";
export { LustreAccessRule, type LustreAccessRuleOptions, type LustreAccessRuleProps } from "./lustre/lustre-access-rule";
export {
  type ILustreFileSystem,
  LustreFileSystem,
  type LustreFileSystemProps,
  type LustreMds,
  LustreVersion,
  Preflight,
  type ProjectIdRange,
  Revocation,
} from "./lustre/lustre-file-system";
export { LustreLayout, type LustreLayoutComponent, type LustreStriping } from "./lustre/lustre-layout";
export {
  type ILustreShare,
  LustreShare,
  type LustreShareAdoption,
  type LustreShareAttributes,
  type LustreShareOptions,
  type LustreShareOwner,
  type LustreShareProps,
} from "./lustre/lustre-share";
export { RemovalPolicy } from "./removal-policy";
export { Size } from "./size";
