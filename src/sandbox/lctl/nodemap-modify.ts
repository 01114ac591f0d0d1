// lctl nodemap_modify: the properties of a nodemap (golden d088 to d122, y004 to y111, e005, m216lctl-011 to -014).
import type { Context } from "../context";
import { EINVAL, ENOENT, strerror } from "../errno";
import { findNodemap, rbacRoles } from "../nodemaps";
import { lastValue, type Parsed, parseOptions } from "../options";
import { isTwoSixteen, type LustreVersion, type State } from "../state";
import { maySteer, misused, refusedByKernel } from "./failure";
import { warnOutsideOffset } from "./offset-limit";

type Reader = (value: string, version: LustreVersion) => string | undefined;

interface Property {
  /** What get_param calls it. */
  parameter: string;
  read: Reader;
  since217?: boolean;
  /** lctl itself refuses to squash to root. */
  neverZero?: boolean;
  /** The kernel refuses it for `default` (golden y068; nodemap_set_rbac of 2.16.1). */
  notOfDefault?: boolean;
}

const properties: Readonly<Record<string, Property>> = {
  admin: { parameter: "admin_nodemap", read: readSwitch },
  trusted: { parameter: "trusted_nodemap", read: readSwitch },
  map_mode: { parameter: "map_mode", read: readMapMode },
  squash_uid: { parameter: "squash_uid", read: readId, neverZero: true },
  squash_gid: { parameter: "squash_gid", read: readId, neverZero: true },
  squash_projid: { parameter: "squash_projid", read: readId },
  deny_unknown: { parameter: "deny_unknown", read: readSwitch },
  audit_mode: { parameter: "audit_mode", read: readSwitch },
  forbid_encryption: { parameter: "forbid_encryption", read: readSwitch },
  readonly_mount: { parameter: "readonly_mount", read: readSwitch },
  rbac: { parameter: "rbac", read: readRoles, notOfDefault: true },
  deny_mount: { parameter: "deny_mount", read: readSwitch, since217: true },
  child_raise_privileges: { parameter: "child_raise_privileges", read: readPrivileges, since217: true },
};

/** kstrtobool(): "yes" is 1, "false" is 0, "2" is refused (golden d108, d109, y012 to y018). */
function readSwitch(value: string): string | undefined {
  if (/^(1|y|t|on)/i.test(value)) return "1";
  return /^(0|n|f|of)/i.test(value) ? "0" : undefined;
}

function readId(value: string): string | undefined {
  return /^\d+$/.test(value) && Number(value) <= 0xffffffff ? value : undefined;
}

function readMapMode(value: string): string | undefined {
  if (value === "all" || value === "both") return value === "all" ? "all" : "uid,gid";
  const modes = value.split(",").map((mode) => mode.replace(/_only$/, ""));
  if (!modes.every((mode) => ["uid", "gid", "projid"].includes(mode))) return undefined;
  const known = ["uid", "gid", "projid"].filter((mode) => modes.includes(mode));
  return known.length === 3 ? "all" : known.join(",");
}

function readRoles(value: string, version: LustreVersion): string | undefined {
  return readWords(value, rbacRoles[version]);
}

/** What a child may have that its parent has not (nodemap_priv_names of 2.17.0), and roles. */
const privileges = [
  "child_raise_privs",
  "admin",
  "trusted",
  "deny_unknown",
  "readonly_mount",
  "forbid_encryption",
  "caps",
  "deny_mount",
];

function readPrivileges(value: string, version: LustreVersion): string | undefined {
  return readWords(value, [...privileges, ...rbacRoles[version]]);
}

/** Stored and printed in the kernel's order, whatever the order given. */
function readWords(value: string, known: readonly string[]): string | undefined {
  if (value === "all") return known.join(",");
  if (value === "none") return "none";
  const wanted = value.split(",");
  return wanted.every((word) => known.includes(word)) ? known.filter((word) => wanted.includes(word)).join(",") : undefined;
}

export function nodemapModify(context: Context, args: string[]): number {
  const command = "nodemap_modify";
  const parsed = parseOptions(args, [
    { name: "name", short: "n", long: "name", argument: true },
    { name: "property", short: "p", long: "property", argument: true },
    { name: "value", short: "v", long: "value", argument: true },
  ]);
  const request = readRequest(parsed);
  if (typeof request === "string") return misused(context, command, request === "" ? "" : `${command}: ${request}`);
  const wrong = wrongRequest(context, request);
  if (wrong !== undefined) return typeof wrong === "number" ? wrong : misused(context, command, `error: ${command}: ${wrong}`);
  if (request.property.startsWith("squash_") && !isTwoSixteen(context.state()))
    warnOutsideOffset(context, request.name, request.value, "have a squash value");
  if (!maySteer(context)) return refused(context, request, EINVAL, false);
  return context.change((state) => modify(context, state, request));
}

interface Request {
  name: string;
  property: string;
  value: string;
}

/** `--property admin=1` and `--property admin --value 1` (golden d118). A text is what is missing. */
function readRequest(parsed: Parsed): Request | string {
  if (parsed.lacksArgument !== undefined) return `option '${parsed.lacksArgument}' requires an argument`;
  const name = lastValue(parsed, "name");
  const [property, inline] = (lastValue(parsed, "property") ?? "").split("=");
  const value = lastValue(parsed, "value") ?? inline;
  if (name === undefined) return "missing nodemap name";
  if (!property) return "missing property";
  return value === undefined ? "missing value for property" : { name, property, value };
}

/** What lctl refuses before it asks the kernel (golden d112, d114, d116; m216lctl-014). */
function wrongRequest(context: Context, { name, property, value }: Request): string | number | undefined {
  const known = propertyOf(context.state().version, property);
  if (!known && isTwoSixteen(context.state())) {
    context.err(`error: nodemap_modify: nodemap_modify invalid subcommand: ${property}\n`);
    return 1;
  }
  if (!known) return `nodemap_modify invalid property: ${property}`;
  const isZero = (Number.parseInt(value, 10) || 0) === 0; // atoi(): words are 0 too
  return known.neverZero && isZero ? `cannot squash to ID 0 on nodemap '${name}': ${strerror(EINVAL)}` : undefined;
}

function propertyOf(version: LustreVersion, name: string): Property | undefined {
  const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
  return property?.since217 && version === "2.16.1" ? undefined : property;
}

function modify(context: Context, state: State, request: Request): number {
  const nodemap = findNodemap(state, request.name);
  const property = propertyOf(state.version, request.property);
  if (!nodemap || !property) return refused(context, request, ENOENT, true);
  const value = property.notOfDefault && nodemap.name === "default" ? undefined : property.read(request.value, state.version);
  if (value === undefined) return refused(context, request, EINVAL, true);
  nodemap.properties[property.parameter] = value;
  return 0;
}

function refused(context: Context, { name, property, value }: Request, errno: number, byKernel: boolean): number {
  if (byKernel) refusedByKernel(context, property, errno);
  context.err(
    `error: nodemap_modify: cannot modify nodemap '${name}' to param '${property}': value '${value}': ${strerror(errno)}\n`,
  );
  return errno;
}
