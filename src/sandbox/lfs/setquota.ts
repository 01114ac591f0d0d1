// lfs setquota: limits of a project, of a pool's OSTs, the default limits (golden c022 to c074, y230 to y252, y644 to y689).
import type { Context } from "../context";
import { EINVAL, ENOENT, EPERM } from "../errno";
import { limitsOf } from "../limits";
import { has, lastValue, type OptionSpec, type Parsed, parseOptions } from "../options";
import { projectIdOf } from "../project-names";
import { isTwoSixteen, type Limits, noLimits, type State } from "../state";
import { parseLimit } from "./numbers";
import { failed, misuse, poolProblem, refusal } from "./setquota-refusals";
import { setTimes } from "./setquota-times";

const options: readonly OptionSpec[] = [
  { name: "id", short: "p", long: "projid", argument: true },
  { name: "defaultProject", short: "P", long: "default-prj" },
  { name: "blockSoft", short: "b", long: "block-softlimit", argument: true },
  { name: "blockHard", short: "B", long: "block-hardlimit", argument: true },
  { name: "inodeSoft", short: "i", long: "inode-softlimit", argument: true },
  { name: "inodeHard", short: "I", long: "inode-hardlimit", argument: true },
  { name: "toDefault", short: "D" },
  { name: "toDefaultOldWord", short: "d", long: "default" },
  { name: "delete", long: "delete" },
  { name: "pool", long: "pool", argument: true },
];

const limitWords: Readonly<Record<keyof Limits, string>> = {
  blockSoft: "block softlimit",
  blockHard: "block hardlimit",
  inodeSoft: "inode softlimit",
  inodeHard: "inode hardlimit",
};

/** What is asked for; the options are judged, and complained of, in their order. */
interface Wish {
  id?: number;
  limits: Partial<Limits>;
}

export function setquota(context: Context, args: string[]): number {
  if (args.includes("-t") || args.includes("--times")) return setTimes(context, args);
  const parsed = parseOptions(args, options);
  if (parsed.unknown !== undefined) return misuse(context, `lfs: invalid option '${parsed.unknown}'`);
  const wish: Wish = { limits: {} };
  for (const option of parsed.given) {
    const wrong = readOption(context, wish, option);
    if (wrong !== undefined) return wrong;
  }
  const wrong = judge(context, parsed, wish);
  if (wrong !== undefined) return wrong;
  return context.change((state) =>
    store(state, parsed, wish) ? 0 : failed(context, EINVAL, "quotactl failed: Invalid argument"),
  );
}

function readOption(context: Context, wish: Wish, { name, value }: Parsed["given"][number]): number | undefined {
  if (name === "id") {
    const id = projectIdOf(context, value);
    const what = isTwoSixteen(context.state()) ? "id" : "project id"; // 2.16.1 from sources
    if (id === undefined) return failed(context, EPERM, `invalid ${what} '${value}'`, 1);
    if (id === 0) return failed(context, EPERM, "can't set quota for root usr/group/project.", 1);
    wish.id = id;
  } else if (name === "pool") return poolProblem(context, value);
  else if (name === "toDefaultOldWord") context.err("lfs setquota: '-d' deprecated, use '-D' or '--default'\n");
  else if (Object.hasOwn(limitWords, name)) return readLimit(context, wish, name as keyof Limits, value);
  return undefined;
}

function readLimit(context: Context, wish: Wish, name: keyof Limits, text: string): number | undefined {
  const value = name.startsWith("block") ? kibIn(text) : parseLimit(text, 1);
  if (value === undefined) return misuse(context, `lfs: invalid limit '${text}'`);
  wish.limits[name] = value;
  if (value > 0 && value <= 1024) {
    context.err(`lfs setquota: warning: ${limitWords[name]} '${value}' smaller than minimum qunit size\n`);
    context.err("See 'lfs help setquota' or Lustre manual for details\n");
  }
  return undefined;
}

