// A process that can harm nothing: mutants of what deletes, moves and quotes are run for real. It can write in one directory, sees no other
// processes, and ends with all that it has started.
import { type ChildProcess, spawn } from "node:child_process";
import { openSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Everything but that directory, whose `tmp` is /tmp, is for reading; dash, which is process 1, takes care of orphans. */
const script = `
dir=$1; shift
mount --make-rprivate / && mount --bind "$dir" "$dir" && mount --bind "$dir/tmp" /tmp || exit 1
for mount in $(findmnt -rno TARGET); do
  case $mount in /proc|/proc/*|/sys|/sys/*|/dev|/dev/*|/tmp|"$dir") ;; *) mount -o remount,bind,ro "$mount" || exit 1 ;; esac
done
cd "$dir/tree" && "$@"
`;

export interface Walled {
  child: ChildProcess;
  /** What it has said on standard error. */
  said(): string;
}

export function startWalled(directory: string, program: string, args: readonly string[]): Walled {
  const log = join(directory, "said");
  const asRoot = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
  const unshare = [...asRoot, "--mount", "--pid", "--fork", "--mount-proc", "--kill-child"];
  const child = spawn("unshare", [...unshare, "/bin/sh", "-c", script, "sh", directory, program, ...args], {
    stdio: ["ignore", "ignore", openSync(log, "w"), "ipc"],
    env: { ...process.env, TMPDIR: "/tmp", HOME: "/tmp" },
  });
  return { child, said: () => readFileSync(log, "utf8").slice(-2000) };
}
