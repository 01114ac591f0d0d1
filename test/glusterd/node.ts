// One server of a cluster: a machine with a real glusterd on a loopback address of its own.
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { kill, until, whenEnded } from "../sshd/processes";
import type { Identity } from "./identities";
import { type Ended, type Machine, startMachine } from "./machine";

export interface GlusterNode {
  /** As the trusted pool, bricks and mounts name it. */
  readonly host: string;
  readonly machine: Machine;
  /** "That server": its `gluster`, and its mounts. */
  readonly connection: { type: "local"; path: string[] };
  /** The file system of bricks, in memory: below it make directories with `machine`. */
  readonly brickRoot: string;
  readonly workingDirectory: string;
  readonly uuid: string;
  gluster(...words: string[]): Ended;
  isUp(): boolean;
  /** Starts glusterd; throws with the end of its log if it does not come up. */
  start(): Promise<void>;
  /** Ends glusterd as if it had crashed: bricks live on. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  log(): string;
}

export interface NodeOptions {
  host: string;
  directory: string;
  identity: Identity;
  /** Of the file system of bricks. */
  capacity: string;
}

export async function startNode({ host, directory, identity, capacity }: NodeOptions): Promise<GlusterNode> {
  const at = (name: string) => join(directory, name);
  for (const name of ["work", "run", "log", "bricks"]) mkdirSync(at(name), { recursive: true });
  writeFileSync(at("glusterd.vol"), volumeFile(host, directory));
  // `gluster` and glusterd start it with every command to ask for its version, which takes Python 0.1 s each time.
  writeFileSync(at("gsyncd"), "#!/bin/sh\necho gsyncd.py\n", { mode: 0o755 });
  const machine = await startMachine({
    directory,
    identity,
    mounts: [
      `mount -t tmpfs -o size=${capacity},mode=755 bricks ${at("bricks")}`,
      // Every quota daemon listens in there, whatever the run directory: bricks and the CLI would meet that of another server.
      "mkdir -p /run/gluster",
      "mount -t tmpfs -o mode=755 run /run/gluster",
      ...gsyncd().map((path) => `mount --bind ${at("gsyncd")} ${path}`),
    ],
  });
  const gluster = ["/usr/sbin/gluster", `--glusterd-sock=${at("glusterd.sock")}`, `--log-file=${at("log/cli.log")}`];
  machine.addTool("gluster", gluster);
  const log = at("log/glusterd.log");
  let daemon: ChildProcess | undefined;
  const node: GlusterNode = {
    host,
    machine,
    connection: { type: "local", path: [machine.bin] },
    brickRoot: at("bricks"),
    workingDirectory: at("work"),
    get uuid() {
      return /^UUID=(.*)$/m.exec(readFileSync(at("work/glusterd.info"), "utf8"))?.[1] ?? "";
    },
    gluster: (...words) => machine.run([...gluster, "--mode=script", ...words], 130),
    isUp: () => node.gluster("pool", "list").status === 0,
    async start() {
      const child = machine.start(["glusterd", "-N", "-f", at("glusterd.vol"), "-l", log, "-p", at("run/glusterd.pid")]);
      for (const stream of [child.stdout, child.stderr]) stream.resume();
      daemon = child;
      await until(() => child.exitCode !== null || (existsSync(at("glusterd.sock")) && node.isUp()), `glusterd of ${host}`);
      if (child.exitCode !== null) throw new Error(`glusterd of ${host} ended:\n${node.log().slice(-2000)}`);
    },
    async kill() {
      await kill(machine.pids("glusterd"));
      if (daemon) await whenEnded(daemon);
    },
    async restart() {
      await node.kill();
      await node.start();
    },
    log: () => (existsSync(log) ? readFileSync(log, "utf8") : ""),
  };
  try {
    await node.start();
    return node;
  } catch (error) {
    await machine.stop();
    throw error;
  }
}

function gsyncd(): string[] {
  const libraries = readdirSync("/usr/lib").map((name) => `/usr/lib/${name}/glusterfs/gsyncd`);
  return [...libraries, "/usr/libexec/glusterfs/gsyncd"].filter(existsSync);
}

function volumeFile(host: string, directory: string): string {
  const options = {
    "working-directory": join(directory, "work"),
    "run-directory": join(directory, "run"),
    "logging-directory": join(directory, "log"),
    "glusterd-sockfile": join(directory, "glusterd.sock"),
    "transport-type": "socket",
    "transport.address-family": "inet",
    "transport.socket.bind-address": host,
    "transport.socket.listen-port": "24007",
    // Without these two `gluster peer probe` hangs.
    "transport.socket.keepalive-time": "10",
    "transport.socket.keepalive-interval": "2",
    "transport.socket.read-fail-log": "off",
    "ping-timeout": "0",
    "event-threads": "1",
    "max-port": "60999",
  };
  const lines = Object.entries(options).map(([name, value]) => `    option ${name} ${value}`);
  return ["volume management", "    type mgmt/glusterd", ...lines, "end-volume", ""].join("\n");
}
