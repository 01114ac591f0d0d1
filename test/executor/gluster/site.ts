// A site with GlusterFS clusters, and executors that work on them as hooks do: with the request in an environment, each with connections and
// locks of its own. They run within the test.
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ClusterAccess } from "../../../src/backends/gluster/site";
import { silentLog } from "../../../src/core/log";
import { sandboxCommand } from "../../../src/sandbox/commands";
import { glusterOf } from "../../../src/sandbox/gluster/call";
import { brickPath, dataPath } from "../../../src/sandbox/gluster/files";
import type { Cluster, Gluster, Volume } from "../../../src/sandbox/gluster/state";
import { changeState, files, readState } from "../../../src/sandbox/store";
import { adminWithin, type Executor, environmentOf, hookWithin, newExecutor, workWithin } from "../in-process";
import { bundle, captured, type Ended, execute, expectSuccess, type Hook } from "../processes";
import { type GlusterStack, type StackOptions, stackOn } from "./stack";

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
  run(hook: Hook, more?: Partial<Executor>): Promise<Ended>;
  /** Runs a hook that has to succeed; returns what it said. */
  succeed(hook: Hook): Promise<string>;
  /** An executor as Terraform starts it. */
  spawn(hook: Hook): Promise<Ended>;
  /** Work on the clusters of a stack, as commands do it. */
  operate<T>(stack: GlusterStack, work: (accesses: ClusterAccess[]) => Promise<T>, more?: Partial<Executor>): Promise<T>;
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

/** `resident`: for executors that are processes. */
export async function startGlusterSite({ clusters = 1, resident = false } = {}): Promise<GlusterSite> {
  if (!existsSync(bundle)) throw new Error(`${bundle} is missing: run \`npm run build\` first`);
  const parent = mkdtempSync(join(tmpdir(), "sharewright-gluster-"));
  const dir = join(parent, "sandbox");
  const start = [process.execPath, bundle, "sandbox", "start", "--gluster", "--clusters", String(clusters), "--dir", dir];
  expectSuccess(start, await execute([...start, ...(resident ? ["--resident", "--hours", "1"] : [])]));
  const mounts = join(parent, "mounts");
  const processEnvironment = { ...environmentOf(dir, "all"), PATH: `${join(dir, files.bin)}:${process.env["PATH"] ?? ""}` };
  const sandbox: GlusterSite["sandbox"] = (...argv) =>
    captured((io) => sandboxCommand([...argv, "--dir", dir], { ...io, env: environmentOf(dir, "all"), cwd: "/" }));
  const clusterOf = (gluster: Gluster | undefined, number: number) => {
    const cluster = gluster?.clusters[number - 1];
    if (!cluster) throw new Error(`no cluster ${number}`);
    return cluster;
  };
  const state = () => glusterOf(readState(dir));
  const volumeIn = ({ volumes }: Cluster, name: string) => {
    const found = volumes.find((one) => one.name === name);
    if (!found) throw new Error(`no volume ${name}`);
    return found;
  };
  const volumes: GlusterSite["volumes"] = (cluster = 1) => clusterOf(state(), cluster).volumes;
  const volume: GlusterSite["volume"] = (name, cluster = 1) => volumeIn(clusterOf(state(), cluster), name);
  const data: GlusterSite["data"] = (name, cluster = 1) => {
    const one = clusterOf(state(), cluster);
    return dataPath(dir, one, volumeIn(one, name));
  };
  const run: GlusterSite["run"] = (hook, more) => hookWithin(dir, newExecutor(more), hook);
  const gluster: GlusterSite["gluster"] = async (line, cluster = 1) => {
    const argv = ["gluster", "--mode=script", ...line.split(" ")];
    return expectSuccess([line], await adminWithin(dir, argv, `gluster${cluster}-1`));
  };

  return {
    dir,
    mounts,
    stack: (options = {}) => stackOn({ dir, mounts }, options),
    run,
    succeed: async (hook) => expectSuccess(hook.args, await run(hook)),
    spawn: (hook) => execute([process.execPath, bundle, ...hook.args], { ...processEnvironment, ...hook.environment }),
    operate: (stack, work, more) =>
      workWithin(dir, newExecutor(more), async () => {
        const { withClusters } = await import("../../../src/fronts/gluster/clusters");
        return withClusters(stack.clusters, silentLog(), work);
      }),
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
    entries(name, cluster = 1) {
      const place = data(name, cluster);
      return existsSync(place) ? readdirSync(place) : [];
    },
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
