// A client writes a file: permissions by virtual owners, the file sparse, its size counted in the quota.
import { truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Identity } from "./client-identity";
import { EACCES, EDQUOT, ENOENT } from "./errno";
import { changeInode, type Owner, ownerOf, statOf } from "./inodes";
import { isRootExempt, wouldExceed } from "./limits";
import type { State } from "./state";
import { sizeInKib } from "./usage";

interface WriteRequest {
  fileSystemRoot: string;
  /** The client's root, a real path. */
  mountRoot: string;
  path: string;
  bytes: bigint;
  /** Who is judged, in the order in which it happens. */
  judges: readonly Judge[];
  /** Whose the file will be. */
  identity: Identity;
  mayIgnoreQuota: boolean;
}

/** Somebody who asks whether a user may, and whom things belong to for them: the client's kernel, then the server. */
export interface Judge {
  who: "client" | "server";
  user: Identity;
  ownerOf: (owner: Owner) => Owner;
}

interface WriteAnswer {
  /** 0 for done. */
  errno: number;
  /** Where it was refused for want of permission. */
  by?: Judge["who"];
}

const write = 2;
const search = 1;

export function clientWrite(state: State, request: WriteRequest): WriteAnswer {
  const { fileSystemRoot, mountRoot, path, bytes, identity, judges } = request;
  const file = join(mountRoot, path);
  const directory = dirname(file);
  const existing = statOf(file);
  if (!statOf(directory)?.isDirectory() || !file.startsWith(`${mountRoot}/`)) return { errno: ENOENT };
  const refusing = judges.find((judge) => {
    const isLetThrough = maySearch(state, mountRoot, directory, judge);
    return !isLetThrough || !may(state, existing ? file : directory, existing ? write : write | search, judge);
  });
  if (refusing) return { errno: EACCES, by: refusing.who };
  const kib = (size: bigint) => Number((size + 4095n) / 4096n) * 4;
  const growth = {
    kib: kib(bytes) - (existing ? sizeInKib({ stat: existing }) : 0),
    inodes: existing ? 0 : 1,
    exempt: identity.uid === 0 && request.mayIgnoreQuota && isRootExempt(state),
  };
  if ((growth.kib > 0 || growth.inodes > 0) && wouldExceed(state, fileSystemRoot, directory, growth)) return { errno: EDQUOT };
  if (!existing) writeFileSync(file, "");
  truncateSync(file, Number(bytes));
  if (!existing) changeInode(state, file, { ...identity });
  return { errno: 0 };
}

/** Every directory from the mount's root down must let the user pass. */
function maySearch(state: State, mountRoot: string, directory: string, judge: Judge): boolean {
  if (!may(state, directory, search, judge)) return false;
  return directory === mountRoot || maySearch(state, mountRoot, dirname(directory), judge);
}

function may(state: State, path: string, wanted: number, judge: Judge): boolean {
  const { uid, gid } = judge.user;
  if (uid === 0) return true;
  const mode = Number(statOf(path)?.mode ?? 0);
  const owner = judge.ownerOf(ownerOf(state, path));
  const shift = owner.uid === uid ? 6 : owner.gid === gid ? 3 : 0;
  return ((mode >> shift) & wanted) === wanted;
}
