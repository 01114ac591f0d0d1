// A workbench on real clusters: what a user's code says about them, and looks at the storage that need no executor.
import type { TerraformStack } from "cdktf";
import { expect } from "vitest";
import { Connection, GlusterCluster, type GlusterClusterProps } from "../../../lib";
import { type Clusters, type ClustersOptions, startClusters } from "../../glusterd/clusters";
import { certificateDirectory } from "../../glusterd/identities";
import type { GlusterNode } from "../../glusterd/node";
import { makeWorkbench, nullResource, type Workbench } from "./terraform";

export interface GlusterBench {
  readonly rig: Clusters;
  readonly bench: Workbench;
  /** What a user writes for a cluster of the rig; the first is "tank", the second "pond". */
  describe(stack: TerraformStack, index?: number, props?: Partial<GlusterClusterProps>): GlusterCluster;
  stop(): Promise<void>;
}

export const poolPattern = "pool-\\d+-#{size}G";

/** On null_resource, the default of users, where it can be had. */
export async function makeGlusterBench(options: ClustersOptions = {}): Promise<GlusterBench> {
  const rig = await startClusters(options);
  const carrier = (await nullResource()).available ? "null_resource" : "terraform_data";
  // No sandbox: there is no Lustre here.
  const bench = await makeWorkbench({ carrier, realMount: "" });
  bench.env["SHAREWRIGHT_RUN_DIR"] = `${bench.dir}/run`;
  return {
    rig,
    bench,
    describe: (stack, index = 0, props = {}) =>
      new GlusterCluster(stack, ["tank", "pond"][index] ?? `cluster${index}`, {
        servers: nodesOf(rig, index).map(({ host, connection: { type: _, ...props } }) => ({
          host,
          connection: Connection.local(props),
        })),
        volumePattern: poolPattern,
        client: Connection.local({ path: [rig.manager.bin] }),
        mountPointBase: `${rig.manager.directory}/mounts`,
        certificateDirectory: certificateDirectory(),
        ...props,
      }),
    async stop() {
      await bench.remove();
      await rig.stop();
    },
  };
}

function nodesOf(rig: Clusters, index: number): readonly GlusterNode[] {
  return rig.clusters[index]?.nodes ?? [];
}

/** A document of `sharewright COMMAND DIRECTORY --json`. */
export async function document<T>(bench: Workbench, ...args: string[]): Promise<T> {
  const { stdout, stderr, exitCode } = await bench.sharewright(...args, "--json");
  expect(exitCode, stdout + stderr).toBe(0);
  return JSON.parse(stdout) as T;
}

/** Which volume each share is on, by what volumes are marked with: "retained" and the like are behind the name. */
export function marks(rig: Clusters, index = 0): Record<string, string> {
  const cluster = rig.clusters[index];
  if (!cluster) throw new Error(`no cluster ${index}`);
  return Object.fromEntries(
    Object.entries(cluster.options()).flatMap(([volume, { "user.sharewright.share": mark }]) => {
      if (mark === undefined || mark === "NONE") return [];
      const fields = new URLSearchParams(mark);
      return [[`${fields.get("key")} ${fields.get("state")}`, volume]];
    }),
  );
}

/** What is in the bricks of a volume on one server, but for what gluster keeps there itself. */
export function content(node: GlusterNode, volume: string): string[] {
  const { stdout } = node.machine.run([
    "sh",
    "-c",
    `cd "$1" && find . -mindepth 1 -not -path './.glusterfs*'`,
    "sh",
    `${node.brickRoot}/${volume}/brick`,
  ]);
  return stdout.split("\n").filter(Boolean);
}

/** In bytes, as `gluster volume quota list` tells. */
export function limitOf(rig: Clusters, volume: string, index = 0): number {
  const said = rig.clusters[index]?.gluster("--xml", "volume", "quota", volume, "list", "/") ?? "";
  return Number(/<hard_limit>(\d+)</.exec(said)?.[1]);
}
