// `npm run test:gluster-11`: the tests that need a real GlusterFS, on the 11.1 of Debian 13. Or any other command, which then sees Debian 13 as its
// root: `npx tsx test/glusterd/eleven.ts gluster --version`. The root is made once, by debootstrap, and kept in .cache; what runs in it writes to memory.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, realpathSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { delimiter, join } from "node:path";
import { findNullProvider } from "../../scripts/null-provider.mjs";
import { terraformBinary } from "../../scripts/terraform.mjs";
import { install } from "../install";

const project = realpathSync(join(__dirname, "../.."));
const suite = "trixie";
const packages = ["glusterfs-server", "glusterfs-client", "openssl", "attr", "procps", "libstdc++6", "libatomic1"];

const cache = join(project, ".cache");
const root = () => join(realpathSync(cache), "glusterfs-11");

function stopped(why: string): never {
  console.error(`GlusterFS 11 cannot be run here: ${why}.`);
  process.exit(8);
}

function run(argv: readonly string[], seconds: number): { status: number | null; stdout: string; stderr: string } {
  const [program = "", ...args] = argv;
  return spawnSync(program, args, { encoding: "utf8", timeout: seconds * 1000 });
}

/** Where apt gets Debian from, as this machine is set up; debootstrap has a default of its own. */
function archive(): string[] {
  const { stdout } = run(["apt-get", "indextargets", "--format", "$(LABEL) $(REPO_URI)", "Created-By: Packages"], 60);
  const [, found] = /^Debian (\S+)$/m.exec(stdout ?? "") ?? [];
  return found === undefined ? [] : [found];
}

/** In a mount namespace, so that nothing stays mounted where it is killed. Made under another name: a root that is there is whole. */
function makeRoot(): void {
  if (existsSync(join(root(), "usr/sbin/glusterd"))) return;
  const { why } = install({ packages: { "/usr/sbin/debootstrap": "debootstrap" }, tests: "GlusterFS 11" });
  if (why !== "") stopped(why);
  console.log(`Making a root of Debian 13 in ${root()}: three minutes.`);
  const making = `${root()}.${process.pid}`;
  const options = ["--variant=minbase", `--include=${packages.join(",")}`];
  const argv = ["unshare", "-m", "--propagation", "private", "debootstrap", ...options, suite, making, ...archive()];
  const { status, stdout, stderr } = run(argv, 1200);
  if (status === 0 && !existsSync(root())) {
    // glusterd looks in it for the devices of bricks; systemd would make it.
    if (!existsSync(join(making, "etc/mtab"))) symlinkSync("../proc/self/mounts", join(making, "etc/mtab"));
    renameSync(making, root());
  }
  rmSync(making, { recursive: true, force: true });
  if (status !== 0) stopped(`debootstrap: ${(stderr || stdout || String(status)).trim().split("\n").at(-1)}`);
}

/** Programs that the tests start and Debian 13 has not, or not the same. */
function programs(): string[] {
  const { command } = terraformBinary() ?? {};
  const terraform =
    command === undefined ? [] : (process.env["PATH"] ?? "").split(delimiter).map((folder) => join(folder, command));
  const [found] = terraform.filter(existsSync);
  return [process.execPath, ...(found === undefined ? [] : [found])];
}

/** Arguments: the root; the working directory; how many paths are to be seen in it, and these; the command. */
const enter = `root=$1 directory=$2 count=$3
shift 3
mount -t tmpfs -o mode=755 over "$root.over"
mkdir "$root.over/upper" "$root.over/work" "$root.over/root"
mount -t overlay -o "lowerdir=$root,upperdir=$root.over/upper,workdir=$root.over/work" root "$root.over/root"
cd "$root.over/root"
for path in /dev /proc /sys; do mount --rbind $path .$path; done
while [ "$count" -gt 0 ]; do
  if [ -d "$1" ]; then mkdir -p ".$1"; else mkdir -p ".\${1%/*}"; : >>".$1"; fi
  mount --bind "$1" ".$1"
  count=$((count - 1))
  shift
done
pivot_root . mnt
cd "$directory"
umount -l /mnt
exec "$@"`;

function inside(command: readonly string[]): number {
  mkdirSync(`${root()}.over`, { recursive: true });
  const shared = [tmpdir(), project, realpathSync(join(project, "node_modules")), realpathSync(cache), ...programs()];
  const words = ["sh", root(), process.cwd(), String(shared.length), ...shared, ...command];
  const argv = ["-m", "--propagation", "private", "sh", "-ec", enter, ...words];
  const path = [...new Set(programs().map((program) => join(program, "..")))];
  const { NODE_EXTRA_CA_CERTS: _, ...environment } = process.env;
  const { status } = spawnSync("unshare", argv, {
    stdio: "inherit",
    env: {
      ...environment,
      PATH: ["/usr/sbin", "/usr/bin", "/sbin", "/bin", ...path].join(delimiter),
      // What is missing in there stays missing: the root is for all.
      SHAREWRIGHT_INSTALL: "0",
    },
  });
  return status ?? 1;
}

/** One file at a time: each starts several servers. */
async function tests(): Promise<string[]> {
  const e2e = readdirSync(join(__dirname, "../e2e")).filter((name) => /gluster.*\.test\.ts$/.test(name));
  // Nothing can be built in there.
  await findNullProvider();
  const files = ["test/glusterd", "test/sandbox/gluster/real.test.ts", ...e2e.map((name) => `test/e2e/${name}`)];
  return [process.execPath, join(project, "node_modules/vitest/vitest.mjs"), "run", "--maxWorkers=1", ...files];
}

if (userInfo().uid !== 0) stopped("it needs root");
mkdirSync(cache, { recursive: true });
makeRoot();
const command = process.argv.slice(2);
if (command.length > 0) process.exitCode = inside(command);
else
  void tests().then((argv) => {
    process.exitCode = inside(argv);
  });
