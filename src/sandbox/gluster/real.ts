// The real GlusterFS in a sandbox's directory: each server is a mount namespace with a glusterd on a loopback address of its own. Needs root, for
// FUSE, trusted attributes and namespaces do. Nothing of the system's own is written.
import { type SpawnSyncReturns, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { sleep } from "../io";
import { findTool, outsideSandboxes } from "../posix/real-tool";
import { brickRoot } from "./files";
import { infrastructureNames } from "./identity";
import { pool, writeCertificates } from "./setup";

export interface RealOptions {
  /** Of the sandbox: all is below `DIR/real`. */
  dir: string;
  path: string;
  clusters: number;
  servers: number;
  /** After so long everything ends by itself. */
  seconds: number;
}

/** A server, or (without an address) the host that manages shares. */
export interface RealHost {
  /** "gluster1-2", "client" */
  name: string;
  /** As pool, bricks and export locations name it: "127.160.1.2". */
  address?: string;
  /** Directory of the host's tools, for the `path` of a connection. */
  bin: string;
}

const needed = ["glusterd", "gluster", "mount.glusterfs", "unshare", "nsenter", "timeout"];

/** What is missing to run it, in words; undefined if nothing is. */
export function realProblem(path: string): string | undefined {
  if (process.getuid?.() !== 0) return "the real GlusterFS needs root; without it, `sandbox start --gluster` has stand-ins";
  const search = `${path}:/usr/sbin:/sbin`;
  const missing = needed.filter((tool) => findTool(tool, search) === undefined);
  if (missing.length === 0) return undefined;
  return `${missing.join(", ")} not found on PATH: install glusterfs-server and glusterfs-client (apt install glusterfs-server)`;
}

/** Where bricks are made, the same path on every server and another directory on each. */
export function realBrickRoot(dir: string): string {
  return join(dir, "real", brickRoot);
}

/** Starts everything and makes the pool volumes. Throws with what the failing command said; then `stopReal` cleans up. */
export function startReal({ dir, path, clusters, servers, seconds }: RealOptions): RealHost[] {
  const network = freeNetwork(clusters);
  const search = `${path}:/usr/sbin:/sbin`;
  const hosts = Array.from({ length: clusters }, (_, cluster) =>
    Array.from({ length: servers }, (__, index): Required<RealHost> => {
      const name = `gluster${cluster + 1}-${index + 1}`;
      return { name, address: `127.${network + cluster}.1.${index + 1}`, bin: join(placeOf(dir, name), "bin") };
    }),
  );
  const client: RealHost = { name: "client", bin: join(placeOf(dir, "client"), "bin") };
  mkdirSync(realBrickRoot(dir), { recursive: true });
  writeCertificates((host) => join(placeOf(dir, host), "ssl"), ["client", ...hosts.flat().map(({ name }) => name)]);
  for (const host of [...hosts.flat(), client]) startHost(dir, host, search, seconds);
  for (const cluster of hosts) {
    for (const host of cluster) startGlusterd(dir, host, seconds);
    joinPool(dir, cluster);
    makePool(dir, cluster);
  }
  return [...hosts.flat(), client];
}

/** In the host's own /run: below the sandbox it could be longer than the 107 characters that a socket's path may have. */
const socket = "/run/gluster/glusterd.sock";
const placeOf = (dir: string, host: string) => join(dir, "real", host);
const firstNetwork = 160;

/** The first of 127.N.1.x on which no glusterd listens. */
function freeNetwork(count: number): number {
  const taken = readFileSync("/proc/net/tcp", "utf8");
  const isTaken = (network: number) =>
    new RegExp(`: [0-9A-F]{2}01${network.toString(16).toUpperCase().padStart(2, "0")}7F:5DC7 `).test(taken);
  for (let network = firstNetwork; network + count < 250; network += 10)
    if (!Array.from({ length: count }, (_, index) => isTaken(network + index)).includes(true)) return network;
  throw new Error("no loopback network is free: end the glusterds on 127.160.1.1 and above");
}

// ---- hosts ---------------------------------------------------------------------------------------------------------------------

/** When the time is over it ends all that lives with it: bricks are no children of their glusterd. Inside, certificates are the host's own, and so are the logs, and /run/gluster, where the daemons of all servers would meet (quotad.socket). */
const enter = `mount --make-rprivate /
mkdir -p /run/gluster && mount -t tmpfs -o mode=755 run /run/gluster
mkdir -p /var/log/glusterfs && mount --bind "$0/log" /var/log/glusterfs
for ssl in /etc/ssl /usr/lib/ssl; do
  [ -d $ssl ] && mount -t overlay -o "lowerdir=$0/ssl:$ssl" overlay $ssl
done
for gsyncd in /usr/lib/*/glusterfs/gsyncd /usr/libexec/glusterfs/gsyncd; do
  [ ! -e $gsyncd ] || mount --bind "$0/gsyncd" $gsyncd
done
[ ! -d "$0/bricks" ] || mount --bind "$0/bricks" "$1"
echo $$ >"$0/holder"
set +e
sleep "$2"
own=$(readlink /proc/$$/ns/mnt)
for entry in /proc/[0-9]*; do
  [ "$entry" = /proc/$$ ] || [ "$(readlink "$entry/ns/mnt")" != "$own" ] || kill -9 "\${entry#/proc/}"
done`;

/** Whatever looks at mounts, bricks and certificates: outside, a tool would find the bare directory below a mount, and nothing of a host's own. */
export const realTools = [
  "gluster", "mount", "umount", "findmnt", "mountpoint", "mount.glusterfs", "find", "cat", "test", "mkdir", "rmdir", "rm", "ls", "stat", "df",
  "touch", "chown", "chmod", "getfattr", "setfattr", "flock", "tee",
]; // biome-ignore format: a list of words

function startHost(dir: string, { name, address, bin }: RealHost, search: string, seconds: number): void {
  const place = placeOf(dir, name);
  for (const folder of ["bin", "work", "run", "log", ...(address === undefined ? [] : ["bricks"])])
    mkdirSync(join(place, folder), { recursive: true });
  // gluster and glusterd start it with every command to ask for its version, which takes Python 0.1 s each time.
  writeFileSync(join(place, "gsyncd"), "#!/bin/sh\necho gsyncd.py\n", { mode: 0o755 });
  const words = ["-m", "sh", "-ec", enter, place, realBrickRoot(dir), String(seconds)];
  spawn("unshare", words, { detached: true, stdio: "ignore", env: ownEnvironment() }).unref();
  waitFor(() => holderOf(dir, name) !== undefined, `the namespace of ${name}`);
  const holder = holderOf(dir, name);
  const options = `--glusterd-sock=${socket} --log-file='${place}/log/cli.log'`;
  for (const tool of realTools) {
    const real = findTool(tool, search);
    if (real === undefined || (tool === "gluster" && address === undefined)) continue;
    const line = `exec nsenter -t ${holder} -m -w"$PWD" -- '${real}'${tool === "gluster" ? ` ${options}` : ""} "$@"`;
    writeFileSync(join(bin, tool), `#!/bin/sh\n${line}\n`, { mode: 0o755 });
  }
}

/** The mount and the readlink of another sandbox would know nothing of these namespaces. */
function ownEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: outsideSandboxes(process.env["PATH"] ?? "") };
}

