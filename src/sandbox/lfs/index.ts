// lfs: the client's command. A table of subcommands; each file below does one.
import type { Context } from "../context";
import { shownVersion } from "../state";
import { check } from "./check";
import { lfsDf } from "./df";
import { getdirstripe, setdirstripe } from "./dirstripe";
import { fid2path, path2fid } from "./fid";
import { find } from "./find";
import { getname } from "./getname";
import { getstripe } from "./getstripe";
import { help } from "./help";
import { poolList } from "./pool-list";
import { project } from "./project";
import { quota } from "./quota";
import { setquota } from "./setquota";
import { setstripe } from "./setstripe";
import { mdts, osts } from "./targets";

type Subcommand = (context: Context, args: string[]) => number | Promise<number>;

const subcommands: Readonly<Record<string, Subcommand>> = {
  "--version": (context) => {
    context.out(`lfs ${shownVersion(context.state())}\n`);
    return 0;
  },
  check,
  df: lfsDf,
  fid2path,
  find,
  getdirstripe,
  getname,
  getstripe,
  help,
  mdts,
  mkdir: setdirstripe,
  osts,
  path2fid,
  pool_list: poolList,
  project,
  quota,
  setdirstripe,
  setquota,
  setstripe,
};

export function lfs(context: Context, args: string[]): number | Promise<number> {
  const [name = "", ...rest] = args;
  const subcommand = Object.hasOwn(subcommands, name) ? subcommands[name] : undefined;
  if (subcommand) return subcommand(context, rest);
  context.err(`lfs: '${name}' is not a valid command. See 'lfs --list-commands'.\n`);
  return 1;
}
