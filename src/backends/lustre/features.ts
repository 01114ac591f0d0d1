// What the MGS can do, found by looking rather than by its number: vendor builds carry features under other versions.
import { run } from "../../core/host";
import { type LustreVersion, rbacRoles, rbacRoles216 } from "../../spec/lustre";
import type { AccessFeatures } from "./access/compiler";
import * as cli from "./cli";
import type { Site } from "./site";

/** What a released version can do: what synthesis and the compiler go by before anybody has looked. */
export function featuresOf(version: LustreVersion): AccessFeatures {
  const modern = version !== "2.16";
  return { alternateFilesets: modern, banlist: modern, ipv6: modern, rbacRoles: modern ? rbacRoles : rbacRoles216 };
}

const probed = new WeakMap<Site, Promise<AccessFeatures>>();

/** Once a run: what a command cannot do, it says itself. */
export function probeFeatures(site: Site): Promise<AccessFeatures> {
  const known = probed.get(site) ?? probe(site);
  probed.set(site, known);
  return known;
}

/** `lctl --list-commands` on the MGS (golden a037). */
async function probe(site: Site): Promise<AccessFeatures> {
  const commands = new Set((await run(site.mgs, cli.lctlListCommands())).stdout.split(/\s+/));
  return {
    ...featuresOf(commands.has("nodemap_fileset_add") ? "2.17" : "2.16"),
    banlist: commands.has("nodemap_banlist_add"),
  };
}
