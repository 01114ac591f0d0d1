// The properties of a nodemap: what is decided for its clients. `nodemap_add` copies nearly all of them from `default`, as that is in that
// moment (golden y005 to y116, y572 to y575), so that of every nodemap of ours every one of them is looked at. Pure.
import type { Command } from "../../../core/command";
import * as cli from "../cli";

interface NodemapProperty {
  /** What `lctl nodemap_modify` calls it. */
  name: string;
  /** What `lctl get_param` calls it. */
  parameter: string;
  /** The same for all clients of ours; absent where an access rule decides. */
  always?: string;
  /** Not every version has it. */
  optional?: boolean;
}

/** Set with `nodemap_set_cap`, not with `nodemap_modify`. */
const capabilities = "capabilities";

/** In the order in which they are set: what lets clients in comes last. */
export const nodemapProperties: readonly NodemapProperty[] = [
  { name: "readonly_mount", parameter: "readonly_mount" },
  { name: "map_mode", parameter: "map_mode" },
  { name: "squash_uid", parameter: "squash_uid" },
  { name: "squash_gid", parameter: "squash_gid" },
  { name: "squash_projid", parameter: "squash_projid", always: "65534" },
  { name: "admin", parameter: "admin_nodemap" },
  { name: "trusted", parameter: "trusted_nodemap" },
  { name: "deny_unknown", parameter: "deny_unknown", always: "0" },
  { name: "forbid_encryption", parameter: "forbid_encryption", always: "0" },
  { name: "audit_mode", parameter: "audit_mode", always: "1" },
  { name: "rbac", parameter: "rbac" },
  { name: "child_raise_privileges", parameter: "child_raise_privileges", always: "none", optional: true },
  { name: capabilities, parameter: "enable_cap_mask", always: "off", optional: true },
  { name: "deny_mount", parameter: "deny_mount", always: "0", optional: true },
];

/** All properties of a nodemap of ours, from those that differ between them. */
export function withAlways(chosen: Readonly<Record<string, string>>): Map<string, string> {
  return new Map(
    nodemapProperties.flatMap(({ name, always }): [string, string][] => {
      const value = chosen[name] ?? always;
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** Roles in one order, so that two spellings are one. */
export function rbacOrder(roles: readonly string[]): string {
  return [...roles].sort().join(",");
}

export function sameProperty(name: string, wanted: string, live: string | undefined): boolean {
  if (live === wanted) return true;
  return name === "rbac" && live !== undefined && rbacOrder(live.split(",")) === rbacOrder(wanted.split(","));
}

/** A list of capabilities stands on lines of its own (golden y094). */
export function propertyIn(text: string): string {
  const value = text.trim();
  return value.includes("\n") ? value.replaceAll(/\s*\n\s*/g, ", ") : value;
}

export function modifyNodemap(nodemap: string, property: string, value: string): Command {
  return property === capabilities ? cli.lctlNodemapSetCap(nodemap, value) : cli.lctlNodemapModify(nodemap, property, value);
}
