// What hangs while an OST is down: whoever reads, writes, removes or asks for the size of a file that has an object there (golden od8, odc).
// Names, directories, links, project ids, limits and layouts are the MDT's, and so is all of a file with its data on the MDT.
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type Context, entryPath, followPath, isOnLustre, mountDirectory } from "./context";
import { statOf } from "./inodes";
import { isCutOff, wouldBeCutOff } from "./layouts";
import { files } from "./store";

export function hangs(context: Context, tool: string, args: readonly string[]): boolean {
  // Exists only while one is down, so that plain use pays for one look at a file name.
  if (!existsSync(join(context.dir, files.degraded))) return false;
  const touched = Object.hasOwn(touchedBy, tool) ? touchedBy[tool]?.(context, args) : undefined;
  return (touched ?? []).some((path) => isDead(context, path));
}

function isDead(context: Context, { path, made = false }: Touched): boolean {
  const real = made ? (followPath(context, path) ?? entryPath(context, path)) : entryPath(context, path);
  if (!isOnLustre(context, real)) return false;
  const root = mountDirectory(context.dir);
  if (statOf(real)) return isCutOff(context.state(), root, real);
  return made && wouldBeCutOff(context.state(), root, real);
}

interface Touched {
  path: string;
  /** Made where it is not there. */
  made?: boolean;
}

type Touches = (context: Context, args: readonly string[]) => Touched[];

const named = (args: readonly string[]) => args.filter((word) => !word.startsWith("-"));
const existing: Touches = (_, args) => named(args).map((path) => ({ path }));
const written: Touches = (_, args) => named(args).map((path) => ({ path, made: true }));
const hasLetter = (args: readonly string[], letters: RegExp) =>
  args.some((word) => /^-[A-Za-z]+$/.test(word) && letters.test(word));

const touchedBy: Readonly<Record<string, Touches>> = {
  cat: existing,
  chmod: existing,
  chown: existing,
  cp: (_, args) => named(args).map((path, index, all) => ({ path, made: index === all.length - 1 })),
  dd: (_, args) =>
    args.flatMap((word) => {
      const [, side, path = ""] = /^(if|of)=(.*)$/.exec(word) ?? [];
      return side === undefined ? [] : [{ path, made: side === "of" }];
    }),
  find: foundBy,
  head: existing,
  // Without -l it needs the names alone (golden y374).
  ls: (context, args) =>
    hasLetter(args, /[lsS]/)
      ? named(args).flatMap((path) => [
          { path },
          ...(hasLetter(args, /d/) ? [] : namesIn(context, path).map((name) => ({ path: join(path, name) }))),
        ])
      : [],
  mv: existing,
  rm: (context, args) =>
    hasLetter(args, /[rR]/) ? named(args).flatMap((path) => below(context, path)) : existing(context, args),
  stat: (context, args) => (hasLetter(args, /f/) ? [] : existing(context, args)),
  sync: existing,
  tee: written,
  test: existing,
  touch: written,
  truncate: written,
  unlink: existing,
  wc: existing,
};

function namesIn(context: Context, path: string): string[] {
  const real = entryPath(context, path);
  return statOf(real)?.isDirectory() ? readdirSync(real) : [];
}

function below(context: Context, path: string): Touched[] {
  return [{ path }, ...namesIn(context, path).flatMap((name) => below(context, join(path, name)))];
}

// ---- find ------------------------------------------------------------------------------------------------------------------

/** Types come with the names, so only what is done with what is found, or printed of it, touches a file. */
function foundBy(context: Context, args: readonly string[]): Touched[] {
  const words = args.filter((word) => !/^-[HLP]$/.test(word));
  const first = words.findIndex((word) => /^[-(!]/.test(word));
  const [roots, expression] = first < 0 ? [words, []] : [words.slice(0, first), words.slice(first)];
  const value = (name: string) => (expression.includes(name) ? expression[expression.indexOf(name) + 1] : undefined);
  const printed = value("-printf")?.replaceAll(/%[%fpPhHlyd]/g, "") ?? "";
  if (!expression.includes("-exec") && !expression.includes("-delete") && !printed.includes("%")) return [];
  if (expression.includes("-path")) return foundByPath(context, roots, expression, printed);
  if ((value("-type") ?? "f") !== "f") return [];
  const name = globPattern(value("-name") ?? "*");
  const depth = Number(value("-maxdepth") ?? Number.POSITIVE_INFINITY);
  return roots.flatMap((root) => filesBelow(context, root, depth, name));
}

/** What is acted on is found by its path; of the rest only what was named itself is printed. */
function foundByPath(context: Context, roots: readonly string[], expression: readonly string[], printed: string): Touched[] {
  const after = (name: string) => expression[expression.indexOf(name) + 1] ?? "";
  const path = globPattern(after("-path"));
  const depth = expression.includes("-maxdepth") ? Number(after("-maxdepth")) : Number.POSITIVE_INFINITY;
  const all = roots.flatMap((root) => filesBelow(context, root, depth, /./));
  return all.filter((found) => path.test(found.path) || (printed.includes("%") && roots.includes(found.path)));
}

function filesBelow(context: Context, path: string, depth: number, name: RegExp): Touched[] {
  const here = name.test(path.slice(path.lastIndexOf("/") + 1)) ? [{ path }] : [];
  if (depth === 0) return here;
  return [...here, ...namesIn(context, path).flatMap((entry) => filesBelow(context, join(path, entry), depth - 1, name))];
}

function globPattern(glob: string): RegExp {
  const text = glob.replace(/[.+^${}()|[\]\\]/g, "\\$&");
  return new RegExp(`^${text.replaceAll("*", ".*").replaceAll("?", ".")}$`);
}
