// A site with GlusterFS clusters, and executors that work on them as hooks do: with the request in an environment, each with connections and
// locks of its own. They run within the test, and so do the stand-ins that would each start Node; other tools are processes.
import { AsyncLocalStorage } from "node:async_hooks";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import type { ClusterAccess } from "../../../src/backends/gluster/site";
import { type Command, type Result, succeeded } from "../../../src/core/command";
import { exitCodeOf, renderError } from "../../../src/core/errors";
import { silentLog } from "../../../src/core/log";
import { dropped, lockOf, queueOf, type Transport } from "../../../src/core/transport";
import { sandboxCommand } from "../../../src/sandbox/commands";
import { glusterOf } from "../../../src/sandbox/gluster/call";
import { brickPath, dataPath, hostRoot } from "../../../src/sandbox/gluster/files";
import type { Cluster, Gluster, Volume } from "../../../src/sandbox/gluster/state";
import { standIn } from "../../../src/sandbox/stand-in";
import { changeState, files, readState } from "../../../src/sandbox/store";
import type { LocalOptions } from "../../../src/transports/local";
import { bundle, type Ended, execute, expectSuccess, type Hook } from "../support";
import { type GlusterStack, type StackOptions, stackOn } from "./stack";

/** A command on its way to a host. What is returned is its result; what never returns is an executor's death. */
export type Around = (on: { host: string; command: Command; text: string }, run: () => Promise<Result>) => Promise<Result>;

interface Execution {
  around: Around;
  /** Of the executor; closing one lets go of its locks. */
  transports: Map<string, Transport>;
  /** Told of every line as it is said. */
  onSay: (text: string) => void;
}

const undisturbed: Around = (_, run) => run();

const executions = new AsyncLocalStorage<Execution & { site: { dir: string } }>();

/** `test` and `cat` of certificates and bricks: most of what executors look at, and not worth a process. */
function lookOf(dir: string, host: string, { argv }: Command): Result | undefined {
  const [tool, option, file = ""] = argv;
  if (!/^(\/bricks\/|\/(etc|usr\/lib)\/ssl\/glusterfs\.)/.test(file)) return undefined;
  const path = join(hostRoot(dir, host), file);
  const ended = (exitCode: number, stdout: string, stderr: string) => ({ exitCode, timedOut: false, stdout, stderr, ms: 0 });
  if (tool === "test" && (option === "-e" || option === "-r")) return ended(existsSync(path) ? 0 : 1, "", "");
  if (tool !== "cat" || option !== "--") return undefined;
  return existsSync(path) ? ended(0, readFileSync(path, "utf8"), "") : ended(1, "", `cat: ${file}: No such file or directory`);
}

/** Stand-ins that would start Node, in tens of milliseconds; of mounts those that are theirs, for the rest is the real tools' affair. */
function isWithinTest(dir: string, host: string, { argv }: Command): boolean {
  const [tool, ...words] = argv;
  if (tool === "umount" || tool === "findmnt")
    return glusterOf(readState(dir)).mounts.some((mount) => mount.host === host && mount.target === words.at(-1));
  return ["gluster", "mount", "mount.glusterfs"].includes(tool);
}

vi.doMock("../../../src/transports/local", async (importActual) => {
  const { localTransport } = await importActual<typeof import("../../../src/transports/local")>();
  return {
    localTransport: ({ path = [], onEnd }: LocalOptions = {}): Transport => {
      const execution = executions.getStore();
      if (!execution) throw new Error("no executor of a test asks for this connection");
      const { around, transports, site } = execution;
      const host = path[0]?.split("/").at(-2) ?? "all";
      const environment = environmentOf(site.dir, host);
      const inner = localTransport({ path, environment });
      const queue = queueOf(async (command, signal) => {
        const result = await around(
          { host, command, text: command.argv.join(" ") },
          async () =>
            lookOf(site.dir, host, command) ??
            (isWithinTest(site.dir, host, command) ? toolOf(site.dir, host, command, environment) : inner.run(command, signal)),
        );
        onEnd?.(command, result);
        return result;
      });
      const transport: Transport = {
        runDirectory: inner.runDirectory,
        run: queue.run,
        runAll: queue.runAll,
        lock: (...asked) =>
          queue.inTurn(
            () => inner.lock(...asked),
            lockOf(dropped, async () => {}),
          ),
        async close() {
          await queue.idle();
          await inner.close();
        },
      };
      transports.set(host, { ...transport, close: () => inner.close() });
      return transport;
    },
  };
});

