// lctl nodemap_set_fileset and nodemap_fileset_add|del|modify (golden d129 to d165, y188 to y228, e006, e007, y595,
// m216lctl-015, -016).
import type { Context } from "../context";
import { E2BIG, EEXIST, EINVAL, ENOENT, strerror } from "../errno";
import { dropFileset, findNodemap, putFileset } from "../nodemaps";
import { has, lastValue, type Parsed, parseOptions } from "../options";
import { setOnlyFileset } from "../pending";
import { type Fileset, isTwoSixteen, type Nodemap, type State } from "../state";
import { maySteer, misused, refusedByKernel } from "./failure";

/** One primary and 255 alternates (LUSTRE_NODEMAP_FILESET_NUM_MAX, from sources). */
const mostFilesets = 256;
const longestPath = 4096;

const options = [
  { name: "name", short: "n", long: "name", argument: true },
  { name: "fileset", short: "f", long: "fileset", argument: true },
  { name: "all", long: "all" },
  { name: "alt", long: "alt" },
  { name: "primary", long: "primary" },
  { name: "ro", long: "ro" },
  { name: "rw", long: "rw" },
  { name: "rename", long: "rename", argument: true },
];

/** Changes the nodemap, or answers with the errno that the kernel would. */
type Change = (nodemap: Nodemap, path: string, parsed: Parsed, state: State) => number;

export const setFileset = command("nodemap_set_fileset", (nodemap, path, _parsed, state) => {
  if (path !== "" && path !== "clear" && !path.startsWith("/")) return EINVAL;
  if (isTooLong(path)) return E2BIG;
  setOnlyFileset(state, nodemap.name, path);
  return 0;
});

export const filesetAdd = command("nodemap_fileset_add", (nodemap, path, parsed) => {
  if (!path.startsWith("/")) return EINVAL;
  if (isTooLong(path)) return E2BIG;
  const primary = !has(parsed, "alt");
  const readOnly = has(parsed, "ro");
  const same = nodemap.filesets.find((fileset) => fileset.path === path);
  if (same) return same.primary === primary && same.readOnly === readOnly ? 0 : EEXIST; // golden d146, d150, y190 to y196
  if ((primary && nodemap.filesets.some((fileset) => fileset.primary)) || nodemap.filesets.length >= mostFilesets) return EEXIST;
  putFileset(nodemap, { path, primary, readOnly });
  return 0;
});

export const filesetDel = command("nodemap_fileset_del", (nodemap, path, parsed) => {
  if (has(parsed, "all")) {
    for (const fileset of nodemap.filesets) dropFileset(nodemap, fileset);
    return 0;
  }
  const found = nodemap.filesets.find((fileset) => fileset.path === path);
  if (!found) return ENOENT;
  dropFileset(nodemap, found);
  return 0;
});

const changes = ["rename", "alt", "primary", "ro", "rw"];

export const filesetModify = command("nodemap_fileset_modify", (nodemap, path, parsed) => {
  const fileset = nodemap.filesets.find((candidate) => candidate.path === path);
  if (!fileset) return ENOENT;
  const rename = lastValue(parsed, "rename");
  const another = (test: (other: Fileset) => boolean) => nodemap.filesets.some((other) => other !== fileset && test(other));
  if (has(parsed, "primary") && another(({ primary }) => primary)) return EEXIST; // golden d156
  if (rename !== undefined && another((other) => other.path === rename)) return EEXIST;
  const primary = has(parsed, "primary") || (fileset.primary && !has(parsed, "alt"));
  const readOnly = has(parsed, "ro") || (fileset.readOnly && !has(parsed, "rw"));
  const isMoved = primary !== fileset.primary || (rename !== undefined && rename !== path);
  if (isMoved) putFileset(nodemap, { path: rename ?? path, primary, readOnly }, fileset);
  else fileset.readOnly = readOnly;
  return 0;
});

function command(name: string, change: Change): (context: Context, args: string[]) => number {
  return (context, args) => {
    const parsed = parseOptions(args, options);
    const nodemapName = lastValue(parsed, "name");
    const path = lastValue(parsed, "fileset");
    const wrong = wrongArguments(name, nodemapName, path, parsed);
    if (wrong !== undefined) return misused(context, name, wrong);
    if (!maySteer(context)) return refused(context, name, path ?? "(null)", nodemapName ?? "", EINVAL);
    return context.change((state) => {
      const nodemap = findNodemap(state, nodemapName ?? "");
      const errno = nodemap ? change(nodemap, path ?? "", parsed, state) : ENOENT;
      if (errno === 0) return 0;
      refusedByKernel(context, name, errno);
      return refused(context, name, path ?? "(null)", nodemapName ?? "", errno);
    });
  };
}

function wrongArguments(
  name: string,
  nodemapName: string | undefined,
  path: string | undefined,
  parsed: Parsed,
): string | undefined {
  const isDel = name === "nodemap_fileset_del";
  if (parsed.unknown !== undefined || (isDel && has(parsed, "alt")))
    return `${name}: unrecognized option '${parsed.unknown ?? "--alt"}'`;
  if (nodemapName === undefined) return `${name}: missing nodemap name`;
  if (path === undefined && isDel) return has(parsed, "all") ? undefined : ""; // golden y216
  if (path === undefined) return `${name}: missing fileset SUBDIRECTORY`;
  if (name !== "nodemap_fileset_modify") return undefined;
  if (has(parsed, "ro") && has(parsed, "rw")) return "cannot specify both --ro and --rw"; // golden y208
  return changes.some((option) => has(parsed, option))
    ? undefined
    : "must specify at least one of --rename, --alt, --primary, --ro, or --rw"; // golden d158
}

function refused(context: Context, name: string, path: string, nodemapName: string, errno: number): number {
  const what = isTwoSixteen(context.state())
    ? `${name}: cannot set fileset '${path}' on nodemap '${nodemapName}'`
    : `cannot '${name}' with fileset '${path}' on nodemap '${nodemapName}'`;
  context.err(`error: ${what}: ${strerror(errno)}\n`);
  return errno;
}

function isTooLong(path: string): boolean {
  return Buffer.byteLength(path) >= longestPath;
}
