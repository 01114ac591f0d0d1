// Where the files of servers are: each server has a root directory of its own, where its bricks and certificates lie. Paths of the sandbox
// itself are the same on every host.
import { cpSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { files } from "../store";
import type { Brick, Cluster, Volume } from "./state";

/** Where the pool volumes' bricks are, and where new ones may be made. */
export const brickRoot = "/bricks";
/** Where GlusterFS looks for certificates, unless it is Debian 12's. */
export const certificates = "/etc/ssl";

export function hostName(cluster: Cluster, server: string): string {
  return `${cluster.name}-${cluster.servers.findIndex(({ host }) => host === server) + 1}`;
}

export function hostRoot(dir: string, host: string): string {
  return join(dir, files.hosts, host, "root");
}

export function brickPath(dir: string, cluster: Cluster, { host, path }: Pick<Brick, "host" | "path">): string {
  return path === dir || path.startsWith(`${dir}/`) ? path : join(hostRoot(dir, hostName(cluster, host)), path);
}

/** The files of a volume lie in its first brick, whatever its layout; the other bricks are directories that have to be there. */
export function dataPath(dir: string, cluster: Cluster, volume: Volume): string {
  return brickPath(dir, cluster, volume.bricks[0] ?? { host: "", path: "" });
}

/**
 * Marks a directory as a brick: it stays when the volume is deleted, and goes with the directory, as the real one's extended attributes do.
 * Beside it, since clients see all that is in it.
 */
export function makeBrick(path: string): void {
  mkdirSync(path, { recursive: true });
  writeFileSync(markOf(path), identityOf(path));
}

/**
 * What GlusterFS keeps for itself on a brick that runs (seen with 10.3). Not on the first brick: there clients would see it, whom the real one
 * shows nothing of it.
 */
export function makeOwnDirectories(dir: string, cluster: Cluster, { id, bricks }: Volume): void {
  for (const path of bricks.slice(1).map((brick) => brickPath(dir, cluster, brick)))
    if (existsSync(path))
      for (const name of [".glusterfs/unlink", `.glusterfs-anonymous-inode-${id}`])
        mkdirSync(join(path, name), { recursive: true });
}

export function isBrick(path: string): boolean {
  return existsSync(path) && existsSync(markOf(path)) && readFileSync(markOf(path), "utf8") === identityOf(path);
}

function markOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.brick`);
}

/** The number of a directory that was removed may be another's soon. */
function identityOf(path: string): string {
  const { ino, birthtimeNs } = lstatSync(path, { bigint: true });
  return `${ino} ${birthtimeNs}`;
}

export function hasParent(path: string): boolean {
  return existsSync(dirname(path));
}

export function copyData(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { recursive: true, verbatimSymlinks: true });
}

export function removeBrick(path: string): void {
  rmSync(path, { recursive: true, force: true });
}

/** Sizes as they look: files here are sparse. */
export function usedBytes(path: string): bigint {
  const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (!stat) return 0n;
  if (!stat.isDirectory()) return stat.isFile() ? stat.size : 0n;
  return readdirSync(path).reduce((sum, name) => sum + usedBytes(join(path, name)), 0n);
}

/** What a client sees at the root of a volume. */
export function visibleEntries(path: string): string[] {
  return existsSync(path) ? readdirSync(path).sort() : [];
}
