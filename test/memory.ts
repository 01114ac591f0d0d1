// Tests make their files in memory, where this machine has room for them there: a file system that keeps what is written costs a third of all
// time. TMPDIR, where it is set, is where they make them.
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { isAlive } from "./sshd/processes";

const memory = "/dev/shm";
const prefix = "sharewright-test.";
/** Ten times what a whole run has been seen to take. */
const enoughBytes = 2 ** 31;

/** A folder of this run, which the workers inherit. What runs that were killed have left is removed. */
export default function setup(): (() => void) | undefined {
  if (process.env["TMPDIR"] !== undefined || !isUsable()) return undefined;
  for (const name of readdirSync(memory).filter((one) => one.startsWith(prefix)))
    if (!isAlive(Number(name.slice(prefix.length)))) rmSync(join(memory, name), { recursive: true, force: true });
  const folder = join(memory, `${prefix}${process.pid}`);
  mkdirSync(folder);
  chmodSync(folder, 0o1777); // anybody's, as a temporary directory is
  process.env["TMPDIR"] = folder;
  return () => {
    delete process.env["TMPDIR"];
    rmSync(folder, { recursive: true, force: true });
  };
}

/** Where runs that are beside each other meet. */
export function sharedFolder(): string {
  const own = tmpdir();
  return basename(own).startsWith(prefix) ? dirname(own) : own;
}

function isUsable(): boolean {
  try {
    const [, options = ""] = new RegExp(`^\\S+ ${memory} tmpfs (\\S+) `, "m").exec(readFileSync("/proc/mounts", "utf8")) ?? [];
    const { bavail, bsize } = statfsSync(memory);
    return options.split(",")[0] === "rw" && !options.includes("noexec") && bavail * bsize >= enoughBytes;
  } catch {
    return false; // not on Linux, or there is none
  }
}
