// lfs pool_list FS[.POOL]: pools of OSTs (from sources: pools were not measured).
import type { Context } from "../context";
import { ENOENT, strerror } from "../errno";

export function poolList(context: Context, args: string[]): number {
  const { fsName, mountPoint, pools } = context.state();
  const [name = fsName, pool] = (args[0] ?? fsName).split(".");
  if (name !== fsName && name !== mountPoint) return missing(context, name);
  if (pool === undefined) {
    context.out(
      `Pools from ${fsName}:\n${Object.keys(pools)
        .sort()
        .map((known) => `${fsName}.${known}\n`)
        .join("")}`,
    );
    return 0;
  }
  const osts = pools[pool];
  if (!osts) return missing(context, `${fsName}.${pool}`);
  context.out(`Pool: ${fsName}.${pool}\n${osts.map((ost) => `${fsName}-${ost}_UUID\n`).join("")}`);
  return 0;
}

function missing(context: Context, name: string): number {
  context.err(`lfs pool_list: pool '${name}' does not exist: ${strerror(ENOENT)}\n`);
  return ENOENT;
}
