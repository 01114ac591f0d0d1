// A GlusterFS cluster as the executor meets it: its spec, its servers, and the one server on which all runs agree.
import { ShareError } from "../../core/errors";
import { type Host, run } from "../../core/host";
import { type Log, noteOnce } from "../../core/log";
import { type ClusterSpec, splitBrick } from "../../spec/gluster";
import * as cli from "./cli";
import { fault } from "./faults";
import { type Peer, peersIn, type Volume } from "./parse";

export interface Server extends Host {
  /** As the trusted pool, bricks and mounts name it. */
  address: string;
}

/** What is known of a cluster before anything is asked of it. Nothing is connected to yet. */
export interface ClusterAccess {
  spec: ClusterSpec;
  servers: Server[];
  /** `client` of the spec. */
  client?: Host;
  /** The machine that runs Terraform. */
  here: Host;
  log: Log;
}

export interface Cluster extends ClusterAccess {
  /**
   * The member of the pool with the smallest id. gluster can compare and set nothing, so every run of every stack takes its locks here, whatever
   * servers it names, and gives its commands here, so that they inherit the locks.
   */
  server: Server;
  /** Of that member: tells clusters apart, however they are named. */
  id: string;
}

/** Finds the agreed server, through the first server that answers. */
export async function openCluster(access: ClusterAccess): Promise<Cluster> {
  const { server: asked, peers: all } = await firstAnswer(access);
  // One that is just being probed has no id yet.
  const peers = all.filter(({ id }) => !/^[0-]*$/.test(id));
  requireWholePool(access, asked, peers);
  const agreed = peers.reduce((least, peer) => (peer.id < least.id ? peer : least));
  if (agreed.host === "localhost") return { ...access, server: asked, id: agreed.id };
  const others = access.servers.filter((server) => server !== asked);
  // A peer may be known to the pool by another name than to the stack: then each has to say who it is.
  const named = others.filter(({ address }) => address === agreed.host);
  let unreachable: unknown;
  for (const server of named.length > 0 ? named : others) {
    try {
      const own = (await peersOf(server)).find(({ host }) => host === "localhost");
      if (own?.id === agreed.id) return { ...access, server, id: agreed.id };
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      unreachable ??= error;
    }
  }
  if (unreachable !== undefined) throw unreachable;
  throw fault("NO_LOCK_SERVER", {
    object: access.spec.name,
    summary: `the locks of cluster "${access.spec.name}" are on ${agreed.host} (the smallest id of its pool), to which none of its servers here (${access.servers.map(({ address }) => address).join(", ")}) leads`,
  });
}

/** One that was detached, or installed anew, is a pool of its own, in which nothing of the cluster is to be found. */
function requireWholePool({ spec, servers }: ClusterAccess, asked: Server, peers: readonly Peer[]): void {
  if (peers.length >= servers.length) return;
  throw fault("NO_LOCK_SERVER", {
    object: spec.name,
    host: asked.name,
    summary: `its pool has ${peers.length} ${peers.length === 1 ? "member" : "members"}, and cluster "${spec.name}" names ${servers.length} servers: either it was detached, or some of them are not of this cluster`,
    fix: "compare `gluster pool list` of all of them, and name the servers of one pool",
  });
}

async function firstAnswer({ servers, log }: ClusterAccess): Promise<{ server: Server; peers: Peer[] }> {
  let first: unknown;
  for (const server of servers) {
    try {
      return { server, peers: await peersOf(server) };
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      first ??= error;
      const line = `${server.name} does not answer (${error.summary}), asking the next server`;
      // Every object of a stack asks again.
      if (server !== servers.at(-1)) noteOnce(log, line, `answer of ${server.address}`);
    }
  }
  throw first;
}

/** A host or its glusterd cannot be talked to; nothing is known of what is there. */
export function isUnreachable(error: unknown): error is ShareError {
  return ShareError.isShareError(error) && ["CANNOT_CONNECT", "GLUSTERD_DOWN", "COMMAND_LOST", "DEADLINE"].includes(error.code);
}

async function peersOf(server: Server): Promise<Peer[]> {
  return peersIn((await run(server, cli.poolList)).stdout);
}

/** Names by which pool and bricks know servers; the agreed server's own is known of its bricks only. */
export async function knownNames({ server }: Cluster, { bricks }: Volume): Promise<string[]> {
  const peers = (await peersOf(server)).map(({ host }) => host).filter((host) => host !== "localhost");
  return [...new Set([...bricks.map((brick) => splitBrick(brick).host), ...peers])].sort();
}

/** What is set while the glusterd of a brick is down does not reach that brick: it goes on as it was. */
export async function requirePeers(cluster: Cluster, volume: Volume): Promise<void> {
  const [away] = (await peersOf(cluster.server)).filter(({ id, connected }) => !connected && volume.members.includes(id));
  if (!away) return;
  throw fault("PEER_DOWN", {
    object: volume.name,
    host: cluster.server.name,
    summary: `${away.host}, which holds a brick of volume ${volume.name}, is not connected to the others`,
  });
}

/** Where volumes are mounted to be looked at and emptied. */
export interface Mounter {
  host: Host;
  /** The server that is asked where the bricks are. */
  from: string;
  /** Others, where that one does not answer. */
  backups: readonly string[];
}

/** The client of the spec; else this machine if it has a mount helper; else the agreed server. */
export async function mounterOf(cluster: Cluster): Promise<Mounter> {
  const { spec, client, here, server } = cluster;
  const asClientsDo = { from: spec.exportHost, backups: spec.backupVolfileServers };
  if (client) return { host: client, ...asClientsDo };
  // Only whether there is one: it ends with other codes than 0 by itself.
  const probe = await here.transport.run(cli.mountHelperVersion);
  return probe.exitCode === 127 ? { host: server, from: server.address, backups: [] } : { host: here, ...asClientsDo };
}

/** The host that holds a brick, or a fault that names it. */
export function serverOf(cluster: Cluster, address: string): Server {
  const server = cluster.servers.find((one) => one.address === address);
  if (server) return server;
  throw fault("NO_SUCH_ROLE", {
    object: cluster.spec.name,
    summary: `a brick is on ${address}, to which no server of cluster "${cluster.spec.name}" leads`,
    fix: `add {host: "${address}", connection} to the servers of the cluster`,
  });
}
