// One running command of gluster: on which server of which cluster, and how it wants its answer.
import type { Context } from "../context";
import type { State } from "../state";
import { type Answer, errno, type Refused, refused } from "./answer";
import type { Cluster, Gluster, Release, Server, Volume } from "./state";

export interface Call {
  dir: string;
  isXml: boolean;
  /** --mode=script: asks nothing. */
  isScript: boolean;
  /** Of the whole sandbox: owners of files are in it. */
  state: State;
  gluster: Gluster;
  cluster: Cluster;
  server: Server;
}

export type Handler = (call: Call, words: string[]) => Answer;

export function glusterOf(state: State): Gluster {
  return state.gluster ?? { clusters: [], mounts: [] };
}

/** The all-in-one host is the first server of the first cluster. */
export function serverOf(
  { clusters }: Gluster,
  { host }: Pick<Context, "host">,
): { cluster: Cluster; server: Server } | undefined {
  const [name, number] = host === "all" ? [clusters[0]?.name, 1] : [host.split("-")[0], Number(host.split("-")[1])];
  const cluster = clusters.find((candidate) => candidate.name === name);
  const server = cluster?.servers[number - 1];
  return cluster && server && { cluster, server };
}

/** Told also where no glusterd runs: hosts of no cluster have what the first one has. */
export function releaseOf(context: Context): Release {
  const gluster = glusterOf(context.state());
  return (serverOf(gluster, context)?.cluster ?? gluster.clusters[0])?.release ?? "10.3";
}

/** How the failures of one kind of command are told. */
export interface Voice {
  prefix: (volume: string) => string;
  /** Whether "another transaction" names the volume: start and stop do not. */
  namesBusy: boolean;
  xml?: (why: string) => Refused["xml"];
}

/**
 * What every command that changes a volume meets first: another transaction, or that there is no such volume. `work` gets the volume as it
 * may change it.
 */
export function inTransaction(call: Call, voice: Voice, name: string, work: (volume: Volume, refuse: Refuse) => Answer): Answer {
  const refuse = refusing(call, voice, name);
  return busy(call, voice, name) ?? workOn(call, name, refuse, work);
}

export type Refuse = (why: string, more?: Omit<Refused, "why">) => Answer;

export function refusing({ isXml }: Call, voice: Voice, name: string): Refuse {
  return (why, more = {}) => refused(isXml, { why, prefix: voice.prefix(name), xml: voice.xml?.(why) ?? [], ...more });
}

export function busy(call: Call, voice: Voice, name: string): Answer | undefined {
  if (call.cluster.busy === 0) return undefined;
  call.cluster.busy--;
  const where = voice.namesBusy ? ` for ${name}` : "";
  return refusing(
    call,
    voice,
    name,
  )(`Another transaction is in progress${where}. Please try again after some time.`, {
    errno: errno.busy,
  });
}

function workOn({ cluster }: Call, name: string, refuse: Refuse, work: (volume: Volume, refuse: Refuse) => Answer): Answer {
  const volume = cluster.volumes.find((candidate) => candidate.name === name);
  return volume ? work(volume, refuse) : refuse(`Volume ${name} does not exist`);
}
