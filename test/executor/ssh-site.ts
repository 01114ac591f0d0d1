// A site of this process, reached over SSH: what a hook makes of its request, with the transports at hand.
import { homedir } from "node:os";
import type { Site } from "../../src/backends/lustre/site";
import type { Command } from "../../src/core/command";
import type { Host, Role } from "../../src/core/host";
import { silentLog } from "../../src/core/log";
import type { SshConnectionSpec } from "../../src/spec/connection";
import type { FileSystemSpec } from "../../src/spec/lustre";
import { type SshTransport, sshTransport } from "../../src/transports/ssh";
import { type ConnectionPool, connectionPool } from "../../src/transports/ssh/connection";

export interface SshSite {
  site: Site;
  /** Since the connections were made, by the first role of each host; connecting is not counted. */
  roundTrips(): Record<string, number>;
  /** Of all hosts, in the order of their ends. */
  commands: { role: Role; command: Command }[];
  notes: string[];
  close(): Promise<void>;
}

/** `hosts`: roles with the same connection share its transport, as they do in the executor. `kept`: outlives the site. @default a new pool */
export function sshSite(
  fileSystem: FileSystemSpec,
  hosts: Record<"client" | "mds" | "mgs", SshConnectionSpec>,
  environment: NodeJS.ProcessEnv,
  kept?: ConnectionPool,
): SshSite {
  const pool = kept ?? connectionPool({ environment, home: homedir() });
  const transports = new Map<SshConnectionSpec, { role: Role; transport: SshTransport }>();
  const commands: SshSite["commands"] = [];
  const notes: string[] = [];
  const host = (role: "client" | "mds" | "mgs", mount: string): Host => {
    const onEnd = (command: Command) => commands.push({ role, command });
    const { transport } = transports.get(hosts[role]) ?? {
      transport: sshTransport(hosts[role], { pool, environment, onEnd }),
    };
    if (!transports.has(hosts[role])) transports.set(hosts[role], { role, transport });
    return { role, name: role, transport, mount };
  };
  const { mountPoint } = fileSystem;
  const site: Site = {
    fileSystem,
    client: host("client", mountPoint),
    mds: host("mds", mountPoint),
    mgs: host("mgs", ""),
    servers: [],
    log: silentLog(notes),
  };
  return {
    site,
    commands,
    notes,
    roundTrips: () =>
      Object.fromEntries([...transports.values()].map(({ role, transport }) => [role, transport.counts.roundTrips])),
    async close() {
      await Promise.all([...transports.values()].map(({ transport }) => transport.close()));
      if (!kept) await pool.close();
    },
  };
}
