// find, where it prints modes, owners or inode numbers below the mount, which are virtual there: GNU find as far as its expressions are in use,
// each entry before what is in it. Everything else is the real tool's.
import { type Dirent, lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from "node:fs";
import { basename, join } from "node:path";
import { type Context, entryPath, isOnLustre } from "../context";
import { ENOENT, ENOTDIR, strerror } from "../errno";
import { ownerOf } from "../inodes";
import { deviceNumber, inodeNumber } from "../lfs/fid";
import { runReal } from "./real-tool";

interface Entry {
  /** As it is printed. */
  path: string;
  /** Where it lies here. */
  real: string;
  depth: number;
  stat: Stats;
  isPruned: boolean;
}

type Test = (entry: Entry) => boolean;

interface Search {
  context: Context;
  words: string[];
  most: number;
  said: string[];
  /** What `-exec cat {} +` has gathered. */
  cat: string[];
}

export function find(context: Context, given: string[]): number | Promise<number> {
  // Put there by a sandbox with GlusterFS (start.ts), for its mounts: no link on Lustre is followed.
  const args = given[0] === "-H" ? given.slice(1) : given;
  const first = args.findIndex((word) => /^[-(!]/.test(word));
  const roots = first < 0 ? args : args.slice(0, first);
  const isVirtual = args.some((word, index) => args[index - 1] === "-printf" && /%[mugUGDi]/.test(word));
  if (!isVirtual || !roots.some((path) => isOnLustre(context, entryPath(context, path)))) return runReal(context, "find", given);
  const search: Search = { context, words: args.slice(roots.length), most: Number.POSITIVE_INFINITY, said: [], cat: [] };
  const test = alternatives(search);
  if (!test || search.words.length > 0) return runReal(context, "find", given);
  let exit = 0;
  const fail = (text: string) => {
    context.err(text);
    exit = 1;
  };
  for (const path of roots) {
    const real = entryPath(context, path);
    const stat = statOrWhy(real);
    if (typeof stat === "string") fail(`find: '${path.replaceAll("'", "\\'")}': ${stat}\n`);
    else visit(search, test, { path, real, depth: 0, stat, isPruned: false });
  }
  for (const line of search.said) context.out(line);
  for (const real of search.cat) context.out(readFileSync(real, "utf8"));
  return exit;
}

function statOrWhy(path: string): Stats | string {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) ?? strerror(ENOENT);
  } catch {
    return strerror(ENOTDIR);
  }
}

function visit(search: Search, test: Test, entry: Entry): void {
  test(entry);
  if (!entry.stat.isDirectory() || entry.isPruned || entry.depth >= search.most) return;
  for (const { name } of readdirSync(entry.real, { withFileTypes: true }) as Dirent[]) {
    const real = join(entry.real, name);
    const stat = statOrWhy(real);
    if (typeof stat === "string") continue;
    visit(search, test, { path: `${entry.path}/${name}`, real, depth: entry.depth + 1, stat, isPruned: false });
  }
}

/** What stands between `-o`, up to a closing parenthesis; undefined where something is not known here. */
function alternatives(search: Search): Test | undefined {
  const { words } = search;
  const lists: Test[][] = [[]];
  while (words.length > 0 && words[0] !== ")") {
    if (words[0] === "-o") {
      words.shift();
      lists.push([]);
      continue;
    }
    const test = primary(search);
    if (!test) return undefined;
    lists.at(-1)?.push(test);
  }
  return (entry) => lists.some((tests) => tests.every((test) => test(entry)));
}

function primary(search: Search): Test | undefined {
  const { words } = search;
  const word = words.shift();
  const value = () => words.shift() ?? "";
  switch (word) {
    case "!": {
      const test = primary(search);
      return test && ((entry) => !test(entry));
    }
    case "(": {
      const test = alternatives(search);
      return words.shift() === ")" ? test : undefined;
    }
    case "-maxdepth":
      search.most = Number(value());
      return () => true;
    case "-path": {
      const glob = globOf(value());
      return ({ path }) => glob.test(path);
    }
    case "-name": {
      const glob = globOf(value());
      return ({ path }) => glob.test(basename(path));
    }
    case "-type": {
      const type = value();
      return ({ stat }) => letterOf(stat) === type;
    }
    case "-prune":
      return (entry) => {
        entry.isPruned = true;
        return true;
      };
    case "-printf": {
      const format = value();
      return (entry) => search.said.push(printed(search.context, format, entry)) > 0;
    }
    case "-exec":
      return [value(), value(), value()].join(" ") === "cat {} +" ? ({ real }) => search.cat.push(real) > 0 : undefined;
    default:
      return undefined;
  }
}

/** fnmatch(3) without FNM_PATHNAME: a star goes over slashes as well. */
function globOf(glob: string): RegExp {
  const text = glob.replace(/[.+^${}()|\\]/g, "\\$&");
  return new RegExp(`^${text.replaceAll("*", ".*").replaceAll("?", ".")}$`, "s");
}

function letterOf(stat: Stats): string {
  if (stat.isDirectory()) return "d";
  if (stat.isSymbolicLink()) return "l";
  if (stat.isFile()) return "f";
  return stat.isFIFO() ? "p" : stat.isSocket() ? "s" : stat.isBlockDevice() ? "b" : "c";
}

function printed(context: Context, format: string, { path, real, stat }: Entry): string {
  const owner = isOnLustre(context, real) ? ownerOf(context.state(), real) : stat;
  const values: Record<string, () => string> = {
    "%": () => "%",
    y: () => letterOf(stat),
    m: () => (stat.mode & 0o7777).toString(8),
    U: () => String(owner.uid),
    G: () => String(owner.gid),
    D: () => deviceNumber(context, real),
    i: () => inodeNumber(context, real),
    l: () => (stat.isSymbolicLink() ? readlinkSync(real) : ""),
    p: () => path,
    f: () => basename(path),
  };
  return format.replaceAll("\\n", "\n").replace(/%(.)/g, (token, letter: string) => values[letter]?.() ?? token);
}
