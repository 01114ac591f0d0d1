// mount -t glusterfs, umount, mountpoint and mount.glusterfs of the sandbox's hosts. What is no Gluster mount is the real tools' affair.
import { lstatSync, realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { Context } from "../context";
import { has, lastValue, parseOptions } from "../options";
import { runReal } from "../posix/real-tool";
import type { State } from "../state";
import { files } from "../store";
import { glusterOf, releaseOf } from "./call";
import { hostIdentity } from "./identity";
import { beginMount, endMount, turnedAway } from "./mounts";
import { findVolume, type Gluster, type GlusterMount } from "./state";
import { version } from "./texts";

const options = [
  { name: "type", short: "t", long: "types", argument: true },
  { name: "options", short: "o", long: "options", argument: true },
  { name: "lazy", short: "l", long: "lazy" },
  { name: "force", short: "f", long: "force" },
  { name: "quiet", short: "q", long: "quiet" },
];

export function mount(context: Context, args: string[]): number | Promise<number> {
  const parsed = parseOptions(args, options);
  const [source, directory] = parsed.operands;
  if (lastValue(parsed, "type") !== "glusterfs" || source === undefined || directory === undefined)
    return runReal(context, "mount", args);
  const target = placeOf(context, directory);
  if (!lstatSync(target, { throwIfNoEntry: false })) {
    context.err("ERROR: Mount point does not exist\nPlease specify a mount point\nUsage:\nman 8 /sbin/mount.glusterfs\n");
    return 1;
  }
  return context.change((state) => mountHere(context, state, source, target, directory));
}

function mountHere(context: Context, state: State, source: string, target: string, shown: string): number {
  const gluster = glusterOf(state);
  if (mountAt(gluster, context.host, target)) {
    context.err(`/sbin/mount.glusterfs: according to mtab, GlusterFS is already mounted on ${shown}\n`);
    return 32;
  }
  const found = findExport(gluster, source);
  const identity = hostIdentity(context.host);
  if (!found) {
    context.err(`Mounting glusterfs on ${shown} failed.\n`);
    return 1;
  }
  if (turnedAway(found.volume, identity) !== undefined) {
    context.err("Mount failed. Check the log file  for more details.\n");
    return 1;
  }
  beginMount(context.dir, found.cluster, found.volume, target);
  const { cluster, volume } = found;
  const mounted = {
    id: crypto.randomUUID(),
    host: context.host,
    target,
    source,
    cluster: cluster.name,
    volume: volume.name,
    identity,
  };
  gluster.mounts.push(mounted);
  return 0;
}

/** The volume that `HOST:/VOLUME` names; undefined if no server says so. */
export function findExport({ clusters }: Gluster, source: string) {
  const [host, path] = [source.slice(0, source.indexOf(":/")), source.slice(source.indexOf(":/") + 2)];
  const cluster = clusters.find(({ servers }) => servers.some((server) => server.host === host && server.isUp));
  const volume = cluster && findVolume(cluster, path);
  return cluster && volume && { cluster, volume };
}

/** As mount tables name it: its directory followed, itself not. */
function placeOf({ io }: Context, directory: string): string {
  const absolute = resolve(io.cwd, directory);
  try {
    return join(realpathSync(dirname(absolute)), basename(absolute));
  } catch {
    return absolute;
  }
}

function mountAt({ mounts }: Gluster, host: string, target: string): GlusterMount | undefined {
  return mounts.find((one) => one.host === host && one.target === target);
}

/** The Gluster mount at this very directory, as the host sees it. */
export function glusterMountAt(context: Context, directory: string): GlusterMount | undefined {
  return mountAt(glusterOf(context.state()), context.host, placeOf(context, directory));
}

/** Where an entry of a volume or a brick really lies; undefined for what is neither. A mount is a link here, and is followed. */
export function glusterPath(context: Context, path: string): string | undefined {
  try {
    const place = placeOf(context, path);
    const real = glusterMountAt(context, path) ? realpathSync(place) : place;
    return real.startsWith(`${join(context.dir, files.hosts)}/`) ? real : undefined;
  } catch {
    return undefined;
  }
}

export function umount(context: Context, args: string[]): number | Promise<number> {
  const [directory = ""] = parseOptions(args, options).operands;
  if (!glusterMountAt(context, directory)) return runReal(context, "umount", args);
  return context.change((state) => {
    const gluster = glusterOf(state);
    const mounted = mountAt(gluster, context.host, placeOf(context, directory));
    if (mounted) endMount(gluster, mounted);
    return 0;
  });
}

export function mountpoint(context: Context, args: string[]): number | Promise<number> {
  const parsed = parseOptions(args, options);
  const [directory = ""] = parsed.operands;
  if (!glusterMountAt(context, directory)) return runReal(context, "mountpoint", args);
  if (!has(parsed, "quiet")) context.out(`${directory} is a mountpoint\n`);
  return 0;
}

/** Only asked whether it is there, and which version: `-V`. 10.3 does not know `--version`, and exits 0 (measured). */
export function mountGlusterfs(context: Context, args: string[]): number | Promise<number> {
  if (args.includes("-V")) context.out(version(releaseOf(context)));
  else if (args[0]?.startsWith("--"))
    context.out(
      "Illegal option --\nUsage: /usr/sbin/mount.glusterfs <server>:<volume/subdir> <mountpoint> -o<options>\nOptions:\nman 8 mount.glusterfs\nTo display the version number of the mount helper: /usr/sbin/mount.glusterfs -V\n",
    );
  else return mount(context, ["-t", "glusterfs", ...args]);
  return 0;
}
