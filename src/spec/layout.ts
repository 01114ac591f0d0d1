// Striping of a share's files, in the words of `lfs setstripe`: read, checked and printed. Imports only size.
import { maxSize } from "./size";

/** One component of a layout; the last one of a layout has no `end` (it reaches to the end of the file). */
export interface LayoutComponent {
  /** Where the component ends, in bytes from the start of the file. */
  end?: bigint;
  /** Number of OSTs a file is spread over; -1 is every OST. */
  stripeCount?: number;
  /** Bytes written to one OST before the next; a multiple of 64 KiB. */
  stripeSize?: bigint;
  /** OST pool. */
  pool?: string;
  /** Data of this component lies on the MDT (data-on-MDT); only the first component may. */
  onMdt?: boolean;
}

export type Layout = LayoutComponent[];

const poolPattern = /^[A-Za-z0-9_-]{1,15}$/;
const maxStripes = 2000;
const stripeUnit = 65536n;

/** What is wrong with a layout, or undefined. Source: lfs-setstripe(1). */
export function layoutProblem(layout: Layout): string | undefined {
  if (layout.length === 0) return "it has no component";
  if (layoutArguments(layout).length === 0 && layout[0]?.end === undefined) return "it says nothing";
  let start = 0n;
  for (const [index, component] of layout.entries()) {
    const last = index === layout.length - 1;
    const problem = componentProblem(component, start, index === 0, last);
    if (problem) return layout.length === 1 ? problem : `component ${index + 1}: ${problem}`;
    start = component.end ?? start;
  }
  return undefined;
}

function componentProblem(component: LayoutComponent, start: bigint, first: boolean, last: boolean): string | undefined {
  const { end, stripeCount, stripeSize, pool, onMdt } = component;
  if (last !== (end === undefined))
    return last ? "the last component must reach to the end of the file (no end)" : "it needs an end";
  if (end !== undefined && (end <= start || end > maxSize || end % stripeUnit !== 0n)) {
    return "its end must be a multiple of 64 KiB beyond the end of the component before";
  }
  if (onMdt && (!first || last)) return "data on the MDT is possible only in the first of several components";
  if (onMdt && (stripeCount ?? stripeSize ?? pool) !== undefined)
    return "data on the MDT has neither stripe count nor stripe size nor pool";
  return stripingProblem(component);
}

function stripingProblem({ end, stripeCount, stripeSize, pool }: LayoutComponent): string | undefined {
  if (
    stripeCount !== undefined &&
    !(Number.isInteger(stripeCount) && stripeCount >= -1 && stripeCount !== 0 && stripeCount <= maxStripes)
  ) {
    return `stripe count must be 1 to ${maxStripes}, or -1 for every OST`;
  }
  if (stripeSize !== undefined && (stripeSize <= 0n || stripeSize % stripeUnit !== 0n || stripeSize >= 2n ** 32n)) {
    return "stripe size must be a multiple of 64 KiB below 4 GiB";
  }
  // From sources (lod_verify_striping): else EINVAL.
  if (end !== undefined && stripeSize !== undefined && end % stripeSize !== 0n)
    return "its end must be a multiple of its stripe size";
  if (pool !== undefined && !poolPattern.test(pool)) return "a pool name is 1 to 15 of A-Z a-z 0-9 _ -";
  return undefined;
}

/** The arguments of `lfs setstripe` that make this layout; also its spelling in plans: "-E 64M -c 1 -E -1 -c 4". */
export function layoutArguments(layout: Layout): string[] {
  return layout.flatMap((component) => [
    ...(layout.length > 1 ? ["-E", component.end === undefined ? "-1" : stripeText(component.end)] : []),
    ...(component.onMdt ? ["-L", "mdt"] : []),
    ...(component.stripeCount === undefined ? [] : ["-c", String(component.stripeCount)]),
    ...(component.stripeSize === undefined ? [] : ["-S", stripeText(component.stripeSize)]),
    ...(component.pool === undefined ? [] : ["-p", component.pool]),
  ]);
}

export function formatLayout(layout: Layout): string {
  return layoutArguments(layout).join(" ");
}

/** Reads what `formatLayout` prints. Undefined when it is no layout. */
export function parseLayout(text: string): Layout | undefined {
  const words = text.split(" ");
  const layout: Layout = [];
  let current: LayoutComponent = {};
  if (words[0] !== "-E") layout.push(current);
  for (let index = 0; index < words.length; index += 2) {
    const value = words[index + 1] ?? "";
    if (words[index] === "-E") {
      current = {};
      layout.push(current);
    }
    if (!setComponentPart(current, words[index], value)) return undefined;
  }
  return layoutProblem(layout) ? undefined : layout;
}

function setComponentPart(component: LayoutComponent, flag: string | undefined, value: string): boolean {
  switch (flag) {
    case "-E": {
      if (value === "-1") return true;
      const end = parseStripeText(value);
      if (end !== undefined) component.end = end;
      return end !== undefined;
    }
    case "-L":
      component.onMdt = true;
      return value === "mdt";
    case "-c":
      component.stripeCount = Number(value);
      return /^-?\d+$/.test(value);
    case "-S": {
      const size = parseStripeText(value);
      if (size !== undefined) component.stripeSize = size;
      return size !== undefined;
    }
    case "-p":
      component.pool = value;
      return value !== "";
    default:
      return false;
  }
}

const suffixes = ["K", "M", "G", "T", "P"] as const;

function stripeText(bytes: bigint): string {
  let value = bytes / 1024n;
  let suffix = 0;
  while (value % 1024n === 0n && suffix < suffixes.length - 1) {
    value /= 1024n;
    suffix += 1;
  }
  return `${value}${suffixes[suffix]}`;
}

function parseStripeText(text: string): bigint | undefined {
  const match = /^(\d{1,15})([KMGTP])$/.exec(text);
  if (!match?.[1]) return undefined;
  return BigInt(match[1]) * 1024n ** BigInt(suffixes.indexOf(match[2] as (typeof suffixes)[number]) + 1);
}
