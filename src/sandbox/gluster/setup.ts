// A new sandbox's clusters: three servers each, and pool volumes that wait for shares.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeAuthority } from "./certificate";
import { addVolume, initialOptions } from "./create";
import { brickPath, brickRoot, certificates, hostName, hostRoot, makeBrick, makeOwnDirectories } from "./files";
import { hostIdentity, infrastructureNames } from "./identity";
import { endMount } from "./mounts";
import { type Cluster, type Gluster, newCluster, ourAuthority, setOption, type Volume } from "./state";

export const serversOfCluster = 3;

/** Names, as the pattern below has them, and sizes in GiB. */
export const pool = [
  { name: "pool-1-1G", gib: 1 },
  { name: "pool-2-1G", gib: 1 },
  { name: "pool-3-2G", gib: 2 },
] as const;

export const poolPattern = "pool-\\d+-#{size}G";

/** The servers' names are those of the sandbox's hosts. */
export function serverNames(cluster: number): string[] {
  return Array.from({ length: serversOfCluster }, (_, index) => `gluster${cluster}-${index + 1}`);
}

export function setUpGluster(dir: string, clusters: number): Gluster {
  const gluster: Gluster = { clusters: [], mounts: [] };
  for (let number = 1; number <= clusters; number++) {
    const hosts = serverNames(number);
    const cluster = newCluster(`gluster${number}`, hosts);
    for (const host of hosts) {
      rmSync(hostRoot(dir, host), { recursive: true, force: true });
      mkdirSync(join(hostRoot(dir, host), brickRoot), { recursive: true });
    }
    for (const { name, gib } of pool) addPoolVolume(dir, cluster, name, gib);
    gluster.clusters.push(cluster);
  }
  const servers = gluster.clusters.flatMap((cluster) => cluster.servers.map(({ host }) => hostName(cluster, host)));
  writeCertificates((host) => join(hostRoot(dir, host), certificates), ["all", "client", ...servers]);
  return gluster;
}

/** As new: mounts are ended, and what the clusters held is gone. */
export function resetGluster(dir: string, gluster: Gluster): Gluster {
  for (const mount of [...gluster.mounts]) endMount(gluster, mount);
  return setUpGluster(dir, gluster.clusters.length);
}

/** A file system keeps something for itself: it is a little larger than what it holds. */
function addPoolVolume(dir: string, cluster: Cluster, name: string, gib: number): void {
  const bytes = String((BigInt(gib) * 1024n ** 3n * 103n) / 100n);
  const bricks = cluster.servers.map(({ host }) => ({ host, path: `${brickRoot}/${name}`, isUp: true, bytes }));
  const layout = { replica: bricks.length, arbiter: 0, disperse: 0, redundancy: 0, transport: 0 } as const;
  const options = initialOptions(layout);
  const volume: Volume = {
    ...{ name, id: crypto.randomUUID(), status: "Started", bricks, ...layout, options },
    servesTls: false,
    snapLimit: 256,
  };
  setOption(volume, "auth.ssl-allow", infrastructureNames(cluster.servers.length));
  addVolume(cluster, volume);
  for (const brick of bricks) makeBrick(brickPath(dir, cluster, brick));
  makeOwnDirectories(dir, cluster, volume);
}

/** glusterfs.pem, .key and .ca of each host, where GlusterFS looks for them. */
export function writeCertificates(placeOf: (host: string) => string, hosts: readonly string[]): void {
  const authority = makeAuthority(`${ourAuthority} authority`);
  for (const host of hosts) {
    const place = placeOf(host);
    mkdirSync(place, { recursive: true });
    const { pem, key } = authority.issue(hostIdentity(host).commonName);
    writeFileSync(join(place, "glusterfs.pem"), pem);
    writeFileSync(join(place, "glusterfs.ca"), authority.certificate.pem);
    writeFileSync(join(place, "glusterfs.key"), key, { mode: 0o600 });
  }
}
