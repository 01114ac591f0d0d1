// The hosts of a file system by role, each with its own connection and mount point.
import { type Command, type Result, succeeded } from "./command";
import { type Advice, type CoreFault, type Details, fault, type ShareError } from "./errors";
import type { Transport } from "./transport";

export type Role = "client" | "mds" | "mgs" | "server";

export interface Host {
  role: Role;
  /** For messages: "client (local)". */
  name: string;
  transport: Transport;
  /** Where the file system is mounted there; "" where it need not be. */
  mount: string;
  /** What to do there when a command ends badly. */
  advice?: Advice;
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
  "it is still there and cannot be killed, and until it ends it keeps this run's locks, so that the next run waits for it: mend what it waits for, then apply again";

export function commandFault(code: CoreFault, host: Host, command: Command, result: Result, details: Details = {}): ShareError {
  return fault(code, { ...saidBy(host, command, result, code), ...details });
}

/** What an error says of a command, where another one than ours is to tell of it. */
export function saidBy(host: Host, command: Command, result: Result, code?: CoreFault): Details {
  const ending = result.timedOut
    ? `no end after ${Math.round(result.ms / 1000)} s`
    : result.exitCode === null
      ? `ended by ${result.signal ?? "a lost connection"}`
      : `exit ${result.exitCode}`;
  const fix = result.stuck ? (host.advice?.stuck ?? stuckFix) : code && host.advice?.[code];
  return {
    host: host.name,
    command: command.argv,
    said: [result.stderr.trim() || result.stdout.trim(), `(${ending})`].filter(Boolean).join(" "),
    ...(fix ? { fix } : {}),
  };
}