function holderOf(dir: string, name: string): number | undefined {
  const file = join(placeOf(dir, name), "holder");
  const pid = existsSync(file) ? Number(readFileSync(file, "utf8")) : 0;
  return pid > 0 && existsSync(`/proc/${pid}`) ? pid : undefined;
}

function inHost(dir: string, name: string, argv: readonly string[]): SpawnSyncReturns<string> {
  const words = ["-t", String(holderOf(dir, name)), "-m", "--", ...argv];
  return spawnSync("nsenter", words, { encoding: "utf8", timeout: 120_000, env: ownEnvironment() });
}

// ---- glusterd ------------------------------------------------------------------------------------------------------------------

/** Starts the glusterd of a server (again). Without the keepalive options probing hangs for two minutes. */
export function startGlusterd(dir: string, { name, address }: Required<RealHost>, seconds: number): void {
  const place = placeOf(dir, name);
  const options = {
    "working-directory": join(place, "work"),
    "run-directory": join(place, "run"),
    "logging-directory": join(place, "log"),
    "glusterd-sockfile": socket,
    "transport-type": "socket",
    "transport.address-family": "inet",
    "transport.socket.bind-address": address,
    "transport.socket.listen-port": "24007",
    "transport.socket.keepalive-time": "10",
    "transport.socket.keepalive-interval": "2",
    "ping-timeout": "0",
    "event-threads": "1",
  };
  const lines = Object.entries(options).map(([option, value]) => `    option ${option} ${value}\n`);
  writeFileSync(join(place, "glusterd.vol"), `volume management\n    type mgmt/glusterd\n${lines.join("")}end-volume\n`);
  const log = join(place, "log/glusterd.log");
  const daemon = ["glusterd", "-N", "-f", join(place, "glusterd.vol"), "-l", log, "-p", join(place, "glusterd.pid")];
  const words = ["-t", String(holderOf(dir, name)), "-m", "--", "timeout", String(seconds), ...daemon];
  spawn("nsenter", words, { detached: true, stdio: "ignore", env: ownEnvironment() }).unref();
  const isUp = () => spawnSync(join(place, "bin/gluster"), ["pool", "list"], { timeout: 10_000 }).status === 0;
  waitFor(isUp, `glusterd of ${name} (its log: ${log})`);
}

