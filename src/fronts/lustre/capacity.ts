// What file systems hold, and how much of it limits have promised.

import { type Capacity, readCapacity } from "../../backends/lustre/capacity";
import { defined } from "../../spec/defined";
import { fileSystemName } from "../../spec/lustre";
import { type CapacityView, overCommit } from "../commands/capacity-view";
import type { Call, Capacities } from "../desk";
import type { StackConfig } from "../stack-config";
import { eachFileSystem } from "./choose";

export async function capacity(config: StackConfig, { log, terminal }: Call): Promise<Capacities> {
  const places = await eachFileSystem(config, log, async (site) => {
    const name = fileSystemName(site.fileSystem);
    terminal.progress(`asking the targets of ${name}`);
    const seen = await readCapacity(site);
    return { view: viewOf(name, seen), document: { ...documentOf(seen), ...defined({ site: site.fileSystem.site }) } };
  });
  return { places, exitCode: 0 };
}

function viewOf(name: string, { bytes, inodes, targets, ...rest }: Capacity): CapacityView {
  return {
    ...rest,
    name,
    ...defined({ data: bytes }),
    inodes: { name: "inodes", ...defined({ amount: inodes }) },
    parts: targets.map(({ name, state, bytes: amount }) => ({ name: state ? `${name} ${state}` : name, amount })),
  };
}

function documentOf(seen: Capacity): Record<string, unknown> {
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
