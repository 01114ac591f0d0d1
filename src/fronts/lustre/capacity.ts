// What file systems hold, and how much of it limits have promised.

import { type Capacity, readCapacity } from "../../backends/lustre/capacity";
import { defined } from "../../spec/defined";
import { type CapacityView, overCommit } from "../commands/capacity-view";
import type { Call, Capacities } from "../desk";
import type { StackConfig } from "../stack-config";
import { eachFileSystem } from "./choose";

export async function capacity(config: StackConfig, { log, terminal }: Call): Promise<Capacities> {
  const places = await eachFileSystem(config, log, async (site) => {
    terminal.progress(`asking the targets of ${site.fileSystem.fsName}`);
    const seen = await readCapacity(site);
    return { view: viewOf(seen), document: documentOf(seen) };
  });
  return { places, exitCode: 0 };
}

function viewOf({ fsName, bytes, inodes, targets, ...rest }: Capacity): CapacityView {
  return {
    ...rest,
    name: fsName,
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
