// lctl pool_new, pool_add, pool_remove, pool_destroy FS.POOL [OST ...] (from sources: pools were not measured).
import type { Context } from "../context";
import { EEXIST, EINVAL, ENOENT, strerror } from "../errno";
import type { State } from "../state";
import { maySteer, notOnMgs } from "./failure";

type Action = "new" | "add" | "remove" | "destroy";

export function poolCommand(action: Action): (context: Context, args: string[]) => number {
  return (context, args) => {
    if (!maySteer(context)) return notOnMgs(context, `pool_${action}`);
    const [fsName, pool = ""] = (args[0] ?? "").split(".");
    const osts = args.slice(1).map((ost) => ost.replace(/^.*-/, "").replace(/_UUID$/, ""));
    return context.change((state) => {
      const errno = fsName === state.fsName && pool !== "" ? act(state, action, pool, osts) : EINVAL;
      if (errno !== 0) context.err(`pool_${action}: ${strerror(errno)}\n`);
      return errno;
    });
  };
}

function act(state: State, action: Action, pool: string, osts: readonly string[]): number {
  const members = state.pools[pool];
  if (action === "new") {
    if (members) return EEXIST;
    state.pools[pool] = [];
    return 0;
  }
  if (!members) return ENOENT;
  if (action === "destroy") delete state.pools[pool];
  else state.pools[pool] = action === "add" ? [...new Set([...members, ...osts])] : members.filter((ost) => !osts.includes(ost));
  return 0;
}
