// Who works alone: one run for each object, one compiler of access for each MGS.
import type { Command, Result } from "../../core/command";
import { fault, type ShareError } from "../../core/errors";
import { commandFault, type Host, judged, run } from "../../core/host";
import { runName } from "../../core/run-name";
import type { Lock } from "../../core/transport";
import { keyFile } from "../../spec/name";
import * as cli from "./cli";
import { proveMgs } from "./preflight";
import { recordsFolder, type Site } from "./site";

/** One run at a time for each object. The lock is a file of the file system, so that it holds on every client that mounts with `flock`. */
export async function lockObject(site: Site, key: string): Promise<void> {
  const { result } = await lock(site, site.client, objectLock(site, key));
  if (result.exitCode !== 0) throw lockFault(site.client, objectLock(site, key), result);
}

/** Locks the object and looks at it right behind that, without a round trip in between. Undefined: there is nothing to lock in yet. */
export async function lockAndLook<Seen>(
  site: Site,
  key: string,
  observe: () => Promise<Seen>,
): Promise<{ seen: Seen } | undefined> {
  const file = objectLock(site, key);
  const [held, looked] = await Promise.allSettled([lock(site, site.client, file), observe()]);
  if (held.status === "rejected") throw held.reason;
  const { result } = held.value;
  if (isMissing(result)) return undefined;
  if (result.exitCode !== 0) throw lockFault(site.client, file, result);
  if (looked.status === "rejected") throw looked.reason;
  return { seen: looked.value };
}

function isMissing({ stderr }: Result): boolean {
  return stderr.includes("ENOENT") || stderr.includes("No such file");
}

function objectLock(site: Site, key: string): string {
  return `${recordsFolder(site, "locks")}/${keyFile(key)}`;
}

function lock(site: Site, host: Host, file: string): Promise<Lock> {
  return host.transport.lock(file, cli.lockWaitMs, {
    name: runName(site.fileSystem.owner),
    onWait: (holder) => site.log.note(`waiting for the lock ${file}, held by ${holder || "somebody who left no name"}`),
  });
}

// What flock exits with when the wait was too long; anything else is no lock of others: no tool, no directory, a mount without locks.
const waitedTooLong = 1;

function lockFault(host: Host, file: string, result: Result): ShareError {
  const command: Command = { argv: ["flock", file] };
  if (result.exitCode === waitedTooLong && result.stderr === "")
    return fault("LOCKED", { host: host.name, summary: `could not get the lock ${file}` });
  try {
    judged(host, command, result);
  } catch (error) {
    const unusable = error as ShareError;
    return Object.assign(unusable, { summary: `could not lock ${file}: ${unusable.summary}` });
  }
  return commandFault("COMMAND_FAILED", host, command, result, { summary: `could not lock ${file}` });
}

/** One compiler at a time: a kernel lock on the MGS host around looking, planning and running. */
export async function withAccessLock<T>(site: Site, work: () => Promise<T>): Promise<T> {
  const { runDirectory } = site.mgs.transport;
  const file = `${runDirectory}/nodemap.lock`;
  const [proof, locked] = await Promise.allSettled([proveMgs(site), lock(site, site.mgs, file)]);
  if (locked.status === "rejected") throw locked.reason;
  let held = locked.value;
  try {
    if (proof.status === "rejected") throw proof.reason;
    if (isMissing(held.result)) {
      await run(site.mgs, cli.mkdirParents("0700", runDirectory));
      held = await lock(site, site.mgs, file);
    }
    if (held.result.exitCode !== 0) throw lockFault(site.mgs, file, held.result);
    return await work();
  } finally {
    await held.release();
  }
}
