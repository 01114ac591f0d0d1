// What a client gets when it mounts: which nodemap it falls into, whether it is let in, and what its root is. 2.17 as measured
// (golden f010 to f049, k001, k002); 2.16 from sources (mdt_handler.c of 2.16.1: the client's path is always below the one fileset).
import { join } from "node:path";
import { EACCES, EINVAL, EIO, ENOENT, EPERM, strerror } from "./errno";
import { statOf } from "./inodes";
import { readNid } from "./nid-range";
import { isBanned, nodemapOfNid } from "./nodemap-lookup";
import { isOn } from "./nodemaps";
import { type Fileset, isTwoSixteen, type Nodemap, type State } from "./state";

export interface Mounted {
  /** Undefined while nodemaps are not active: everyone sees everything. */
  nodemap: Nodemap | undefined;
  /** The client's root, as a path below the file system's root. */
  root: string;
  readOnly: boolean;
  /** readonly_mount holds against a remount, a read-only fileset does not (golden f027, k002). */
  mayRemountRw: boolean;
}

export interface Refused {
  nodemap: Nodemap | undefined;
  exit: number;
  said: string;
}

const ENOTDIR = 20;

export function mountAs(state: State, fileSystemRoot: string, nid: string, exported: string): Mounted | Refused {
  const client = readNid(nid);
  const nodemap = client && state.nodemapActive ? nodemapOfNid(state, client) : undefined;
  const refuse = (errno: number): Refused => ({ nodemap, exit: errno, said: mountMessage(exported, errno) });
  const source = readExport(exported);
  if (!client || !source || source.fsName !== state.fsName || source.path.split("/").includes("..")) return refuse(EINVAL);
  if (!source.nids.includes(state.serverNid)) return refuse(EIO); // no MGS there (from sources)
  if (nodemap && (isBanned(nodemap, client) || isOn(nodemap, "deny_mount"))) return refuse(EPERM);
  const place = nodemap ? placeOf(state, nodemap, source.path) : { root: source.path, readOnly: false };
  if (!place) return refuse(EACCES);
  const errno = lookUp(fileSystemRoot, place.root);
  if (errno !== 0) return refuse(errno);
  const forced = nodemap !== undefined && isOn(nodemap, "readonly_mount");
  return { nodemap, root: place.root, readOnly: forced || place.readOnly, mayRemountRw: !forced };
}

interface Place {
  root: string;
  readOnly: boolean;
}

/**
 * Undefined: the nodemap has only alternate filesets and the path is in none of them (golden f016, f021). Paths are compared as they
 * are written; of two filesets that fit the longer one says whether it is read-only (nodemap_fileset_get_root of 2.17.0).
 */
function placeOf(state: State, { filesets }: Nodemap, path: string): Place | undefined {
  if (filesets.length === 0) return { root: path, readOnly: false };
  const primary = filesets.find((fileset) => fileset.primary);
  const below = primary && clean(`${primary.path}${path}`);
  if (isTwoSixteen(state)) return below === undefined ? undefined : { root: below, readOnly: false };
  const named = closest(filesets, path);
  if (named) return { root: path, readOnly: named.readOnly };
  return below === undefined ? undefined : { root: below, readOnly: (closest(filesets, below) ?? primary)?.readOnly ?? false };
}

function closest(filesets: readonly Fileset[], path: string): Fileset | undefined {
  const fitting = filesets.filter((fileset) => path === fileset.path || path.startsWith(`${fileset.path}/`));
  return fitting.sort((a, b) => b.path.length - a.path.length)[0];
}

function clean(path: string): string {
  return path.replace(/\/+/g, "/").replace(/\/$/, "") || "/";
}

/** Name by name, as the MDT does: a symlink is not followed, `..` is refused (mdt_lookup_fileset). */
function lookUp(fileSystemRoot: string, path: string): number {
  let place = fileSystemRoot;
  for (const name of path.split("/").filter((part) => part !== "")) {
    if (name === "..") return EINVAL;
    place = join(place, name);
    const stat = statOf(place);
    if (!stat) return ENOENT;
    if (!stat.isDirectory()) return ENOTDIR;
  }
  return 0;
}

interface Export {
  nids: string[];
  fsName: string;
  path: string;
}

/** `NID[,NID...][:NID...]:/fsname[/path]`: a comma parts the NIDs of one server, a colon the servers. */
function readExport(text: string): Export | undefined {
  const at = text.indexOf(":/");
  if (at < 0) return undefined;
  const nids =
    text
      .slice(0, at)
      .match(/[^,@]+@[a-z0-9]+/g)
      ?.map((nid) => nid.replace(/^:/, "")) ?? [];
  const [fsName = "", ...parts] = text.slice(at + 2).split("/");
  return { nids, fsName, path: clean(`/${parts.join("/")}`) };
}

/** mount.lustre's words (golden f013, f014, f016, f035, l011). */
export function mountMessage(exported: string, errno: number, where = "/mnt/lustre"): string {
  const first = `mount.lustre: mount ${exported} at ${where} failed: ${errno === ENOTDIR ? "Not a directory" : strerror(errno)}\n`;
  const hints: Readonly<Record<number, string>> = {
    [ENOENT]:
      "Is the MGS specification correct?\nIs the filesystem name correct?\nIf upgrading, is the copied client log valid? (see upgrade docs)\n",
    [EINVAL]: `This may have multiple causes.\nIs '${exported.slice(exported.indexOf(":/") + 2)}' the correct filesystem name?\nAre the mount options correct?\nCheck the syslog for more info.\n`,
    [EIO]: "Is the MGS running?\n",
  };
  return `${first}${hints[errno] ?? ""}`;
}
