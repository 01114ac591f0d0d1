// Who works alone: one run for each object, one compiler of access for each MGS.
import type { Host } from "../../core/host";
import { isMissing, lockFault, lockFile, lockInRunDirectory } from "../../core/locks";
import type { Lock } from "../../core/transport";
import { keyFile } from "../../spec/name";
import { recordsFolder, type Site } from "./site";

/** One run at a time for each object. The lock is a file of the file system, so that it holds on every client that mounts with `flock`. */
export async function lockObject(site: Site, key: string): Promise<void> {
  const file = objectLock(site, key);
  const { result } = await lock(site, site.client, file);
  if (result.exitCode !== 0) throw lockFault(site.client, file, result);
  await guardMds(site, key);
}

/** Asks for the lock of an MDS of its own, once; resolves when it has been asked for. `held` rejects when it is not had. */
export type Guard = () => Promise<{ held: Promise<void> }>;

/**
 * Locks the object and looks at it right behind that, without a round trip in between. Undefined: there is nothing to lock in yet, which is a
 * fault where the records directory `isOpen`.
 */
export async function lockAndLook<Seen>(
  site: Site,
  key: string,
  observe: (guard: Guard) => Promise<Seen>,
  isOpen = false,
): Promise<{ seen: Seen; guard: Guard } | undefined> {
  const file = objectLock(site, key);
  const locking = lock(site, site.client, file);
  let guarding: ReturnType<Guard> | undefined;
  const guard: Guard = () => {
    guarding ??= locking.then(({ result }) => ({ held: result.exitCode === 0 ? guardMds(site, key) : Promise.resolve() }));
    return guarding;
  };
  const [held, looked] = await Promise.allSettled([locking, observe(guard)]);
  if (held.status === "rejected") throw held.reason;
  const { result } = held.value;
  if (isMissing(result, file) && !isOpen) return undefined;
  if (result.exitCode !== 0) throw lockFault(site.client, file, result);
  if (looked.status === "rejected") throw looked.reason;
  return { seen: looked.value, guard };
}

/**
 * A command inherits the locks of its own host only. Of a run that died, one may go on where it held none: on an MDS of its own, or, for the
 * nodemaps, on the client. So there a second lock is taken before anything is looked at, always after the first: none but the dead can hold it.
 */
async function guardMds(site: Site, key: string): Promise<void> {
  const { client, mds } = site;
  if (mds.transport !== client.transport)
    await lockInRunDirectory(mds, `mds-${keyFile(key)}.lock`, site.fileSystem.owner, site.log);
}

async function guardRecords(site: Site): Promise<Lock | undefined> {
  const { client, mgs } = site;
  if (mgs.transport === client.transport) return undefined;
  // A name that no object's lock can have.
  const file = `${recordsFolder(site, "locks")}/::nodemaps`;
  const held = await lock(site, client, file);
  // Where there are no records nobody writes any.
  if (held.result.exitCode !== 0 && !isMissing(held.result, file)) throw lockFault(client, file, held.result);
  return held;
}

function objectLock(site: Site, key: string): string {
  return `${recordsFolder(site, "locks")}/${keyFile(key)}`;
}

function lock(site: Site, host: Host, file: string): Promise<Lock> {
  return lockFile(host, file, site.fileSystem.owner, site.log);
}

/**
 * One compiler at a time: a kernel lock on the MGS host around looking, planning and running. That the host is the MGS is proven by each look at the
 * nodemaps: waiting for the lock may take minutes, in which the MGS may move.
 */
export async function withAccessLock<T>(site: Site, work: () => Promise<T>): Promise<T> {
  const lock = await lockInRunDirectory(site.mgs, "nodemap.lock", site.fileSystem.owner, site.log);
  let guard: Lock | undefined;
  try {
    guard = await guardRecords(site);
    return await work();
  } finally {
    await guard?.release();
    await lock.release();
  }
}
