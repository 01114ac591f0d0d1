// chown below the mount, and in volumes of GlusterFS: the owner is written into the state, for root or not. Elsewhere the real tool runs.
import { type Context, entryPath, followPath, isOnLustre, mountDirectory } from "../context";
import { ENOENT, EPERM, strerror } from "../errno";
import { glusterPath } from "../gluster/mount-tools";
import { changeInode, type Owner, ownerOf, statOf, walk } from "../inodes";
import { has, type Parsed, parseOptions } from "../options";
import type { State } from "../state";
import { runReal } from "./real-tool";

export function chown(context: Context, args: string[]): number | Promise<number> {
  const parsed = parseOptions(args, [
    { name: "link", short: "h", long: "no-dereference" },
    { name: "recursive", short: "R", long: "recursive" },
    { name: "quiet", short: "f", long: "silent" },
  ]);
  const [spec = "", ...paths] = parsed.operands;
  if (!paths.some((path) => isOnLustre(context, entryPath(context, path)) || glusterPath(context, path)))
    return runReal(context, "chown", args);
  const owner = readOwner(spec);
  if (!owner) {
    context.err(`chown: invalid user: '${spec}'\n`);
    return 1;
  }
  let exit = 0;
  for (const path of paths) exit = chownOne(context, parsed, owner, path) || exit;
  return exit;
}

/** `UID`, `UID:GID`, `:GID`; the one known name is root. */
function readOwner(spec: string): Partial<Owner> | undefined {
  const match = /^(root|\d+)?(?:[:.](root|\d+)?)?$/.exec(spec);
  if (!match || spec === "") return undefined;
  const number = (text: string | undefined) => (text === "root" ? 0 : Number(text));
  return { ...(match[1] !== undefined && { uid: number(match[1]) }), ...(match[2] !== undefined && { gid: number(match[2]) }) };
}

function chownOne(context: Context, parsed: Parsed, owner: Partial<Owner>, path: string): number {
  const real = glusterPath(context, path) ?? (has(parsed, "link") ? entryPath(context, path) : followPath(context, path));
  if (real === undefined || !statOf(real)) {
    context.err(`chown: cannot access '${path}': ${strerror(ENOENT)}\n`);
    return 1;
  }
  if (context.uid !== 0) {
    context.err(`chown: changing ownership of '${path}': ${strerror(EPERM)}\n`);
    return 1;
  }
  context.change((state) => {
    if (has(parsed, "recursive")) walk(state, mountDirectory(context.dir), real, (entry) => store(state, entry.path, owner));
    else store(state, real, owner);
  });
  return 0;
}

function store(state: State, path: string, owner: Partial<Owner>): void {
  changeInode(state, path, { ...ownerOf(state, path), ...owner });
}
