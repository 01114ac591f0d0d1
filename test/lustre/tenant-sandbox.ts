// A tenant's client that a sandbox plays: `sharewright sandbox mount-as` says what it would see and may do.
import type { Ended } from "../e2e/support/terraform";
import type { Tenant, Written } from "./tenant";

interface Report {
  exit: number;
  error: string;
  entries?: string[];
  df?: { kib: number };
  remountExit?: number;
  write?: { error: string };
}

const errors: Readonly<Record<string, Written>> = {
  "": "",
  "Disk quota exceeded": "EDQUOT",
  "Read-only file system": "EROFS",
  "Permission denied": "EACCES",
  "Operation not permitted": "EPERM",
};

const id = "acceptance";

/** `sandbox`: runs a command of `sharewright sandbox` on it. */
export function sandboxTenant(nid: string, sandbox: (command: string, ...args: string[]) => Promise<Ended>): Tenant {
  let mounted = "";
  const mountAs = async (exported: string, ...options: string[]): Promise<Report> => {
    const { stdout, stderr } = await sandbox("mount-as", nid, exported, "--json", ...options);
    if (stdout === "") throw new Error(stderr);
    return JSON.parse(stdout) as Report;
  };
  const again = async (...options: string[]): Promise<Report> => {
    const report = await mountAs(mounted, ...options);
    if (report.exit !== 0) throw new Error(`${nid} cannot mount ${mounted} again: ${report.error}`);
    return report;
  };
  return {
    nid,
    mount: async (exported) => {
      const { exit, error } = await mountAs(exported, "--keep", id);
      if (exit === 0) mounted = exported;
      return { exit, said: error };
    },
    unmount: async () => {
      const { stdout } = await sandbox("mounts", "--json");
      const isMounted = (JSON.parse(stdout) as { id: string }[]).some((mount) => mount.id === id);
      if (isMounted) await sandbox("unmount", id);
    },
    remountRw: async () => (await again("--remount-rw")).remountExit === 0,
    entries: async () => (await again()).entries ?? [],
    sizeMib: async () => ((await again()).df?.kib ?? 0) / 1024,
    write: async (file, mebibytes, { uid, gid }) => {
      const { write } = await again("--write", `${file}:${mebibytes}MiB`, "--uid", String(uid), "--gid", String(gid));
      const found = errors[write?.error ?? ""];
      if (found === undefined) throw new Error(`${nid} cannot write ${file}: ${write?.error}`);
      return found;
    },
    ability: async () => {
      const { stdout } = await sandbox("mounts", "--json");
      const now = (JSON.parse(stdout) as { id: string; now: string }[]).find((mount) => mount.id === id)?.now;
      return now === "rw" || now === "ro" ? now : "cut off";
    },
  };
}
