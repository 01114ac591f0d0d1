// Deletes a snapshot.
import { converge } from "../../../core/engine";
import type { Step } from "../../../core/plan";
import { splitSnapshotKey } from "../../../spec/name";
import { holdersOf, lockedShares } from "../share/volumes";
import type { ClusterAccess } from "../site";
import { observeSnapshot } from "./observe";
import { planDeletion, type SeenSnapshot } from "./plan";

export async function destroySnapshot(accesses: readonly ClusterAccess[], key: string, claim: string): Promise<Step[]> {
  const { found, reached } = await lockedShares(accesses, splitSnapshotKey(key).share);
  const done: Step[] = [];
  for (const one of holdersOf(found, "snapshot", key, claim, reached, accesses)) {
    const job = { object: key, observe: () => observeSnapshot(one), plan: (seen: SeenSnapshot) => planDeletion(key, seen) };
    done.push(...(await converge(job, () => one.cluster.server, one.cluster.log)).done);
  }
  return done;
}
