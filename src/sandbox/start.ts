// Makes a sandbox: the directory, its state, and one executable file for each command and host.
import { chmodSync, mkdirSync, realpathSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type HostName, hosts } from "./hosts";
import { emptyFileset, initialState, type Setup } from "./initial-state";
import { sleep } from "./io";
import { makeLock } from "./lock";
import { findTool } from "./posix/real-tool";
import { files, writeState } from "./store";

/** They answer for Lustre, or need what it does: always our code. */
const standIns = ["lfs", "lctl", "stat", "chown", "mv", "df", "findmnt"];

/** Real tools. Ours look at them only while a fault, the log or the watch is on. */
const passThroughs = [
  "cat", "chmod", "cp", "dd", "find", "flock", "head", "ln", "ls", "mkdir", "mktemp", "mountpoint", "readlink", "realpath",
  "rm", "rmdir", "sync", "tee", "test", "touch", "truncate", "unlink",
]; // biome-ignore format: a list of words

interface StartOptions extends Omit<Setup, "birthTimes" | "mountPoint"> {
  dir: string;
  path: string;
}

/** Returns the directory's real path. */
export function startSandbox({ dir: asked, path, ...setup }: StartOptions): string {
  mkdirSync(asked, { recursive: true });
  const dir = realpathSync(asked);
  for (const name of [files.mnt, files.run, files.bin]) mkdirSync(join(dir, name), { recursive: true });
  makeLock(join(dir, files.lock));
  const mountPoint = join(dir, files.mnt);
  chmodSync(mountPoint, 0o755);
  writeState(dir, initialState({ ...setup, mountPoint, birthTimes: hasBirthTimes(dir) }));
  makeEmptyFileset(mountPoint, setup);
  writeStandIns(dir, join(dir, files.bin), "all", path);
  for (const host of Object.keys(hosts) as HostName[]) {
    if (host !== "all") writeStandIns(dir, join(dir, files.hosts, host, files.bin), host, path);
  }
  writeFileSync(join(dir, files.marker), "A sharewright sandbox. `sharewright sandbox stop` removes this directory.\n");
  return dir;
}

export function makeEmptyFileset(mount: string, { version, bare }: Pick<Setup, "version" | "bare">): void {
  if (version === "2.16.1" && !bare) mkdirSync(join(mount, emptyFileset), { recursive: true, mode: 0o755 });
}

function writeStandIns(dir: string, bin: string, host: HostName, path: string): void {
  mkdirSync(bin, { recursive: true });
  const bundle = realpathSync(process.argv[1] ?? "");
  // Node would read and parse the certificate bundle at every start, 95 ms each
  const ours = (tool: string) =>
    `NODE_EXTRA_CA_CERTS= exec ${quote(process.execPath)} ${quote(bundle)} sandbox-tool ${tool} ${host} ${quote(dir)} "$@"\n`;
  for (const tool of standIns) writeExecutable(join(bin, tool), `#!/bin/sh\n${ours(tool)}`);
  for (const tool of passThroughs) {
    const real = findTool(tool, path, dir);
    if (real === undefined) continue;
    const armed = quote(join(dir, files.armed));
    writeExecutable(join(bin, tool), `#!/bin/sh\n[ -e ${armed} ] || exec ${quote(real)} "$@"\n${ours(tool)}`);
  }
}

function writeExecutable(path: string, text: string): void {
  writeFileSync(path, text);
  chmodSync(path, 0o755);
}

function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** Some file systems answer the time of the last change instead of the birth. Without births inode numbers alone have to do. */
function hasBirthTimes(dir: string): boolean {
  const probe = join(dir, "birth-probe");
  writeFileSync(probe, "");
  const birth = () => statSync(probe, { bigint: true }).birthtimeNs;
  const before = birth();
  sleep(10);
  chmodSync(probe, 0o600);
  utimesSync(probe, 1, 1);
  const stays = birth() === before && before > 0n;
  rmSync(probe);
  return stays;
}
