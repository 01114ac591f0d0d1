// lfs df: space or inodes of every target (golden a013 to a025, m216-001 to m216-004), with letters for its state behind it (dg7-*). With a
// dead OST it prints the targets that answer and hangs (y360 to y362); -l says of the dead one that it is (y357, y363), -m asks no OST (y422).
import { fillOfFileSystem, fillOfTargets, percent } from "../capacity";
import { type Context, followPath, isOnLustre, mountDirectory } from "../context";
import { EIO, ENOENT, EOPNOTSUPP, strerror } from "../errno";
import { forever } from "../forever";
import { has, type Parsed, parseOptions } from "../options";
import { isTwoSixteen, type State, type Target } from "../state";
import { dfSize } from "./numbers";

interface Amounts {
  total: number;
  used: number;
}

export function lfsDf(context: Context, args: string[]): number | Promise<number> {
  const parsed = parseOptions(args, [
    { name: "human", short: "h", long: "human-readable" },
    { name: "inodes", short: "i", long: "inodes" },
    { name: "lazy", short: "l", long: "lazy" },
    { name: "mdt", short: "m", long: "mdt" },
    { name: "ost", short: "o", long: "ost" },
    { name: "summary", short: "s", long: "summary" },
    { name: "bare", short: "N", long: "no-uuid" },
    { name: "names", short: "u", long: "uuid" },
    { name: "verbose", short: "v", long: "verbose" },
  ]);
  const { mountPoint } = context.state();
  const [path = mountPoint] = parsed.operands;
  const real = followPath(context, path);
  if (real === undefined) {
    context.err(`error: invalid path '${path}': ${strerror(ENOENT)}\n`);
    return ENOENT;
  }
  if (!isOnLustre(context, real)) {
    context.out(`df:${path} Not a Lustre filesystem\n`); // on stdout (golden a024)
    return EOPNOTSUPP;
  }
  return print(context, parsed, mountPoint);
}

function print(context: Context, parsed: Parsed, mount: string): number | Promise<number> {
  const state = context.state();
  const fills = fillOfTargets(state, mountDirectory(context.dir)).filter(({ target }) => isAskedFor(parsed, target));
  const inodes = has(parsed, "inodes");
  const summaryOnly = has(parsed, "summary");
  if (!summaryOnly && !has(parsed, "bare")) context.out(heading(context, parsed));
  for (const { target, index, kib, usedKib, inodes: count, usedInodes } of fills) {
    if (!target.up && !has(parsed, "lazy")) return (context.io.hang ?? forever)();
    if (summaryOnly) continue;
    const uuid = `${state.fsName}-${target.name}_UUID`;
    const amounts = inodes ? { total: count, used: usedInodes } : { total: kib, used: usedKib };
    const label = `${mount}[${target.kind.toUpperCase()}:${index}]${stateOf(state, target)}`;
    context.out(target.up ? row(context, parsed, uuid, amounts, label) : `${uuid.padEnd(20)}: ${strerror(EIO)}\n`);
  }
  const exit = fills.every(({ target }) => target.up) ? 0 : EIO;
  if (has(parsed, "bare")) return exit;
  const up = fills.filter(({ target }) => target.up);
  const whole = has(parsed, "mdt") ? fillOfMdts(up) : fillOfFileSystem(up);
  const amounts = inodes ? { total: whole.inodes, used: whole.usedInodes } : { total: whole.kib, used: whole.usedKib };
  const summary = row(context, parsed, "filesystem_summary:", amounts, mount);
  context.out(summaryOnly ? summary : `\n${summary}\n`);
  return exit;
}

function isAskedFor(parsed: Parsed, { kind }: Target): boolean {
  if (!has(parsed, "mdt") && !has(parsed, "ost")) return true;
  return has(parsed, kind);
}

/** Without any OST among what is asked for, the MDTs' space counts (golden y422). */
function fillOfMdts(fills: ReturnType<typeof fillOfTargets>): ReturnType<typeof fillOfFileSystem> {
  const sum = (of: (fill: (typeof fills)[number]) => number) => fills.reduce((total, fill) => total + of(fill), 0);
  const ofInodes = { inodes: sum(({ inodes }) => inodes), usedInodes: sum(({ usedInodes }) => usedInodes) };
  return { kib: sum(({ kib }) => kib), usedKib: sum(({ usedKib }) => usedKib), ...ofInodes };
}

/** Letters in this order (golden y327), behind one blank. Capacity is the same with them. */
const stateLetters = [
  ["degraded", "D"],
  ["readonly", "R"],
  ["no_precreate", "N"],
] as const;

function stateOf({ parameters, fsName }: State, { name }: Target): string {
  const isSet = (leaf: string) => (parameters[`obdfilter.${fsName}-${name}.${leaf}`] ?? "0") !== "0";
  const letters = stateLetters.flatMap(([leaf, letter]) => (isSet(leaf) ? [letter] : [])).join("");
  return letters && ` ${letters}`;
}

function heading(context: Context, parsed: Parsed): string {
  const inodes = has(parsed, "inodes");
  const first = inodes ? "Inodes" : has(parsed, "human") ? "bytes" : "1K-blocks";
  const [used, free, share] = inodes ? ["IUsed", "IFree", "IUse%"] : ["Used", "Available", "Use%"];
  return `${"UUID".padEnd(20)} ${first.padStart(11)} ${used?.padStart(11)} ${free?.padStart(11)} ${share?.padStart(4)}${gap(context)}Mounted on\n`;
}

function row(context: Context, parsed: Parsed, name: string, { total, used }: Amounts, label: string): string {
  const cell = (count: number) => {
    if (!has(parsed, "human")) return String(count).padStart(11);
    const { text, scaled } = dfSize(count, has(parsed, "inodes") ? "" : "K");
    // 2.17 prints scaled numbers two columns narrower than its own heading (golden a014, a018)
    return text.padStart(scaled && !isTwoSixteen(context.state()) ? 9 : 11);
  };
  return `${name.padEnd(20)} ${cell(total)} ${cell(used)} ${cell(total - used)} ${percent(used, total).padStart(4)}${gap(context)}${label}\n`;
}

/** One blank less on 2.16 (golden m216-001). */
function gap(context: Context): string {
  return isTwoSixteen(context.state()) ? " " : "  ";
}
