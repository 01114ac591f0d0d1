// sandbox start, stop, reset: there is no daemon, a sandbox is a directory.
import { chmodSync, existsSync, lstatSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import { initialState } from "../initial-state";
import { directoryOf, existingSandbox, type Operation, type OperatorCommand, Refusal } from "../operator";
import { has, lastValue } from "../options";
import { makeEmptyFileset, startSandbox } from "../start";
import type { LustreVersion } from "../state";
import { changeState, files } from "../store";

const versions: Readonly<Record<string, LustreVersion>> = { "2.16": "2.16.1", "2.17": "2.17.0" };

export const start: OperatorCommand = {
  summary: "make a sandbox: a prepared Lustre site, or with --bare a fresh one",
  usage: "start [--dir DIRECTORY] [--lustre-version 2.16|2.17] [--fs-name scratch] [--bare]",
  options: [
    { name: "version", long: "lustre-version", argument: true },
    { name: "fsName", long: "fs-name", argument: true },
    { name: "bare", long: "bare" },
  ],
  run: (operation) => {
    const dir = directoryOf(operation);
    if (existsSync(join(dir, files.marker)))
      throw new Refusal(`${dir} is a sandbox already; \`reset\` empties it, \`stop\` removes it`);
    if (existsSync(dir) && readdirSync(dir).length > 0) throw new Refusal(`${dir} is not empty`);
    const { version, fsName } = setupOf(operation);
    const path = operation.io.env["PATH"] ?? "";
    const real = startSandbox({ dir, path, version, fsName, bare: has(operation.parsed, "bare") });
    operation.io.stdout(`Lustre ${version} "${fsName}" is mounted at ${join(real, files.mnt)}\n`);
    operation.io.stdout(`eval "$(sharewright sandbox env --dir ${real})" puts its lfs and lctl first on your PATH\n`);
    return 0;
  },
};

function setupOf({ parsed }: Operation): { version: LustreVersion; fsName: string } {
  const asked = lastValue(parsed, "version") ?? "2.17";
  const version = versions[asked];
  if (!version) throw new Refusal(`--lustre-version ${asked}: known are ${Object.keys(versions).join(" and ")}`);
  const fsName = lastValue(parsed, "fsName") ?? "scratch";
  if (!/^[A-Za-z0-9_-]{1,8}$/.test(fsName)) throw new Refusal(`--fs-name ${fsName}: one to eight letters, digits, _ or -`);
  return { version, fsName };
}

export const stop: OperatorCommand = {
  summary: "remove a sandbox and everything in it",
  usage: "stop [--dir DIRECTORY]",
  run: (operation) => {
    const dir = existingSandbox(operation);
    // the marker goes last: a stop that was interrupted can be repeated
    const marker = join(dir, files.marker);
    for (const name of readdirSync(dir)) if (name !== files.marker) removeWithin(dir, name);
    rmSync(marker, { force: true });
    rmSync(dir, { recursive: true });
    operation.io.stdout(`removed ${dir}\n`);
    return 0;
  },
};

/** rmSync removes symlinks, never what they point to; directories that a test closed (mode 0) are opened first. */
function removeWithin(dir: string, name: string): void {
  const path = join(dir, name);
  openDirectories(path);
  rmSync(path, { recursive: true, force: true });
}

function openDirectories(path: string): void {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return;
  if ((stat.mode & 0o700) !== 0o700) chmodSync(path, 0o700);
  for (const name of readdirSync(path)) openDirectories(join(path, name));
}

export const reset: OperatorCommand = {
  summary: "empty a sandbox: files, nodemaps, quotas, parameters, faults, log",
  usage: "reset [--dir DIRECTORY] [--bare]",
  options: [{ name: "bare", long: "bare" }],
  run: (operation) => {
    const dir = existingSandbox(operation);
    const mount = realpathSync(join(dir, files.mnt));
    changeState(dir, (state) => {
      for (const name of [files.armed, files.log, files.violations]) rmSync(join(dir, name), { force: true });
      for (const name of readdirSync(mount)) removeWithin(mount, name);
      const run = join(dir, files.run);
      for (const name of readdirSync(run)) removeWithin(run, name);
      const { version, fsName, mountPoint, birthTimes } = state;
      const bare = has(operation.parsed, "bare");
      Object.assign(state, initialState({ version, fsName, mountPoint, birthTimes, bare }));
      makeEmptyFileset(mount, { version, bare });
    });
    return 0;
  },
};
