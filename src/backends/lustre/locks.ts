// Who works alone: one run for each object, one compiler of access for each MGS.
import type { Result } from "../../core/command";
import { fault, type ShareError } from "../../core/errors";
import { commandFault, type Host, run } from "../../core/host";
import type { Lock } from "../../core/transport";
import { keyFile } from "../../spec/name";
import * as cli from "./cli";
import { proveMgs } from "./preflight";
import { recordsFolder, type Site } from "./site";

/** One run at a time for each object. The lock is a file of the file system, so that it holds on every client that mounts with `flock`. */
export async function lockObject(site: Site, key: string): Promise<void> {
  const held = await lock(site.client, objectLock(site, key));
  if (held.result.exitCode !== 0) throw lockFault(site.client, objectLock(site, key), held.result);
}

export function objectLock(site: Site, key: string): string {
  return `${recordsFolder(site, "locks")}/${keyFile(key)}`;
}

export function lock(host: Host, file: string): Promise<Lock> {
  return host.transport.lock(file, cli.lockWaitMs);
}

// What flock exits with when the wait was too long; anything else is no lock of others: no tool, no directory, a mount without locks.
const waitedTooLong = 1;

function lockFault(host: Host, file: string, result: Result): ShareError {
  if (result.exitCode !== waitedTooLong || result.stderr !== "") {
    const code = result.exitCode === 127 ? "TOOL_MISSING" : "COMMAND_FAILED";
    return commandFault(code, host, { argv: ["flock", file] }, result, { summary: `could not lock ${file}` });
  }
  return fault("LOCKED", { host: host.name, summary: `could not get the lock ${file}`, said: result.stderr.trim() });
}

/** One compiler at a time: a kernel lock on the MGS host around looking, planning and running. */
export async function withAccessLock<T>(site: Site, work: () => Promise<T>): Promise<T> {
  await proveMgs(site);
  const { runDirectory } = site.mgs.transport;
  const file = `${runDirectory}/nodemap.lock`;
  let held = await lock(site.mgs, file);
  if (held.result.stderr.includes("ENOENT") || held.result.stderr.includes("No such file")) {
    await run(site.mgs, cli.mkdirParents("0700", runDirectory));
    held = await lock(site.mgs, file);
  }
  if (held.result.exitCode !== 0) throw lockFault(site.mgs, file, held.result);
  try {
    return await work();
  } finally {
    await held.release();
  }
}
