// lctl nodemap_set_fileset and nodemap_fileset_add|del|modify (golden d129 to d165, e006, e007, m216lctl-015, -016).
import type { Context } from "../context";
import { E2BIG, EEXIST, EINVAL, ENOENT, strerror } from "../errno";
import { findNodemap } from "../nodemaps";
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
  if (same) return same.primary && primary ? 0 : EEXIST; // golden d146, d150
  if ((primary && nodemap.filesets.some((fileset) => fileset.primary)) || nodemap.filesets.length >= mostFilesets) return EEXIST;
  if (primary) nodemap.filesets.unshift({ path, primary, readOnly });
  else nodemap.filesets.push({ path, primary, readOnly });
  return 0;
});

export const filesetDel = command("nodemap_fileset_del", (nodemap, path, parsed) => {
  if (has(parsed, "all")) {
    nodemap.filesets = [];
    return 0;
  }
  const kept = nodemap.filesets.filter((fileset) => fileset.path !== path);
  if (kept.length === nodemap.filesets.length) return ENOENT;
  nodemap.filesets = kept;
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
  if (rename !== undefined) fileset.path = rename;
  if (has(parsed, "ro") || has(parsed, "rw")) fileset.readOnly = has(parsed, "ro");
  if (has(parsed, "primary") || has(parsed, "alt")) fileset.primary = has(parsed, "primary");
  return 0;
});

function command(name: string, change: Change): (context: Context, args: string[]) => number {
  return (context, args) => {
    const parsed = parseOptions(args, options);
    const nodemapName = lastValue(parsed, "name");
    const path = lastValue(parsed, "fileset");
    const missing = missingArgument(name, nodemapName, path, parsed);
    if (missing !== undefined) return misused(context, name, missing);
    if (!maySteer(context)) return refused(context, name, path ?? "", nodemapName ?? "", EINVAL);
    return context.change((state) => {
      const nodemap = findNodemap(state, nodemapName ?? "");
      const errno = nodemap ? change(nodemap, path ?? "", parsed, state) : ENOENT;
      if (errno === 0) return 0;
      refusedByKernel(context, name, errno);
      return refused(context, name, path ?? "", nodemapName ?? "", errno);
    });
  };
}

function missingArgument(
  name: string,
  nodemapName: string | undefined,
  path: string | undefined,
  parsed: Parsed,
): string | undefined {
  if (nodemapName === undefined) return `${name}: missing nodemap name`;
  if (path === undefined && !has(parsed, "all")) return `${name}: missing fileset SUBDIRECTORY`;
  if (name === "nodemap_fileset_modify" && !changes.some((option) => has(parsed, option))) {
    return "must specify at least one of --rename, --alt, --primary, --ro, or --rw"; // golden d158
  }
  return undefined;
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
