// lfs setstripe: the default layout of a directory, plain, progressive or with data on the MDT (golden b077 to b093).
import { type Context, followPath, isOnLustre } from "../context";
import { CMD_HELP, EINVAL, ENOENT, ENOTTY, strerror } from "../errno";
import { changeInode, inodeKey, statOf } from "../inodes";
import { type OptionSpec, parseOptions } from "../options";
import type { Component, State } from "../state";
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

/** Lustre stripes in pieces of 64 KiB. */
const granule = 65536n;

export function setstripe(context: Context, args: string[]): number {
  const parsed = parseOptions(args, options);
  if (parsed.unknown !== undefined) return misuse(context, `lfs setstripe: invalid option '${parsed.unknown}'`);
  const [path] = parsed.operands;
  if (path === undefined) return misuse(context, "lfs setstripe: missing filename");
  const layout = readLayout(parsed.given);
  if (typeof layout === "string") return misuse(context, `lfs setstripe setstripe: ${layout}`);
  const real = followPath(context, path);
  if (real === undefined) {
    context.err(`lfs setstripe: unable to open '${path}': ${strerror(ENOENT)} (${ENOENT})\n`);
    return ENOENT;
  }
  if (!isOnLustre(context, real)) {
    context.err(`lfs setstripe: setstripe error for '${path}': ${strerror(ENOTTY)}\n`);
    return ENOTTY;
  }
  const missing = missingPool(context.state(), layout);
  if (missing !== undefined) {
    context.err(
      `lfs setstripe: pool '${missing} fsname ${context.state().fsName}' does not exist: ${strerror(ENOENT)} (${ENOENT})\n`,
    );
    return EINVAL;
  }
  context.change((state) => store(state, real, parsed.given.some(({ name }) => name === "delete") ? undefined : layout));
  return 0;
}

function store(state: State, real: string, layout: Component[] | undefined): void {
  if (layout) {
    changeInode(state, real, { layout });
    return;
  }
  const stat = statOf(real);
  if (stat) delete state.inodes[inodeKey(state, stat)]?.layout;
}

/** Options describe the component whose end was named last (`-E 64M -c 1 -E -1 -c 2`). A text is what is wrong. */
function readLayout(given: readonly { name: string; value: string }[]): Component[] | string {
  const components: Component[] = [];
  for (const { name, value } of given) {
    if (name === "end" || components.length === 0) components.push(newComponent());
    const wrong = apply(components[components.length - 1] as Component, name, value);
    if (wrong !== undefined) return wrong;
  }
  return components;
}

function newComponent(): Component {
  return { count: 0, size: 0, index: -1, pattern: "raid0" };
}

function apply(component: Component, name: string, value: string): string | undefined {
  switch (name) {
    case "end":
      return applyEnd(component, value);
    case "size": {
      const bytes = parseBytes(value);
      if (bytes === undefined || bytes % granule !== 0n) return `invalid stripe size '${value}'`;
      component.size = Number(bytes);
      return undefined;
    }
    case "count":
      if (!/^(-1|\d+)$/.test(value)) return `invalid stripe count '${value}'`;
      component.count = Number(value);
      return undefined;
    case "index":
      component.index = Number(value);
      return undefined;
    case "pool":
      component.pool = value;
      return undefined;
    case "layout":
      if (value === "mdt") component.pattern = "mdt";
      return undefined;
    default:
      return undefined;
  }
}

function applyEnd(component: Component, value: string): string | undefined {
  if (value === "-1" || value.toLowerCase() === "eof") component.end = "EOF";
  else {
    const bytes = parseBytes(value);
    if (bytes === undefined || bytes % granule !== 0n) return `invalid component end '${value}'`;
    component.end = String(bytes);
  }
  return undefined;
}

function missingPool(state: State, layout: readonly Component[]): string | undefined {
  return layout.map(({ pool }) => pool).find((pool) => pool !== undefined && !Object.hasOwn(state.pools, pool));
}

function misuse(context: Context, reason: string): number {
  context.out(usage.setstripe);
  context.err(`${reason}\n`);
  return CMD_HELP;
}
