// A host that answers from a function, and remembers what it was asked.
import type { Command, Result } from "../../src/core/command";
import type { Host, Role } from "../../src/core/host";
import { queueOf } from "../../src/core/transport";

export function ended(exitCode: number | null, stdout = "", stderr = "", more: Partial<Result> = {}): Result {
  return { exitCode, timedOut: false, stdout, stderr, ms: 1, ...more };
}

export function fakeHost(role: Role, answer: (command: Command) => Result, mount = "/mnt/lustre"): Host & { asked: string[] } {
  const asked: string[] = [];
  const ask = async (command: Command) => {
    // What tests look with themselves.
    if (command.argv[0] !== "see") asked.push(command.argv.join(" "));
    return answer(command);
  };
  const { run, runAll, lock } = queueOf(ask, async () => ({ result: ended(0), release: async () => {} }));
  return {
    role,
    name: `${role} (fake)`,
    mount,
    asked,
    transport: {
      runDirectory: "/run/sharewright",
      run,
      runAll,
      lock,
      close: async () => {},
    },
  };
}
