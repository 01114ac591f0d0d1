// A process that can harm nothing: mutants of what deletes, moves and quotes are run for real. It can write in one directory, sees no other
// processes, and ends with all that it has started.
import { type ChildProcess, spawn } from "node:child_process";
import { openSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Everything but that directory, whose `tmp` is /tmp, is for reading; dash, which is process 1, takes care of orphans. */
const script = `
dir=$1 root=$2; shift 2
mount --make-rprivate / && mount --bind "$dir" "$dir" || exit 1
case $root in
  /tmp/*) export TMPDIR="$dir/tmp" ;;
  *) export TMPDIR=/tmp; mount --bind "$dir/tmp" /tmp || exit 1 ;;
esac
for mount in $(findmnt -rno TARGET); do
  case $mount in /proc|/proc/*|/sys|/sys/*|/dev|/dev/*|/tmp|"$dir") ;; *) mount -o remount,bind,ro "$mount" || exit 1 ;; esac
done
export HOME="$TMPDIR"
cd "$dir/tree" && "$@"
`;

export interface Walled {
  child: ChildProcess;
  /** What it has said on standard error. */
  said(): string;
}

/** `root` is what links in the directory lead to. */
export function startWalled(directory: string, root: string, argv: readonly string[]): Walled {
  const log = join(directory, "said");
  const asRoot = process.getuid?.() === 0 ? [] : ["--user", "--map-root-user"];
  const unshare = [...asRoot, "--mount", "--pid", "--fork", "--mount-proc", "--kill-child"];
  const child = spawn("unshare", [...unshare, "/bin/sh", "-c", script, "sh", directory, root, ...argv], {
    stdio: ["ignore", "ignore", openSync(log, "w"), "ipc"],
  });
  return { child, said: () => readFileSync(log, "utf8").slice(-2000) };
}
