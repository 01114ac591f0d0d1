// lfs project: lists, sets, checks and clears the project of files and directories (golden b000 to b061, g024 to g028).
import { readdirSync } from "node:fs";
import { type Context, entryPath, isOnLustre, mountDirectory } from "../context";
import { CMD_HELP, EOPNOTSUPP, EPERM, strerror } from "../errno";
import { type Project, projectOf, setProject, statOf } from "../inodes";
import { has, lastValue, type OptionSpec, type Parsed, parseOptions } from "../options";
import { projectIdOf } from "../project-names";
import { isTwoSixteen, type State } from "../state";
import { projectUsage216, usage } from "./usage-texts";

const options: readonly OptionSpec[] = [
  { name: "check", short: "c", long: "check" },
  { name: "clear", short: "C", long: "clear" },
  { name: "directory", short: "d", long: "directory" },
  { name: "keep", short: "k", long: "keep" },
  { name: "id", short: "p", long: "proj-inherit", argument: true },
  { name: "id", long: "inherit", argument: true },
  { name: "print0", short: "0", long: "print0" },
  { name: "recursive", short: "r", long: "recursive" },
  { name: "inherit", short: "s", long: "set-inherit" },
];

export function project(context: Context, args: string[]): number {
  const parsed = parseOptions(args, options);
  const wrong = misuse(context, parsed);
  if (wrong !== undefined) {
    context.out(isTwoSixteen(context.state()) ? projectUsage216 : usage.project);
    context.err(`${wrong}\n`);
    return CMD_HELP;
  }
  const work = has(parsed, "check") ? check : has(parsed, "clear") || has(parsed, "id") || has(parsed, "inherit") ? change : list;
  const id = projectIdOf(context, lastValue(parsed, "id") ?? "");
  let exit = 0;
  for (const path of parsed.operands) {
    if (!work(context, parsed, path, id)) exit = 1;
  }
  return exit;
}

function misuse(context: Context, parsed: Parsed): string | undefined {
  if (parsed.unknown !== undefined) return `lfs: invalid option '${parsed.unknown}'`;
  if (parsed.lacksArgument !== undefined) return `lfs: option '${parsed.lacksArgument}' requires an argument`;
  const id = lastValue(parsed, "id");
  if (id !== undefined && projectIdOf(context, id) === undefined) {
    return isTwoSixteen(context.state()) ? `Invalid project ID: ${id}` : `invalid project id '${id}'`;
  }
  if (has(parsed, "clear") && id !== undefined) return "lfs: '-p' is useless together with '-C'";
  return parsed.operands.length === 0 ? "lfs: missing file or directory target(s)" : undefined;
}

/** Lists the children of a directory, or with -d the directory itself. Not on Lustre is not an error here (golden b041)! */
function list(context: Context, parsed: Parsed, path: string): boolean {
  const top = look(context, path);
  if (!top) return false;
  const found =
    top.isDirectory && !has(parsed, "directory") ? targets(parsed, path, top.real).slice(1) : [{ shown: path, real: top.real }];
  const state = context.state();
  for (const { shown, real } of found) {
    const { id, inherit } = isOnLustre(context, real)
      ? projectOf(state, mountDirectory(context.dir), real)
      : { id: 0, inherit: false };
    context.out(`${String(id).padStart(5)} ${inherit ? "P" : "-"} ${shown}\n`);
  }
  return true;
}

function check(context: Context, parsed: Parsed, path: string, given: number | undefined): boolean {
  const top = look(context, path);
  if (!top) return false;
  const state = context.state();
  const root = mountDirectory(context.dir);
  const wanted = given ?? projectOf(state, root, top.real).id;
  for (const { shown, real } of targets(parsed, path, top.real)) {
    const { id } = projectOf(state, root, real);
    if (id === wanted) continue;
    context.out(
      has(parsed, "print0") ? `${shown}\0` : `${shown} - project identifier is not set (inode=${id}, tree=${wanted})\n`,
    );
  }
  return true;
}

function change(context: Context, parsed: Parsed, path: string, id: number | undefined): boolean {
  const top = look(context, path);
  if (!top) return false;
  if (!isOnLustre(context, top.real)) return failed(context, path, EOPNOTSUPP);
  return context.change((state) => {
    const root = mountDirectory(context.dir);
    for (const { shown, real } of targets(parsed, path, top.real)) {
      const before = projectOf(state, root, real);
      const after = wantedProject(parsed, before, id);
      if (context.uid !== 0 && !mayChange(state, before, after)) return failed(context, shown, EPERM);
      setProject(state, root, real, after);
    }
    return true;
  });
}

function wantedProject(parsed: Parsed, before: Project, id: number | undefined): Project {
  if (has(parsed, "clear")) return { id: has(parsed, "keep") ? before.id : 0, inherit: false };
  return { id: id ?? before.id, inherit: has(parsed, "inherit") || before.inherit };
}

/** A user may only say again what already is (golden g024, g027). */
function mayChange(_state: State, before: Project, after: Project): boolean {
  return before.id === after.id && before.inherit === after.inherit;
}

/** The path, then its children (all below with -r), level by level; without -d a set reaches the children (golden b004). */
function targets(parsed: Parsed, shown: string, real: string): { shown: string; real: string }[] {
  const found = [{ shown, real }];
  if (has(parsed, "directory")) return found;
  for (let at = 0; at < (has(parsed, "recursive") ? found.length : 1); at++) {
    const entry = found[at];
    if (!entry || !statOf(entry.real)?.isDirectory()) continue;
    const base = entry.shown.replace(/\/$/, "");
    for (const name of readdirSync(entry.real).sort()) found.push({ shown: `${base}/${name}`, real: `${entry.real}/${name}` });
  }
  return found;
}

function look(context: Context, path: string): { real: string; isDirectory: boolean } | undefined {
  const real = entryPath(context, path);
  const stat = statOf(real);
  if (stat) return { real, isDirectory: stat.isDirectory() };
  const verb = isTwoSixteen(context.state()) ? "stat" : "lstat";
  context.err(`lfs: failed to ${verb} '${path}': No such file or directory\n`);
  return undefined;
}

function failed(context: Context, path: string, errno: number): false {
  context.err(`lfs: failed to set xattr for '${path}': ${strerror(errno)}\n`);
  return false;
}
