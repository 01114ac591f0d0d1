// lfs pool_list MOUNT | FS[.POOL].
import type { Context } from "../context";
import { listPools } from "../pool-list";

export function poolList(context: Context, args: string[]): number {
  const { fsName, mountPoint, instance } = context.state();
  const [asked = fsName] = args;
  const name = asked === mountPoint ? fsName : asked;
  return listPools(context, name, { tool: "lfs", lov: `${fsName}-clilov-${instance}` });
}
