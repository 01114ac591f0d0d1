// df -P, -k, -i, --output below the mount (golden a012, q005, q012). Elsewhere the real tool answers.
import { percent } from "../capacity";
import { type Context, followPath, isOnLustre, mountDirectory } from "../context";
import { has, lastValue, type Parsed, parseOptions } from "../options";
import { type Statfs, statfs } from "../statfs";
import { runReal } from "./real-tool";

interface Column {
  heading: string;
  /** Width at least; negative: left aligned. */
  width: number;
  value: (row: Row) => string;
}

interface Row extends Statfs {
  source: string;
  mount: string;
  unit: number;
}

const size = (kib: number, { unit }: Row) => String(Math.ceil((kib * 1024) / unit));

const columns: Readonly<Record<string, Column>> = {
  source: { heading: "Filesystem", width: -10, value: ({ source }) => source },
  fstype: { heading: "Type", width: -6, value: () => "lustre" },
  size: { heading: "1024-blocks", width: 11, value: (row) => size(row.kib, row) },
  used: { heading: "Used", width: 5, value: (row) => size(row.usedKib, row) },
  avail: { heading: "Available", width: 9, value: (row) => size(row.kib - row.usedKib, row) },
  pcent: { heading: "Capacity", width: 8, value: ({ kib, usedKib }) => percent(usedKib, kib) },
  itotal: { heading: "Inodes", width: 6, value: ({ inodes }) => String(inodes) },
  iused: { heading: "IUsed", width: 5, value: ({ usedInodes }) => String(usedInodes) },
  iavail: { heading: "IFree", width: 5, value: ({ inodes, usedInodes }) => String(inodes - usedInodes) },
  ipcent: { heading: "IUse%", width: 5, value: ({ inodes, usedInodes }) => percent(usedInodes, inodes) },
  target: { heading: "Mounted on", width: 0, value: ({ mount }) => mount },
};

const blocks = ["source", "size", "used", "avail", "pcent", "target"];
const inodes = ["source", "itotal", "iused", "iavail", "ipcent", "target"];

export function df(context: Context, args: string[]): number | Promise<number> {
  const parsed = parseOptions(args, [
    { name: "posix", short: "P", long: "portability" },
    { name: "inodes", short: "i", long: "inodes" },
    { name: "kib", short: "k" },
    { name: "block", short: "B", long: "block-size", argument: true },
    { name: "output", long: "output", argument: true },
  ]);
  const reals = parsed.operands.map((path) => followPath(context, path));
  const ours = reals.length > 0 && reals.every((real) => real !== undefined && isOnLustre(context, real));
  if (parsed.unknown !== undefined || !ours) return runReal(context, "df", args);
  const state = context.state();
  const rows = reals.map((real): Row => {
    const filled = statfs(state, mountDirectory(context.dir), real ?? "");
    return { ...filled, source: `${state.serverNid}:/${state.fsName}`, mount: state.mountPoint, unit: unitOf(parsed) };
  });
  context.out(table(lastValue(parsed, "output")?.split(",") ?? (has(parsed, "inodes") ? inodes : blocks), rows));
  return 0;
}

function unitOf(parsed: Parsed): number {
  const units: Readonly<Record<string, number>> = {
    "1": 1,
    K: 1024,
    "1K": 1024,
    M: 1024 ** 2,
    "1M": 1024 ** 2,
    G: 1024 ** 3,
    "1G": 1024 ** 3,
  };
  return units[lastValue(parsed, "block") ?? "K"] ?? 1024;
}

function table(names: readonly string[], rows: readonly Row[]): string {
  const shown = names.map((name) => columns[name]).filter((column) => column !== undefined);
  const cells = [shown.map(({ heading }) => heading), ...rows.map((row) => shown.map(({ value }) => value(row)))];
  const widths = shown.map(({ width }, index) => Math.max(Math.abs(width), ...cells.map((line) => line[index]?.length ?? 0)));
  const pad = (text: string, index: number) => {
    const width = shown[index]?.width ?? 0;
    if (index === shown.length - 1 && width <= 0) return text;
    return width < 0 ? text.padEnd(widths[index] ?? 0) : text.padStart(widths[index] ?? 0);
  };
  return cells.map((line) => `${line.map(pad).join(" ")}\n`).join("");
}
