// Ways to disturb an executor and its hosts, and what it has to say of it.
import { expect } from "vitest";
import { type Role, roles, type SshHosts } from "../../sshd/hosts";
import { descendants, kill } from "../../sshd/processes";
import type { Ended } from "../support";
import type { Running } from "./spied-hosts";

/**
 * close, reset: all connections. one: only that to the host of the command. kill: the executor. shell: the one on that host.
 * sessions: what serves the connections, on all hosts.
 */
export type Disturbance = "close" | "reset" | "kill" | "one" | "shell" | "sessions";

export async function disturb(by: Disturbance, hosts: SshHosts, role: Role, run: Running): Promise<void> {
  switch (by) {
    case "kill":
      return run.kill();
    case "one":
      return hosts.proxies[role]?.cutNow("reset");
    case "shell":
      return kill(shellsOf(hosts.sshd[role].pid));
    case "sessions":
      await Promise.all(roles.map((one) => hosts.sshd[one].killSessions()));
      return;
    default:
      for (const proxy of Object.values(hosts.proxies)) proxy.cutNow(by);
  }
}

/** Shells that sshd has started, not what runs below them. */
function shellsOf(server: number): number[] {
  const all = descendants(server);
  const isServer = (pid: number) => pid === server || all.some((entry) => entry.pid === pid && entry.name === "sshd");
  return all.filter(({ name, parent }) => name !== "sshd" && isServer(parent)).map(({ pid }) => pid);
}

/** Its connection was cut, or what it had on the other side of it is gone. */
export function expectLoss({ exitCode, stderr }: Ended, where: string): void {
  const loss = expect.stringMatching(/^error (COMMAND_LOST|CANNOT_CONNECT)/m);
  expect({ where, exitCode, stderr }).toEqual({ where, exitCode: 5, stderr: loss });
}
