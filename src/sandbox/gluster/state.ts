// What the sandbox remembers of GlusterFS: trusted pools, their volumes and snapshots, and who has mounted what. Part of the one state, so a
// command of gluster happens wholly or not at all, like any other.

/** As `volume info` spells them; in XML they are 0, 1, 2. */
export const statuses = ["Created", "Started", "Stopped"] as const;
export type Status = (typeof statuses)[number];

export interface Server {
  /** As the pool, bricks and export locations name it. */
  host: string;
  uuid: string;
  /** Whether glusterd runs. Bricks do without it. */
  isUp: boolean;
  /** Why glusterd does not start any more: its store cannot be read. */
  damage?: string;
}

export interface Brick {
  host: string;
  /** On its server; files.ts knows where that is here. */
  path: string;
  isUp: boolean;
  /** What a client that is more than a client has taken from it. */
  hasLost?: "limit";
  /** Size of the file system that it lies on. */
  bytes: string;
}

export interface Volume {
  name: string;
  id: string;
  status: Status;
  bricks: Brick[];
  replica: number;
  arbiter: number;
  disperse: number;
  redundancy: number;
  /** 0 tcp, 1 rdma, 2 both. */
  transport: 0 | 1 | 2;
  /** Newest first, as `volume info` lists them. */
  options: [name: string, value: string][];
  /** What the brick processes began with: a later `set` of server.ssl is nothing to them. */
  servesTls: boolean;
  /** Bytes, from `quota limit-usage /`. */
  limit?: string;
  /** Bytes that the bricks' counters tell, where they are wrong; quota that is switched on anew counts anew. */
  counted?: string;
  snapLimit: number;
}

export interface Snapshot {
  name: string;
  id: string;
  /** Name of the volume that the snapshot is inside. */
  volume: string;
  origin: string;
  description: string;
  /** Milliseconds since the epoch. */
  created: number;
  isActive: boolean;
  /** The origin as it was. */
  copy: Volume;
}

/** What `gluster` of Debian 12 and of Debian 13 is: the second was built without the NFS server of old. */
export const releases = ["10.3", "11.1"] as const;
export type Release = (typeof releases)[number];

export interface Cluster {
  name: string;
  release: Release;
  servers: Server[];
  volumes: Volume[];
  snapshots: Snapshot[];
  autoDelete: boolean;
  activateOnCreate: boolean;
  /** What the bricks lie on. "none": the servers do not even have the commands of LVM. */
  lvm: "thin" | "thick" | "none";
  /** Whether bricks are on the root file system, which glusterd takes only with `force`. */
  onRoot: boolean;
  /** Size of the file system on which new bricks are made. */
  brickBytes: string;
  /** So many of the next transactions meet another one. */
  busy: number;
}

export interface GlusterMount {
  id: string;
  /** Where it is mounted: a host of the sandbox. Clients that an operator made have no directory. */
  host?: string;
  target?: string;
  source: string;
  cluster: string;
  volume: string;
  identity: Identity;
}

/** Whom a certificate names, and who signed it. */
export interface Identity {
  commonName: string;
  authority: string;
}

export interface Gluster {
  clusters: Cluster[];
  mounts: GlusterMount[];
}

export const ourAuthority = "sandbox";

export function newCluster(name: string, hosts: readonly string[]): Cluster {
  return {
    name,
    release: "10.3",
    servers: hosts.map((host) => ({ host, uuid: crypto.randomUUID(), isUp: true })),
    volumes: [],
    snapshots: [],
    autoDelete: false,
    activateOnCreate: false,
    lvm: "thin",
    onRoot: false,
    brickBytes: String(100n * 1024n ** 3n),
    busy: 0,
  };
}

export function optionOf({ options }: Volume, name: string): string | undefined {
  return options.find(([key]) => key === name)?.[1];
}

export function setOption(volume: Volume, name: string, value: string): void {
  const known = volume.options.find(([key]) => key === name);
  if (known) known[1] = value;
  else volume.options.unshift([name, value]);
}

export function dropOption(volume: Volume, name: string): void {
  volume.options = volume.options.filter(([key]) => key !== name);
}

export function isOn(value: string | undefined): boolean {
  return /^(on|yes|true|enable|1)$/i.test(value ?? "");
}

export function findVolume(cluster: Cluster, name: string): Volume | undefined {
  return cluster.volumes.find((volume) => volume.name === name);
}
