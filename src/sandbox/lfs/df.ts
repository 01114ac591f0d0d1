// lfs df: space or inodes of every target (golden a013 to a025, m216-001 to m216-004). With a dead OST it prints the targets that
// answer and hangs (golden l014); -l leaves the dead ones out (from sources).
import { fillOfFileSystem, fillOfTargets, percent } from "../capacity";
import { type Context, followPath, isOnLustre, mountDirectory } from "../context";
import { ENOENT, EOPNOTSUPP, strerror } from "../errno";
import { forever } from "../forever";
import { has, type Parsed, parseOptions } from "../options";
import { isTwoSixteen } from "../state";
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
    { name: "summary", short: "s", long: "summary" },
    { name: "bare", short: "N", long: "no-uuid" },
    { name: "names", short: "u", long: "uuid" },
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
  const fills = fillOfTargets(context.state(), mountDirectory(context.dir));
  const inodes = has(parsed, "inodes");
  const summaryOnly = has(parsed, "summary");
  if (!summaryOnly && !has(parsed, "bare")) context.out(heading(context, parsed));
  for (const { target, index, kib, usedKib, inodes: count, usedInodes } of fills) {
    if (!target.up && !has(parsed, "lazy")) return forever();
    if (!target.up || summaryOnly) continue;
    const amounts = inodes ? { total: count, used: usedInodes } : { total: kib, used: usedKib };
    const label = `${mount}[${target.kind.toUpperCase()}:${index}]`;
    context.out(row(context, parsed, `${context.state().fsName}-${target.name}_UUID`, amounts, label));
  }
  if (has(parsed, "bare")) return 0;
  const whole = fillOfFileSystem(fills.filter(({ target }) => target.up));
  const amounts = inodes ? { total: whole.inodes, used: whole.usedInodes } : { total: whole.kib, used: whole.usedKib };
  const summary = row(context, parsed, "filesystem_summary:", amounts, mount);
  context.out(summaryOnly ? summary : `\n${summary}\n`);
  return 0;
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
