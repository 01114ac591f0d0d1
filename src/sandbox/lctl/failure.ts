// How lctl says no. 2.17.0: usage errors exit 4, kernel errors exit 1 or the errno, by family; 2.16.1: everything exits with the errno
// (reference: exit codes and streams; golden m216lctl-*).
import type { Context } from "../context";
import { CMD_HELP, EINVAL, strerror } from "../errno";
import { isTwoSixteen } from "../state";
import { usage, usage216 } from "./usage-texts";

/** The ioctl numbers that stand in the messages. Marked ones were measured; the others are from sources (lustre_cfg.h). */
const ioctls: Readonly<Record<string, string>> = {
  nodemap_add: "000ce040", // d013
  nodemap_del: "000ce041", // d199
  nodemap_add_range: "000ce042", // d042
  nodemap_del_range: "000ce043", // d081
  nodemap_add_offset: "000ce04c", // y452
  nodemap_del_offset: "000ce04d", // y461
  nodemap_activate: "000ce048", // d206
  admin: "000ce049", // d108
  trusted: "000ce050",
  squash_uid: "000ce051", // d113
  squash_gid: "000ce052",
  nodemap_test_nid: "000ce055", // d078
  nodemap_set_fileset: "000ce057", // d133
  deny_unknown: "000ce058",
  map_mode: "000ce059",
  audit_mode: "000ce05a",
  nodemap_set_sepol: "000ce05b", // d168
  forbid_encryption: "000ce05c",
  squash_projid: "000ce05d",
  readonly_mount: "000ce05e",
  rbac: "000ce05f", // d105
  deny_mount: "000ce060",
  child_raise_privileges: "000ce061",
  nodemap_fileset_add: "000ce062", // d147
  nodemap_set_cap: "000ce063", // y100
  nodemap_fileset_del: "000ce064", // d160
  nodemap_fileset_modify: "000ce067", // d156
  nodemap_banlist_add: "000ce068", // d178
  nodemap_banlist_del: "000ce069",
};

export function misused(context: Context, command: string, reason: string): number {
  if (isTwoSixteen(context.state())) {
    context.err(reason === "" ? (usage216[command] ?? "") : `${reason}\n`);
    return EINVAL;
  }
  context.out(usage[command] ?? "");
  if (reason !== "") context.err(`${reason}\n`);
  return CMD_HELP;
}

function ioctlOf(command: string): string {
  return ioctls[command] ?? "000ce000";
}

export function refusedByKernel(context: Context, command: string, errno: number): void {
  saidByKernel(context, ioctlOf(command), errno);
}

function saidByKernel(context: Context, ioctl: string, errno: number): void {
  context.err(`error: invalid ioctl: ${ioctl} errno: ${errno}: ${strerror(errno)}\n`);
}

/** add, del, ranges, activate, test_nid, sepol, banlist: exit 1 on 2.17.0. `long` is what 2.16.1 says in the second line instead. */
export function failed(context: Context, command: string, errno: number, long?: string, ioctl = ioctlOf(command)): number {
  saidByKernel(context, ioctl, errno);
  const twoSixteen = isTwoSixteen(context.state());
  context.err(twoSixteen && long ? `error: ${command}: ${long}: ${strerror(errno)}\n` : `${command}: ${strerror(errno)}\n`);
  return twoSixteen ? errno : 1;
}

/** The same families on a host that is not the MGS: there is no ioctl to refuse (golden e004, e008, e009). */
export function notOnMgs(context: Context, command: string): number {
  context.err(`${command}: ${strerror(EINVAL)}\n`);
  return isTwoSixteen(context.state()) ? EINVAL : 1;
}

/** The MGS answers root alone; to anybody else lctl is as it is on a client (golden d026). */
export function maySteer(context: Context): boolean {
  return context.sight.mgs && context.uid === 0;
}
