// stat -c FORMAT and stat -f -c FORMAT below the mount: owners are virtual, the file system is Lustre (golden a010). Owners are so in volumes and
// bricks of GlusterFS, too. Elsewhere, and without a format, the real tool answers.
import { lstatSync, type Stats, statSync } from "node:fs";
import { type Context, entryPath, followPath, isOnLustre, mountDirectory } from "../context";
import { ENOENT, strerror } from "../errno";
import { glusterPath } from "../gluster/mount-tools";
import { ownerOf } from "../inodes";
import { inodeNumber } from "../lfs/fid";
import { has, lastValue, type Parsed, parseOptions } from "../options";
import { statfs } from "../statfs";
import { runReal } from "./real-tool";

export function stat(context: Context, args: string[]): number | Promise<number> {
  const parsed = parseOptions(args, [
    { name: "format", short: "c", long: "format", argument: true },
    { name: "printf", long: "printf", argument: true },
    { name: "fileSystem", short: "f", long: "file-system" },
    { name: "follow", short: "L", long: "dereference" },
    { name: "terse", short: "t", long: "terse" },
  ]);
  const ofFileSystem = has(parsed, "fileSystem") ? wholeFileSystem : undefined;
  const format = lastValue(parsed, "format") ?? lastValue(parsed, "printf") ?? ofFileSystem;
  const isOurs = parsed.operands.some(
    (path) => isOnLustre(context, entryPath(context, path)) || (!has(parsed, "fileSystem") && glusterPath(context, path)),
  );
  if (format === undefined || parsed.unknown !== undefined || !isOurs) return runReal(context, "stat", args);
  const end = has(parsed, "printf") ? "" : "\n";
  const text = has(parsed, "printf") ? format.replaceAll("\\n", "\n").replaceAll("\\t", "\t").replaceAll("\\0", "\0") : format;
  let exit = 0;
  for (const path of parsed.operands) {
    const line = has(parsed, "fileSystem") ? fileSystem(context, text, path) : file(context, text, path, parsed);
    if (line === undefined) exit = missing(context, path, has(parsed, "fileSystem"));
    else context.out(`${line}${end}`);
  }
  return exit;
}

/** What `stat -f` prints without a format (golden y299). */
const wholeFileSystem = `  File: "%n"
    ID: 24426e8200000000 Namelen: %-7l Type: %T
Block size: %-10s Fundamental block size: %S
Blocks: Total: %-10b Free: %-10f Available: %a
Inodes: Total: %-10c Free: %d`;

function missing(context: Context, path: string, fileSystemAsked: boolean): number {
  const what = fileSystemAsked ? "read file system information for" : "statx";
  context.err(`stat: cannot ${what} '${path}': ${strerror(ENOENT)}\n`);
  return 1;
}

function fileSystem(context: Context, format: string, path: string): string | undefined {
  const real = followPath(context, path);
  if (real === undefined || !isOnLustre(context, real)) return undefined;
  const filled = statfs(context.state(), mountDirectory(context.dir), real);
  const block = 4096;
  const blocks = (kib: number) => Math.floor((kib * 1024) / block);
  return fill(format, {
    T: () => "lustre",
    t: () => "bd00bd0",
    n: () => path,
    l: () => "255",
    s: () => String(block),
    S: () => String(block),
    b: () => String(blocks(filled.kib)),
    f: () => String(blocks(filled.kib - filled.usedKib)),
    a: () => String(blocks(filled.kib - filled.usedKib)),
    c: () => String(filled.inodes),
    d: () => String(filled.inodes - filled.usedInodes),
  });
}

function file(context: Context, format: string, path: string, parsed: Parsed): string | undefined {
  const inVolume = glusterPath(context, path);
  const real = inVolume ?? (has(parsed, "follow") ? followPath(context, path) : entryPath(context, path));
  if (real === undefined) return undefined;
  const found = (has(parsed, "follow") ? statSync : lstatSync)(real, { throwIfNoEntry: false });
  if (!found) return undefined;
  const owner = inVolume !== undefined || isOnLustre(context, real) ? ownerOf(context.state(), real) : found;
  return fill(format, {
    u: () => String(owner.uid),
    g: () => String(owner.gid),
    U: () => (owner.uid === 0 ? "root" : "UNKNOWN"),
    G: () => (owner.gid === 0 ? "root" : "UNKNOWN"),
    a: () => (found.mode & 0o7777).toString(8),
    f: () => found.mode.toString(16),
    F: () => kindOf(found),
    i: () => inodeNumber(context, real),
    s: () => String(found.size),
    b: () => String(found.blocks),
    h: () => String(found.nlink),
    d: () => String(found.dev),
    n: () => path,
    X: () => seconds(found.atimeMs),
    Y: () => seconds(found.mtimeMs),
    Z: () => seconds(found.ctimeMs),
    W: () => seconds(found.birthtimeMs),
  });
}

function seconds(ms: number): string {
  return String(Math.floor(ms / 1000));
}

function kindOf(found: Stats): string {
  if (found.isDirectory()) return "directory";
  if (found.isSymbolicLink()) return "symbolic link";
  if (found.isFile()) return found.size === 0 ? "regular empty file" : "regular file";
  return found.isFIFO() ? "fifo" : found.isSocket() ? "socket" : "special file";
}

function fill(format: string, values: Readonly<Record<string, () => string>>): string {
  return format.replace(/%(?:-(\d+))?(.)/g, (token, width: string | undefined, letter: string) =>
    letter === "%" ? "%" : (values[letter]?.().padEnd(Number(width ?? 0)) ?? token),
  );
}
