// Servers that trust each other, and volumes on them.
import { until } from "../sshd/processes";
import { managerName, serverName } from "./identities";
import type { GlusterNode } from "./node";

export interface PoolVolume {
  name: string;
  /** Of its bricks' file system, as mount(8) takes it: "64m". */
  size: string;
}

export interface GlusterCluster {
  readonly nodes: readonly [GlusterNode, ...GlusterNode[]];
  /** Where all commands of the executor go: the server with the smallest UUID. */
  readonly agreed: GlusterNode;
  /** `gluster --mode=script` on the first server that answers; throws unless it succeeds. Returns what it printed. */
  gluster(...words: string[]): string;
  /** The options that `gluster volume info` shows, by volume. */
  options(): Record<string, Record<string, string>>;
  optionsOf(volume: string): Record<string, string>;
  /** Makes started volumes of one brick, in turn on each server, which only servers and the managing host may use. */
  makePool(volumes: readonly PoolVolume[]): void;
}

export async function joinNodes(nodes: readonly GlusterNode[]): Promise<GlusterCluster> {
  const [first, ...others] = nodes;
  if (!first) throw new Error("a cluster has at least one server");
  const cluster: GlusterCluster = {
    nodes: [first, ...others],
    agreed: nodes.reduce((least, node) => (node.uuid < least.uuid ? node : least)),
    gluster(...words) {
      const answering = others.length === 0 ? first : nodes.find((node) => node.isUp());
      const { status, stdout, stderr } = (answering ?? first).gluster(...words);
      if (status !== 0) throw new Error(`gluster ${words.join(" ")}: ${status}\n${stdout}${stderr}`);
      return stdout;
    },
    options: () =>
      Object.fromEntries(
        cluster
          .gluster("volume", "info")
          .split(/^Volume Name: /m)
          .slice(1)
          .map((text) => [text.split("\n")[0] ?? "", optionsIn(text)]),
      ),
    optionsOf: (volume) => optionsIn(cluster.gluster("volume", "info", volume)),
    makePool(volumes) {
      volumes.forEach(({ name, size }, index) => {
        const node = nodes[index % nodes.length] ?? first;
        const { status, stderr } = node.machine.run([
          "sh",
          "-ec",
          `mkdir $1; mount -t tmpfs -o size=$2 pool $1`,
          "sh",
          brickOf(node, name),
          size,
        ]);
        if (status !== 0) throw new Error(`a brick for ${name}: ${stderr}`);
        cluster.gluster("volume", "create", name, `${node.host}:${brickOf(node, name)}/brick`);
        cluster.gluster("volume", "set", name, "auth.ssl-allow", `${serverName},${managerName}`);
        cluster.gluster("volume", "start", name);
      });
    },
  };
  for (const { host } of others) cluster.gluster("peer", "probe", host);
  const knowsAll = (node: GlusterNode) =>
    (node.gluster("pool", "list").stdout.match(/\bConnected\b/g) ?? []).length === nodes.length &&
    !node.gluster("peer", "status").stdout.match(/State: (?!Peer in Cluster \(Connected\))/);
  await until(() => nodes.every(knowsAll), "a trusted pool");
  return cluster;
}

function optionsIn(text: string): Record<string, string> {
  const [, options = ""] = text.split("Options Reconfigured:\n");
  return Object.fromEntries(options.split("\n").flatMap((line) => [/^([^:]+): (.*)$/.exec(line)?.slice(1) ?? []].filter(isPair)));
}

function brickOf(node: GlusterNode, volume: string): string {
  return `${node.brickRoot}/${volume}`;
}

function isPair(words: string[]): words is [string, string] {
  return words.length === 2;
}
