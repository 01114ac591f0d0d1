// A client writes a file: permissions by virtual owners, the file sparse, its size counted in the quota.
import { truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Identity } from "./client-identity";
import { EACCES, EDQUOT, ENOENT } from "./errno";
import { changeInode, ownerOf, statOf } from "./inodes";
import { isRootExempt, wouldExceed } from "./limits";
import type { State } from "./state";
import { sizeInKib } from "./usage";

interface WriteRequest {
  fileSystemRoot: string;
  /** The client's root, a real path. */
  mountRoot: string;
  path: string;
  bytes: bigint;
  identity: Identity;
  mayIgnoreQuota: boolean;
}

const write = 2;
const search = 1;

/** Returns an errno, 0 for done. */
export function clientWrite(state: State, request: WriteRequest): number {
  const { fileSystemRoot, mountRoot, path, bytes, identity } = request;
  const file = join(mountRoot, path);
  const directory = dirname(file);
  const existing = statOf(file);
  if (!statOf(directory)?.isDirectory() || !file.startsWith(`${mountRoot}/`)) return ENOENT;
  if (!maySearch(state, mountRoot, directory, identity)) return EACCES;
  if (!may(state, existing ? file : directory, existing ? write : write | search, identity)) return EACCES;
  const kib = (size: bigint) => Number((size + 4095n) / 4096n) * 4;
  const growth = {
    kib: kib(bytes) - (existing ? sizeInKib({ stat: existing }) : 0),
    inodes: existing ? 0 : 1,
    exempt: identity.uid === 0 && request.mayIgnoreQuota && isRootExempt(state),
  };
  if ((growth.kib > 0 || growth.inodes > 0) && wouldExceed(state, fileSystemRoot, directory, growth)) return EDQUOT;
  if (!existing) writeFileSync(file, "");
  truncateSync(file, Number(bytes));
  if (!existing) changeInode(state, file, { ...identity });
  return 0;
}

/** Every directory from the mount's root down must let the user pass. */
function maySearch(state: State, mountRoot: string, directory: string, identity: Identity): boolean {
  if (!may(state, directory, search, identity)) return false;
  return directory === mountRoot || maySearch(state, mountRoot, dirname(directory), identity);
}

function may(state: State, path: string, wanted: number, { uid, gid }: Identity): boolean {
  if (uid === 0) return true;
  const mode = Number(statOf(path)?.mode ?? 0);
  const owner = ownerOf(state, path);
  const shift = owner.uid === uid ? 6 : owner.gid === gid ? 3 : 0;
  return ((mode >> shift) & wanted) === wanted;
}
