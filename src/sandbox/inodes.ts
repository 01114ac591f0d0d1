// What Lustre keeps with an inode and a laptop's file system does not: project id, flag P, owner, layout. Kept by inode number and
// birth time, never by path, so that a rename by anyone, also by real tools, takes it along.
// Project ids are inherited when looked at, not when made: files of ordinary programs count too.
import { type BigIntStats, lstatSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Inode, State } from "./state";

export interface Project {
  id: number;
  inherit: boolean;
}

export interface Owner {
  uid: number;
  gid: number;
}

const none: Project = { id: 0, inherit: false };

export function statOf(path: string): BigIntStats | undefined {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false });
}

export function inodeKey(state: State, stat: BigIntStats): string {
  return state.birthTimes ? `${stat.ino}:${stat.birthtimeNs}` : `${stat.ino}`;
}

export function inodeOf(state: State, path: string): Inode | undefined {
  const stat = statOf(path);
  return stat && state.inodes[inodeKey(state, stat)];
}

export function changeInode(state: State, path: string, change: Partial<Inode>): void {
  const stat = statOf(path);
  if (!stat) return;
  const key = inodeKey(state, stat);
  state.inodes[key] = { ...state.inodes[key], ...change };
}

/** What a new entry gets from the directory it is made in: directories get the flag too, files do not (golden b010). */
function inheritedProject(parent: Project, isDirectory: boolean): Project {
  return parent.inherit ? { id: parent.id, inherit: isDirectory } : none;
}

export function ownProject(inode: Inode | undefined): Project | undefined {
  return inode?.projectId === undefined ? undefined : { id: inode.projectId, inherit: inode.inherit ?? false };
}

export function projectOf(state: State, root: string, path: string): Project {
  const stat = statOf(path);
  if (!stat) return none;
  const own = ownProject(state.inodes[inodeKey(state, stat)]);
  if (own) return own;
  if (path === root || !path.startsWith(`${root}/`)) return none;
  return inheritedProject(projectOf(state, root, dirname(path)), stat.isDirectory());
}

/** Owners are virtual: made by root unless `chown`, or a client's write, said otherwise. */
export function ownerOf(state: State, path: string): Owner {
  const inode = inodeOf(state, path);
  return { uid: inode?.uid ?? 0, gid: inode?.gid ?? 0 };
}

export interface Visit {
  path: string;
  stat: BigIntStats;
  inode: Inode | undefined;
  project: Project;
}

/** Depth first, an entry before what is below it. Entries that vanish meanwhile are skipped: other commands run at the same time. */
export function walk(state: State, root: string, path: string, visit: (entry: Visit) => void): void {
  const stat = statOf(path);
  if (stat)
    descend(state, { path, stat, inode: state.inodes[inodeKey(state, stat)], project: projectOf(state, root, path) }, visit);
}

function descend(state: State, entry: Visit, visit: (entry: Visit) => void): void {
  visit(entry);
  if (!entry.stat.isDirectory()) return;
  for (const name of entries(entry.path)) {
    const path = join(entry.path, name);
    const stat = statOf(path);
    if (!stat) continue;
    const inode = state.inodes[inodeKey(state, stat)];
    const project = ownProject(inode) ?? inheritedProject(entry.project, stat.isDirectory());
    descend(state, { path, stat, inode, project }, visit);
  }
}

export function entries(directory: string): string[] {
  try {
    return readdirSync(directory).sort();
  } catch {
    return [];
  }
}

/**
 * Sets a project on one inode. On Lustre whatever lies below keeps the id it was made with; here it would follow, being inherited
 * when looked at, so what it has now is first written down.
 */
export function setProject(state: State, root: string, path: string, project: Project): void {
  const before = projectOf(state, root, path);
  if (before.inherit !== project.inherit || (project.inherit && before.id !== project.id)) pinChildren(state, path, before);
  changeInode(state, path, { projectId: project.id, inherit: project.inherit });
}

function pinChildren(state: State, directory: string, parent: Project): void {
  if (!statOf(directory)?.isDirectory()) return;
  for (const name of entries(directory)) {
    const child = join(directory, name);
    const stat = statOf(child);
    if (!stat || ownProject(state.inodes[inodeKey(state, stat)])) continue;
    const { id, inherit } = inheritedProject(parent, stat.isDirectory());
    changeInode(state, child, { projectId: id, inherit });
    if (stat.isDirectory() && !inherit) pinChildren(state, child, { id, inherit });
  }
}
