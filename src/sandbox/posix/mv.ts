// mv within the mount, with Lustre's rule: a directory does not enter a directory of another project (EXDEV, golden b056), a file
// does and takes the new label (b053, b054); out of a project either keeps its id (b058). Real mv answers EXDEV by copying, unless
// told not to (b055).
import { cpSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type Context, entryPath, isOnLustre, mountDirectory } from "../context";
import { ENOENT, EXDEV, strerror } from "../errno";
import { changeInode, inodeKey, projectOf, statOf } from "../inodes";
import { keepLayout, layoutOf } from "../layouts";
import { has, lastValue, type Parsed, parseOptions } from "../options";
import type { State } from "../state";
import { runReal } from "./real-tool";

interface Move {
  source: string;
  target: string;
  shownSource: string;
  shownTarget: string;
}

export function mv(context: Context, args: string[]): number | Promise<number> {
  const parsed = parseOptions(args, [
    { name: "exact", short: "T", long: "no-target-directory" },
    { name: "into", short: "t", long: "target-directory", argument: true },
    { name: "keep", short: "n", long: "no-clobber" },
    { name: "force", short: "f", long: "force" },
    { name: "verbose", short: "v", long: "verbose" },
    { name: "noCopy", long: "no-copy" },
  ]);
  const moves = readMoves(context, parsed);
  const ours = moves.every(({ source, target }) => isOnLustre(context, source) && isOnLustre(context, target));
  if (parsed.unknown !== undefined || moves.length === 0 || !ours) return runReal(context, "mv", args);
  let exit = 0;
  for (const move of moves) exit = moveOne(context, parsed, move) || exit;
  return exit;
}

function readMoves(context: Context, parsed: Parsed): Move[] {
  const operands = [...parsed.operands];
  const shownInto = lastValue(parsed, "into") ?? operands.pop() ?? "";
  const into = entryPath(context, shownInto);
  const inside = !has(parsed, "exact") && isDirectory(into);
  return operands.map((shownSource) => {
    const name = basename(shownSource);
    const source = entryPath(context, shownSource);
    if (!inside) return { source, target: into, shownSource, shownTarget: shownInto };
    return { source, target: join(into, name), shownSource, shownTarget: `${shownInto.replace(/\/$/, "")}/${name}` };
  });
}

function moveOne(context: Context, parsed: Parsed, move: Move): number {
  if (!statOf(move.source)) return complain(context, `cannot stat '${move.shownSource}': ${strerror(ENOENT)}`);
  if (has(parsed, "keep") && statOf(move.target)) return 0;
  const root = mountDirectory(context.dir);
  const wrong = context.change((state) => {
    if (!crossesProjects(state, root, move)) return rename(state, root, move);
    if (has(parsed, "noCopy")) return strerror(EXDEV);
    return copyOver(state, move);
  });
  return wrong === undefined ? 0 : complain(context, `cannot move '${move.shownSource}' to '${move.shownTarget}': ${wrong}`);
}

function crossesProjects(state: State, root: string, { source, target }: Pick<Move, "source" | "target">): boolean {
  const parent = projectOf(state, root, dirname(target));
  return isDirectory(source) && parent.inherit && parent.id !== projectOf(state, root, source).id;
}

/** What was inherited is written down first, since the new directory would hand down something else. Returns what went wrong. */
function rename(state: State, root: string, { source, target }: Move): string | undefined {
  const project = projectOf(state, root, source);
  const enters = projectOf(state, root, dirname(target)).inherit && !isDirectory(source);
  const layout = layoutOf(state, root, source);
  try {
    renameSync(source, target);
  } catch (error) {
    return reason(error);
  }
  keepLayout(state, root, target, layout);
  if (!enters) {
    changeInode(state, target, { projectId: project.id, inherit: project.inherit });
    return undefined;
  }
  const stat = statOf(target);
  const entry = stat && state.inodes[inodeKey(state, stat)];
  if (entry) {
    delete entry.projectId;
    delete entry.inherit;
  }
  return undefined;
}

/** New inodes, which inherit where they are made. Owners go along. */
function copyOver(state: State, { source, target }: Move): string | undefined {
  try {
    const owner = state.inodes[keyAt(state, source)];
    cpSync(source, target, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
    if (owner?.uid !== undefined) changeInode(state, target, { uid: owner.uid, gid: owner.gid ?? 0 });
    rmSync(source, { recursive: true });
    return undefined;
  } catch (error) {
    return reason(error);
  }
}

function keyAt(state: State, path: string): string {
  const stat = statOf(path);
  return stat ? inodeKey(state, stat) : "";
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "No such file or directory",
  ENOTEMPTY: "Directory not empty",
  EEXIST: "Directory not empty",
  ENOTDIR: "Not a directory",
  EISDIR: "Is a directory",
  EINVAL: "Invalid argument",
  EACCES: "Permission denied",
};

function reason(error: unknown): string {
  const { code = "", message } = error as NodeJS.ErrnoException;
  return reasons[code] ?? message;
}

function complain(context: Context, words: string): number {
  context.err(`mv: ${words}\n`);
  return 1;
}

function isDirectory(path: string): boolean {
  return statOf(path)?.isDirectory() ?? false;
}
