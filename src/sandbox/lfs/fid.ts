// lfs path2fid and fid2path. A FID is made from the inode number (golden b062 to b071, g022, g023).
import { dirname } from "node:path";
import { type Context, entryPath, followPath, isOnLustre, mountDirectory, pathInFileSystem } from "../context";
import { EINVAL, ENODATA, ENOENT, strerror } from "../errno";
import { statOf, walk } from "../inodes";
import { has, parseOptions } from "../options";

const rootFid = "0x200000007:0x1:0x0";

export function fidOf(context: Context, real: string): string {
  if (real === mountDirectory(context.dir)) return rootFid;
  return `0x200000401:0x${((statOf(real)?.ino ?? 0n) & 0xffffffffn).toString(16)}:0x0`;
}

/**
 * What stat(2) says: the FID of a file of Lustre, flattened (golden y604, y614; fid_flatten of lustre_fid.h). The root's is one of its own, and
 * that of a mounted directory is the directory's.
 */
export function inodeNumber(context: Context, real: string): string {
  if (!isOnLustre(context, real)) return String(statOf(real)?.ino ?? 0n);
  const [seq = 0n, oid = 0n] = fidOf(context, real).split(":").map(BigInt);
  return String((seq << 24n) + ((seq >> 24n) & 0xffffff0000n) + oid);
}

/**
 * The device of what stat(2) says of a file of Lustre: made from the name of the first MDT, alike on all clients (ll_fill_super and get_uuid2int of
 * llite, from sources).
 */
export function deviceNumber(context: Context, real: string): string {
  if (!isOnLustre(context, real)) return String(statOf(real)?.dev ?? 0n);
  const uuid = Buffer.from(`${context.state().fsName}-MDT0000_UUID`);
  return String(uuid.reduce((number, byte) => (number * 31 + byte) >>> 0, 0));
}

export function path2fid(context: Context, args: string[]): number {
  const parsed = parseOptions(args, [{ name: "parents", long: "parents" }]);
  let exit = 0;
  for (const path of parsed.operands) {
    const real = entryPath(context, path);
    const errno = !statOf(real) ? ENOENT : isOnLustre(context, real) ? 0 : ENODATA;
    if (errno !== 0) {
      context.err(`lfs path2fid: cannot get fid for '${path}': ${strerror(errno)}\n`);
      exit = errno;
    } else if (has(parsed, "parents")) context.out(`[${fidOf(context, dirname(real))}]/${path.split("/").pop()}\n`);
    else context.out(`${parsed.operands.length > 1 ? `${path}: ` : ""}[${fidOf(context, real)}]\n`);
  }
  return exit;
}

/** FIDs come in brackets or without; by mount the whole path is printed, by file system name the one below the root. */
export function fid2path(context: Context, args: string[]): number {
  const [where = "", ...fids] = args;
  const state = context.state();
  const root = mountDirectory(context.dir);
  for (const given of fids) {
    const fid = given.replace(/^\[(.*)\]$/, "$1");
    if (!/^0x[0-9a-f]+:0x[0-9a-f]+:0x[0-9a-f]+$/i.test(fid)) {
      context.err(`lfs fid2path: invalid FID '${given}'\n`);
      return EINVAL;
    }
    let found: string | undefined;
    walk(state, root, root, ({ path }) => {
      if (fidOf(context, path) === fid) found = path;
    });
    if (found === undefined) {
      context.err(`lfs fid2path: cannot find ${where} ${given}: ${strerror(ENOENT)}\n`);
      return ENOENT;
    }
    const below = pathInFileSystem(context, found);
    context.out(`${where === state.fsName ? below.slice(1) : followPath(context, where) ? `${where}${below}` : below}\n`);
  }
  return 0;
}
