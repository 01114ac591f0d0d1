// What each property of the Lustre constructs can be. Ranges and rules of single values follow where they are used.
import { ruleMessage, shareMessage } from "../../src/spec/lustre";
import * as kind from "../internal/property-kinds";
import { required, type Shape } from "../internal/property-kinds";
import { kindsOf } from "../message-triggers";
import { knownSize } from "../size";
import type { LustreAccessRuleProps } from "./lustre-access-rule";
import type { LustreFileSystemProps, LustreMds, ProjectIdRange } from "./lustre-file-system";
import type { LustreLayoutComponent, LustreStriping } from "./lustre-layout";
import type { LustreShareAdoption, LustreShareAttributes, LustreShareOwner, LustreShareProps } from "./lustre-share";

const fileSystem = kind.made("LustreFileSystem", "a LustreFileSystem");
const lustreShare = kind.made("AnyLustreShare", "a LustreShare, or what LustreShare.fromShareName returns");
const squash = kind.made("Squash", "Squash.root(), Squash.none() or Squash.all(uid, gid)");
const layout = kind.made(
  "LustreLayout",
  "LustreLayout.striped({ ... }), LustreLayout.progressive([ ... ]) or LustreLayout.dataOnMdt(...)",
);

export const lustreFileSystem: Shape<LustreFileSystemProps> = {
  fsName: required(kind.text),
  exportNids: required(kind.texts("10.0.0.1@tcp")),
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
  trustedClients: kind.texts("10.0.0.0/24"),
  carrier: kind.choice,
  preflight: kind.choice,
};

export const lustreShareProps: Shape<LustreShareProps> = {
  fileSystem: required(fileSystem),
  shareName: kind.text,
  ...kindsOf(shareMessage.table, {
    owner: required(kind.properties<LustreShareOwner>({ uid: required(kind.idOrToken), gid: required(kind.idOrToken) })),
    mode: kind.mode,
    layout,
    adopt: kind.either(
      kind.flag,
      (value) => typeof value !== "object" || value === null,
      kind.properties<LustreShareAdoption>({ path: required(kind.text) }),
    ),
  }),
};

export const lustreShareAttributes: Shape<LustreShareAttributes> = {
  fileSystem: required(fileSystem),
  shareName: required(kind.text),
};

export const lustreAccessRule: Shape<LustreAccessRuleProps> = {
  share: required(lustreShare),
  ruleName: kind.text,
  ...kindsOf(ruleMessage.table, {
    clients: required(kind.oneOrMore(kind.text, '"10.1.0.0/24"')),
    squash,
    rbac: kind.texts("file_perms"),
  }),
};

export const striping: Shape<LustreStriping> = { stripeCount: kind.count, stripeSize: knownSize, pool: kind.literalText };
export const layoutComponent: Shape<LustreLayoutComponent> = { ...striping, end: knownSize };
