// Words of gluster(8) that depend on nothing (golden version, no-words, bad-command, name-*).

import type { Release } from "./state";

export const version = (release: Release) => `glusterfs ${release}
Repository revision: git://git.gluster.org/glusterfs.git
Copyright (c) 2006-2016 Red Hat, Inc. <https://www.gluster.org/>
GlusterFS comes with ABSOLUTELY NO WARRANTY.
It is licensed to you under your choice of the GNU Lesser
General Public License, version 3 or any later version (LGPLv3
or later), or the GNU General Public License, version 2 (GPLv2),
in all cases as published by the Free Software Foundation.
`;

export const welcome = "Welcome to gluster prompt, type 'help' to see the available commands.\n";

const groups: Readonly<Record<string, readonly string[]>> = {
  volume: ["create", "delete", "get", "info", "list", "quota", "reset", "set", "start", "status", "stop"],
  snapshot: ["activate", "clone", "config", "create", "deactivate", "delete", "info", "list", "restore", "status"],
  pool: ["list"],
  peer: ["status"],
};

export function unrecognized(words: readonly string[]): string {
  const isKnown = Object.hasOwn(groups, words[0] ?? "");
  const position = isKnown ? 1 : 0;
  return `unrecognized word: ${words[position] ?? words[0]} (position ${position})\n
 Usage: gluster [options] <help> <peer> <pool> <volume>
 Options:
 --help  Shows the help information
 --version  Shows the version
 --print-logdir  Shows the log directory
 --print-statedumpdir Shows the state dump directory\n
`;
}

export const usages = {
  create:
    "volume create <NEW-VOLNAME> [[replica <COUNT> [arbiter <COUNT>]]|[replica 2 thin-arbiter 1]] [disperse [<COUNT>]] [disperse-data <COUNT>] [redundancy <COUNT>] [transport <tcp|rdma|tcp,rdma>] <NEW-BRICK> <TA-BRICK>... [force]",
  delete: "volume delete <VOLNAME>",
  get: "volume get <VOLNAME|all> <key|all>",
  info: "volume info [all|<VOLNAME>]",
  quota: `volume quota <VOLNAME> {enable|disable|list [<path> ...]| list-objects [<path> ...] | remove <path>| remove-objects <path> | default-soft-limit <percent>}
volume quota <VOLNAME> {limit-usage <path> <size> [<percent>]}
volume quota <VOLNAME> {limit-objects <path> <number> [<percent>]}
volume quota <VOLNAME> {alert-time|soft-timeout|hard-timeout} {<time>}`,
  reset: "volume reset <VOLNAME> [option] [force]",
  set: "volume set <VOLNAME> group <GROUP>",
  snapshotCreate: "snapshot create <snapname> <volname> [no-timestamp] [description <description>]",
  start: "volume start <VOLNAME> [force]",
  stop: "volume stop <VOLNAME> [force]",
} as const;
