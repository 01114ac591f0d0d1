// `set_param -P` and `conf_param` return before they take effect, and an identical value is a no-op even if the live state
// differs (reference: the ten, number 9; golden h003, q022, q023).
import { domParameter } from "./layouts";
import { dropFileset, findNodemap, putFileset } from "./nodemaps";
import type { State } from "./state";

export function setPersistent(state: State, name: string, value: string, now: number): void {
  if (state.persistent[name] === value) return;
  state.persistent[name] = value;
  state.pending.push({ at: now + state.persistDelayMs, name, value });
}

/** `set_param -P -d` takes the line out of the log; what it has done already stays (golden d195, i002). */
export function forgetPersistent(state: State, name: string): void {
  delete state.persistent[name];
  state.pending = state.pending.filter((change) => change.name !== name);
}

export function settlePending(state: State, now: number): void {
  if (!state.pending.some(({ at }) => at <= now)) return;
  for (const { name, value } of state.pending.filter(({ at }) => at <= now)) applyParameter(state, name, value);
  state.pending = state.pending.filter(({ at }) => at > now);
}

/** `name` may hold `*`: it stands in the log as it was written and is matched by each server. */
export function applyParameter(state: State, name: string, value: string): void {
  const fileset = /^nodemap\.([^.]+)\.fileset$/.exec(name);
  if (fileset?.[1]) setOnlyFileset(state, fileset[1], value);
  else for (const live of liveNames(state, name)) state.parameters[live] = value;
}

export function setOnlyFileset(state: State, nodemapName: string, path: string): void {
  const nodemap = findNodemap(state, nodemapName);
  if (!nodemap) return; // the log may name what is not there (any more)
  const former = nodemap.filesets.find(({ primary }) => primary);
  if (former) dropFileset(nodemap, former);
  // both '' and 'clear' empty it (golden d142, d143)
  if (path !== "" && path !== "clear") putFileset(nodemap, { path, primary: true, readOnly: false });
}

function liveNames(state: State, name: string): string[] {
  if (/^lod\.[^.]+\.dom_stripesize$/.test(name)) return [domParameter(state)];
  const [, family = "", device = "", leaf = ""] =
    /^(osd-\*|osd-ldiskfs|mdt)\.([^.]+)\.(quota_slave\.\w+|identity_upcall)$/.exec(name) ?? [];
  if (leaf === "") return [name];
  const isMdt = family === "mdt";
  return state.targets
    .filter(({ kind }) => !isMdt || kind === "mdt")
    .map((target) => `${state.fsName}-${target.name}`)
    .filter((target) => device === "*" || device === target || new RegExp(`^${device.replaceAll("*", ".*")}$`).test(target))
    .map((target) => `${isMdt ? "mdt" : "osd-ldiskfs"}.${target}.${leaf}`);
}
