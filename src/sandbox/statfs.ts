// statfs(2) on the mount: inside a directory with flag P and a limit, the limit is the size (golden f010, q005, q012). It answers at
// once, dead OSTs or not (l014).
import { fillOfFileSystem, fillOfTargets } from "./capacity";
import { projectOf } from "./inodes";
import { limitsOf } from "./limits";
import { isDegraded, type State } from "./state";
import { usageOfProject, usageOnMdt } from "./usage";

export interface Statfs {
  kib: number;
  usedKib: number;
  inodes: number;
  usedInodes: number;
}

export function statfs(state: State, root: string, path: string): Statfs {
  const whole = fillOfFileSystem(fillOfTargets(state, root));
  const project = projectOf(state, root, path);
  if (!project.inherit || project.id === 0) return whole;
  const { blockSoft, blockHard, inodeSoft, inodeHard } = limitsOf(state, project.id);
  const all = usageOfProject(state, root, project.id);
  // What it then tells is the MDT's part alone, as if that were all (golden y359).
  const used = isDegraded(state) ? { ...all, kib: usageOnMdt(state, root, project.id) } : all;
  const kib = blockSoft || blockHard;
  const inodes = inodeSoft || inodeHard;
  return {
    kib: kib || whole.kib,
    usedKib: kib ? Math.min(used.kib, kib) : whole.usedKib,
    inodes: inodes || whole.inodes,
    usedInodes: inodes ? Math.min(used.inodes, inodes) : whole.usedInodes,
  };
}
