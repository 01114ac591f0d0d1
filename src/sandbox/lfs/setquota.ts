// lfs setquota: limits of a project, the default limits, grace times (golden c022 to c074).
import { type Context, followPath, isOnLustre } from "../context";
import { CMD_HELP, EINVAL, ENODEV, EPERM, strerror } from "../errno";
import { limitsOf } from "../limits";
import { has, lastValue, type OptionSpec, type Parsed, parseOptions } from "../options";
import { type Limits, noLimits, type State } from "../state";
import { deviceOf } from "./device";
import { parseKib, parseSeconds } from "./numbers";
import { isProjectId } from "./project";
import { usage } from "./usage-texts";

const options: readonly OptionSpec[] = [
  { name: "id", short: "p", long: "projid", argument: true },
  { name: "defaultProject", short: "P" },
  { name: "times", short: "t", long: "times" },
  { name: "blockSoft", short: "b", long: "block-softlimit", argument: true },
  { name: "blockHard", short: "B", long: "block-hardlimit", argument: true },
  { name: "inodeSoft", short: "i", long: "inode-softlimit", argument: true },
  { name: "inodeHard", short: "I", long: "inode-hardlimit", argument: true },
  { name: "default", long: "default" },
  { name: "default", long: "delete" },
];

const limitNames = ["blockSoft", "blockHard", "inodeSoft", "inodeHard"] as const;

/** What lfs calls them when it warns that Lustre hands them out in larger pieces (golden c024, c043). */
const smallest: Readonly<Record<keyof Limits, { words: string; least: number }>> = {
  blockSoft: { words: "block softlimit", least: 1024 },
  blockHard: { words: "block hardlimit", least: 1024 },
  inodeSoft: { words: "inode softlimit", least: 1024 },
  inodeHard: { words: "inode hardlimit", least: 1024 },
};

export function setquota(context: Context, args: string[]): number {
  // -t -p takes no id: `setquota -t -p -b 1w MOUNT` (golden c070); -P is the default of all projects, `-p -P` of none
  const times = args.includes("-t") || args.includes("--times");
  const parsed = parseOptions(
    args,
    times ? options.map((option) => (option.name === "id" ? { ...option, argument: false } : option)) : options,
  );
  if (parsed.unknown !== undefined) return misuse(context, `lfs: invalid option '${parsed.unknown}'`);
  if (times) return setTimes(context, parsed);
  if (has(parsed, "defaultProject")) return setDefault(context, parsed);
  return setLimits(context, parsed);
}

function setLimits(context: Context, parsed: Parsed): number {
  const id = lastValue(parsed, "id") ?? "";
  if (!isProjectId(id)) return failed(context, EPERM, `invalid project id '${id}'`, 1);
  const limits = readLimits(parsed);
  if (typeof limits === "string") return misuse(context, `lfs: invalid limit '${limits}'`);
  if (Object.keys(limits).length === 0 && !has(parsed, "default"))
    return misuse(context, "lfs setquota: at least one limit must be specified", true);
  const [mount] = parsed.operands;
  if (mount === undefined) return misuse(context, "lfs setquota: filesystem not specified or unexpected argument '(null)'", true);
  if (Number(id) === 0) return failed(context, EPERM, "can't set quota for root usr/group/project.", 1);
  warnOfSmall(context, limits);
  const refused = refusal(context, mount);
  if (refused !== undefined) return refused;
  return context.change((state) =>
    store(state, id, limits, has(parsed, "default")) ? 0 : failed(context, EINVAL, "quotactl failed: Invalid argument"),
  );
}

function readLimits(parsed: Parsed): Partial<Limits> | string {
  const limits: Partial<Limits> = {};
  for (const name of limitNames) {
    const text = lastValue(parsed, name);
    if (text === undefined) continue;
    const value = name.startsWith("block") ? parseKib(text) : countOf(text);
    if (value === undefined) return text;
    limits[name] = value;
  }
  return limits;
}

/** Inodes may have a suffix too; without one the number is a count. */
function countOf(text: string): number | undefined {
  return /^\d+$/.test(text) ? Number(text) : parseKib(text);
}

/** Only the limits that are given change (golden c027, c029). False: a soft limit above its hard limit (c031). */
function store(state: State, id: string, given: Partial<Limits>, backToDefault: boolean): boolean {
  if (backToDefault) {
    state.quotas[id] = { ...noLimits, blockDefault: true, inodeDefault: true };
    return true;
  }
  const wanted = { ...limitsOf(state, Number(id)), ...given };
  if (isAbove(wanted.blockSoft, wanted.blockHard) || isAbove(wanted.inodeSoft, wanted.inodeHard)) return false;
  if (given.blockSoft !== undefined || given.blockHard !== undefined) {
    wanted.blockDefault = false;
    delete wanted.blockOverSince;
  }
  if (given.inodeSoft !== undefined || given.inodeHard !== undefined) {
    wanted.inodeDefault = false;
    delete wanted.inodeOverSince;
  }
  state.quotas[id] = wanted;
  return true;
}

function isAbove(soft: number, hard: number): boolean {
  return hard > 0 && soft > hard;
}

function setDefault(context: Context, parsed: Parsed): number {
  const limits = readLimits(parsed);
  if (typeof limits === "string") return misuse(context, `lfs: invalid limit '${limits}'`);
  const refused = refusal(context, parsed.operands[0] ?? "");
  if (refused !== undefined) return refused;
  return context.change((state) => {
    state.defaultQuota = { ...state.defaultQuota, ...limits };
    return 0;
  });
}

function setTimes(context: Context, parsed: Parsed): number {
  const refused = refusal(context, parsed.operands[0] ?? "");
  if (refused !== undefined) return refused;
  return context.change((state) => {
    for (const [name, kind] of [
      ["blockSoft", "block"],
      ["inodeSoft", "inode"],
    ] as const) {
      const text = lastValue(parsed, name);
      if (text !== undefined) state.grace[kind] = text === "notify" ? text : String(parseSeconds(text) ?? 0);
    }
    return 0;
  });
}

function warnOfSmall(context: Context, limits: Partial<Limits>): void {
  for (const name of limitNames) {
    const { words, least } = smallest[name];
    const value = limits[name] ?? 0;
    if (value === 0 || value >= least) continue;
    context.err(`lfs setquota: warning: ${words} '${value}' smaller than minimum qunit size\n`);
    context.err("See 'lfs help setquota' or Lustre manual for details\n");
  }
}

function refusal(context: Context, mount: string): number | undefined {
  const real = followPath(context, mount);
  if (real === undefined || !isOnLustre(context, real)) {
    return failed(context, ENODEV, `'${deviceOf(real)}' dev not on a mounted Lustre filesystem`);
  }
  return context.uid === 0 ? undefined : failed(context, EPERM, "quotactl failed: Operation not permitted");
}

function failed(context: Context, errno: number, reason: string, exit = errno): number {
  context.err(`lfs setquota: ${reason}\nsetquota failed: ${strerror(errno)}\n`);
  return exit;
}

function misuse(context: Context, reason: string, alsoFailed = false): number {
  context.out(usage.setquota);
  context.err(`${reason}\n${alsoFailed ? "setquota failed: Unknown error -4\n" : ""}`);
  return CMD_HELP;
}
