// A machine within this one: a mount namespace of its own, with its TLS identity where GlusterFS looks for it. Mounts that are made in it are
// nobody else's, and end with it; its processes are known by the namespace, however they have detached themselves.
import { type ChildProcessWithoutNullStreams, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { kill, processes, startBounded, until, whenEnded } from "../sshd/processes";
import { certificateDirectory, type Identity } from "./identities";

export interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

export interface Machine {
  readonly directory: string;
  /** For the path of a connection: the tools of this machine. */
  readonly bin: string;
  /** Runs a program on it to its end, at most a minute or `seconds`. */
  run(argv: readonly string[], seconds?: number): Ended;
  /** Starts a server on it. */
  start(argv: readonly string[]): ChildProcessWithoutNullStreams;
  /** Processes that run on it, by name. */
  pids(name?: string): number[];
  /** Where this process finds a path of the machine. */
  path(path: string): string;
  /** Adds a tool to `bin`. */
  addTool(name: string, argv: readonly string[]): void;
  /** Ends it with all its processes and mounts. */
  stop(): Promise<void>;
}

export interface MachineOptions {
  /** Its own, empty. */
  directory: string;
  identity: Identity;
  /** Mounts of the machine's own, as lines of sh. */
  mounts?: readonly string[];
}

/** What depends on mounts; "sh" is among them, so that whole scripts run on the machine. */
const tools = [
  ...["cat", "df", "du", "env", "find", "findmnt", "ls", "mkdir", "mount", "mount.glusterfs", "mountpoint", "mv", "openssl"],
  ...["chmod", "chown", "readlink", "rm", "rmdir", "setfattr", "getfattr", "sh", "stat", "test", "touch", "umount"],
];
const systemPath = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

// Its end is the end of its input or of the test's process: then it kills what is left in the namespace, itself last.
const holder = `trap : TERM
echo $$
exec >/dev/null 2>&1 # a shell that says "Terminated" to nobody would die of it
cat
trap '' TERM # timeout(1) sends it to what this starts as well
others() { find -L /proc/[0-9]*/ns/mnt -maxdepth 0 -samefile /proc/$$/ns/mnt | cut -d/ -f3 | grep -vx $$; }
living() { for pid in $*; do [ ! -d /proc/$pid ] || echo $pid; done; } # those that were looking are not
while found=$(others) && pids=$(living $found) && [ -n "$pids" ]; do
  kill -KILL $pids
  sleep 0.02
done
`;

export async function startMachine({ directory, identity, mounts = [] }: MachineOptions): Promise<Machine> {
  const [bin, ssl] = [join(directory, "bin"), join(directory, "ssl")];
  mkdirSync(bin, { recursive: true });
  const certificates = certificateDirectory();
  // Nobody's keys but the machine's own.
  cpSync(certificates, ssl, { recursive: true, verbatimSymlinks: true, filter: (from) => basename(from) !== "private" });
  cpSync(identity.directory, ssl, { recursive: true });
  const script = ["set -e", `mount --bind ${ssl} ${certificates}`, ...mounts, "set +e", holder].join("\n");
  const child = startBounded(["unshare", "-m", "--propagation", "private", "sh", "-c", script]);
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text: string) => (printed += text));
  const ended = whenEnded(child);
  await until(() => /^\d+\n/.test(printed) || child.exitCode !== null, "a mount namespace");
  if (child.exitCode !== null) throw new Error(`unshare: ${printed}`);
  const pid = Number.parseInt(printed, 10);
  const namespace = namespaceOf(pid);
  const inside = (argv: readonly string[]) => ["nsenter", "-m", "-t", String(pid), "--", ...argv];

  const machine: Machine = {
    directory,
    bin,
    run(argv, seconds = 60) {
      const [program = "", ...args] = inside(["timeout", "--kill-after", "2", String(seconds), ...argv]);
      const { status, stdout, stderr } = spawnSync(program, args, {
        env: { ...process.env, LC_ALL: "C" },
        encoding: "utf8",
        stdio: ["ignore", "pipe", "pipe"],
        timeout: (seconds + 5) * 1000,
      });
      return { status, stdout, stderr };
    },
    start: (argv) => startBounded(inside(argv)),
    pids: (name) =>
      processes()
        .filter((entry) => entry.state !== "Z" && entry.pid !== pid && (name === undefined || entry.name === name))
        .map((entry) => entry.pid)
        .filter((one) => namespaceOf(one) === namespace),
    path: (path) => join(`/proc/${pid}/root`, path),
    addTool: (name, argv) => writeFileSync(join(bin, name), `#!/bin/sh\nexec ${inside(argv).join(" ")} "$@"\n`, { mode: 0o755 }),
    async stop() {
      child.stdin.end();
      await ended;
      const left = processes().filter((entry) => namespaceOf(entry.pid) === namespace && entry.state !== "Z");
      await kill(left.map((entry) => entry.pid));
      if (left.length > 0) throw new Error(`still ran in ${directory}: ${left.map(({ name }) => name).join(" ")}`);
    },
  };
  for (const tool of tools) {
    const path = pathOf(tool);
    if (path !== undefined) machine.addTool(tool, [path]);
  }
  return machine;
}

function namespaceOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/mnt`);
  } catch {
    return ""; // it has ended
  }
}

function pathOf(program: string): string | undefined {
  return systemPath.map((directory) => join(directory, program)).find(existsSync);
}
