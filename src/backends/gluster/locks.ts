// Who works alone: one run for each share of a cluster, and one that picks among its volumes. Kernel locks on the agreed server.
import type { Host } from "../../core/host";
import { lockInRunDirectory } from "../../core/locks";
import type { Lock, Transport } from "../../core/transport";
import type { Cluster, Mounter } from "./site";

/** Holds until the connection is closed. Rules and snapshots of a share are changed under its lock, too: they are options of one volume. */
export async function lockShare(cluster: Cluster, share: string): Promise<void> {
  await keep(cluster, cluster.server, `gluster-share-${share}.lock`);
}

/** Always after the lock of a share, and for as short as possible: everybody who creates needs it. */
export function lockPicking(cluster: Cluster): Promise<Lock> {
  return lockInRunDirectory(cluster.server, "gluster-pick.lock", cluster.spec.owner, cluster.log);
}

/**
 * A command inherits the locks of its own host only: what deletes the content of a volume may outlive its run on the host that has it mounted.
 * So there a second lock is taken before the volume is touched: none but the dead can hold it.
 */
export async function lockMounter(cluster: Cluster, { host }: Mounter, share: string): Promise<void> {
  if (host.transport !== cluster.server.transport) await keep(cluster, host, `gluster-mount-${share}.lock`);
}

const kept = new WeakMap<Transport, Map<string, Promise<Lock>>>();

/** Asked for again it is had already: a run must not wait for itself. */
async function keep(cluster: Cluster, host: Host, name: string): Promise<void> {
  const locks = kept.get(host.transport) ?? new Map<string, Promise<Lock>>();
  kept.set(host.transport, locks);
  const lock = locks.get(name) ?? lockInRunDirectory(host, name, cluster.spec.owner, cluster.log);
  locks.set(name, lock);
  await lock;
}
