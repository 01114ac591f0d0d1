// sandbox mounts, unmount: clients that stay mounted. What a client has mounted it keeps, whatever becomes of its nodemap; only the
// banlist cuts it off (golden f009, f024, f031, f034, f039, f047).
import { join } from "node:path";
import { mountDirectory } from "../context";
import { endMount } from "../gluster/mounts";
import { statOf } from "../inodes";
import { readNid } from "../nid-range";
import { isBanned, nodemapOfNid } from "../nodemap-lookup";
import { existingSandbox, type OperatorCommand, Refusal } from "../operator";
import { has } from "../options";
import type { LiveMount, State } from "../state";
import { changeState, readState } from "../store";
import { type Columns, table } from "./table";

export const mounts: OperatorCommand = {
  summary: "list the clients that stay mounted and what each can do now",
  usage: "mounts [--json] [--dir DIRECTORY]",
  options: [{ name: "json", long: "json" }],
  run: (operation) => {
    const dir = existingSandbox(operation);
    const state = readState(dir);
    const found = state.mounts.map((mount) => ({ ...mount, now: abilityOf(state, mountDirectory(dir), mount) }));
    operation.io.stdout(has(operation.parsed, "json") ? `${JSON.stringify(found, null, 2)}\n` : table(found, columns));
    return 0;
  },
};

const columns: Columns<LiveMount & { now: Ability }> = {
  ID: ({ id }) => id,
  NID: ({ nid }) => nid,
  EXPORT: (mount) => mount.export,
  SEES: ({ root }) => root,
  NOW: ({ now }) => now,
};

type Ability = "rw" | "ro" | "cut off (banned)" | "stale (its directory is gone)";

function abilityOf(state: State, fileSystemRoot: string, mount: LiveMount): Ability {
  const nid = readNid(mount.nid);
  if (nid && state.nodemapActive && isBanned(nodemapOfNid(state, nid), nid)) return "cut off (banned)";
  if (!statOf(join(fileSystemRoot, mount.root))) return "stale (its directory is gone)";
  return mount.readOnly ? "ro" : "rw";
}

export const unmount: OperatorCommand = {
  summary: "end a mount that `mount-as --keep ID` made",
  usage: "unmount ID [--dir DIRECTORY]",
  run: (operation) => {
    const [id] = operation.parsed.operands;
    return changeState(existingSandbox(operation), (state) => {
      const gluster = state.gluster?.mounts.find((mount) => mount.id === id);
      if (state.gluster && gluster) {
        endMount(state.gluster, gluster);
        return 0;
      }
      const left = state.mounts.filter((mount) => mount.id !== id);
      if (left.length === state.mounts.length) throw new Refusal(`there is no mount '${id}'`);
      state.mounts = left;
      return 0;
    });
  },
};
