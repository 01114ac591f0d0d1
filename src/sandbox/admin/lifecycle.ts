// sandbox start, stop, reset: there is no daemon, a sandbox is a directory.
import { spawn } from "node:child_process";
import { chmodSync, existsSync, lstatSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import { realBrickRoot, realProblem, startReal, stopReal } from "../gluster/real";
import { poolPattern, resetGluster, serversOfCluster } from "../gluster/setup";
import { initialState } from "../initial-state";
import { sleep } from "../io";
import { directoryOf, existingSandbox, type Operation, type OperatorCommand, Refusal } from "../operator";
import { has, lastValue } from "../options";
import { clientOf } from "../resident";
import { makeClosedFileset, startSandbox } from "../start";
import type { LustreVersion } from "../state";
import { changeState, files } from "../store";

const versions: Readonly<Record<string, LustreVersion>> = { "2.16": "2.16.1", "2.17": "2.17.0" };

export const start: OperatorCommand = {
  summary: "make a sandbox: a prepared Lustre site, or with --bare a fresh one",
  usage:
    "start [--dir DIRECTORY] [--lustre-version 2.16|2.17] [--fs-name scratch] [--bare] [--resident] [--gluster|--real-gluster [--clusters 1]] [--hours 8]",
  options: [
    { name: "version", long: "lustre-version", argument: true },
    { name: "fsName", long: "fs-name", argument: true },
    { name: "bare", long: "bare" },
    { name: "resident", long: "resident" },
    { name: "gluster", long: "gluster" },
    { name: "real", long: "real-gluster" },
    { name: "clusters", long: "clusters", argument: true },
    { name: "hours", long: "hours", argument: true },
  ],
  run: (operation) => {
    const dir = directoryOf(operation);
    if (existsSync(join(dir, files.marker)))
      throw new Refusal(`${dir} is a sandbox already; \`reset\` empties it, \`stop\` removes it`);
    if (existsSync(dir) && readdirSync(dir).length > 0) throw new Refusal(`${dir} is not empty`);
    const { version, fsName } = setupOf(operation);
    const path = operation.io.env["PATH"] ?? "";
    const clusters = clustersOf(operation);
    const isReal = has(operation.parsed, "real");
    const problem = isReal ? realProblem(path) : undefined;
    if (problem !== undefined) throw new Refusal(problem);
    const real = startSandbox({
      dir,
      path,
      version,
      fsName,
      bare: has(operation.parsed, "bare"),
      clusters: isReal ? 0 : clusters,
    });
    operation.io.stdout(`Lustre ${version} "${fsName}" is mounted at ${join(real, files.mnt)}\n`);
    operation.io.stdout(`eval "$(sharewright sandbox env --dir ${real})" puts its lfs and lctl first on your PATH\n`);
    if (has(operation.parsed, "resident")) startServer(operation, real);
    if (isReal) startRealGluster(operation, real, clusters);
    else if (clusters > 0)
      operation.io.stdout(`GlusterFS: servers are in ${join(real, files.hosts)}, pool volumes match "${poolPattern}"\n`);
    return 0;
  },
};

/** Answers the stand-ins from then on: a command costs the start of a shell, not of Node. */
function startServer(operation: Operation, dir: string): void {
  const seconds = String(secondsOf(operation));
  spawn(process.execPath, [__filename, "--serve", dir, seconds], { detached: true, stdio: "ignore", cwd: "/" }).unref();
  const deadline = Date.now() + serverStartMs;
  while (!existsSync(clientOf(dir))) {
    if (Date.now() > deadline) throw new Refusal("the server of the stand-ins did not start", 1);
    sleep(10);
  }
}

const serverStartMs = 10_000;

function secondsOf({ parsed }: Operation): number {
  const hours = Number(lastValue(parsed, "hours") ?? "8");
  if (!(hours > 0 && hours <= 168)) throw new Refusal(`--hours ${lastValue(parsed, "hours")}: up to 168`);
  return Math.ceil(hours * 3600);
}

function startRealGluster(operation: Operation, dir: string, clusters: number): void {
  const { io } = operation;
  const hours = lastValue(operation.parsed, "hours") ?? "8";
  try {
    const seconds = secondsOf(operation);
    const hosts = startReal({ dir, path: io.env["PATH"] ?? "", clusters, servers: serversOfCluster, seconds });
    for (const { name, address = "-", bin } of hosts) io.stdout(`${name.padEnd(10)}  ${address.padEnd(12)}  ${bin}\n`);
    io.stdout(
      `Bricks may be made in ${realBrickRoot(dir)}; pool volumes match "${poolPattern}". All ends after ${hours} h, or with stop.\n`,
    );
  } catch (error) {
    stopReal(dir);
    rmSync(dir, { recursive: true, force: true });
    throw error instanceof Refusal ? error : new Refusal((error as Error).message, 1);
  }
}

function clustersOf({ parsed }: Operation): number {
  const asked = lastValue(parsed, "clusters") ?? "1";
  if (!/^[1-9]$/.test(asked)) throw new Refusal(`--clusters ${asked}: one to nine`);
  return has(parsed, "gluster") || has(parsed, "real") ? Number(asked) : 0;
}

function setupOf({ parsed }: Operation): { version: LustreVersion; fsName: string } {
  const asked = lastValue(parsed, "version") ?? "2.17";
  const version = versions[asked];
  if (!version) throw new Refusal(`--lustre-version ${asked}: known are ${Object.keys(versions).join(" and ")}`);
  const fsName = lastValue(parsed, "fsName") ?? "scratch";
  if (!/^[A-Za-z0-9_-]{1,8}$/.test(fsName)) throw new Refusal(`--fs-name ${fsName}: one to eight letters, digits, _ or -`);
  return { version, fsName };
}

export const stop: OperatorCommand = {
  summary: "remove a sandbox and everything in it",
  usage: "stop [--dir DIRECTORY]",
  run: (operation) => {
    const dir = existingSandbox(operation);
    stopReal(dir);
    // the marker goes last: a stop that was interrupted can be repeated
    const marker = join(dir, files.marker);
    for (const name of readdirSync(dir)) if (name !== files.marker) removeWithin(dir, name);
    rmSync(marker, { force: true });
    rmSync(dir, { recursive: true });
    operation.io.stdout(`removed ${dir}\n`);
    return 0;
  },
};

/** rmSync removes symlinks, never what they point to; directories that a test closed (mode 0) are opened first. */
function removeWithin(dir: string, name: string): void {
  const path = join(dir, name);
  openDirectories(path);
  rmSync(path, { recursive: true, force: true });
}

function openDirectories(path: string): void {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return;
  if ((stat.mode & 0o700) !== 0o700) chmodSync(path, 0o700);
  for (const name of readdirSync(path)) openDirectories(join(path, name));
}

export const reset: OperatorCommand = {
  summary: "empty a sandbox: files, nodemaps, volumes, quotas, parameters, faults, log",
  usage: "reset [--dir DIRECTORY] [--bare]",
  options: [{ name: "bare", long: "bare" }],
  run: (operation) => {
    const dir = existingSandbox(operation);
    const mount = realpathSync(join(dir, files.mnt));
    changeState(dir, (state) => {
      for (const name of [files.armed, files.log, files.violations]) rmSync(join(dir, name), { force: true });
      for (const name of readdirSync(mount)) removeWithin(mount, name);
      const run = join(dir, files.run);
      for (const name of readdirSync(run)) removeWithin(run, name);
      const { version, fsName, mountPoint, birthTimes } = state;
      const bare = has(operation.parsed, "bare");
      Object.assign(state, initialState({ version, fsName, mountPoint, birthTimes, bare }));
      makeClosedFileset(mount, { version, bare });
      if (state.gluster) state.gluster = resetGluster(dir, state.gluster);
    });
    return 0;
  },
};
