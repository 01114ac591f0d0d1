// A volume as `gluster volume info` shows it, with what a test says about it.
import type { Volume } from "../../../src/backends/gluster/parse";

export function volume(name: string, more: Partial<Volume> = {}): Volume {
  return {
    name,
    id: `id-of-${name}`,
    status: "started",
    snapshots: 0,
    replica: 1,
    arbiter: 0,
    disperse: 0,
    redundancy: 0,
    bricks: [`s1:/bricks/${name}`],
    members: [],
    options: {},
    ...more,
  };
}