async function toolOf(dir: string, host: string, { argv }: Command, env: NodeJS.ProcessEnv): Promise<Result> {
  const said = { stdout: "", stderr: "" };
  const stdout = (text: string) => {
    said.stdout += text;
  };
  const stderr = (text: string) => {
    said.stderr += text;
  };
  const [tool, ...words] = argv;
  const exitCode = await standIn(tool, [host, dir, ...words], { stdout, stderr, env, cwd: "/" });
  return { exitCode, timedOut: false, ...said, ms: 0 };
}

function environmentOf(dir: string, host: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PATH: `${join(dir, files.bin)}:${process.env["PATH"] ?? ""}`,
    // Hosts share no directory.
    SHAREWRIGHT_RUN_DIR: join(dir, files.run, host),
    SHAREWRIGHT_SANDBOX: dir,
    SHAREWRIGHT_SANDBOX_MOUNT: join(dir, files.mnt),
  };
}

/** What `sandbox mount-as --json` says of a client of GlusterFS. */
export interface ClientView {
  exit: number;
  error: string;
  df?: { kib: number; usedKib: number };
  entries?: string[];
  write?: { errno: number };
}

export interface GlusterSite {
  dir: string;
  /** Below it volumes are mounted. */
  mounts: string;
  stack(options?: StackOptions): GlusterStack;
  /** An executor within the test. */
  run(hook: Hook, more?: Partial<Execution>): Promise<Ended>;
  /** Runs a hook that has to succeed; returns what it said. */
  succeed(hook: Hook): Promise<string>;
  /** An executor as Terraform starts it. */
  spawn(hook: Hook): Promise<Ended>;
  /** Work on the clusters of a stack, as commands do it. */
  operate<T>(stack: GlusterStack, work: (accesses: ClusterAccess[]) => Promise<T>): Promise<T>;
  /** `gluster` as an administrator types it, on a cluster's first server; has to succeed. */
  gluster(line: string, cluster?: number): Promise<string>;
  sandbox(...argv: string[]): Promise<Ended>;
  mountAs(commonName: string, exported: string, ...options: string[]): Promise<ClientView>;
  state(): Gluster;
  change(change: (cluster: Cluster, gluster: Gluster) => void, cluster?: number): void;
  volumes(cluster?: number): Volume[];
  /** Throws when it is not there. */
  volume(name: string, cluster?: number): Volume;
  options(name: string, cluster?: number): Record<string, string>;
  /** Where the files of a volume lie. */
  data(name: string, cluster?: number): string;
  /** What a client would see in it. */
  entries(name: string, cluster?: number): string[];
  /** Where a brick `HOST:PATH` lies. */
  brick(brick: string): string;
  /** A started pool volume more. */
  addPoolVolume(name: string, cluster?: number): Promise<void>;
  reset(): Promise<void>;
  remove(): void;
}

