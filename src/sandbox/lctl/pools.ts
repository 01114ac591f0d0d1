// lctl pool_new, pool_add, pool_remove, pool_destroy FS.POOL [OST ...], pool_list FS[.POOL] (golden y633 to y642, y690 to y692). Success
// is told on stderr. The seconds that each takes are not imitated.
import type { Context } from "../context";
import { EEXIST, EINVAL, ENAMETOOLONG, ENODEV, ENOENT, strerror } from "../errno";
import { listPools } from "../pool-list";
import type { State } from "../state";
import { maySteer } from "./failure";

type Action = "new" | "add" | "remove" | "destroy";

/** What lctl says, and how it ends. */
interface Outcome {
  said: string;
  exit: number;
}

const longestName = 15;

/** It looks for the MGS twice (golden y601). */
function notTheMgs(context: Context, command: string, name: string): number {
  const missing = `No device found for name MGS: ${strerror(EINVAL)}\nThis command must be run on the MGS.\n`;
  const [fsName] = name.split(".");
  context.out("Reader error: 'No devices found' at 0\n".repeat(2));
  context.err(
    `${missing}Warning, standalone MGS for "${fsName}", unable to check pool updates on clients.\nVerify if pools are updated on a client (client sync delay: 5-10s).\n\n${missing}${command} ${name}: ${strerror(ENODEV)}\n`,
  );
  return ENODEV;
}

export function poolCommand(action: Action): (context: Context, args: string[]) => number {
  return (context, args) => {
    const [fsName, pool = ""] = (args[0] ?? "").split(".");
    if (!maySteer(context)) return notTheMgs(context, `pool_${action}`, args[0] ?? "");
    const osts = args.slice(1).map((ost) => ost.replace(/^.*-/, "").replace(/_UUID$/, ""));
    return context.change((state) => {
      const complain = (said: string, exit: number): Outcome => ({ said: `pool_${action}: ${said}\n`, exit });
      const { said, exit } =
        fsName === state.fsName && pool !== "" ? act(state, action, pool, osts, complain) : complain(strerror(EINVAL), EINVAL);
      context.err(said);
      return exit;
    });
  };
}

function act(
  state: State,
  action: Action,
  pool: string,
  osts: readonly string[],
  complain: (said: string, exit: number) => Outcome,
): Outcome {
  const name = `${state.fsName}.${pool}`;
  const members = state.pools[pool];
  if (action === "new") {
    if (pool.length > longestName) return complain(`poolname is too long\npool_new: ${strerror(ENAMETOOLONG)}`, ENAMETOOLONG);
    if (members) return complain(`pool ${name} already exists`, EEXIST);
    state.pools[pool] = [];
    return { said: `Pool ${name} created\n`, exit: 0 };
  }
  if (!members) return complain(strerror(ENOENT), ENOENT);
  if (action === "destroy") {
    delete state.pools[pool];
    delete state.poolQuotas?.[pool];
    return { said: `Pool ${name} destroyed\n`, exit: 0 };
  }
  const outcomes = osts.map((ost) => changeMember(state, action, pool, ost, complain));
  return { said: outcomes.map(({ said }) => said).join(""), exit: outcomes.find(({ exit }) => exit !== 0)?.exit ?? 0 };
}

function changeMember(
  state: State,
  action: "add" | "remove",
  pool: string,
  ost: string,
  complain: (said: string, exit: number) => Outcome,
): Outcome {
  const name = `${state.fsName}.${pool}`;
  const uuid = `${state.fsName}-${ost}_UUID`;
  const members = state.pools[pool] ?? [];
  if (!state.targets.some((target) => target.kind === "ost" && target.name === ost))
    return complain(`${uuid} is not part of the '${state.fsName}' fs.`, ENODEV);
  if (action === "remove") {
    state.pools[pool] = members.filter((member) => member !== ost);
    return { said: `OST ${uuid} removed from pool ${name}\n`, exit: 0 };
  }
  if (members.includes(ost)) return complain(`${uuid} is already in pool ${name}`, EEXIST);
  state.pools[pool] = [...members, ost];
  return { said: `OST ${uuid} added to pool ${name}\n`, exit: 0 };
}

export function poolList(context: Context, args: string[]): number {
  const { fsName, instance } = context.state();
  const isMds = context.sight.targets.some((kind) => kind === "mdt");
  const lov = isMds ? `${fsName}-MDT0000-mdtlov` : `${fsName}-clilov-${instance}`;
  return listPools(context, args[0] ?? fsName, { tool: "lctl", lov });
}
