// What the sandbox remembers: the servers' parameters, the MGS's nodemaps, the quotas, and what Lustre keeps with an inode.
// Plain JSON. Sizes are KiB, as lfs counts them (golden c015).

import type { Gluster } from "./gluster/state";

export type LustreVersion = "2.16.1" | "2.17.0";

export interface Component {
  /** Bytes, or "EOF"; absent for a plain layout. */
  end?: string;
  /** 0 = not set, the file system's default holds. */
  count: number;
  size: number;
  index: number;
  pattern: "raid0" | "mdt";
  pool?: string;
}

/** Only what differs from "made by root, project inherited from its directory"; see inodes.ts. */
export interface Inode {
  projectId?: number;
  inherit?: boolean;
  uid?: number;
  gid?: number;
  layout?: Component[];
  /** Of GlusterFS: extended attributes by name, ACLs among them. */
  attributes?: Record<string, string>;
}

export interface Limits {
  blockSoft: number;
  blockHard: number;
  inodeSoft: number;
  inodeHard: number;
}

export interface Quota extends Limits {
  /** Only asked for so far: has an entry, and whatever the default limits are (golden c073, c077). */
  onlyAsked?: boolean;
  /** Given back with `--delete`: no limits, whatever the default ones are (golden y685); milliseconds since the epoch. */
  deletedAt?: number;
  /** The default limits hold: the pair was never set (golden y681), or -D (y682). `[0]` in lists where the other was set after `--delete` (c075). */
  blockDefault?: boolean;
  inodeDefault?: boolean;
  /** Milliseconds since the epoch; when the soft limit was first seen exceeded. */
  blockOverSince?: number;
  inodeOverSince?: number;
}

export interface PoolQuota {
  limits: Record<string, Pick<Limits, "blockSoft" | "blockHard">>;
  grace?: string;
}

export interface NidRange {
  id: number;
  net: string;
  start: string;
  end: string;
  /** Written as ADDRESS/PREFIX. IPv4 ones match nothing (golden g001). */
  prefix?: number;
}

export interface Fileset {
  path: string;
  primary: boolean;
  readOnly: boolean;
}

export interface Idmap {
  type: string;
  client: number;
  fs: number;
}

export interface Nodemap {
  name: string;
  id: number;
  parent: string;
  properties: Record<string, string>;
  ranges: NidRange[];
  /** By slot: the primary has 0, alternates the lowest that is free (golden y198 to y206, d155). */
  filesets: Fileset[];
  slots: Record<string, number>;
  banlist: NidRange[];
  idmap: Idmap[];
  offset: { start: number; limit: number };
  capabilities: string;
  sepol: string;
}

export interface Target {
  name: string;
  kind: "mdt" | "ost";
  kib: number;
  inodes: number;
  up: boolean;
}

/** A client that keeps what it mounted, whatever the nodemaps say afterwards (golden f009, f024, f031, f034, f047). */
export interface LiveMount {
  id: string;
  nid: string;
  export: string;
  root: string;
  readOnly: boolean;
  uuid: string;
}

export interface State {
  format: 1;
  version: LustreVersion;
  fsName: string;
  /** The path that commands and messages call the mount; the directory itself is D/mnt. */
  mountPoint: string;
  mountOptions: string;
  serverNid: string;
  /** Whether birth times tell inodes apart where D lives. */
  birthTimes: boolean;
  instance: string;
  targets: Target[];
  pools: Record<string, string[]>;
  /** Limits of blocks on the OSTs of a pool, by its name; by project id, or "default". Shown, not enforced. */
  poolQuotas?: Record<string, PoolQuota>;
  inodes: Record<string, Inode>;
  quotas: Record<string, Quota>;
  defaultQuota: Limits;
  grace: { block: string; inode: string };
  nodemapActive: boolean;
  nodemaps: Nodemap[];
  nextNodemapId: number;
  nextRangeId: number;
  nextBanId: number;
  /** Live values that differ from parameters.ts' defaults. */
  parameters: Record<string, string>;
  /** The MGS's "params" log: what `set_param -P` has said so far. */
  persistent: Record<string, string>;
  pending: { at: number; name: string; value: string }[];
  persistDelayMs: number;
  mounts: LiveMount[];
  /** Absent: the sandbox has no GlusterFS. */
  gluster?: Gluster;
}

export const noLimits: Limits = { blockSoft: 0, blockHard: 0, inodeSoft: 0, inodeHard: 0 };

/** `sandbox param version=...` makes the tools claim another one, to see a too old Lustre refused. */
export function shownVersion(state: State): string {
  return state.parameters["version"] ?? state.version;
}

/** Whether a target is down. */
export function isDegraded({ targets }: State): boolean {
  return targets.some(({ up }) => !up);
}

export function isTwoSixteen(state: State): boolean {
  return state.version === "2.16.1";
}