/** Whole KiB: 1000b are none, which means no limit (golden y249). */
function kibIn(text: string): number | undefined {
  const bytes = parseLimit(text, 1024);
  return bytes === undefined ? undefined : Math.floor(bytes / 1024);
}

/** What is wrong with the options together; the exit code, already complained of. */
function judge(context: Context, parsed: Parsed, { id, limits }: Wish): number | undefined {
  const pool = lastValue(parsed, "pool");
  if (pool !== undefined && (limits.inodeSoft !== undefined || limits.inodeHard !== undefined))
    return failed(context, EINVAL, "inode limits are not supported with Pool Quotas");
  if (id === undefined && !has(parsed, "defaultProject"))
    return misuse(context, "lfs setquota: either -u or -g must be specified", true);
  if (Object.keys(limits).length === 0 && !isReset(parsed))
    return misuse(context, "lfs setquota: at least one limit must be specified", true);
  const [mount] = parsed.operands;
  if (mount === undefined) return misuse(context, "lfs setquota: filesystem not specified or unexpected argument '(null)'", true);
  const refused = refusal(context, mount);
  if (refused !== undefined) return refused;
  return pool === undefined || Object.hasOwn(context.state().pools, pool)
    ? undefined
    : failed(context, ENOENT, `Cannot find pool '${pool}'`);
}

function isReset(parsed: Parsed): boolean {
  return has(parsed, "toDefault") || has(parsed, "toDefaultOldWord") || has(parsed, "delete");
}

/** False: a soft limit above its hard limit (golden c031). */
function store(state: State, parsed: Parsed, { id, limits }: Wish): boolean {
  const pool = lastValue(parsed, "pool");
  if (pool !== undefined) return storeOfPool(state, pool, id, limits);
  if (id === undefined) {
    state.defaultQuota = { ...state.defaultQuota, ...limits };
    return true;
  }
  if (!isReset(parsed)) return storeLimits(state, id, limits);
  state.quotas[id] = has(parsed, "delete")
    ? { ...noLimits, blockDefault: true, inodeDefault: true, deletedAt: Date.now() }
    : { ...noLimits, blockDefault: true, inodeDefault: true };
  return true;
}

function storeOfPool(state: State, pool: string, id: number | undefined, limits: Partial<Limits>): boolean {
  const quota = state.poolQuotas?.[pool] ?? { limits: {} };
  const key = String(id ?? "default");
  const wanted = { blockSoft: 0, blockHard: 0, ...quota.limits[key], ...limits };
  if (isAbove(wanted.blockSoft, wanted.blockHard)) return false;
  state.poolQuotas = { ...state.poolQuotas, [pool]: { ...quota, limits: { ...quota.limits, [key]: wanted } } };
  return true;
}

/** Only the limits that are given change (golden c027, c029); the pair that never was given follows the default ones (y681). */
function storeLimits(state: State, id: number, given: Partial<Limits>): boolean {
  const now = state.quotas[id] ?? { ...noLimits, onlyAsked: true };
  const { onlyAsked, ...wanted } = { ...now, ...limitsOf(state, id), ...given };
  if (isAbove(wanted.blockSoft, wanted.blockHard) || isAbove(wanted.inodeSoft, wanted.inodeHard)) return false;
  const gives = (soft: keyof Limits, hard: keyof Limits) => given[soft] !== undefined || given[hard] !== undefined;
  if (gives("blockSoft", "blockHard")) delete wanted.blockOverSince;
  if (gives("inodeSoft", "inodeHard")) delete wanted.inodeOverSince;
  wanted.blockDefault = !gives("blockSoft", "blockHard") && (onlyAsked === true || now.blockDefault === true);
  wanted.inodeDefault = !gives("inodeSoft", "inodeHard") && (onlyAsked === true || now.inodeDefault === true);
  state.quotas[id] = wanted;
  return true;
}

function isAbove(soft: number, hard: number): boolean {
  return hard > 0 && soft > hard;
}
