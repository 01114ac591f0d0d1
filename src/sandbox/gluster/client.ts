// What a client with a certificate would get of a volume: whether it is let in, what it sees there, and whether it may write.
import { existsSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { EDQUOT, ENOENT, strerror } from "../errno";
import { dataPath, usedBytes, visibleEntries } from "./files";
import { findExport } from "./mount-tools";
import { turnedAway } from "./mounts";
import { isEnabled, limitOf } from "./quota";
import { type Cluster, type Gluster, type GlusterMount, type Identity, isOn, optionOf, type Volume } from "./state";

export interface GlusterView {
  commonName: string;
  export: string;
  /** Of mount. */
  exit: number;
  error: string;
  df?: { kib: number; usedKib: number };
  entries?: string[];
  write?: { path: string; errno: number; error: string };
}

export interface Look {
  source: string;
  identity: Identity;
  write?: { path: string; bytes: bigint };
  /** Stays mounted under this name. */
  keep?: string;
  /** Mounted as GlusterFS's own daemons mount (`--client-pid=-1`): no limit binds it (seen with 10.3). */
  isInternal?: boolean;
}

/** Whether an export is one of GlusterFS here. */
export function isGlusterExport({ clusters }: Gluster, source: string): boolean {
  return clusters.some(({ servers }) => servers.some(({ host }) => source.startsWith(`${host}:/`)));
}

export function viewAs(dir: string, gluster: Gluster, { source, identity, write, keep, isInternal = false }: Look): GlusterView {
  const view: GlusterView = { commonName: identity.commonName, export: source, exit: 0, error: "" };
  const found = findExport(gluster, source);
  const why = found ? turnedAway(found.volume, identity) : "no server that is up knows the volume";
  if (!found || why !== undefined) return { ...view, exit: 1, error: `Mount failed: ${why}` };
  const { cluster, volume } = found;
  if (keep !== undefined) gluster.mounts.push({ id: keep, source, cluster: cluster.name, volume: volume.name, identity });
  const errno = write ? writeFile(dir, { cluster, volume, isInternal, ...write }) : 0;
  const place = dataPath(dir, cluster, volume);
  const used = usedBytes(place);
  const size = (isEnabled(volume) ? limitOf(volume) : undefined) ?? BigInt(volume.bricks[0]?.bytes ?? 0);
  const kib = (bytes: bigint) => Number(bytes / 1024n);
  return {
    ...view,
    df: { kib: kib(size), usedKib: kib(used) },
    entries: visibleEntries(place),
    ...(write ? { write: { path: write.path, errno, error: errno === 0 ? "" : strerror(errno) } } : {}),
  };
}

interface Write {
  cluster: Cluster;
  volume: Volume;
  isInternal: boolean;
  path: string;
  bytes: bigint;
}

/** Sparse, its size counted in the quota. Returns an errno, 0 for done. */
function writeFile(dir: string, { cluster, volume, isInternal, path, bytes }: Write): number {
  const place = dataPath(dir, cluster, volume);
  const file = join(place, path);
  if (!file.startsWith(`${place}/`) || !existsSync(dirname(file))) return ENOENT;
  if (!isInternal && !fits(volume, usedBytes(place), bytes)) return EDQUOT;
  if (!existsSync(file)) writeFileSync(file, "");
  truncateSync(file, Number(bytes));
  return 0;
}

/** With timeouts, bricks know late what was used: they let a write through that goes over the limit, and refuse the next (reference: quota). */
function fits(volume: Volume, used: bigint, bytes: bigint): boolean {
  const limit = limitOf(volume);
  if (!isEnabled(volume) || limit === undefined) return true;
  const isExact = ["hard", "soft"].every((name) => optionOf(volume, `features.${name}-timeout`) === "0");
  return used + (isExact ? bytes : 1n) <= limit;
}

/** What a client that stays mounted can do now. One that is cut is no mount any more. */
export function abilityOf({ clusters }: Gluster, mount: GlusterMount): "rw" | "ro" | "not connected" {
  const cluster = clusters.find(({ name }) => name === mount.cluster);
  const volume = cluster?.volumes.find(({ name }) => name === mount.volume);
  if (volume?.status !== "Started" || !volume.bricks.some(({ isUp }) => isUp)) return "not connected";
  return isOn(optionOf(volume, "features.read-only")) ? "ro" : "rw";
}
