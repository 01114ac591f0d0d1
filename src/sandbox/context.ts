// One running command: which sandbox, seen from which host, by which user, and where its words go.
import { realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { type HostName, type Sight, sightOf } from "./hosts";
import type { Io } from "./io";
import type { State } from "./state";
import { changeState, files, readState } from "./store";

export interface Context {
  dir: string;
  host: HostName;
  sight: Sight;
  /** Virtual: the sandbox's commands run as root unless SHAREWRIGHT_SANDBOX_UID says otherwise. */
  uid: number;
  io: Io;
  out: (text: string) => void;
  err: (text: string) => void;
  state: () => State;
  change: <T>(change: (state: State) => T) => T;
}

export function makeContext(dir: string, host: HostName, io: Io): Context {
  let read: State | undefined;
  return {
    dir,
    host,
    sight: sightOf(host),
    uid: Number(io.env["SHAREWRIGHT_SANDBOX_UID"] ?? 0),
    io,
    out: io.stdout,
    err: io.stderr,
    state: () => {
      read ??= readState(dir);
      return read;
    },
    change: (change) => {
      read = undefined;
      return changeState(dir, change);
    },
  };
}

export function mountDirectory(dir: string): string {
  return join(dir, files.mnt);
}

/** The real path of what the caller named: the mount's name may differ from the directory that holds it. */
export function realPath(context: Context, path: string): string {
  const { mountPoint } = context.state();
  const absolute = resolve(context.io.cwd, path);
  if (!isBelow(absolute, mountPoint)) return absolute;
  return join(mountDirectory(context.dir), absolute.slice(mountPoint.length));
}

/** The directory is followed, the last name is not: `lfs project` works on a symlink itself (golden b061). */
export function entryPath(context: Context, path: string): string {
  const real = realPath(context, path);
  if (real === mountDirectory(context.dir)) return real;
  try {
    return join(realpathSync(dirname(real)), basename(real));
  } catch {
    return real;
  }
}

/** Followed to the end; undefined where nothing is. */
export function followPath(context: Context, path: string): string | undefined {
  try {
    return realpathSync(realPath(context, path));
  } catch {
    return undefined;
  }
}

export function isOnLustre(context: Context, real: string): boolean {
  return context.sight.mount && isBelow(real, mountDirectory(context.dir));
}

/** How Lustre would call it: the path below the file system's root, "/" for the root. */
export function pathInFileSystem(context: Context, real: string): string {
  return real.slice(mountDirectory(context.dir).length) || "/";
}

function isBelow(path: string, directory: string): boolean {
  return path === directory || path.startsWith(`${directory}/`);
}
