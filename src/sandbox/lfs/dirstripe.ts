// lfs mkdir, setdirstripe, getdirstripe: directories on a chosen MDT. There is one MDT (golden b094 to b099).
import { mkdirSync } from "node:fs";
import { type Context, followPath, realPath } from "../context";
import { EEXIST, ENODEV, ENOENT, strerror } from "../errno";
import { has, lastValue, parseOptions } from "../options";

const options = [
  { name: "index", short: "i", long: "mdt-index", argument: true },
  { name: "count", short: "c", long: "mdt-count", argument: true },
  { name: "default", short: "D", long: "default" },
  { name: "mdt", short: "m" },
];

export function setdirstripe(context: Context, args: string[]): number {
  const parsed = parseOptions(args, options);
  const [path = ""] = parsed.operands;
  if (has(parsed, "default")) return 0;
  const index = lastValue(parsed, "index") ?? "0";
  if (index !== "0" && index !== "-1") return failed(context, path, ENODEV, strerror(ENODEV));
  try {
    mkdirSync(realPath(context, path));
    return 0;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EEXIST"
      ? failed(context, path, EEXIST, "stripe already set")
      : failed(context, path, ENOENT, strerror(ENOENT));
  }
}

function failed(context: Context, path: string, errno: number, reason: string): number {
  context.err(`lfs mkdir: dirstripe error on '${path}': ${reason}\n`);
  context.err(`lfs setdirstripe: cannot create dir '${path}': ${strerror(errno)}\n`);
  return errno;
}

export function getdirstripe(context: Context, args: string[]): number {
  const parsed = parseOptions(args, options);
  if (followPath(context, parsed.operands[0] ?? "") === undefined) return ENOENT;
  if (has(parsed, "mdt")) context.out("0\n");
  else if (has(parsed, "default")) {
    context.out("lmv_stripe_count: 1 lmv_stripe_offset: 0 lmv_hash_type: none lmv_max_inherit: -1 lmv_max_inherit_rr: 0\n");
  } else context.out("lmv_stripe_count: 0 lmv_stripe_offset: 0 lmv_hash_type: none\n");
  return 0;
}
