// The plain tools that executors start most, in the forms in which they are started, done within the test: a process each would cost more than
// all the rest. What goes well, and that a file is not there, which they ask for all the time: anything else is left to the real tool, its words
// and its exit code included. plain-tools.test.ts compares the two.
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmdirSync,
  rmSync,
  type Stats,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Command, Result } from "../../src/core/command";

/**
 * What goes well returns what it prints, what is asked for and is not there also its exit code; what does not go well, or is not known, throws
 * before it has changed anything, or returns nothing.
 */
type Tool = (words: readonly string[], stdin: string) => string | Pick<Result, "exitCode" | "stdout" | "stderr"> | undefined;

/** Of what is asked, and is not so. */
const nothing = { exitCode: 1, stdout: "", stderr: "" };

const lstat = (path: string) => lstatSync(path, { throwIfNoEntry: false });

const tools: Readonly<Record<string, Tool>> = {
  cat([dashes, ...paths]) {
    const missing = paths.filter(isMissing);
    const found = paths.filter((path) => !missing.includes(path));
    if (dashes !== "--" || !found.every((path) => lstat(path)?.isFile())) return undefined;
    const stdout = found.map((path) => readFileSync(path, "utf8")).join("");
    const stderr = missing.map((path) => `cat: ${path.includes(":") ? `'${path}'` : path}: No such file or directory\n`).join("");
    return { exitCode: missing.length > 0 ? 1 : 0, stdout, stderr };
  },
  chmod([mode = "", path = "", ...more]) {
    if (!/^0[0-7]{4}$/.test(mode) || more.length > 0) return undefined;
    chmodSync(path, Number.parseInt(mode, 8));
    return "";
  },
  dd([of = "", ...more], stdin) {
    const path = of.replace(/^of=/, "");
    if (more.join(" ") !== "conv=fsync status=none" || lstat(dirname(path)) === undefined) return undefined;
    writeFileSync(path, stdin);
    return "";
  },
  find: (words) => find(words),
  findmnt(words) {
    const path = words.at(-1) ?? "";
    if (words.at(-2) !== "--mountpoint") return undefined;
    if (isMissing(path)) return nothing;
    if (!plainName.test(path) || realpathSync(path) !== path) return undefined;
    return readFileSync("/proc/self/mountinfo", "utf8").includes(` ${path} `) ? undefined : nothing;
  },
  ln([symbolic, ...words]) {
    const [plain, dashes, text = "", path = "", ...more] = words[0] === "-f" ? words.slice(1) : words;
    if (`${symbolic}${plain}${dashes}` !== "-s-T--" || more.length > 0) return undefined;
    if (words[0] === "-f" && !lstat(path)?.isDirectory()) rmSync(path, { force: true });
    symlinkSync(text, path);
    return "";
  },
  mkdir(words) {
    const [, parents, mode, path = ""] = /^(-p )?(?:-m (0[0-7]+) )?-- (\S+)$/.exec(words.join(" ")) ?? [];
    if (path === "") return undefined;
    if (parents !== undefined && lstat(path)?.isDirectory()) return "";
    if (parents !== undefined) mkdirSync(dirname(path), { recursive: true });
    mkdirSync(path);
    if (mode !== undefined) chmodSync(path, Number.parseInt(mode, 8));
    return "";
  },
  rm([force, dashes, ...paths]) {
    if (`${force}${dashes}` !== "-f--" || paths.some((path) => lstat(path)?.isDirectory())) return undefined;
    for (const path of paths) if (lstat(path)) unlinkSync(path);
    return "";
  },
  rmdir([dashes, path = "", ...more]) {
    if (dashes !== "--" || more.length > 0) return undefined;
    rmdirSync(path);
    return "";
  },
  test([option, path = "", ...more]) {
    if ((option !== "-e" && option !== "-r") || more.length > 0) return undefined;
    if (isMissing(path)) return nothing;
    return existsSync(path) ? "" : undefined;
  },
};

