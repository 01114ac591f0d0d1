// Takes a rule back.
import { converge, type Job } from "../../../core/engine";
import { ShareError } from "../../../core/errors";
import type { Step } from "../../../core/plan";
import { shareOfRule } from "../../../spec/name";
import type { Volume } from "../parse";
import { type Found, observeVolume, type SeenShare } from "../share/observe";
import { holdersOf, lockedShares } from "../share/volumes";
import { type Cluster, type ClusterAccess, requirePeers } from "../site";
import { serveAsTold } from "../volume/serve";
import { planWithdrawal } from "./plan";

export async function destroyRule(accesses: readonly ClusterAccess[], key: string, claim: string): Promise<Step[]> {
  const { found, reached } = await lockedShares(accesses, shareOfRule(key));
  const holders = holdersOf(found, "rule", key, claim, reached, accesses);
  if (holders.length === 0) await forgetUnlisted(key, found);
  const done: Step[] = [];
  for (const { cluster, volume, record } of holders) {
    const job: Job<SeenShare> = {
      object: key,
      seen: { volume, record },
      observe: () => observeVolume(cluster, volume.name),
      plan: (seen) => planWithdrawal(key, seen),
    };
    done.push(...(await converge(job, () => cluster.server, cluster.log)).done);
    await tellOfPeers(cluster, volume);
  }
  return done;
}

/** A run that was to make the rule may have let its client in, and left no trace of that. */
async function forgetUnlisted(key: string, found: readonly Found[]): Promise<void> {
  for (const { cluster, volume } of found) await serveAsTold(key, cluster, volume);
}

/** Set is set; but a brick whose glusterd is down hears of it only when that is back. */
async function tellOfPeers(cluster: Cluster, volume: Volume): Promise<void> {
  await requirePeers(cluster, volume).catch((error: unknown) => {
    if (!ShareError.isShareError(error) || error.code !== "PEER_DOWN") throw error;
    cluster.log.note(`${error.summary}: until it is back, its brick lets in whom it let in before`);
  });
}
