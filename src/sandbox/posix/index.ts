// The POSIX tools that the sandbox has its own word in. Everything else that an executor runs is the real tool, see real-tool.ts.
import type { Context } from "../context";
import * as attributes from "../gluster/attributes";
import * as glusterMounts from "../gluster/mount-tools";
import { chown } from "./chown";
import { df } from "./df";
import { find } from "./find";
import { findmnt } from "./findmnt";
import { getent } from "./getent";
import { mv } from "./mv";
import { stat } from "./stat";

type Tool = (context: Context, args: string[]) => number | Promise<number>;

export const tools: Readonly<Record<string, Tool>> = {
  chown,
  df,
  find,
  findmnt,
  getent,
  getfattr: attributes.getfattr,
  setfattr: attributes.setfattr,
  mv,
  stat,
  mount: glusterMounts.mount,
  umount: glusterMounts.umount,
  mountpoint: glusterMounts.mountpoint,
  "mount.glusterfs": glusterMounts.mountGlusterfs,
};
