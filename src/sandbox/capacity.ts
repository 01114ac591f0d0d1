// How full the targets and the file system are: what is below the mount, spread evenly over the OSTs.
import type { State, Target } from "./state";
import { type Usage, usageBy } from "./usage";

interface Fill {
  target: Target;
  /** Its place among the targets of its kind. */
  index: number;
  kib: number;
  usedKib: number;
  inodes: number;
  usedInodes: number;
}

const directories = 1;
const others = 2;

export function fillOfTargets(state: State, root: string): Fill[] {
  const kinds = usageBy(state, root, ({ stat }) => (stat.isDirectory() ? directories : others));
  const nothing: Usage = { kib: 0, inodes: 0 };
  const inDirectories = kinds.get(directories) ?? nothing;
  const inFiles = kinds.get(others) ?? nothing;
  const osts = state.targets.filter(({ kind }) => kind === "ost");
  const mdts = state.targets.filter(({ kind }) => kind === "mdt");
  const share = (sum: number, among: readonly Target[], index: number) => {
    const base = Math.floor(sum / among.length);
    return index === 0 ? sum - base * (among.length - 1) : base;
  };
  return state.targets.map((target) => {
    const isMdt = target.kind === "mdt";
    const peers = isMdt ? mdts : osts;
    const index = peers.indexOf(target);
    return {
      target,
      index,
      kib: target.kib,
      usedKib: share(isMdt ? inDirectories.kib : inFiles.kib, peers, index),
      inodes: target.inodes,
      usedInodes: share(isMdt ? inDirectories.inodes + inFiles.inodes : inFiles.inodes, peers, index),
    };
  });
}

/** The OSTs' space, the MDTs' inodes: what statfs(2) answers for the whole file system. */
export function fillOfFileSystem(fills: readonly Fill[]): { kib: number; usedKib: number; inodes: number; usedInodes: number } {
  const sum = (kind: Target["kind"], of: (fill: Fill) => number) =>
    fills.filter(({ target }) => target.kind === kind).reduce((total, fill) => total + of(fill), 0);
  return {
    kib: sum("ost", ({ kib }) => kib),
    usedKib: sum("ost", ({ usedKib }) => usedKib),
    inodes: sum("mdt", ({ inodes }) => inodes),
    usedInodes: sum("mdt", ({ usedInodes }) => usedInodes),
  };
}

/** Rounded up, as lfs and df do: 0.3 % is 1 %. */
export function percent(used: number, total: number): string {
  return total === 0 ? "0%" : `${Math.ceil((used * 100) / total)}%`;
}
