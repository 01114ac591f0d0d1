// Layouts: what new files of a directory get, and which targets a file has objects on. Looked up when asked for, since files of ordinary
// programs count too; what was made before its directory's layout changed keeps the old one, which is then written down.
import { dirname, join } from "node:path";
import { changeInode, entries, inodeOf, statOf } from "./inodes";
import type { Component, State, Target } from "./state";

/** A directory's default layout, which its own new directories get too (golden y133); of a file the layout it was made with. [] is none. */
export function layoutOf(state: State, root: string, path: string): Component[] {
  const own = inodeOf(state, path)?.layout;
  if (own) return own;
  return path === root || !path.startsWith(`${root}/`) ? [] : layoutOf(state, root, dirname(path));
}

export function setLayout(state: State, root: string, path: string, layout: Component[]): void {
  keepBelow(state, root, path);
  changeInode(state, path, { layout });
}

function keepBelow(state: State, root: string, directory: string): void {
  if (!statOf(directory)?.isDirectory()) return;
  const layout = layoutOf(state, root, directory);
  for (const name of entries(directory)) {
    const child = join(directory, name);
    if (!inodeOf(state, child)?.layout) changeInode(state, child, { layout });
  }
}

/** After a rename: the layout goes along. `before` is what it was. */
export function keepLayout(state: State, root: string, path: string, before: Component[]): void {
  if (JSON.stringify(layoutOf(state, root, path)) !== JSON.stringify(before)) changeInode(state, path, { layout: before });
}

/** A component has objects from the moment in which the file reaches into it; the first one always has (golden y148, y150). */
export function madeComponents(layout: readonly Component[], size: number): Component[] {
  return layout.filter((_, index) => index === 0 || size > Number(layout[index - 1]?.end));
}

/** Whether a target that is down keeps everybody from what the file holds, and from its size (golden od8: y371, y373, y386, y388, y390). */
export function isCutOff(state: State, root: string, file: string): boolean {
  const stat = statOf(file);
  if (!stat?.isFile()) return false;
  return needsDeadTarget(state, madeComponents(layoutOf(state, root, file), Number(stat.size)));
}

/** The same of a file that is yet to be made, and stays small. */
export function wouldBeCutOff(state: State, root: string, file: string): boolean {
  return needsDeadTarget(state, madeComponents(layoutOf(state, root, dirname(file)), 0));
}

const plain: Component = { count: 0, size: 0, index: -1, pattern: "raid0" };

function needsDeadTarget(state: State, made: readonly Component[]): boolean {
  return (made.length === 0 ? [plain] : made).some(
    (component) => component.pattern !== "mdt" && targetsOf(state, component).some(({ up }) => !up),
  );
}

/** Where nobody has chosen a target, nobody knows which it is: the sandbox takes the worst, all of them. */
function targetsOf(state: State, { index, count, pool }: Component): Target[] {
  const osts = state.targets.filter(({ kind }) => kind === "ost");
  if (index < 0) return pool === undefined ? osts : osts.filter(({ name }) => state.pools[pool]?.includes(name));
  const stripes = count === -1 ? osts.length : count || 1;
  return osts.filter((_, place) => (place - index + osts.length) % osts.length < stripes);
}

// ---- data on the MDT -------------------------------------------------------------------------------------------------------

/** What the MDT allows a file to keep on it: set in bytes, shown in KiB as well (golden y117, y153, y156). */
export function domParameter({ fsName }: State): string {
  return `lod.${fsName}-MDT0000-mdtlov.dom_stripesize`;
}

export function domMaxKib(state: State): number {
  return Math.floor(Number(state.parameters[domParameter(state)] ?? 1048576) / 65536) * 64;
}

/** What a new layout may have now: less than the maximum where the MDT is filling up (from sources: lod_dom_stripesize_recalc). */
export function domLimit(state: State): number {
  const current = state.parameters[`${domParameter(state)}_cur_kb`];
  return Math.min(domMaxKib(state), Number(current ?? Number.POSITIVE_INFINITY)) * 1024;
}
