// Whom the sandbox's hosts are: servers are glusterfs-server-N, the managing host is manila-host-1, and one authority has signed them all.
import { type Identity, ourAuthority } from "./state";

const managingHost = "manila-host-1";

/** What pool volumes admit before anybody asked for more. */
export function infrastructureNames(servers: number): string {
  return [...Array.from({ length: servers }, (_, index) => `glusterfs-server-${index + 1}`), managingHost].join(",");
}

/** Servers are named by their number in the cluster: "gluster1-2". */
export function hostIdentity(host: string): Identity {
  const number = /^gluster\d+-(\d+)$/.exec(host)?.[1];
  return { commonName: number === undefined ? managingHost : `glusterfs-server-${number}`, authority: ourAuthority };
}
