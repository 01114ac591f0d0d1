// `lctl --list-commands`: every command by section, in columns (golden a037). 2.16 lacks those of `since217` (golden m216lctl-017).
import type { Context } from "../context";
import { isTwoSixteen } from "../state";

const sections: readonly (readonly [title: string, commands: string])[] = [
  ["", "quit exit help --help version --version list-commands --list-commands --ignore_errors ignore_errors"],
  ["===== metacommands =======", "--device"],
  ["======== control =========", "lustre_build_version"],
  [
    "===== network config =====",
    "--net network net list_nids which_nid replace_nids interface_list peer_list conn_list route_list show_route ping net_drop_add net_drop_del net_drop_reset net_drop_list net_drop net_delay_add net_delay_del net_delay_reset net_delay_list net_delay",
  ],
  ["==== obd device selection ====", "device cfg_device device_list dl"],
  [
    "==== obd device operations ====",
    "activate deactivate abort_recovery abort_recovery_mdt recover conf_param get_param set_param apply_yaml list_param find_param del_ost",
  ],
  ["==== debugging control ====", "debug_daemon debug_kernel dk debug_file df clear mark filter show debug_list modules"],
  ["===  Pools ==", "pool_new pool_add pool_remove pool_destroy pool_list"],
  ["===  Barrier ==", "barrier_freeze barrier_thaw barrier_stat barrier_rescan barrier"],
  ["===  Snapshot ==", "snapshot_create snapshot_destroy snapshot_modify snapshot_list snapshot_mount snapshot_umount snapshot"],
  [
    "=== Nodemap ===",
    "nodemap_activate nodemap_add nodemap_new nodemap_del nodemap_add_range nodemap_del_range nodemap_banlist_add nodemap_banlist_del nodemap_fileset_add nodemap_fileset_del nodemap_fileset_modify nodemap_modify nodemap_add_offset nodemap_del_offset nodemap_add_idmap nodemap_del_idmap nodemap_set_fileset nodemap_set_sepol nodemap_set_cap nodemap_test_nid nodemap_test_id nodemap_info nodemap",
  ],
  ["===  Changelogs ==", "changelog_register changelog_deregister changelog"],
  ["=== Persistent Client Cache ===", "pcc"],
  ["== device setup (these are not normally used post 1.4) ==", "attach detach setup cleanup"],
  ["==== LFSCK ====", "lfsck_start lfsck_stop lfsck_query lfsck"],
  [
    "==== LLOG ====",
    "llog_catlist llog_info llog_print llog_cancel llog_check llog_remove llog lcfg_clear clear_conf lcfg_fork fork_lcfg lcfg_erase erase_lcfg",
  ],
  ["==== obsolete (DANGEROUS) ====", "add_interface del_interface add_route del_route set_route"],
  [
    "==== testing (DANGEROUS) ====",
    "--threads lookup readonly notransno add_uuid del_uuid add_peer del_peer add_conn del_conn disconnect push mynid fail test_create test_mkdir test_destroy test_rmdir test_lookup test_setxattr test_md_getattr getattr setattr create destroy test_getattr test_setattr test_brw getobjversion",
  ],
];

const perLine = 4;

export function listCommands(context: Context, since217: readonly string[]): number {
  const hidden = new Set(isTwoSixteen(context.state()) ? since217 : []);
  for (const [title, text] of sections) {
    if (title !== "") context.out(`\n${title}\n`);
    const names = text.split(" ").filter((name) => !hidden.has(name));
    for (let at = 0; at < names.length; at += perLine) {
      const row = names.slice(at, at + perLine).map((name) => `${name} `.padEnd(20));
      context.out(`${row.join("")}\n`);
    }
  }
  return 0;
}
