// lfs quota: usage and limits of a project, of all projects, of a pool's OSTs, default limits, grace times (golden c002 to c084, l014,
// m216-005, y253 to y283, y645 to y689).
import { type Context, followPath, isOnLustre, mountDirectory } from "../context";
import { CMD_HELP, EIO, ENODEV, ENOENT } from "../errno";
import { ownerOf } from "../inodes";
import { limitsOf } from "../limits";
import { has, lastValue, type OptionSpec, type Parsed, parseOptions } from "../options";
import { projectIdOf, projectNameOf } from "../project-names";
import { isDegraded, isTwoSixteen, noLimits, type Quota, type State } from "../state";
import { type Usage, usageBy, usageByProject, usageOnMdt } from "../usage";
import { deviceOf } from "./device";
import { formatSeconds } from "./numbers";
import { type Columns, columnsOf, defaultRow, listRow, quotaRow, selectedFields, targetRows } from "./quota-table";
import { usage } from "./usage-texts";

const options: readonly OptionSpec[] = [
  { name: "all", short: "a", long: "all" },
  { name: "quiet", short: "q", long: "quiet" },
  { name: "human", short: "h", long: "human-readable" },
  { name: "verbose", short: "v", long: "verbose" },
  { name: "times", short: "t", long: "times" },
  { name: "project", short: "p", long: "projid" },
  { name: "user", short: "u" },
  { name: "group", short: "g" },
  { name: "defaultProject", short: "P" },
  { name: "start", short: "s", argument: true },
  { name: "end", short: "e", argument: true },
  { name: "delimiter", long: "delimiter", argument: true },
  { name: "pool", long: "pool", argument: true },
  ...selectedFields.flatMap(({ name, longs }) => longs.map((long) => ({ name, long }))),
];
/** 2.16.1's lfs has neither the option nor names to do without (from sources). */
const since217: readonly OptionSpec[] = [{ name: "numeric", short: "n", long: "num" }];

interface Kind {
  letter: "p" | "u" | "g";
  word: "prj" | "usr" | "grp";
  id: "pid" | "uid" | "gid";
}

const kinds: Readonly<Record<string, Kind>> = {
  project: { letter: "p", word: "prj", id: "pid" },
  user: { letter: "u", word: "usr", id: "uid" },
  group: { letter: "g", word: "grp", id: "gid" },
};

export function quota(context: Context, args: string[]): number {
  const parsed = parseOptions(args, isTwoSixteen(context.state()) ? options : [...options, ...since217]);
  if (parsed.unknown !== undefined)
    return misuse(context, `lfs quota: unrecognized option '${parsed.unknown.replace(/^(?!-)/, "-")}'`);
  const pool = lastValue(parsed, "pool");
  if (has(parsed, "times")) return printTimes(context, pool);
  if (has(parsed, "defaultProject")) return printDefault(context, parsed, pool);
  // --pool takes the place of -a (golden y655)
  if (has(parsed, "all") && pool === undefined) return printAll(context, parsed);
  const kind = ["project", "user", "group"].find((name) => has(parsed, name));
  if (kind === undefined) return printOwn(context, parsed);
  const id = parsed.operands.shift() ?? "";
  const number = id === "root" && kind !== "project" ? 0 : projectIdOf(context, id);
  if (number === undefined) return misuse(context, `lfs quota: invalid id '${id}'`);
  if (pool !== undefined && !Object.hasOwn(context.state().pools, pool)) return poolMissing(context, pool);
  return printOne(context, parsed, kind, number);
}

/** Neither id nor kind: what the caller himself uses (golden c067). */
function printOwn(context: Context, parsed: Parsed): number {
  return (
    printOne(context, { ...parsed, operands: [...parsed.operands] }, "user", context.uid) ||
    printOne(context, parsed, "group", context.uid)
  );
}

function printOne(context: Context, parsed: Parsed, kindName: string, id: number): number {
  const kind = kinds[kindName] as Kind;
  const columns = columnsOf(context.state(), parsed);
  const bare = columns.selected.length > 0;
  const pool = lastValue(parsed, "pool");
  if (!columns.quiet) context.out(`${title(context, kind, id)}${columns.header}`);
  let exit = 0;
  for (const mount of mounts(context, parsed)) {
    const real = followPath(context, mount);
    if (real === undefined || !isOnLustre(context, real)) {
      context.err(`lfs quota: '${deviceOf(real)}' dev not on a mounted Lustre filesystem\n`);
      exit = ENODEV;
      continue;
    }
    const state = kind.letter === "p" && pool === undefined ? known(context, id) : context.state();
    const used = usageSeen(state, mountDirectory(context.dir), kind, id);
    const limits =
      pool !== undefined ? limitsOfPool(state, pool, id) : kind.letter === "p" ? limitsOf(state, id) : { ...noLimits };
    const row = { mount, id, used, limits };
    context.out(quotaRow(state, columns, row));
    if (has(parsed, "verbose") && !bare) context.out(targetRows(state, columns, row));
    exit = reportAway(context, state) || exit;
  }
  return exit;
}

/** "[4]" and exit 5: a target is away, and what the others hold is not in the sum either (golden l014, y343). */
function reportAway(context: Context, state: State): number {
  if (!isDegraded(state)) return 0;
  context.out(
    '1 Some errors happened when getting quota info. Some devices may be not working or deactivated. The data in "[]" is inaccurate.\n',
  );
  return EIO;
}

