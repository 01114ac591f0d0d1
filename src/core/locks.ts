// Kernel locks on hosts: who waits for whom, where they are kept, and what it means when one is not had.
import type { Command, Result } from "./command";
import { fault, type ShareError } from "./errors";
import { commandFault, type Host, judged, run } from "./host";
import type { Log } from "./log";
import { runName } from "./run-name";
import type { Lock } from "./transport";

/** Long enough for the removal of a large share by another run to end. */
export const lockWaitMs = 15 * 60_000;

/** Asks for a lock on a file; whether it is held, its result tells. `owner` is what those who wait are told. */
export function lockFile(host: Host, file: string, owner: string, log: Log): Promise<Lock> {
  return host.transport.lock(file, lockWaitMs, {
    name: runName(owner),
    onWait: (holder) => log.note(`waiting for the lock ${file}, held by ${holder || "somebody who left no name"}`),
  });
}

/** A lock of one host that is held, or a fault. Its directory need not outlive a reboot. */
export async function lockInRunDirectory(host: Host, name: string, owner: string, log: Log): Promise<Lock> {
  const { runDirectory } = host.transport;
  const file = `${runDirectory}/${name}`;
  let held = await lockFile(host, file, owner, log);
  if (isMissing(held.result, file)) {
    await run(host, makeRunDirectory(runDirectory));
    held = await lockFile(host, file, owner, log);
  }
  if (held.result.exitCode !== 0) throw lockFault(host, file, held.result);
  return held;
}

export function makeRunDirectory(directory: string): Command {
  return { argv: ["mkdir", "-p", "-m", "0700", "--", directory] };
}

/** Whether there is no directory for the lock: said of the file itself. Anything else may be missing without that meaning anything. */
export function isMissing({ exitCode, stderr }: Result, file: string): boolean {
  return exitCode !== 0 && stderr.includes(file) && /No such file|ENOENT/.test(stderr);
}

// What flock exits with when the wait was too long; anything else is no lock of others: no tool, no directory, a mount without locks.
const waitedTooLong = 1;

export function lockFault(host: Host, file: string, result: Result): ShareError {
  const command: Command = { argv: ["flock", file] };
  if (result.exitCode === waitedTooLong && result.stderr === "")
    return fault("LOCKED", { host: host.name, summary: `could not get the lock ${file}`, fix: host.advice?.LOCKED });
  try {
    judged(host, command, result);
  } catch (error) {
    const unusable = error as ShareError;
    return Object.assign(unusable, { summary: `could not lock ${file}: ${unusable.summary}` });
  }
  const summary = `could not lock ${file}`;
  // The first thing that is done on a host: who has no rights there finds out here.
  const fix = result.stderr.includes("Permission denied")
    ? { fix: "log in as root, or set sudo of the connection; `sharewright sudoers` prints the rules that the user then needs" }
    : {};
  return commandFault("COMMAND_FAILED", host, command, result, { summary, ...fix });
}
