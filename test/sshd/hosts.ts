// A sandbox's hosts, each behind an sshd of its own: client, MDS and MGS, reached directly or through a bastion.
import { chmodSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { dirname, join } from "node:path";
import type { SshConnectionSpec } from "../../src/spec/connection";
import { type Key, makeKey } from "./keys";
import { writeKnownHosts } from "./known-hosts";
import { type LoopbackProxy, startProxy } from "./proxy";
import { type Sshd, type SshdOptions, startSshd } from "./server";

export const roles = ["client", "mds", "mgs"] as const;
export type Role = (typeof roles)[number];

export interface HostsOptions {
  /** The sandbox's directory. The way to it is opened for `user`. */
  sandbox: string;
  /** Who logs in. @default the user of this process */
  user?: string;
  /** @default none */
  sudo?: string[];
  /** Go through a bastion, a fourth sshd on which nothing can be run. @default false */
  jump?: boolean;
  /** Put a proxy before each host, with this latency each way. @default no proxies */
  latencyMs?: number;
  /** Of the sshd of a role. */
  sshd?: Partial<Record<Role, Pick<SshdOptions, "config" | "keyOptions">>>;
}

export interface SshHosts {
  readonly connections: Readonly<Record<Role, SshConnectionSpec>>;
  readonly sshd: Readonly<Record<Role, Sshd>>;
  readonly bastion: Sshd | undefined;
  /** Only where a latency was given. */
  readonly proxies: Readonly<Partial<Record<Role, LoopbackProxy>>>;
  /** With which all of them are entered. */
  readonly key: Key;
  readonly knownHostsPath: string;
  stop(): Promise<void>;
}

export async function startHosts(options: HostsOptions): Promise<SshHosts> {
  const { sandbox, user = userInfo().username, sudo, jump = false, latencyMs } = options;
  const dir = mkdtempSync(join(tmpdir(), "sharewright-hosts-"));
  const servers: Sshd[] = [];
  const proxies: Partial<Record<Role, LoopbackProxy>> = {};
  const stop = async () => {
    await Promise.all([...servers.map((server) => server.stop()), ...Object.values(proxies).map((proxy) => proxy.stop())]);
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    openTheWay(sandbox);
    const key = makeKey(dir);
    const start = async (more: SshdOptions) => {
      const server = await startSshd({ authorizedKeys: [key], ...more });
      servers.push(server);
      return server;
    };
    const startRole = async (role: Role): Promise<[Role, Sshd]> => {
      const server = await start({ ...options.sshd?.[role] });
      if (latencyMs !== undefined) proxies[role] = await startProxy({ to: server, latencyMs });
      return [role, server];
    };
    const sshd = Object.fromEntries(await Promise.all(roles.map(startRole))) as Record<Role, Sshd>;
    const bastion = jump ? await start({ keyOptions: 'restrict,port-forwarding,command="/bin/false"' }) : undefined;
    const knownHostsPath = join(dir, "known_hosts");
    const lines = roles.flatMap((role) => sshd[role].knownHostsLines.map((line) => atPort(line, proxies[role])));
    writeKnownHosts(knownHostsPath, [...lines, ...(bastion?.knownHostsLines ?? [])]);

    const way = (port: number): SshConnectionSpec => ({
      type: "ssh",
      hosts: ["127.0.0.1"],
      port,
      user,
      privateKeyPath: key.path,
      knownHostsPath,
    });
    const connectionOf = (role: Role): SshConnectionSpec => ({
      ...way((proxies[role] ?? sshd[role]).port),
      ...(bastion ? { jump: way(bastion.port) } : {}),
      ...(sudo ? { sudo } : {}),
      path: [join(sandbox, "hosts", role, "bin")],
    });
    const connections = Object.fromEntries(roles.map((role) => [role, connectionOf(role)])) as Record<Role, SshConnectionSpec>;
    return { connections, sshd, bastion, proxies, key, knownHostsPath, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A proxy shows its server's key at a port of its own. */
function atPort(line: string, proxy: LoopbackProxy | undefined): string {
  return proxy ? line.replace(/\]:\d+ /, `]:${proxy.port} `) : line;
}

/** Lets other users reach a directory below the temporary one, which mkdtemp makes for its owner alone. */
export function openTheWay(path: string): void {
  if (path === tmpdir() || path === dirname(path)) return;
  const { mode, uid } = statSync(path);
  if ((mode & 0o001) === 0 && uid === userInfo().uid) chmodSync(path, (mode & 0o7777) | 0o011);
  openTheWay(dirname(path));
}
