// Hosts over SSH whose every command is seen, and executors that work on them.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { vi } from "vitest";
import type { ConnectionSpec } from "../../../src/spec/connection";
import type { FileSystemSpec } from "../../../src/spec/lustre";
import { type HostsOptions, type Role, type SshHosts, startHosts } from "../../sshd/hosts";
import { hookWithin, newExecutor } from "../in-process";
import { bundle, type Ended, execute, type Hook, type TestSite } from "../support";
import { type Spy, spyOn } from "./spy";

/** Hosts over SSH, each with a spy and behind a proxy. */
export interface SpiedHosts {
  hosts: SshHosts;
  spies: Record<Role, Spy>;
  /** What a stack says of its connections; with two hosts the client is the MDS. */
  fileSystem: Partial<FileSystemSpec>;
  stop(): Promise<void>;
}

export async function startSpiedHosts(
  site: TestSite,
  options: Omit<HostsOptions, "sandbox"> & { two?: boolean } = {},
): Promise<SpiedHosts> {
  const { two = false, ...more } = options;
  const hosts = await startHosts({ sandbox: site.dir, latencyMs: 0, ...more });
  const spyOf = (role: Role) =>
    spyOn(join(site.dir, "hosts", role, "bin"), join(site.dir, "..", "spies", `${role}-${hosts.sshd[role].port}`));
  const spies = { client: spyOf("client"), mds: spyOf("mds"), mgs: spyOf("mgs") };
  const on = (role: Role): ConnectionSpec => ({
    ...hosts.connections[role],
    path: [spies[role].bin, ...(hosts.connections[role].path ?? [])],
  });
  const fileSystem = { client: on("client"), mgs: on("mgs"), ...(two ? {} : { mds: { connection: on("mds") } }) };
  return { hosts, spies, fileSystem, stop: () => hosts.stop() };
}

export interface Running {
  readonly pid: number | undefined;
  ended: Promise<Ended>;
  /** What it has written to its standard output so far. */
  said(): string;
  isOver(): boolean;
  /** Only of a process. */
  kill(): void;
}

/** An executor within the test, which is not killed: what is disturbed are its connections, and what is on the other side of them. */
export function startWithin(site: TestSite, hook: Hook): Running {
  let said = "";
  let isOver = false;
  const executor = newExecutor({
    onSay: (text) => {
      said += text;
    },
  });
  // Where locks of hosts are is asked of the process.
  vi.stubEnv("SHAREWRIGHT_RUN_DIR", site.environment["SHAREWRIGHT_RUN_DIR"]);
  const ended = hookWithin(site.dir, executor, hook, site.environment).finally(() => {
    isOver = true;
  });
  return { pid: process.pid, ended, said: () => said, isOver: () => isOver, kill: () => {} };
}

/** A process. `environment`: what differs on the machine it runs on. */
export function startExecutor(site: TestSite, hook: Hook, environment: NodeJS.ProcessEnv = {}): Running {
  let said = "";
  let isOver = false;
  let pid: number | undefined;
  let end: () => void = () => {};
  const ended = execute(
    [process.execPath, bundle, ...hook.args],
    { ...site.environment, ...hook.environment, ...environment },
    {
      started: (child) => {
        pid = child.pid;
        child.stdout?.on("data", (text: string) => {
          said += text;
        });
        end = () => child.kill("SIGKILL");
      },
    },
  ).finally(() => {
    isOver = true;
  });
  return { pid, ended, said: () => said, isOver: () => isOver, kill: () => end() };
}

/** All locks of a site, those of hosts included: they are files here. */
export function locksOf(site: TestSite): string[] {
  const folders = [join(site.mount, ".sharewright/locks"), join(site.dir, "run")];
  return folders.flatMap((folder) => (existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []));
}

/** Whether nobody holds any of them. */
export function areFree(locks: readonly string[]): boolean {
  const script = 'for lock; do exec 9<"$lock"; flock -n 9 || exit 1; done';
  return spawnSync("/bin/sh", ["-c", script, "sh", ...locks]).status === 0;
}
