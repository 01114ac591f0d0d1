// Makes a sandbox: the directory, its state, and one executable file for each command and host.
import { chmodSync, mkdirSync, realpathSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { firstAccounts } from "./accounts";
import { brickRoot, certificates, hostRoot } from "./gluster/files";
import { serverNames, setUpGluster } from "./gluster/setup";
import { type HostName, hosts } from "./hosts";
import { closedFileset, initialState, type Setup } from "./initial-state";
import { sleep } from "./io";
import { makeLock } from "./lock";
import { findTools } from "./posix/real-tool";
import { clientOf } from "./resident";
import { quote } from "./shell-text";
import { files, writeState } from "./store";

/** They answer for Lustre, or need what it does: always our code. */
const standIns = ["lfs", "lctl", "stat", "chown", "mv", "df", "findmnt", "getent"];

/** Ours as well where the sandbox has GlusterFS. A client has no gluster. */
const glusterStandIns = ["gluster", "mount", "umount", "mountpoint", "mount.glusterfs", "getfattr", "setfattr"];

/** Real tools. Ours look at them only while a fault, the log or the watch is on, or a target is down; and at a find that prints owners. */
const passThroughs = [
  "cat", "chmod", "cp", "dd", "find", "flock", "head", "ln", "ls", "mkdir", "mktemp", "mountpoint", "readlink", "realpath",
  "rm", "rmdir", "sync", "tee", "test", "touch", "truncate", "unlink", "wc",
]; // biome-ignore format: a list of words

interface StartOptions extends Omit<Setup, "birthTimes" | "mountPoint"> {
  dir: string;
  path: string;
  /** How many Gluster clusters there are besides the Lustre. */
  clusters?: number;
}

/** Returns the directory's real path. */
export function startSandbox({ dir: asked, path, clusters = 0, ...setup }: StartOptions): string {
  mkdirSync(asked, { recursive: true });
  const dir = realpathSync(asked);
  for (const name of [files.mnt, files.run, files.bin]) mkdirSync(join(dir, name), { recursive: true });
  makeLock(join(dir, files.lock));
  const mountPoint = join(dir, files.mnt);
  chmodSync(mountPoint, 0o755);
  const state = initialState({ ...setup, mountPoint, birthTimes: hasBirthTimes(dir) });
  if (clusters > 0) state.gluster = setUpGluster(dir, clusters);
  writeState(dir, state);
  makeClosedFileset(mountPoint, setup);
  mkdirSync(join(dir, dirname(files.accounts)), { recursive: true });
  writeFileSync(join(dir, files.accounts), firstAccounts);
  const reals = findTools(passThroughs, path);
  const withGluster = (host: HostName) => clusters > 0 && (host === "all" || host === "client" || !Object.hasOwn(hosts, host));
  writeStandIns(dir, join(dir, files.bin), "all", reals, withGluster("all"));
  const servers = Array.from({ length: clusters }, (_, index) => serverNames(index + 1)).flat();
  for (const host of [...Object.keys(hosts), ...servers] as HostName[]) {
    if (host !== "all") writeStandIns(dir, join(dir, files.hosts, host, files.bin), host, reals, withGluster(host));
  }
  writeFileSync(join(dir, files.marker), "A sharewright sandbox. `sharewright sandbox stop` removes this directory.\n");
  return dir;
}

export function makeClosedFileset(mount: string, { version, bare }: Pick<Setup, "version" | "bare">): void {
  if (version !== "2.16.1" || bare) return;
  const closed = join(mount, closedFileset);
  mkdirSync(dirname(closed), { recursive: true, mode: 0o700 });
  mkdirSync(closed, { mode: 0o000 });
}

function writeStandIns(dir: string, bin: string, host: HostName, reals: ReadonlyMap<string, string>, withGluster: boolean): void {
  mkdirSync(bin, { recursive: true });
  const client = quote(clientOf(dir));
  const ours = (tool: string) =>
    `[ -x ${client} ] && exec ${client} ${tool} ${host} "$@"\ntool=${tool} host=${host}\n${startTool(dir, __filename)}\n`;
  const gluster = withGluster ? glusterStandIns.filter((tool) => host !== "client" || tool !== "gluster") : [];
  const begin = (tool: string) => `#!/bin/sh\n${withGluster ? ownRoot(dir, host, tool) : ""}`;
  for (const tool of [...standIns, ...gluster]) writeExecutable(join(bin, tool), `${begin(tool)}${ours(tool)}`);
  for (const tool of passThroughs.filter((name) => !gluster.includes(name))) {
    const real = reals.get(tool);
    if (!real) continue;
    const [armed, degraded] = [files.armed, files.degraded].map((name) => quote(join(dir, name)));
    const plain = `[ -e ${armed} ] || [ -e ${degraded} ] || exec ${quote(real)} "$@"`;
    const unlessVirtual = tool === "find" ? `case "$*" in *%U*) ;; *) ${plain} ;; esac` : plain;
    writeExecutable(join(bin, tool), `${begin(tool)}${unlessVirtual}\n${ours(tool)}`);
  }
}

/** Node would read and parse the certificate bundle at every start, 95 ms each. */
export function startTool(dir: string, bundle: string): string {
  return `NODE_EXTRA_CA_CERTS= exec ${quote(process.execPath)} ${quote(bundle)} "$tool" "$host" ${quote(dir)} "$@"`;
}

/**
 * Bricks and certificates are each host's own: its tools see them in its root directory. A Gluster mount is a symbolic link here, which find
 * has to follow as it would enter the mount.
 */
function ownRoot(dir: string, host: HostName, tool: string): string {
  const root = quote(hostRoot(dir, host));
  const theirs = `${brickRoot} | ${brickRoot}/* | ${certificates}/glusterfs.* | /usr/lib/ssl/glusterfs.*`;
  const follow = tool === "find" ? 'set -- -H "$@"\n' : "";
  return `for word do
  shift
  case $word in ${theirs}) word=${root}$word ;; esac
  set -- "$@" "$word"
done
${follow}`;
}

function writeExecutable(path: string, text: string): void {
  writeFileSync(path, text);
  chmodSync(path, 0o755);
}

/** By device, of this process. */
const birthTimes = new Map<number, boolean>();

/** Some file systems answer the time of the last change instead of the birth. Without births inode numbers alone have to do. */
function hasBirthTimes(dir: string): boolean {
  const { dev } = statSync(dir);
  const known = birthTimes.get(dev) ?? keepsBirth(dir);
  birthTimes.set(dev, known);
  return known;
}

function keepsBirth(dir: string): boolean {
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
