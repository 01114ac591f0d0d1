// lctl pool_list and lfs pool_list FS[.POOL], which print the same (golden y636 to y642).
import type { Context } from "./context";
import { ENOENT, strerror } from "./errno";

/** `lov` is the device that the pools of a host hang on. */
export function listPools(context: Context, asked: string, { tool, lov }: { tool: "lctl" | "lfs"; lov: string }): number {
  const { fsName, pools } = context.state();
  const [name, pool] = asked.split(".");
  if (name !== fsName) return missing(context, tool, `/proc/fs/lustre/lov/${name}-*/pools`);
  if (pool === undefined) {
    const names = Object.keys(pools).sort();
    context.out(`Pools from ${fsName}:\n${names.map((known) => `${fsName}.${known}\n`).join("")}`);
    return 0;
  }
  context.out(`Pool: ${fsName}.${pool}\n`);
  const osts = pools[pool];
  if (!osts) return missing(context, tool, `/proc/fs/lustre/lov/${lov}/pools/${pool}`);
  context.out(osts.map((ost) => `${fsName}-${ost}_UUID\n`).join(""));
  return 0;
}

function missing(context: Context, tool: string, path: string): number {
  context.err(`${tool} pool_list: cannot open ${path}: ${strerror(ENOENT)} (${ENOENT})\n`);
  return ENOENT;
}
