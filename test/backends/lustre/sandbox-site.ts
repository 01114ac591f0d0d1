// The backend against a sandbox in this process: lfs, lctl and the like are its stand-ins, everything else the real tool.
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { lustreAdvice } from "../../../src/backends/lustre/faults";
import type { Site } from "../../../src/backends/lustre/site";
import { type Command, type Result, succeeded } from "../../../src/core/command";
import type { Host, Role } from "../../../src/core/host";
import { queueOf, type RunWhole, type Transport } from "../../../src/core/transport";
import type { HostName } from "../../../src/sandbox/hosts";
import type { LustreVersion } from "../../../src/sandbox/state";
import type { FileSystemSpec, ShareSpec } from "../../../src/spec/lustre";
import { localTransport } from "../../../src/transports/local";
import { ended } from "../../core/fake-host";
import { commandWithin } from "../../executor/in-process";
import { makeSandbox, type TestSandbox } from "../../sandbox/sandbox";
import { fileSystem } from "./site";

export interface Setting {
  version?: LustreVersion;
  bare?: boolean;
  /** Which host of the sandbox a role is; all are one machine otherwise. */
  hosts?: Partial<Record<"client" | "mgs" | "mds", HostName>>;
  fileSystem?: Partial<FileSystemSpec>;
}

export interface SandboxSite {
  site: Site;
  sandbox: TestSandbox;
  /** "host: command" of everything that was run. */
  commands: string[];
  notes: string[];
  /** Stands before the real answer; undefined lets the command through. */
  intercept: (answer: (command: Command) => Result | undefined) => void;
  /** Another stack on the same file system. */
  stack: (more: Partial<FileSystemSpec>) => Site;
}

/** The host goes on with what is joined to a command that was begun, whatever becomes of who asked for it. */
function wholly(runNow: (command: Command) => Promise<Result>): RunWhole {
  return async (commands) => {
    const results: Result[] = [];
    let death: unknown;
    for (const command of commands) {
      const attempt = runNow(command);
      const result = await (results.length === 0
        ? attempt
        : attempt.catch((error: unknown) => {
            death = error;
            return runNow(command);
          }));
      results.push(result);
      if (!succeeded(result)) break;
    }
    if (death) throw death;
    return results;
  };
}

export function sandboxSite({ version = "2.17.0", bare = false, hosts = {}, fileSystem: more = {} }: Setting = {}): SandboxSite {
  const sandbox = makeSandbox({ version, bare });
  const commands: string[] = [];
  const notes: string[] = [];
  const real = localTransport();
  let before: (command: Command) => Result | undefined = () => undefined;
  const transports = new Map<HostName, Transport>();
  const transportTo = (host: HostName): Transport => {
    const known = transports.get(host);
    if (known) return known;
    const runNow = async (command: Command) => {
      commands.push(`${host}: ${command.argv.join(" ").replaceAll(sandbox.mount, "MNT")}`);
      const stopped = before(command);
      if (stopped) return stopped;
      return commandWithin({ dir: sandbox.dir, host, command, environment: process.env }, real.run);
    };
    const queue = queueOf(
      runNow,
      async (file) => {
        const isNowhere = file.startsWith(sandbox.mount) && !existsSync(dirname(file));
        return { result: isNowhere ? ended(1, "", `${file}: No such file or directory`) : ended(0), release: async () => {} };
      },
      wholly(runNow),
    );
    const transport: Transport = { runDirectory: "/run/sharewright", ...queue, close: async () => {} };
    transports.set(host, transport);
    return transport;
  };
  const hostOf = (role: Role, name: HostName, mount: string): Host => ({
    role,
    name: `${role} (${name})`,
    transport: transportTo(name),
    mount,
    advice: lustreAdvice,
  });
  const log = { step: () => {}, debug: () => {}, note: (line: string) => notes.push(line) };
  const stack = (spec: Partial<FileSystemSpec>): Site => ({
    fileSystem: {
      ...fileSystem,
      mountPoint: sandbox.mount,
      lustreVersion: version === "2.16.1" ? "2.16" : "2.17",
      ...more,
      ...spec,
    },
    client: hostOf("client", hosts.client ?? "all", sandbox.mount),
    mds: hostOf("mds", hosts.mds ?? hosts.client ?? "all", sandbox.mount),
    mgs: hostOf("mgs", hosts.mgs ?? "all", ""),
    servers: [],
    log,
  });
  return {
    site: stack({}),
    sandbox,
    commands,
    notes,
    stack,
    intercept: (answer) => {
      before = answer;
    },
  };
}

/** What a stack asks for a share, where its limits, owner and end do not matter. */
export function shareSpec(name: string, more: Partial<ShareSpec> = {}): ShareSpec {
  return {
    fileset: `/shares/${name}`,
    size: 10n * 1024n ** 3n,
    owner: { uid: 1000, gid: 1000 },
    mode: 0o770,
    removalPolicy: "retain",
    adopt: false,
    ...more,
  };
}
