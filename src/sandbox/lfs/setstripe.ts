// lfs setstripe: the default layout of a directory, plain, progressive or with data on the MDT; where there is nothing, a file of that layout
// (golden b077 to b093, dom-*, y162, y301, y313, y387).
import { existsSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { type Context, entryPath, followPath, isOnLustre, mountDirectory } from "../context";
import { CMD_HELP, EEXIST, EINVAL, ENOENT, ENOTTY, strerror } from "../errno";
import { changeInode, statOf } from "../inodes";
import { domLimit, setLayout } from "../layouts";
import { type OptionSpec, parseOptions } from "../options";
import type { Component, State } from "../state";
import { freeOsts } from "./getstripe";
import { parseBytes } from "./numbers";
import { usage } from "./usage-texts";

const options: readonly OptionSpec[] = [
  { name: "delete", short: "d", long: "delete" },
  { name: "end", short: "E", long: "component-end", argument: true },
  { name: "layout", short: "L", long: "layout", argument: true },
  { name: "pool", short: "p", long: "pool", argument: true },
  { name: "count", short: "c", long: "stripe-count", argument: true },
  { name: "size", short: "S", long: "stripe-size", argument: true },
  { name: "index", short: "i", long: "stripe-index", argument: true },
];

/** Lustre stripes in pieces of 64 KiB, over at most so many OSTs (from sources: LOV_MAX_STRIPE_COUNT). */
const granule = 65536n;
const maxStripes = 2000;

/** What is wrong, and the exit code. */
class Wrong extends Error {
  constructor(
    message: string,
    readonly exit = CMD_HELP,
  ) {
    super(message);
  }
}

export function setstripe(context: Context, args: string[]): number {
  const parsed = parseOptions(args, options);
  const [path] = parsed.operands;
  try {
    if (parsed.unknown !== undefined) throw new Wrong(`lfs setstripe: invalid option '${parsed.unknown}'`);
    if (path === undefined) throw new Wrong("lfs setstripe: missing filename");
    const isDelete = parsed.given.some(({ name }) => name === "delete");
    const layout = isDelete ? [] : readLayout(parsed.given);
    checkPool(context.state(), layout);
    return apply(context, path, layout);
  } catch (error) {
    if (!(error instanceof Wrong)) throw error;
    if (error.exit === CMD_HELP) context.out(usage.setstripe);
    context.err(`${error.message}\n`);
    return error.exit;
  }
}

function apply(context: Context, path: string, layout: Component[]): number {
  const real = followPath(context, path) ?? entryPath(context, path);
  const isThere = statOf(real) !== undefined;
  if (!isThere && !existsSync(dirname(real)))
    throw new Wrong(`lfs setstripe: unable to open '${path}': ${strerror(ENOENT)} (${ENOENT})`, ENOENT);
  if (!isOnLustre(context, real)) throw notLustre(path, layout);
  if (statOf(real)?.isFile()) throw new Wrong(`lfs setstripe: cannot create '${path}': ${strerror(EEXIST)} (${EEXIST})`, EEXIST); // words from sources
  context.change((state) => {
    const allowed = withinLimit(state, layout);
    if (isThere) setLayout(state, mountDirectory(context.dir), real, allowed);
    else {
      writeFileSync(real, "", { mode: 0o644 });
      changeInode(state, real, { layout: allowed.map((component) => ({ ...component, index: placed(state, component) })) });
    }
  });
  return 0;
}

function notLustre(path: string, layout: readonly Component[]): Wrong {
  if (layout.length < 2) return new Wrong(`lfs setstripe: setstripe error for '${path}': ${strerror(ENOTTY)}`, ENOTTY);
  const what = "lfs setstripe: lfs setstripe: cannot set default composite layout for";
  return new Wrong(`${what} '${path}': ${strerror(ENOTTY)} (${ENOTTY})`, 1); // golden y161
}

/** More than the MDT allows is cut without a word, and where it allows nothing the component is left out (golden y136 to y157). */
function withinLimit(state: State, layout: readonly Component[]): Component[] {
  const [first, ...rest] = layout;
  if (first?.pattern !== "mdt") return [...layout];
  const limit = domLimit(state);
  if (Number(first.end) <= limit) return [...layout];
  return limit === 0 ? rest : [{ ...first, end: String(limit) }, ...rest];
}

/** Where an object of a new file comes to lie: an OST that takes no new ones is passed over without a word (golden y301, y313, y325). */
function placed(state: State, { index, pattern }: Component): number {
  if (index < 0 || pattern === "mdt") return index;
  const open = freeOsts(state, ["no_precreate", "readonly"]);
  return open.includes(index) ? index : (open[0] ?? index);
}

/** Options describe the component whose end was named last (`-E 64M -c 1 -E -1 -c 2`). */
function readLayout(given: readonly { name: string; value: string }[]): Component[] {
  const components: Component[] = [];
  for (const { name, value } of given) {
    if (name === "end" || components.length === 0) components.push({ count: 0, size: 0, index: -1, pattern: "raid0" });
    setPart(components[components.length - 1] as Component, name, value);
  }
  if (components.slice(1).some(({ pattern }) => pattern === "mdt"))
    throw new Wrong("error: 'mdt' layout can be only the first one", EINVAL);
  const [first] = components;
  if (first?.pattern === "mdt" && first.end === undefined) throw new Wrong(`lfs setstripe: ${needsEnd}`, EINVAL);
  return components;
}

// Golden y142 and y146.
const noEnd = `Set stripe size 18446744073709551615 failed: ${strerror(EINVAL)}\nerror: lfs setstripe: invalid layout`;
const needsEnd = `Invalid pattern: '-L mdt', must be specified with -E: ${strerror(EINVAL)} (${EINVAL})`;

function setPart(component: Component, name: string, value: string): void {
  const bytes = parseBytes(value);
  const isOdd = bytes === undefined || bytes % granule !== 0n;
  switch (name) {
    case "end":
      component.end = endOf(value);
      return;
    case "size":
      if (isOdd) throw new Wrong(`lfs setstripe setstripe: invalid stripe size '${value}'`);
      component.size = Number(bytes);
      return;
    case "count":
      if (!/^(-1|\d+)$/.test(value) || Number(value) > maxStripes)
        throw new Wrong(`lfs setstripe setstripe: invalid stripe count '${value}'`);
      component.count = Number(value);
      return;
    case "index":
      component.index = Number(value);
      return;
    case "pool":
      component.pool = value;
      return;
    case "layout":
      if (value === "mdt") component.pattern = "mdt";
      if (component.end === "0") throw new Wrong(noEnd, EINVAL);
  }
}

function endOf(value: string): string {
  if (value === "-1" || value.toLowerCase() === "eof") return "EOF";
  const bytes = parseBytes(value);
  if (bytes === undefined || bytes % granule !== 0n) throw new Wrong(`lfs setstripe setstripe: invalid component end '${value}'`);
  return String(bytes);
}

function checkPool(state: State, layout: readonly Component[]): void {
  const missing = layout.map(({ pool }) => pool).find((pool) => pool !== undefined && !Object.hasOwn(state.pools, pool));
  if (missing === undefined) return;
  throw new Wrong(
    `lfs setstripe: pool '${missing} fsname ${state.fsName}' does not exist: ${strerror(ENOENT)} (${ENOENT})`,
    EINVAL,
  );
}