/** Merely asking makes an entry for the id (golden c014, c075); an exceeded soft limit starts its clock when it is seen. */
function known(context: Context, id: number): State {
  const state = context.state();
  const entry = state.quotas[id];
  const clocks = entry && (entry.blockSoft > 0 || entry.inodeSoft > 0);
  if (id === 0 || (entry && !clocks)) return state;
  return context.change((changed) => {
    const quota = changed.quotas[id] ?? { ...noLimits, onlyAsked: true };
    changed.quotas[id] = quota;
    startClocks(quota, usageOf(changed, mountDirectory(context.dir), kinds["project"] as Kind, id), Date.now());
    return changed;
  });
}

function startClocks(quota: Quota, used: Usage, now: number): void {
  if (quota.blockSoft > 0 && used.kib > quota.blockSoft) quota.blockOverSince ??= now;
  else delete quota.blockOverSince;
  if (quota.inodeSoft > 0 && used.inodes > quota.inodeSoft) quota.inodeOverSince ??= now;
  else delete quota.inodeOverSince;
}

function usageOf(state: State, root: string, kind: Kind, id: number): Usage {
  const sums =
    kind.letter === "p"
      ? usageByProject(state, root)
      : usageBy(state, root, ({ path }) => ownerOf(state, path)[kind.letter === "u" ? "uid" : "gid"]);
  return sums.get(id) ?? { kib: 0, inodes: 0 };
}

/** While a target is away the MDT's part alone is counted (golden y343 to y346). */
function usageSeen(state: State, root: string, kind: Kind, id: number): Usage {
  const whole = usageOf(state, root, kind, id);
  return isDegraded(state) && kind.letter === "p" ? { ...whole, kib: usageOnMdt(state, root, id) } : whole;
}

function printAll(context: Context, parsed: Parsed): number {
  const state = context.state();
  const columns: Columns = columnsOf(state, parsed);
  if (!columns.quiet) context.out(`Disk prj quotas\n${columns.listHeader}`);
  const mount = parsed.operands[0] ?? state.mountPoint;
  const real = followPath(context, mount);
  if (real === undefined || !isOnLustre(context, real)) {
    context.err(`lfs quota: '${deviceOf(real)}' dev not on a mounted Lustre filesystem\nget all quota failed -${ENODEV}\n`);
    return ENODEV;
  }
  if (isDegraded(state)) {
    context.err(`get all quota failed -${EIO}\n`); // golden y350, y351
    return EIO;
  }
  const usages = usageByProject(state, mountDirectory(context.dir));
  const first = Number(lastValue(parsed, "start") ?? 0);
  const last = Number(lastValue(parsed, "end") ?? Number.POSITIVE_INFINITY);
  for (const id of listedIds(state).filter((listed) => listed >= first && listed <= last)) {
    const name = has(parsed, "numeric") ? undefined : projectNameOf(context, id);
    const limits = id === 0 ? state.defaultQuota : limitsOf(state, id);
    context.out(listRow(state, columns, { mount, id, ...(name ? { name } : {}), used: usages.get(id) ?? nothing, limits }));
  }
  return 0;
}

const nothing: Usage = { kib: 0, inodes: 0 };

/**
 * Ids with an entry, not ids in use: 1005, 1009 and 3002 are on directories and missing from golden c075 and m216-013. --delete takes the
 * entry away (from sources: qmt_delete_qid).
 */
function listedIds(state: State): number[] {
  const isGone = ({ deletedAt, blockDefault, inodeDefault }: Quota) => deletedAt !== undefined && blockDefault && inodeDefault;
  const ids = Object.entries(state.quotas).flatMap(([id, quota]) => (isGone(quota) ? [] : [Number(id)]));
  return [0, ...ids].sort((a, b) => a - b);
}

function limitsOfPool(state: State, pool: string, id: number): Quota {
  return { ...noLimits, ...state.poolQuotas?.[pool]?.limits[id] };
}

function printDefault(context: Context, parsed: Parsed, pool: string | undefined): number {
  const state = context.state();
  const columns = columnsOf(state, parsed);
  if (!columns.quiet) context.out(`Disk default prj quota:\n${columns.defaultHeader}`);
  const limits = pool === undefined ? state.defaultQuota : { ...noLimits, ...state.poolQuotas?.[pool]?.limits["default"] };
  for (const mount of mounts(context, parsed)) context.out(defaultRow(columns, mount, limits));
  return 0;
}

/** Of a pool, which has no inodes: 0 s (golden y669). */
function printTimes(context: Context, pool: string | undefined): number {
  const { grace, poolQuotas } = context.state();
  const { block, inode } = pool === undefined ? grace : { block: poolQuotas?.[pool]?.grace ?? grace.block, inode: "0" };
  const words = (time: string) => (time === "notify" ? time : formatSeconds(Number(time)));
  context.out(`Block grace time: ${words(block)}; Inode grace time: ${words(inode)}\n`);
  return 0;
}

function poolMissing(context: Context, pool: string): number {
  context.err(`lfs quota: Cannot find pool '${pool}'\n`);
  return ENOENT;
}

function mounts(context: Context, parsed: Parsed): string[] {
  return parsed.operands.length > 0 ? parsed.operands : [context.state().mountPoint];
}

function title(context: Context, kind: Kind, id: number): string {
  const project = () => projectNameOf(context, id) ?? (isTwoSixteen(context.state()) ? String(id) : "<unknown>");
  const name = kind.letter === "p" ? project() : id === 0 ? "root" : String(id);
  return `Disk quotas for ${kind.word} ${name} (${kind.id} ${id}):\n`;
}

function misuse(context: Context, reason: string): number {
  context.out(usage.quota);
  context.err(`${reason}\n`);
  return CMD_HELP;
}
