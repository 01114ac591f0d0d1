// What the MGS can do, found by looking rather than by its number: vendor builds carry features under other versions.
import { run } from "../../core/host";
import { type LustreVersion, rbacRoles, rbacRoles216 } from "../../spec/lustre";
import type { AccessFeatures } from "./access-compiler";
import * as cli from "./cli";
import type { Site } from "./site";

/** What a released version can do: what synthesis and the compiler go by before anybody has looked. */
export function featuresOf(version: LustreVersion): AccessFeatures {
  const modern = version !== "2.16";
  return { alternateFilesets: modern, banlist: modern, ipv6: modern, rbacRoles: modern ? rbacRoles : rbacRoles216 };
}

/** `lctl --list-commands` on the MGS (golden a037). */
export async function probeFeatures(site: Site): Promise<AccessFeatures> {
  const commands = new Set((await run(site.mgs, cli.lctlListCommands())).stdout.split(/\s+/));
  return {
    ...featuresOf(commands.has("nodemap_fileset_add") ? "2.17" : "2.16"),
    banlist: commands.has("nodemap_banlist_add"),
  };
}
