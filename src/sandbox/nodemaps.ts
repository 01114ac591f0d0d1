// Nodemaps as data: what a new one looks like in each version, and how they are found.
import type { Fileset, LustreVersion, Nodemap, State } from "./state";

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

/** What every version starts `default` with. */
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
    slots: {},
    banlist: [],
    idmap: [],
    offset: { start: 0, limit: 0 },
    capabilities: "",
    sepol: "",
  };
}

/**
 * As nodemap_add makes one: a copy of what `default` is at that moment but for its filesets and its banlist (golden y005 to y116; 2.16.1:
 * nodemap_create). `default` has no roles, id maps and offset of its own that could be copied (y068, y101, y104).
 */
export function addNodemap(state: State, name: string): Nodemap {
  const nodemap = newNodemap(name, state.nextNodemapId++, state.version);
  const like = findNodemap(state, "default");
  if (like) Object.assign(nodemap, structuredClone({ properties: like.properties, capabilities: like.capabilities }));
  state.nodemaps.push(nodemap);
  return nodemap;
}

/** A dynamic nodemap starts as its parent is, with its filesets (golden d185, y108; nodemap_inherit_properties of 2.17.0). */
export function addDynamicNodemap(state: State, name: string, parent: Nodemap): void {
  const { properties, idmap, offset, capabilities, sepol, filesets, slots } = structuredClone(parent);
  const inherited = { properties, idmap, offset, capabilities, sepol, filesets, slots };
  Object.assign(addNodemap(state, name), { parent: parent.name, ...inherited });
}

export function findNodemap(state: State, name: string): Nodemap | undefined {
  return state.nodemaps.find((nodemap) => nodemap.name === name);
}

/** In the place of what it replaces, if anything. */
export function putFileset(nodemap: Nodemap, fileset: Fileset, replaced?: Fileset): void {
  if (replaced) dropFileset(nodemap, replaced);
  const taken = Object.values(nodemap.slots);
  let slot = fileset.primary ? 0 : 1;
  while (taken.includes(slot)) slot++;
  nodemap.slots[fileset.path] = slot;
  nodemap.filesets.push(fileset);
  nodemap.filesets.sort((a, b) => (nodemap.slots[a.path] ?? 0) - (nodemap.slots[b.path] ?? 0));
}

export function dropFileset(nodemap: Nodemap, fileset: Fileset): void {
  nodemap.filesets = nodemap.filesets.filter((other) => other !== fileset);
  delete nodemap.slots[fileset.path];
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
