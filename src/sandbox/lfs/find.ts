// lfs find: by project, layout, type and depth, printed plainly or by --printf (golden b072 to b075, y152, y391).
import { readdirSync } from "node:fs";
import { type Context, entryPath, mountDirectory } from "../context";
import { ENOENT, strerror } from "../errno";
import { projectOf, statOf } from "../inodes";
import { layoutOf } from "../layouts";
import { projectIdOf } from "../project-names";
import { fidOf } from "./fid";

interface Query {
  roots: string[];
  maxDepth: number;
  type?: string;
  projectId?: number;
  notProjectId?: number;
  pattern?: string;
  format: string;
}

interface Found {
  shown: string;
  real: string;
  depth: number;
}

export function find(context: Context, args: string[]): number {
  const query = readQuery(context, args);
  let exit = 0;
  for (const shown of query.roots) {
    const real = entryPath(context, shown);
    if (statOf(real)) descend(context, query, { shown, real, depth: 0 });
    else {
      context.err(`lfs find: error: find failed for '${shown}': ${strerror(ENOENT)} (${ENOENT})\n`);
      exit = ENOENT;
    }
  }
  return exit;
}

function readQuery(context: Context, args: string[]): Query {
  const query: Query = { roots: [], maxDepth: Number.POSITIVE_INFINITY, format: "%p\\n" };
  const rest = [...args];
  let negated = false;
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    const name = word.replace(/^--?/, "");
    if (word === "!") negated = true;
    else if (!word.startsWith("-")) query.roots.push(word);
    else if (name === "print0" || name === "0") query.format = "%p\\0";
    else if (name !== "print" && name !== "P") {
      readCondition(context, query, { name, value: rest.shift() ?? "", negated });
      negated = false;
    }
  }
  return query;
}

function readCondition(
  context: Context,
  query: Query,
  { name, value, negated }: { name: string; value: string; negated: boolean },
): void {
  if (name === "maxdepth" || name === "D") query.maxDepth = Number(value);
  else if (name === "type" || name === "t") query.type = value;
  else if (name === "printf") query.format = value;
  else if (name === "L" || name === "layout") query.pattern = value;
  else if (name === "projid") {
    const id = projectIdOf(context, value) ?? Number.NaN;
    if (negated) query.notProjectId = id;
    else query.projectId = id;
  }
}

function descend(context: Context, query: Query, found: Found): void {
  const stat = statOf(found.real);
  if (!stat) return;
  if (matches(context, query, found)) context.out(format(context, query.format, found));
  if (!stat.isDirectory() || found.depth >= query.maxDepth) return;
  for (const name of readdirSync(found.real).sort()) {
    descend(context, query, {
      shown: `${found.shown.replace(/\/$/, "")}/${name}`,
      real: `${found.real}/${name}`,
      depth: found.depth + 1,
    });
  }
}

function matches(context: Context, query: Query, { real }: Found): boolean {
  const stat = statOf(real);
  if (query.type !== undefined && query.type !== (stat?.isDirectory() ? "d" : stat?.isSymbolicLink() ? "l" : "f")) return false;
  const [state, root] = [context.state(), mountDirectory(context.dir)];
  if (query.pattern !== undefined && !layoutOf(state, root, real).some(({ pattern }) => pattern === query.pattern)) return false;
  if (query.projectId === undefined && query.notProjectId === undefined) return true;
  const { id } = projectOf(state, root, real);
  return query.projectId === undefined ? id !== query.notProjectId : id === query.projectId;
}

function format(context: Context, text: string, { shown, real }: Found): string {
  const values: Readonly<Record<string, () => string>> = {
    "%p": () => shown,
    "%LP": () => String(projectOf(context.state(), mountDirectory(context.dir), real).id),
    "%LF": () => fidOf(context, real),
    "\\n": () => "\n",
    "\\t": () => "\t",
    "\\0": () => "\0",
    "%%": () => "%",
  };
  return text.replace(/%L[PF]|%p|%%|\\[nt0]/g, (token) => values[token]?.() ?? token);
}
