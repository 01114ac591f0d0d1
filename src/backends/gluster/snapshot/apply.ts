// Makes a snapshot.
import { converge, perform } from "../../../core/engine";
import { ShareError } from "../../../core/errors";
import type { Step } from "../../../core/plan";
import { defined } from "../../../spec/defined";
import { fault } from "../faults";
import { errno } from "../judged-transport";
import { slotsOf } from "../records";
import { mustBeDistinct, observeVolume } from "../share/observe";
import { lockedShares, readyOne } from "../share/volumes";
import type { ClusterAccess } from "../site";
import { observeSnapshot } from "./observe";
import { forgetStep, planSnapshot, type SeenSnapshot, type SnapshotWish } from "./plan";

export async function applySnapshot(accesses: readonly ClusterAccess[], wish: SnapshotWish): Promise<Step[]> {
  const shares = await lockedShares(accesses, wish.spec.share);
  mustBeDistinct(shares.reached);
  const found = readyOne(shares.found, shares.reached, wish.key);
  if (!found) throw fault("SHARE_NOT_READY", { object: wish.key, summary: `the share ${wish.spec.share} is not there` });
  const { cluster, volume } = found;
  const wasNoted = slotsOf(volume, "snapshot").some(({ key }) => key === wish.key);
  const job = {
    object: wish.key,
    observe: () => observeSnapshot(found),
    plan: (seen: SeenSnapshot) => planSnapshot(found, wish, seen),
  };
  try {
    return (await converge(job, () => cluster.server, cluster.log)).done;
  } catch (error) {
    if (!isRefused(error)) throw error;
    // Nothing was made: the note of it would only be in the way of somebody else's.
    const slot = slotsOf((await observeVolume(cluster, volume.name)).volume ?? volume, "snapshot").find(
      ({ key }) => key === wish.key,
    );
    if (slot && !wasNoted) await perform(wish.key, [forgetStep(volume, slot)], () => cluster.server, cluster.log);
    throw fault("SNAPSHOTS_UNSUPPORTED", {
      object: wish.key,
      host: cluster.server.name,
      ...defined({ said: error.said }),
    });
  }
}

/** Words of 10 where bricks are not on thin LVM, and where there is no LVM; 11 has one word, and no number, for both (seen with 11.1). */
const refusals = [`(opErrno ${errno.notThin})`, "snapshot functionality is disabled", "Snapshots not supported for all bricks"];

/** Asked anew each time: bricks may be moved to thin LVM, and LVM be installed. */
function isRefused(error: unknown): error is ShareError {
  const said = ShareError.isShareError(error) ? (error.said ?? "") : "";
  return refusals.some((refusal) => said.includes(refusal));
}
