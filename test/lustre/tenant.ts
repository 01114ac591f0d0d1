// A tenant's client: it mounts, looks and writes. A real host does, or a sandbox plays one.
import type { Command, Result } from "../../src/core/command";

export interface User {
  uid: number;
  gid: number;
}

/** How a write ended: "" is done, else the name of the error. */
export type Written = "" | "EDQUOT" | "EROFS" | "EACCES" | "EPERM";

export interface Tenant {
  /** As access rules name it. */
  readonly nid: string;
  /** Exit code of mount and what it said. One thing is mounted at a time. */
  mount(exported: string): Promise<{ exit: number; said: string }>;
  /** Whatever is mounted; nothing may be. */
  unmount(): Promise<void>;
  /** Whether `mount -o remount,rw` has let it write. */
  remountRw(): Promise<boolean>;
  entries(user: User): Promise<string[]>;
  /** What df shows as size. */
  sizeMib(): Promise<number>;
  /** A file of that size, made anew. */
  write(file: string, mebibytes: number, user: User): Promise<Written>;
  /** What can be done now with what was mounted earlier. */
  ability(user: User): Promise<"rw" | "ro" | "cut off">;
  /** Runs a command as root, PLACE being where the share is mounted. Absent: nothing is really mounted. */
  run?(...argv: [string, ...string[]]): Promise<Result>;
}

/** Where a real client mounts. */
const place = "/mnt/sharewright-test";
const patienceMs = 600_000;

const errors: Readonly<Record<string, Written>> = {
  "Disk quota exceeded": "EDQUOT",
  "Read-only file system": "EROFS",
  "Permission denied": "EACCES",
  "Operation not permitted": "EPERM",
};

/** Commands on a host, as the executor's own transport runs them: no shell, in the C locale. */
export function realTenant(nid: string, run: (command: Command) => Promise<Result>): Tenant {
  const said = ({ stdout, stderr }: Result) => `${stdout}${stderr}`.trim();
  const ask = (...argv: [string, ...string[]]) => run({ argv, timeoutMs: patienceMs });
  const must = async (...argv: [string, ...string[]]): Promise<string> => {
    const result = await ask(...argv);
    if (result.exitCode !== 0)
      throw new Error(`the tenant's client, ${argv.join(" ")}: exit ${result.exitCode}\n${said(result)}`);
    return result.stdout;
  };
  const as = ({ uid, gid }: User) => ["setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--clear-groups"] as const;
  const dd = (file: string, mebibytes: number, user: User) => {
    const sizes = mebibytes === 0 ? ["count=0"] : ["bs=1M", `count=${mebibytes}`, "oflag=direct", "conv=fsync"];
    return ask(...as(user), "dd", "if=/dev/zero", `of=${place}/${file}`, ...sizes, "status=none");
  };
  return {
    nid,
    mount: async (exported) => {
      await must("mkdir", "-p", place);
      const result = await ask("mount", "-t", "lustre", exported, place);
      return { exit: result.exitCode ?? -1, said: said(result) };
    },
    unmount: async () => {
      // Not by a look at the place itself, which may hang or fail for a client that was cut off.
      while ((await must("cat", "/proc/self/mounts")).includes(` ${place} `)) {
        // It may be unable to say goodbye.
        if ((await ask("umount", place)).exitCode !== 0) await must("umount", "-f", "-l", place);
      }
      await ask("rmdir", place);
    },
    remountRw: async () => (await ask("mount", "-o", "remount,rw", place)).exitCode === 0,
    entries: async (user) => (await must(...as(user), "ls", "-A", place)).split("\n").filter(Boolean),
    sizeMib: async () => {
      const [, line = ""] = (await must("df", "-P", "-k", place)).split("\n");
      return Number(line.split(/\s+/)[1]) / 1024;
    },
    write: async (file, mebibytes, user) => {
      const result = await dd(file, mebibytes, user);
      if (result.exitCode === 0) return "";
      const [, found] = Object.entries(errors).find(([text]) => result.stderr.includes(text)) ?? [];
      if (!found) throw new Error(`the tenant's client cannot write ${file}: exit ${result.exitCode}\n${said(result)}`);
      return found;
    },
    ability: async (user) => {
      // Nothing is cached of a name that is new.
      const { exitCode, stderr } = await dd(`probe-${Date.now()}`, 0, user);
      return exitCode === 0 ? "rw" : stderr.includes("Read-only file system") ? "ro" : "cut off";
    },
    run: (...argv) => ask(...(argv.map((word) => word.replace("PLACE", place)) as typeof argv)),
  };
}
