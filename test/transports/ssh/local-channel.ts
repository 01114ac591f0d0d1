// Connections of the SSH transport that lead to a shell of this machine: pipes in the place of channels, all else as over a network.
import { spawn } from "node:child_process";
import type { Channel } from "../../../src/transports/ssh/channel";
import type { Connection } from "../../../src/transports/ssh/connection";
import type { Connector } from "../../../src/transports/ssh/session";

export interface LocalChannelOptions {
  /** Program and arguments in the place of a login shell that is asked to `exec /bin/sh`. Default: sh. */
  shell?: readonly string[];
  /** Whom a signal reaches: OpenSSH signals the session's process group, other servers its first process, some nobody. Default: group. */
  signals?: "group" | "process" | "none";
  environment?: NodeJS.ProcessEnv;
}

export function localChannel({
  shell = ["sh"],
  signals = "group",
  environment = process.env,
}: LocalChannelOptions = {}): Channel & {
  pid: number;
} {
  const [program = "sh", ...args] = shell;
  const child = spawn(program, args, { stdio: "pipe", detached: true, env: environment });
  const pid = child.pid ?? 0;
  return {
    pid,
    stdin: child.stdin,
    stdout: child.stdout,
    stderr: child.stderr,
    signal(name) {
      if (signals === "none" || child.exitCode !== null || child.signalCode !== null) return;
      process.kill(signals === "group" ? -pid : pid, `SIG${name}`);
    },
    ended: new Promise((resolve) => {
      child.once("error", (error) => resolve({ error: error.message }));
      child.once("exit", (exitCode, signal) =>
        resolve({ ...(exitCode === null ? {} : { exitCode }), ...(signal === null ? {} : { signal: signal.slice(3) }) }),
      );
    }),
    destroy() {
      for (const stream of [child.stdin, child.stdout, child.stderr]) stream.destroy();
      child.unref();
    },
  };
}

/** Every host leads here. */
export function localPool(options: LocalChannelOptions = {}): Connector {
  const connect = async (_: unknown, host: string): Promise<Connection> => ({
    facts: {
      host,
      address: "127.0.0.1:0",
      user: "nobody",
      hostKey: { type: "none", fingerprint: "none", vouchedBy: "this machine" },
      authentication: "none",
      server: "none",
    },
    start: async () => localChannel(options),
    forward: async () => {
      throw new Error("a local channel leads nowhere else");
    },
    lost: new Promise(() => {}),
    close: async () => {},
  });
  return { connect };
}