export async function startGlusterSite({ clusters = 1 } = {}): Promise<GlusterSite> {
  if (!existsSync(bundle)) throw new Error(`${bundle} is missing: run \`npm run build\` first`);
  const parent = mkdtempSync(join(tmpdir(), "sharewright-gluster-"));
  const dir = join(parent, "sandbox");
  const start = [process.execPath, bundle, "sandbox", "start", "--gluster", "--clusters", String(clusters), "--dir", dir];
  expectSuccess(start, await execute(start));
  const { hook: perform } = await import("../../../src/fronts/hook");
  const { withClusters } = await import("../../../src/fronts/clusters");
  const mounts = join(parent, "mounts");

  const within = async (work: (io: { stdout: (text: string) => void; stderr: (text: string) => void }) => Promise<number>) => {
    const said = { stdout: "", stderr: "" };
    const exitCode = await work({
      stdout: (text) => {
        said.stdout += text;
      },
      stderr: (text) => {
        said.stderr += text;
      },
    });
    return { exitCode, signal: null, ...said };
  };
  const sandbox: GlusterSite["sandbox"] = (...argv) =>
    within((io) => sandboxCommand([...argv, "--dir", dir], { ...io, env: environmentOf(dir, "all"), cwd: "/" }));
  const clusterOf = (gluster: Gluster | undefined, number: number) => {
    const cluster = gluster?.clusters[number - 1];
    if (!cluster) throw new Error(`no cluster ${number}`);
    return cluster;
  };
  const state = () => glusterOf(readState(dir));
  const volumes: GlusterSite["volumes"] = (cluster = 1) => clusterOf(state(), cluster).volumes;
  const volume: GlusterSite["volume"] = (name, cluster = 1) => {
    const found = volumes(cluster).find((one) => one.name === name);
    if (!found) throw new Error(`no volume ${name}`);
    return found;
  };
  const data: GlusterSite["data"] = (name, cluster = 1) => dataPath(dir, clusterOf(state(), cluster), volume(name, cluster));
  const run: GlusterSite["run"] = (hook, { around = undisturbed, transports = new Map(), onSay = () => {} } = {}) =>
    executions.run({ around, transports, onSay, site: { dir } }, () =>
      within(async (io) => {
        const stdout = (text: string) => {
          io.stdout(text);
          onSay(text);
        };
        return perform(hook.args.slice(1), hook.environment, { ...io, stdout }).catch((error: unknown) => {
          io.stderr(`${renderError(error)}\n`);
          return exitCodeOf(error);
        });
      }),
    );
  const gluster: GlusterSite["gluster"] = async (line, cluster = 1) => {
    const argv = ["gluster", "--mode=script", ...line.split(" ")] as const;
    const result = await toolOf(
      dir,
      `gluster${cluster}-1`,
      { argv: [...argv] },
      { ...environmentOf(dir, "all"), SHAREWRIGHT_SANDBOX_QUIET: "1" },
    );
    if (!succeeded(result)) throw new Error(`${line}: ${result.stdout}${result.stderr}`);
    return result.stdout;
  };

  return {
    dir,
    mounts,
    stack: (options = {}) => stackOn({ dir, mounts }, options),
    run,
    succeed: async (hook) => expectSuccess(hook.args, await run(hook)),
    spawn: (hook) => execute([process.execPath, bundle, ...hook.args], { ...environmentOf(dir, "all"), ...hook.environment }),
    operate: (stack, work) =>
      executions.run({ around: undisturbed, transports: new Map(), onSay: () => {}, site: { dir } }, () =>
        withClusters(stack.clusters, silentLog(), work),
      ),
    gluster,
    sandbox,
    async mountAs(commonName, exported, ...options) {
      const { stdout, stderr } = await sandbox("mount-as", commonName, exported, "--json", ...options);
      if (stdout === "") throw new Error(stderr);
      return JSON.parse(stdout) as ClientView;
    },
    state,
    change: (change, cluster = 1) =>
      changeState(dir, ({ gluster: live }) => {
        if (live) change(clusterOf(live, cluster), live);
      }),
    volumes,
    volume,
    options: (name, cluster = 1) => Object.fromEntries(volume(name, cluster).options),
    data,
    entries: (name, cluster = 1) => (existsSync(data(name, cluster)) ? readdirSync(data(name, cluster)) : []),
    brick(brick) {
      const [host = "", path = ""] = brick.split(":");
      const cluster = state().clusters.find(({ servers }) => servers.some((server) => server.host === host));
      if (!cluster) throw new Error(`no server ${host}`);
      return brickPath(dir, cluster, { host, path });
    },
    async addPoolVolume(name, cluster = 1) {
      const hosts = clusterOf(state(), cluster).servers.map(({ host }) => host);
      const allow = Object.fromEntries(volume("pool-1-1G", cluster).options)["auth.ssl-allow"] ?? "";
      await gluster(`volume create ${name} replica 3 ${hosts.map((host) => `${host}:/bricks/${name}`).join(" ")}`, cluster);
      await gluster(`volume set ${name} auth.ssl-allow ${allow}`, cluster);
      await gluster(`volume start ${name}`, cluster);
    },
    async reset() {
      expectSuccess(["sandbox", "reset"], await sandbox("reset"));
      rmSync(mounts, { recursive: true, force: true });
      for (const name of readdirSync(parent))
        if (name !== "sandbox") rmSync(join(parent, name), { recursive: true, force: true });
    },
    remove: () => rmSync(parent, { recursive: true, force: true }),
  };
}
