// sandbox target, server, param: what happens to servers without anybody's command.
import { existingSandbox, type OperatorCommand, Refusal } from "../operator";
import { applyParameter, setOnlyFileset } from "../pending";
import { isTwoSixteen, type State } from "../state";
import { changeState } from "../store";

export const target: OperatorCommand = {
  summary: "take targets down or up: whoever touches a file with an object there hangs; lfs quota answers [n] and exit 5",
  usage: "target down|up OST0001 ... [--dir DIRECTORY]",
  run: (operation) => {
    const [action, ...names] = operation.parsed.operands;
    if ((action !== "down" && action !== "up") || names.length === 0)
      throw new Refusal(`target ${action ?? ""}: down or up, and which`);
    return changeState(existingSandbox(operation), (state) => {
      for (const name of names) {
        const found = state.targets.find((candidate) => candidate.name === name);
        if (!found)
          throw new Refusal(`there is no target '${name}', only ${state.targets.map((known) => known.name).join(", ")}`);
        found.up = action === "up";
      }
      return 0;
    });
  },
};

export const server: OperatorCommand = {
  summary: "restart the servers: what was not set for good is gone",
  usage: "server restart [--dir DIRECTORY]",
  run: (operation) => {
    const [action] = operation.parsed.operands;
    if (action !== "restart") throw new Refusal(`server ${action ?? ""}: restart`);
    changeState(existingSandbox(operation), restart);
    return 0;
  },
};

/** On 2.16 nodemap_set_fileset changes only the running MGS (reference: 2.16 fileset persistence, from sources and sanity-sec 27a). */
function restart(state: State): void {
  state.parameters = {};
  if (isTwoSixteen(state)) for (const { name } of state.nodemaps) setOnlyFileset(state, name, "");
  for (const [name, value] of Object.entries(state.persistent)) applyParameter(state, name, value);
  state.pending = [];
}

type Setting = (state: State, value: string) => void;

const settings: Readonly<Record<string, Setting>> = {
  mount_options: (state, value) => {
    state.mountOptions = value;
  },
  persist_delay_ms: (state, value) => {
    state.persistDelayMs = Number(value);
  },
  server_nid: (state, value) => {
    state.serverNid = value;
  },
};

export const param: OperatorCommand = {
  summary: "set a server parameter by hand, or mount_options, persist_delay_ms, server_nid, TARGET.kib, TARGET.inodes",
  usage: "param NAME=VALUE ... [--dir DIRECTORY]",
  run: (operation) => {
    changeState(existingSandbox(operation), (state) => {
      for (const operand of operation.parsed.operands) {
        const at = operand.indexOf("=");
        if (at < 1) throw new Refusal(`'${operand}' is not NAME=VALUE`);
        set(state, operand.slice(0, at), operand.slice(at + 1));
      }
    });
    return 0;
  },
};

function set(state: State, name: string, value: string): void {
  const setting = Object.hasOwn(settings, name) ? settings[name] : undefined;
  const [targetName, field] = name.split(".");
  const sized = state.targets.find((candidate) => candidate.name === targetName);
  if (setting) setting(state, value);
  else if (sized && (field === "kib" || field === "inodes")) sized[field] = Number(value);
  else applyParameter(state, name, value);
}
