// storage.owner-uid and -gid: bricks give their root to these, when they start and whenever anything of their graph changes (seen with 10.3).
import { changeInode, ownerOf } from "../inodes";
import type { Call } from "./call";
import { dataPath } from "./files";
import { optionOf, type Volume } from "./state";

export function giveRoot({ state, dir, cluster }: Call, volume: Volume): void {
  if (volume.status !== "Started") return;
  const root = dataPath(dir, cluster, volume);
  const idOf = (name: string, own: number) => {
    const value = Number(optionOf(volume, `storage.owner-${name}`) ?? -1);
    return value < 0 ? own : value;
  };
  const { uid, gid } = ownerOf(state, root);
  const [newUid, newGid] = [idOf("uid", uid), idOf("gid", gid)];
  if (newUid !== uid || newGid !== gid) changeInode(state, root, { uid: newUid, gid: newGid });
}
