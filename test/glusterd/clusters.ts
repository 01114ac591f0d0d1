// One or more independent clusters of real glusterds on this machine, the host that manages them, and hosts of tenants.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { type ClientMount, mountOn } from "./client-mount";
import { type GlusterCluster, joinNodes } from "./cluster";
import { type Authority, type Identity, makeAuthority, managerName, serverName } from "./identities";
import { type Machine, startMachine } from "./machine";
import { type Network, takeNetwork } from "./network";
import { startNode } from "./node";

export interface ClustersOptions {
  /** Servers of each cluster. @default [1] */
  nodes?: readonly number[];
  /** Of each server's file system of bricks, which is in memory. @default "8g" */
  capacity?: string;
}

export interface Clusters {
  readonly clusters: readonly [GlusterCluster, ...GlusterCluster[]];
  /** Where the executor mounts: its `bin` is for the path of a connection. It is manila-host-1. */
  readonly manager: Machine;
  readonly authority: Authority;
  /** An authority that nobody here trusts, whatever the names; it trusts the servers. */
  readonly strangers: { issue(commonName: string): Identity };
  /** Really mounts "HOST:/VOLUME" as somebody, on that one's own host. A name is one of the authority. */
  mountAs(who: string | Identity, location: string): Promise<ClientMount>;
  /** Ends all processes and mounts, and removes all files. */
  stop(): Promise<void>;
}

export async function startClusters({ nodes = [1], capacity = "8g" }: ClustersOptions = {}): Promise<Clusters> {
  const directories: string[] = [];
  const machines: Machine[] = [];
  const stop = async () => {
    const ends = await Promise.allSettled(machines.splice(0).map((machine) => machine.stop()));
    for (const directory of directories.splice(0)) rmSync(directory, { recursive: true, force: true });
    settled(ends);
  };
  try {
    const networks: Network[] = [];
    for (const _ of nodes) {
      const network = await takeNetwork();
      networks.push(network);
      directories.push(network.directory);
    }
    const [directory = ""] = directories;
    const authority = makeAuthority(join(directory, "authority"));
    const other = makeAuthority(join(directory, "strangers"));
    const server = authority.issue(serverName);

    const startCluster = async ({ addressOf, directory }: Network, count: number) => {
      const numbers = Array.from({ length: count }, (_, index) => index + 1);
      const start = async (number: number) => {
        const own = join(directory, `node${number}`);
        const node = await startNode({ host: addressOf(number), directory: own, identity: server, capacity });
        machines.push(node.machine);
        return node;
      };
      return joinNodes(settled(await Promise.allSettled(numbers.map(start))));
    };
    const clusters = settled(
      await Promise.allSettled(networks.map((network, index) => startCluster(network, nodes[index] ?? 1))),
    );

    const [cluster, ...others] = clusters;
    if (!cluster) throw new Error("name at least one cluster");

    const hosts = new Map<string | Identity, Machine>();
    const hostOf = async (who: string | Identity) => {
      const known = hosts.get(who);
      if (known) return known;
      const identity = typeof who === "string" ? authority.issue(who) : who;
      const host = await startMachine({ directory: join(directory, `host${hosts.size + 1}`), identity });
      machines.push(host);
      hosts.set(who, host);
      return host;
    };
    return {
      clusters: [cluster, ...others],
      manager: await hostOf(managerName),
      authority,
      strangers: { issue: (commonName) => other.issue(commonName, { trusted: authority }) },
      mountAs: async (who, location) => mountOn(await hostOf(who), location),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** All have ended before the first failure is thrown. */
function settled<T>(results: readonly PromiseSettledResult<T>[]): T[] {
  return results.map((result) => {
    if (result.status === "rejected") throw result.reason;
    return result.value;
  });
}
