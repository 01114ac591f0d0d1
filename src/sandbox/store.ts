// The state store: D/state.json is read by anyone and changed only under the lock, by temp and rename.
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { withLock } from "./lock";
import { settlePending } from "./pending";
import { isDegraded, type State } from "./state";

export const files = {
  marker: "sharewright-sandbox",
  state: "state.json",
  lock: "lock",
  mnt: "mnt",
  run: "run",
  bin: "bin",
  hosts: "hosts",
  log: "log.ndjson",
  armed: "armed",
  /** There while a target is down. */
  degraded: "degraded",
  violations: "violations.ndjson",
  projectNames: "etc/projid",
  accounts: "etc/passwd",
} as const;

/** Without the lock: the file is replaced as a whole, so a reader sees one state or the next. */
export function readState(dir: string): State {
  const state = JSON.parse(readFileSync(join(dir, files.state), "utf8")) as State;
  settlePending(state, Date.now());
  return state;
}

export function writeState(dir: string, state: State): void {
  replaceFile(join(dir, files.state), JSON.stringify(state));
  const mark = join(dir, files.degraded);
  if (isDegraded(state) === existsSync(mark)) return;
  if (isDegraded(state)) writeFileSync(mark, "");
  else rmSync(mark, { force: true });
}

/** `change` returns what the command answers. It must not yield: see io.ts. */
export function changeState<T>(dir: string, change: (state: State) => T): T {
  return locked(dir, () => {
    const state = readState(dir);
    const result = change(state);
    writeState(dir, state);
    return result;
  });
}

export function locked<T>(dir: string, work: () => T): T {
  return withLock(join(dir, files.lock), work);
}

export function replaceFile(path: string, text: string): void {
  const temp = `${path}.${process.pid}.tmp`;
  writeFileSync(temp, text);
  renameSync(temp, path);
}
