// lctl: the servers' command. A table of subcommands; each file below does one family.
import type { Context } from "../context";
import { isTwoSixteen, shownVersion } from "../state";
import { banlistAdd, banlistDel } from "./banlist";
import { listCommands } from "./command-list";
import { confParam } from "./conf-param";
import { deviceList, listNids } from "./devices";
import { filesetAdd, filesetDel, filesetModify, setFileset } from "./filesets";
import { getParam } from "./get-param";
import { lctlHelp } from "./help";
import { setCapabilities, setSepol } from "./identity";
import { addIdmap, delIdmap, testId } from "./idmap";
import { listParam } from "./list-param";
import { nodemapActivate, nodemapAdd, nodemapDel } from "./nodemap";
import { nodemapInfo } from "./nodemap-info";
import { nodemapModify } from "./nodemap-modify";
import { addOffset, delOffset } from "./offset";
import { poolCommand, poolList } from "./pools";
import { addRange, delRange, testNid } from "./ranges";
import { setParam } from "./set-param";

type LctlCommand = (context: Context, args: string[]) => number;

const commands: Readonly<Record<string, LctlCommand>> = {
  "--version": (context) => {
    context.out(`lctl ${shownVersion(context.state())}\n`);
    return 0;
  },
  "--list-commands": (context) => listCommands(context, Object.keys(since217)),
  conf_param: confParam,
  device_list: deviceList,
  dl: deviceList,
  get_param: getParam,
  help: lctlHelp,
  list_nids: listNids,
  list_param: listParam,
  nodemap_activate: nodemapActivate,
  nodemap_add: nodemapAdd,
  nodemap_add_idmap: addIdmap,
  nodemap_add_range: addRange,
  nodemap_del: nodemapDel,
  nodemap_del_idmap: delIdmap,
  nodemap_del_range: delRange,
  nodemap_info: nodemapInfo,
  nodemap_modify: nodemapModify,
  nodemap_set_fileset: setFileset,
  nodemap_set_sepol: setSepol,
  nodemap_test_id: testId,
  nodemap_test_nid: testNid,
  pool_add: poolCommand("add"),
  pool_destroy: poolCommand("destroy"),
  pool_list: poolList,
  pool_new: poolCommand("new"),
  pool_remove: poolCommand("remove"),
  set_param: setParam,
};

/** Not valid commands on 2.16 (golden m216lctl-017). */
const since217: Readonly<Record<string, LctlCommand>> = {
  nodemap_add_offset: addOffset,
  nodemap_banlist_add: banlistAdd,
  nodemap_banlist_del: banlistDel,
  nodemap_del_offset: delOffset,
  nodemap_fileset_add: filesetAdd,
  nodemap_fileset_del: filesetDel,
  nodemap_fileset_modify: filesetModify,
  nodemap_set_cap: setCapabilities,
};

export function lctl(context: Context, args: string[]): number {
  const [name = "", ...rest] = args;
  const known = isTwoSixteen(context.state()) ? commands : { ...commands, ...since217 };
  const command = Object.hasOwn(known, name) ? known[name] : undefined;
  if (command) return command(context, rest);
  context.err(`lctl: '${name}' is not a valid command. See 'lctl --list-commands'.\n`);
  return 1;
}
