// Clients of GlusterFS, each with a certificate: of stand-ins as the sandbox tells, of the real one by real mounts.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "./stage.mjs";

/** What clients get: `letIn`, the size that they see in KiB, and what a write ended with, "" if well. `write`: name and MiB of a file. */
export function standInClients(stage) {
  return {
    mount(commonName, location, { write, keep }) {
      const more = [...(write ? ["--write", `${write[0]}:${write[1]}M`] : []), ...(keep ? ["--keep", keep] : [])];
      const seen = stage.sandboxJson("mount-as", commonName, location, ...more);
      return { letIn: seen.exit === 0, limitKib: seen.df?.kib ?? 0, writeError: seen.write?.error ?? "" };
    },
    alive: () => {
      const { clients } = stage.sandboxJson("status").gluster;
      return clients.filter(({ now }) => now === "rw").map(({ id }) => id);
    },
  };
}

// Longer than any demo: what is left of one that was killed ends by itself.
const lifeSeconds = 900;

const enter = `mount --make-rprivate /
for ssl in /etc/ssl /usr/lib/ssl; do
  [ ! -d $ssl ] || mount -t overlay -o "lowerdir=$0/ssl:$ssl" overlay $ssl
done
echo $$ >"$0/holder"
exec sleep "$1"`;

/** Each client is a mount namespace, as each server of the sandbox is, with its certificate where GlusterFS looks for it. */
export function realClients(stage, commonNames) {
  load("tenants.ts").makeTenants(stage.sandbox, commonNames);
  const placeOf = (commonName) => join(stage.sandbox, "tenants", commonName);
  const kept = new Map();
  const holders = new Map();
  const within = (commonName, ...argv) =>
    spawnSync("nsenter", ["-t", holders.get(commonName), "-m", "--", ...argv], { encoding: "utf8", timeout: 60_000 });

  for (const commonName of commonNames) {
    const place = placeOf(commonName);
    spawn("unshare", ["-m", "sh", "-ec", enter, place, String(lifeSeconds)], { detached: true, stdio: "ignore" }).unref();
    const file = join(place, "holder");
    for (let tries = 0; !existsSync(file) || readFileSync(file, "utf8") === ""; tries++) {
      if (tries > 100) throw new Error(`the namespace of ${commonName} did not come up`);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    }
    holders.set(commonName, readFileSync(file, "utf8").trim());
  }

  const isMounted = (commonName, directory) =>
    within(commonName, "findmnt", "-n", "-t", "fuse.glusterfs", "--mountpoint", directory).status === 0 &&
    within(commonName, "stat", "-f", directory).status === 0;

  return {
    mount(commonName, location, { write, keep }) {
      const directory = join(placeOf(commonName), keep ?? "mnt");
      mkdirSync(directory, { recursive: true });
      const log = join(placeOf(commonName), "client.log");
      within(commonName, "mount", "-t", "glusterfs", "-o", `log-file=${log}`, location, directory);
      if (!isMounted(commonName, directory)) return { letIn: false, limitKib: 0, writeError: "" };
      const [, limitKib] = within(commonName, "df", "-k", "--output=size", directory).stdout.trim().split(/\s+/);
      const writeError = write ? writeInto(commonName, directory, write) : "";
      if (keep) kept.set(keep, [commonName, directory]);
      else within(commonName, "umount", directory);
      return { letIn: true, limitKib: Number(limitKib), writeError };
    },
    alive: () => [...kept].filter(([, place]) => isMounted(...place)).map(([id]) => id),
    end() {
      for (const [commonName, directory] of kept.values()) within(commonName, "umount", "-l", directory);
      for (const pid of holders.values()) if (existsSync(`/proc/${pid}`)) process.kill(Number(pid));
    },
  };

  /** To the disks, so that a limit is felt at once. */
  function writeInto(commonName, directory, [name, mebibytes]) {
    const file = join(directory, name);
    if (mebibytes === 0) return within(commonName, "rm", "-f", file).stderr.trim();
    const words = ["dd", "if=/dev/zero", `of=${file}`, "bs=1M", `count=${mebibytes}`, "oflag=dsync"];
    const { status, stderr } = within(commonName, ...words);
    return status === 0 ? "" : (/: ([^:\n]+)$/m.exec(stderr)?.[1] ?? stderr.trim());
  }
}
