// The whole of a sandbox's storage as a value: to put it back, and to compare two ends of the same work.
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { entries, inodeKey, statOf } from "../../src/sandbox/inodes";
import { layoutOf } from "../../src/sandbox/layouts";
import type { Component, Inode, Nodemap, State } from "../../src/sandbox/state";
import { changeState, files, readState } from "../../src/sandbox/store";

interface Entry {
  path: string;
  type: "directory" | "file" | "link";
  mode: number;
  /** What a file holds, where a link points to. */
  text: string;
  /** What Lustre keeps with the inode. */
  inode: Inode | undefined;
}

export interface Storage {
  state: State;
  entries: Entry[];
}

export function readStorage(dir: string): Storage {
  const state = readState(dir);
  return { state, entries: [...below(state, join(dir, files.mnt), "")] };
}

function* below(state: State, root: string, path: string): Generator<Entry> {
  for (const name of entries(join(root, path))) {
    const entry = readEntry(state, root, `${path}/${name}`);
    if (!entry) continue;
    yield entry;
    if (entry.type === "directory") yield* below(state, root, entry.path);
  }
}

function readEntry(state: State, root: string, path: string): Entry | undefined {
  const real = join(root, path);
  const stat = statOf(real);
  if (!stat) return undefined;
  const type = stat.isDirectory() ? "directory" : stat.isSymbolicLink() ? "link" : "file";
  const text = type === "file" ? readFileSync(real, "utf8") : type === "link" ? readlinkSync(real) : "";
  return { path, type, mode: Number(stat.mode) & 0o7777, text, inode: state.inodes[inodeKey(state, stat)] };
}

/** Puts everything back as it was. Inodes are new, so what the sandbox keeps by inode is keyed anew. */
export function restoreStorage(dir: string, { state, entries: wanted }: Storage): void {
  const root = join(dir, files.mnt);
  changeState(dir, (live) => {
    for (const name of [files.armed, files.log, files.violations]) rmSync(join(dir, name), { force: true });
    for (const folder of [root, join(dir, files.run)])
      for (const name of readdirSync(folder)) rmSync(join(folder, name), { recursive: true, force: true });
    const inodes: State["inodes"] = {};
    const rootStat = statOf(root);
    const rootInode = rootStat && state.inodes[inodeKey(state, rootStat)];
    if (rootStat && rootInode) inodes[inodeKey(state, rootStat)] = rootInode;
    for (const entry of wanted) {
      makeEntry(join(root, entry.path), entry);
      const stat = statOf(join(root, entry.path));
      if (stat && entry.inode) inodes[inodeKey(state, stat)] = entry.inode;
    }
    Object.assign(live, structuredClone(state), { inodes });
  });
}

function makeEntry(path: string, { type, mode, text }: Entry): void {
  if (type === "link") symlinkSync(text, path);
  else if (type === "directory") mkdirSync(path);
  else writeFileSync(path, text);
  if (type !== "link" && (lstatSync(path).mode & 0o7777) !== mode) chmodSync(path, mode);
}

/** Text of all that matters: files with owner, mode and project, limits, nodemaps; our nodemaps by what they hold, not by their names. */
export function describeStorage(dir: string): string {
  const { state, entries: found } = readStorage(dir);
  const root = join(dir, files.mnt);
  const lines = [
    ...found
      .filter(({ path }) => !passing.test(path))
      .map((entry) => entryLine(entry, layoutOf(state, root, join(root, entry.path)))),
    ...Object.entries(state.quotas)
      .filter(([, { blockHard, blockSoft, inodeHard, inodeSoft }]) => blockHard + blockSoft + inodeHard + inodeSoft > 0)
      .map(
        ([id, { blockHard, blockSoft, inodeHard, inodeSoft }]) =>
          `limit ${id} ${blockSoft} ${blockHard} ${inodeSoft} ${inodeHard}`,
      ),
    ...state.nodemaps.map(nodemapLine),
    ...Object.entries(state.persistent).map(([name, value]) => `persistent ${name}=${value}`),
  ].sort();
  return renamed(lines.join("\n"), state.nodemaps);
}

/** Locks, and the project id that was given last. */
const passing = /^\/\.sharewright\/(locks\/|projects\/last-)/;

function entryLine({ path, type, mode, text, inode }: Entry, layout: readonly Component[]): string {
  const { projectId = "-", inherit = false, uid = 0, gid = 0 } = inode ?? {};
  const words = [type, path, mode.toString(8), `${uid}:${gid}`, projectId, inherit ? "P" : "-", text.trim()];
  return [...words, type !== "link" && layout.length > 0 ? JSON.stringify(layout) : ""].join(" ").trim();
}

function nodemapLine({ name, properties, ranges, filesets, banlist }: Nodemap): string {
  const spans = (list: Nodemap["ranges"]) => list.map(({ net, start, end }) => `${start}-${end}@${net}`).sort();
  const opened = filesets.map(({ path, primary, readOnly }) => `${path}${primary ? "!" : ""}${readOnly ? " ro" : ""}`).sort();
  return `nodemap ${name} ${JSON.stringify({ ranges: spans(ranges), filesets: opened, banlist: spans(banlist), properties: Object.entries(properties).sort() })}`;
}

/** A name that depends on the order of events says nothing; what stands behind it does. */
function renamed(text: string, nodemaps: readonly Nodemap[]): string {
  return nodemaps
    .filter(({ name }) => name.startsWith("sw_"))
    .reduce((all, { name, ranges, filesets }) => {
      const what = [...ranges.map(({ start }) => start), ...filesets.map(({ path }) => path)].sort().join("+");
      return all.replaceAll(name, `sw(${what})`);
    }, text)
    .split("\n")
    .sort()
    .join("\n");
}
