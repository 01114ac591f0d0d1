// Puts a rule in force.
import { converge, type Job } from "../../../core/engine";
import type { Step } from "../../../core/plan";
import { mustBeDistinct, observeVolume, type SeenShare } from "../share/observe";
import { lockedShares, readyOne } from "../share/volumes";
import type { ClusterAccess } from "../site";
import { serveAsTold } from "../volume/serve";
import { notReady, planRule, type RuleWish } from "./plan";

export async function applyRule(accesses: readonly ClusterAccess[], wish: RuleWish): Promise<Step[]> {
  const shares = await lockedShares(accesses, wish.spec.share);
  mustBeDistinct(shares.reached);
  const found = readyOne(shares.found, shares.reached, wish.key);
  if (!found) throw notReady(wish);
  const { cluster, volume, record } = found;
  const job: Job<SeenShare> = {
    object: wish.key,
    seen: { volume, record },
    observe: () => observeVolume(cluster, volume.name),
    plan: (seen) => planRule(found, wish, seen),
  };
  const { seen, done } = await converge(job, () => cluster.server, cluster.log);
  if (done.length === 0 && seen.volume) await serveAsTold(wish.key, cluster, seen.volume);
  return done;
}
