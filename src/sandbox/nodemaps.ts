// Nodemaps as data: what a new one looks like in each version, and how they are found.
import type { LustreVersion, Nodemap, State } from "./state";

/** Golden d028; the words of `rbac` in the order in which 2.17.0 prints them. */
export const rbacRoles = {
  "2.17.0": [
    "file_perms",
    "dne_ops",
    "quota_ops",
    "byfid_ops",
    "chlg_ops",
    "fscrypt_admin",
    "server_upcall",
    "ignore_root_prjquota",
    "hsm_ops",
    "local_admin",
    "pool_quota_ops",
  ],
  // from sources (2.16.1, nodemap_rbac_names)
  "2.16.1": ["file_perms", "dne_ops", "quota_ops", "byfid_ops", "chlg_ops", "fscrypt_admin"],
} as const satisfies Record<LustreVersion, readonly string[]>;

const common = {
  admin_nodemap: "0",
  audit_mode: "1",
  deny_unknown: "0",
  forbid_encryption: "0",
  map_mode: "all",
  readonly_mount: "0",
  squash_gid: "65534",
  squash_projid: "65534",
  squash_uid: "65534",
  trusted_nodemap: "0",
};

export function newNodemap(name: string, id: number, version: LustreVersion): Nodemap {
  const properties: Record<string, string> = { ...common, rbac: rbacRoles[version].join(",") };
  if (version === "2.17.0") Object.assign(properties, { child_raise_privileges: "none", deny_mount: "0" });
  return {
    name,
    id,
    parent: "",
    properties,
    ranges: [],
    filesets: [],
    banlist: [],
    idmap: [],
    offset: { start: 0, limit: 0 },
    capabilities: "",
    sepol: "",
  };
}

export function findNodemap(state: State, name: string): Nodemap | undefined {
  return state.nodemaps.find((nodemap) => nodemap.name === name);
}

export function isOn(nodemap: Nodemap, property: string): boolean {
  return nodemap.properties[property] === "1";
}

export function hasRole(nodemap: Nodemap, role: string): boolean {
  return (nodemap.properties["rbac"] ?? "").split(",").includes(role);
}

/** The servers and the admin's own client: nothing is squashed, nothing is mapped. */
export function isInfrastructure(nodemap: Nodemap): boolean {
  return isOn(nodemap, "admin_nodemap") && isOn(nodemap, "trusted_nodemap") && nodemap.filesets.length === 0;
}
