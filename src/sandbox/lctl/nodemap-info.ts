// lctl nodemap_info (golden d004, d033 to d038, e010).
import type { Context } from "../context";
import { has, lastValue, parseOptions } from "../options";
import { getParam } from "./get-param";
import { listParam } from "./list-param";
import { compareBytes, parameters, partsOf } from "./parameters";

const available = `Available nodemap parameters:
	admin_nodemap        root is not squashed on policy group
	audit_mode           client can record FS access events to the Changelogs
	deny_mount           disable client mounts
	deny_unknown         deny access for unknown (squashed) users
	exports              list of client connections (NIDs) for this nodemap
	fileset              fileset restrictions for this nodemap
	forbid_encryption    prevent clients from using encryption
	id                   unique identifier for this nodemap
	idmap                identity mapping rules for UID/GID/PROJID translation
	map_mode             identity mapping mode
	offset               idmap range offset for identity translation
	ranges               NID ranges assigned to this nodemap
	rbac                 role-based admin control settings
	readonly_mount       force clients to mount read-only
	sepol                SELinux policy for this nodemap
	squash_gid           GID for unmapped users
	squash_projid        project ID for unmapped projects
	squash_uid           UID for unmapped users
	trusted_nodemap      accept client identities without mapping
`;

export function nodemapInfo(context: Context, args: string[]): number {
  const parsed = parseOptions(args, [
    { name: "list", short: "l", long: "list" },
    { name: "name", short: "n", long: "name", argument: true },
    { name: "property", short: "p", long: "property", argument: true },
  ]);
  if (has(parsed, "list")) return overview(context);
  const name = lastValue(parsed, "name");
  if (name !== undefined) return getParam(context, [`nodemap.${name}.${lastValue(parsed, "property") ?? "*"}`]);
  const [operand = "all"] = parsed.operands;
  return listParam(context, [`nodemap.${operand === "all" ? "*" : operand}.*`]); // not nodemap.active (golden d037)
}

function overview(context: Context): number {
  const names = parameters(context, "nodemap")
    .map(({ name }) => partsOf(name))
    .filter(([family, , leaf]) => family === "nodemap" && leaf === "id")
    .map(([, name = ""]) => name)
    .sort(compareBytes);
  const active = context.sight.nodemaps && context.state().nodemapActive;
  context.out(`Global nodemap state:\n\t${active ? "active" : "inactive"}\n\nDefined nodemaps:\n`);
  for (const name of names) context.out(`\t${name}\n`);
  context.out(`\n${available}`);
  return 0;
}
