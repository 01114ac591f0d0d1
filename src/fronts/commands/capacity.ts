// sharewright capacity: what file systems and clusters hold, and how much of it limits have promised. Changes nothing.
import { type Capacity, readCapacity } from "../../backends/lustre/capacity";
import { type Answer, answering, type CommonFlags, type Context } from "./answer";
import { capacityText, overCommit, type View } from "./capacity-view";
import { eachFileSystem, logOf, openConfig, stackNamed } from "./site";

async function capacity(context: Context, flags: CommonFlags, directory?: string): Promise<Answer> {
  const config = openConfig(context, stackNamed(flags, directory));
  const found = await eachFileSystem(context, config, flags.json, (site) => {
    context.terminal.progress(`asking the targets of ${site.fileSystem.fsName}`);
    return readCapacity(site);
  });
  const onClusters = await clusterCapacities(context, flags, config.clusters);
  const views = [...found.map(viewOf), ...onClusters.views];
  return {
    text: [...views.map((view) => capacityText(context.terminal, view)), ...onClusters.texts].join("\n\n"),
    document: { fileSystems: found.map(capacityDocument), clusters: onClusters.documents },
    exitCode: onClusters.exitCode,
  };
}

async function clusterCapacities(context: Context, { json }: CommonFlags, clusters: ReturnType<typeof openConfig>["clusters"]) {
  if (clusters.length === 0) return { views: [], texts: [], documents: [], exitCode: 0 };
  context.terminal.progress("asking the bricks of the clusters");
  return (await import("./gluster/capacity")).readClusterCapacities(clusters, logOf(context, json));
}

function viewOf({ fsName, bytes, inodes, targets, ...rest }: Capacity): View {
  return {
    ...rest,
    name: fsName,
    ...(bytes ? { data: bytes } : {}),
    inodes: { name: "inodes", ...(inodes ? { amount: inodes } : {}) },
    parts: targets.map(({ name, state, bytes: amount }) => ({ name: state ? `${name} ${state}` : name, amount })),
  };
}

function capacityDocument(seen: Capacity): Record<string, unknown> {
  const { bytes, inodes, promised } = seen;
  return {
    ...seen,
    bytes: bytes ?? null,
    inodes: inodes ?? null,
    promised: promised ?? null,
    shares: seen.shares ?? null,
    overCommit: overCommit(promised, bytes?.total) ?? null,
  };
}

export default answering("capacity", capacity);