/** Names that tools write as they are, but for quotes where there is a colon. Others are left to them; so is what lies below a file. */
const plainName = /^\/[\w./~#:-]+$/;

function isMissing(path: string): boolean {
  try {
    return plainName.test(path) && lstatSync(path) === undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT";
  }
}

/** The result of a command, or undefined where the real tool has to run. */
export function plainly({ argv, stdin = "" }: Command): Result | undefined {
  const [tool, ...words] = argv;
  if (!Object.hasOwn(tools, tool)) return undefined;
  try {
    const said = tools[tool]?.(words, stdin);
    if (said === undefined) return undefined;
    const result = typeof said === "string" ? { exitCode: 0, stdout: said, stderr: "" } : said;
    return { ...result, timedOut: false, ms: 0 };
  } catch {
    return undefined;
  }
}

interface Entry {
  path: string;
  depth: number;
  stat: Stats;
  isPruned?: boolean;
}

/** Conditions and actions, in their order; false ends the line for an entry. */
interface Search {
  tests: ((entry: Entry) => boolean)[];
  from: number;
  to: number;
  /** What is in a directory comes before it. */
  isDeep: boolean;
  said: string[];
  catted: string[];
  isOver: boolean;
}

function find(words: readonly string[]): string | undefined {
  const rest = [...words];
  const follows = rest[0] === "-H" && rest.shift() !== undefined;
  const starts: string[] = [];
  while (rest[0]?.startsWith("/")) starts.push(rest.shift() ?? "");
  const search: Search = { tests: [], from: 0, to: 1000, isDeep: false, said: [], catted: [], isOver: false };
  const isSearched = alternatives(search, rest);
  if (!isSearched || rest.length > 0) return undefined;
  search.tests = [isSearched];
  const entries = starts.map((path): Entry => ({ path, depth: 0, stat: follows ? statSync(path) : lstatSync(path) }));
  for (const entry of entries) visit(search, entry);
  return search.said.join("") + search.catted.map((path) => readFileSync(path, "utf8")).join("");
}

const types: Readonly<Record<string, (stat: Stats) => boolean>> = {
  f: (stat) => stat.isFile(),
  d: (stat) => stat.isDirectory(),
  l: (stat) => stat.isSymbolicLink(),
};

/** Takes conditions and actions, with -o between some, up to a closing parenthesis; undefined where one is not known. */
function alternatives(search: Search, rest: string[]): Search["tests"][number] | undefined {
  const lists: Search["tests"][] = [];
  const outer = search.tests;
  search.tests = [];
  while (rest.length > 0 && rest[0] !== ")") {
    if (rest[0] === "-o") {
      rest.shift();
      lists.push(search.tests);
      search.tests = [];
    } else if (!readTest(search, rest)) return undefined;
  }
  lists.push(search.tests);
  search.tests = outer;
  return (entry) => lists.some((tests) => tests.every((test) => !search.isOver && test(entry)));
}

/** Takes one condition or action from the words; false where it is not known. */
function readTest(search: Search, rest: string[]): boolean {
  const word = rest.shift();
  const next = () => rest.shift() ?? "";
  const add = (test: (entry: Entry) => unknown) => search.tests.push((entry) => test(entry) !== false) > 0;
  switch (word) {
    case "!": {
      const isKnown = readTest(search, rest);
      const test = search.tests.pop();
      return isKnown && test !== undefined && add((entry) => !test(entry));
    }
    case "(": {
      const test = alternatives(search, rest);
      return rest.shift() === ")" && test !== undefined && add(test);
    }
    case "-prune":
      return add((entry) => {
        entry.isPruned = true;
      });
    case "-xdev":
    case "-ignore_readdir_race":
      return true;
    case "-depth":
      search.isDeep = true;
      return true;
    case "-mindepth":
      search.from = Number(next());
      return true;
    case "-maxdepth":
      search.to = Number(next());
      return true;
    case "-type": {
      const type = types[next()];
      return type !== undefined && add(({ stat }) => type(stat));
    }
    case "-name":
    case "-path": {
      const glob = expressionOf(next());
      return add(({ path }) => glob.test(word === "-name" ? basename(path) : path));
    }
    case "-empty":
      return add(({ path, stat }) => (stat.isDirectory() ? readdirSync(path).length === 0 : stat.size === 0));
    case "-print":
      return add(({ path }) => {
        search.said.push(`${path}\n`);
      });
    case "-printf": {
      const format = next();
      return !/%[^fl]/.test(format) && add((entry) => void search.said.push(printed(format, entry)));
    }
    case "-quit":
      return add(() => {
        search.isOver = true;
      });
    case "-delete":
      search.isDeep = true;
      return add(({ path, stat }) => (stat.isDirectory() ? rmdirSync(path) : unlinkSync(path)));
    case "-exec":
      return [next(), next(), next()].join(" ") === "cat {} +" && add(({ path }) => void search.catted.push(path));
    default:
      return false;
  }
}

function visit(search: Search, entry: Entry): void {
  const here = () => {
    if (!search.isOver && entry.depth >= search.from) search.tests.every((test) => !search.isOver && test(entry));
  };
  if (!search.isDeep) here();
  if (entry.stat.isDirectory() && entry.depth < search.to && !entry.isPruned)
    for (const name of readdirSync(entry.path)) {
      if (search.isOver) return;
      const path = join(entry.path, name);
      visit(search, { path, depth: entry.depth + 1, stat: lstatSync(path) });
    }
  if (search.isDeep) here();
}

function expressionOf(glob: string): RegExp {
  return new RegExp(
    `^${glob
      .replace(/[.+^${}()|]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
    "s",
  );
}

function printed(format: string, { path, stat }: Entry): string {
  const link = () => (stat.isSymbolicLink() ? readlinkSync(path) : "");
  return format.replaceAll("\\n", "\n").replace(/%([fl])/g, (_, letter: string) => (letter === "f" ? basename(path) : link()));
}
