// lfs setquota -t: grace times of soft limits, of all projects or of a pool's OSTs (golden c070, c071, y661 to y673).
import type { Context } from "../context";
import { ENOENT, strerror } from "../errno";
import { has, lastValue, type OptionSpec, type Parsed, parseOptions } from "../options";
import type { State } from "../state";
import { parseSeconds } from "./numbers";
import { failed, misuse, poolProblem, refusal } from "./setquota-refusals";

/** -p takes no id here. */
const options: readonly OptionSpec[] = [
  { name: "times", short: "t", long: "times" },
  { name: "project", short: "p", long: "projid" },
  { name: "block", short: "b", long: "block-grace", argument: true },
  { name: "inode", short: "i", long: "inode-grace", argument: true },
  { name: "pool", long: "pool", argument: true },
];

export function setTimes(context: Context, args: string[]): number {
  const parsed = parseOptions(args, options);
  if (parsed.unknown !== undefined) return misuse(context, `lfs: unrecognized option '${parsed.unknown}'`, true);
  for (const name of ["block", "inode"]) {
    const text = lastValue(parsed, name);
    if (text !== undefined && graceIn(text) === undefined) return misuse(context, `lfs: bad ${name}-grace: ${text}`, true);
  }
  const [mount = "", unexpected] = parsed.operands;
  if (unexpected !== undefined) return misuse(context, `lfs: unexpected parameter '${unexpected}'`, true);
  const pool = lastValue(parsed, "pool");
  const refused = (pool === undefined ? undefined : poolProblem(context, pool)) ?? refusal(context, mount);
  if (refused !== undefined) return refused;
  return pool === undefined ? store(context, parsed) : storeOfPool(context, parsed, pool);
}

function graceIn(text: string): string | undefined {
  if (text.startsWith("notify")) return "notify";
  const seconds = parseSeconds(text);
  return seconds === undefined ? undefined : String(seconds);
}

function store(context: Context, parsed: Parsed): number {
  return context.change((state) => {
    for (const kind of ["block", "inode"] as const) {
      const text = lastValue(parsed, kind);
      if (text !== undefined) state.grace[kind] = graceIn(text) ?? state.grace[kind];
    }
    return 0;
  });
}

/** A pool has OSTs only: asked for an inode grace as well, lfs finds no such pool of MDTs and says so in its own way (golden y670). */
function storeOfPool(context: Context, parsed: Parsed, pool: string): number {
  if (!Object.hasOwn(context.state().pools, pool) || has(parsed, "inode")) {
    const exit = failed(context, ENOENT, `Cannot find pool '${pool}'`);
    context.err(`setquota failed: ${strerror(ENOENT)}\n`);
    return exit;
  }
  return context.change((state: State) => {
    const grace = graceIn(lastValue(parsed, "block") ?? "");
    const quota = state.poolQuotas?.[pool] ?? { limits: {} };
    state.poolQuotas = { ...state.poolQuotas, [pool]: grace === undefined ? quota : { ...quota, grace } };
    return 0;
  });
}
