// What operators do with what is in the trash: take it out, or delete it.
import type { Step } from "../../../core/plan";
import type { ClusterAccess } from "../site";
import { goThrough } from "./destroy";
import { keep, lockedShare, notInState } from "./release";
import { planPurge, planRemoval } from "./removal";

/** Back from the trash, managed by nobody: `adopt` takes it. */
export async function restoreFromTrash(accesses: readonly ClusterAccess[], key: string): Promise<Step[]> {
  const found = await lockedShare(accesses, key, ["trash"]);
  const { record } = found;
  if (record.state !== "trash") throw notInState(found, "in the trash");
  return keep(found);
}

/** `since`: only what has been in the trash from then on; a namesake that came later stays. */
export async function purgeTrash(accesses: readonly ClusterAccess[], key: string, since?: string): Promise<Step[]> {
  const found = await lockedShare(accesses, key, ["trash", "leaving", "cut", "wiped"], since);
  const { cluster, volume, record } = found;
  const isGoing = record.claim === undefined && ["leaving", "cut", "wiped"].includes(record.state);
  if (record.state !== "trash" && !isGoing) throw notInState(found, "in the trash");
  return goThrough(cluster, key, { volume, record }, (_, seen, time) => {
    const purge = planPurge(seen);
    return purge.length > 0 ? purge : planRemoval(key, seen, time);
  });
}
