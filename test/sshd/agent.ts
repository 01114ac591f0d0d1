// An ssh-agent of the test's own.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Key } from "./keys";
import { kill, run, startBounded, until, whenEnded } from "./processes";

export interface Agent {
  /** For SSH_AUTH_SOCK. */
  readonly socket: string;
  /** Keys must have no passphrase. */
  add(...keys: readonly Key[]): void;
  stop(): Promise<void>;
}

export async function startAgent(keys: readonly Key[] = []): Promise<Agent> {
  const dir = mkdtempSync(join(tmpdir(), "sharewright-agent-"));
  const socket = join(dir, "socket");
  const child = startBounded(["ssh-agent", "-D", "-a", socket]);
  const ended = whenEnded(child);
  await until(() => existsSync(socket) || child.exitCode !== null, "ssh-agent");
  const add: Agent["add"] = (...more) => {
    for (const { path } of more) run(["ssh-add", "-q", path], "", { SSH_AUTH_SOCK: socket });
  };
  add(...keys);
  return {
    socket,
    add,
    async stop() {
      child.kill("SIGTERM"); // handed on by timeout(1)
      await ended;
      if (child.pid !== undefined) await kill([child.pid]);
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
