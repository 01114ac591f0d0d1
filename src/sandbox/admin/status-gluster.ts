// The part of `sandbox status` that is GlusterFS's.
import { abilityOf } from "../gluster/client";
import { dataPath, usedBytes } from "../gluster/files";
import { isEnabled } from "../gluster/quota";
import { type Gluster, optionOf } from "../gluster/state";
import { type Columns, size, table } from "./table";

export interface VolumeStatus {
  cluster: string;
  volume: string;
  status: string;
  limitKib: number;
  usedKib: number;
  tls: boolean;
  allowed: string;
  mark: string;
  snapshots: string[];
}

export interface GlusterReport {
  servers: { cluster: string; server: string; up: boolean }[];
  volumes: VolumeStatus[];
  clients: { id: string; commonName: string; source: string; target: string; now: string }[];
}

export function glusterReport(dir: string, gluster: Gluster): GlusterReport {
  return {
    servers: gluster.clusters.flatMap(({ name, servers }) =>
      servers.map(({ host, isUp }) => ({ cluster: name, server: host, up: isUp })),
    ),
    volumes: gluster.clusters.flatMap((cluster) =>
      cluster.volumes.map((volume) => ({
        cluster: cluster.name,
        volume: volume.name,
        status: volume.status,
        limitKib: isEnabled(volume) ? Number(volume.limit ?? 0) / 1024 : 0,
        usedKib: Number(usedBytes(dataPath(dir, cluster, volume)) / 1024n),
        tls: volume.servesTls,
        allowed: optionOf(volume, "auth.ssl-allow") ?? "*",
        mark: optionOf(volume, "user.sharewright.share") ?? "",
        snapshots: cluster.snapshots.filter(({ origin }) => origin === volume.name).map(({ name }) => name),
      })),
    ),
    clients: gluster.mounts.map((mount) => ({
      id: mount.host ?? mount.id,
      commonName: mount.identity.commonName,
      source: mount.source,
      target: mount.target ?? "",
      now: abilityOf(gluster, mount),
    })),
  };
}

const serverColumns: Columns<GlusterReport["servers"][number]> = {
  CLUSTER: ({ cluster }) => cluster,
  SERVER: ({ server }) => server,
  GLUSTERD: ({ up }) => (up ? "up" : "down"),
};

const volumeColumns: Columns<VolumeStatus> = {
  VOLUME: ({ volume }) => volume,
  CLUSTER: ({ cluster }) => cluster,
  STATUS: ({ status }) => status,
  LIMIT: ({ limitKib }) => (limitKib === 0 ? "none" : size(limitKib)),
  USED: ({ usedKib }) => size(usedKib),
  TLS: ({ tls }) => (tls ? "yes" : "no"),
  ALLOWED: ({ allowed }) => allowed,
  SNAPSHOTS: ({ snapshots }) => snapshots.join(" ") || "-",
};

const clientColumns: Columns<GlusterReport["clients"][number]> = {
  CLIENT: ({ id }) => id,
  CERTIFICATE: ({ commonName }) => commonName,
  EXPORT: ({ source }) => source,
  AT: ({ target }) => target || "-",
  NOW: ({ now }) => now,
};

export function renderGluster({ servers, volumes, clients }: GlusterReport): string {
  return [table(servers, serverColumns), table(volumes, volumeColumns), table(clients, clientColumns)].join("\n");
}
