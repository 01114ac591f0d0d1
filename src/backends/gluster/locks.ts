// Who works alone: one run for each share of a cluster, and one that picks among its volumes. Kernel locks on the agreed server, named by the
// cluster: one machine may serve, or mount from, several, and a run of several must not wait for itself.
import type { Host } from "../../core/host";
import { lockInRunDirectory } from "../../core/locks";
import type { Lock, Transport } from "../../core/transport";
import type { Cluster, Mounter } from "./site";

/** Holds until the connection is closed. Rules and snapshots of a share are changed under its lock, too: they are options of one volume. */
export async function lockShare(cluster: Cluster, share: string): Promise<void> {
  await keep(cluster, cluster.server, lockName(cluster, `share-${share}`));
}

/** Always after the lock of a share, and for as short as possible: everybody who creates needs it. */
export function lockPicking(cluster: Cluster): Promise<Lock> {
  return lockInRunDirectory(cluster.server, lockName(cluster, "pick"), cluster.spec.owner, cluster.log);
}

/**
 * A command inherits the locks of its own host only: what deletes the content of a volume may outlive its run on the host that has it mounted.
 * So there a second lock is taken before the volume is touched: none but the dead can hold it.
 */
export async function lockMounter(cluster: Cluster, { host }: Mounter, share: string): Promise<void> {
  if (host.transport !== cluster.server.transport) await keep(cluster, host, lockName(cluster, `mount-${share}`));
}

function lockName({ id }: Cluster, what: string): string {
  return `gluster-${id}-${what}.lock`;
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
