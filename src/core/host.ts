// The hosts of a file system by role, each with its own connection and mount point.
import { type Command, type Result, succeeded } from "./command";
import { fault, type ShareError } from "./errors";
import type { Transport } from "./transport";

export type Role = "client" | "mds" | "mgs" | "server";

export interface Host {
  role: Role;
  /** For messages: "client (local)". */
  name: string;
  transport: Transport;
  /** Where the file system is mounted there; "" where it need not be. */
  mount: string;
}

/** One host of each machine: roles on one share its transport. */
export function machinesOf(hosts: readonly Host[]): Host[] {
  return [...new Map(hosts.map((host) => [host.transport, host])).values()];
}

/** Runs a command whose ending the caller judges; only what no caller can judge (deadline, lost, missing tool) is thrown. */
export async function attempt(host: Host, command: Command, signal?: AbortSignal): Promise<Result> {
  return judged(host, command, await host.transport.run(command, signal));
}

/** What no caller can judge (deadline, lost, missing tool) is thrown. */
export function judged(host: Host, command: Command, result: Result): Result {
  const unusable = result.tooLong
    ? "OUTPUT_TOO_LONG"
    : result.timedOut
      ? "DEADLINE"
      : result.exitCode === null
        ? "COMMAND_LOST"
        : result.exitCode === 127
          ? "TOOL_MISSING"
          : undefined;
  if (unusable) throw commandFault(unusable, host, command, result);
  return result;
}

/** Runs a command that has to succeed. */
export async function run(host: Host, command: Command, signal?: AbortSignal): Promise<Result> {
  const result = await attempt(host, command, signal);
  outputOf(host, command, result);
  return result;
}

/** The output of a look that has to have succeeded. */
export function outputOf(host: Host, command: Command, result: Result): string {
  if (!succeeded(result)) throw commandFault("COMMAND_FAILED", host, command, result);
  return result.stdout;
}

/** A command that waits for a dead target dies of no signal, and keeps what it holds (golden od8). */
const stuckFix =
  "it is still there and cannot be killed while what it waits for is away, and until then it keeps this run's locks, so that the next run waits for it: bring the target back (`lfs check servers`; the MDS's log names it), then apply again";

export function commandFault(
  code: Parameters<typeof fault>[0],
  host: Host,
  command: Command,
  result: Result,
  details: Partial<ShareError> = {},
): ShareError {
  const ending = result.timedOut
    ? `no end after ${Math.round(result.ms / 1000)} s`
    : result.exitCode === null
      ? `ended by ${result.signal ?? "a lost connection"}`
      : `exit ${result.exitCode}`;
  return fault(code, {
    host: host.name,
    command: command.argv,
    said: [result.stderr.trim() || result.stdout.trim(), `(${ending})`].filter(Boolean).join(" "),
    ...(result.stuck ? { fix: stuckFix } : {}),
    ...details,
  });
}