function gluster(dir: string, { name }: RealHost, ...words: string[]): string {
  const { status, stdout, stderr } = spawnSync(join(placeOf(dir, name), "bin/gluster"), ["--mode=script", ...words], {
    encoding: "utf8",
    timeout: 120_000,
  });
  if (status !== 0) throw new Error(`gluster ${words.join(" ")} on ${name}: ${stdout}${stderr}`);
  return stdout;
}

function joinPool(dir: string, cluster: readonly Required<RealHost>[]): void {
  const [first, ...others] = cluster;
  if (!first) return;
  for (const { address } of others) gluster(dir, first, "peer", "probe", address);
  const knowsAll = (host: RealHost) => gluster(dir, host, "pool", "list").match(/\bConnected/g)?.length === cluster.length;
  waitFor(() => cluster.every(knowsAll), `the pool of ${first.name}`);
}

function makePool(dir: string, cluster: readonly Required<RealHost>[]): void {
  const [first] = cluster;
  if (!first) return;
  for (const { name, gib } of pool) {
    const place = join(realBrickRoot(dir), name);
    for (const host of cluster) {
      const size = `size=${Math.ceil(gib * 1024 * 1.03)}m`;
      const { status, stderr } = inHost(dir, host.name, [
        "sh",
        "-ec",
        'mkdir -p "$0"; mount -t tmpfs -o "$1" pool "$0"',
        place,
        size,
      ]);
      if (status !== 0) throw new Error(`a file system for ${name} on ${host.name}: ${stderr}`);
    }
    const bricks = cluster.map(({ address }) => `${address}:${place}/brick`);
    gluster(dir, first, "volume", "create", name, ...(bricks.length > 1 ? ["replica", String(bricks.length)] : []), ...bricks);
    gluster(dir, first, "volume", "set", name, "auth.ssl-allow", infrastructureNames(cluster.length));
    gluster(dir, first, "volume", "start", name);
  }
}

// ---- the end -------------------------------------------------------------------------------------------------------------------

/** Ends every process that lives in one of the sandbox's namespaces; their mounts go with them. */
export function stopReal(dir: string): void {
  const place = join(dir, "real");
  if (!existsSync(place)) return;
  const holders = readdirSync(place).flatMap((name) => holderOf(dir, name) ?? []);
  const spaces = new Set(holders.map(namespaceOf));
  const inside = () =>
    readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid && spaces.has(namespaceOf(Number(name))))
      .map(Number);
  if (holders.length === 0 || spaces.has(namespaceOf(process.pid))) return;
  for (let tries = 0; inside().length > 0 && tries < 100; tries++) {
    for (const pid of inside()) send(pid);
    sleep(20);
  }
}

function namespaceOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`);
  } catch {
    return undefined;
  }
}

function send(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // it was gone already
  }
}

function waitFor(condition: () => boolean, what: string): void {
  const deadline = Date.now() + 30_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`${what} did not come up within 30 s`);
    sleep(100);
  }
}
