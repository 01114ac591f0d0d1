// What an apply would do, or why it would be refused; nothing is locked and nothing changed.

import type { Step } from "../../core/plan";
import type { GlusterKind } from "../../spec/kinds";
import { shareOfRule, splitSnapshotKey } from "../../spec/name";
import { planRule, planWithdrawal, type RuleWish } from "./access";
import { slotsOf } from "./records";
import { type Found, findShare, mustHaveLooked, type Reached, reach, type SeenShare } from "./share-observe";
import { isOwn, planLeaving } from "./share-removal";
import { step } from "./share-steps";
import { readyOne } from "./share-volumes";
import type { ClusterAccess } from "./site";
import { observeSnapshot, planDeletion, planSnapshot, type SnapshotWish } from "./snapshots";

export async function previewRule(accesses: readonly ClusterAccess[], wish: RuleWish): Promise<Step[]> {
  const { reached, found: all } = await find(accesses, wish.spec.share);
  const found = readyOne(all, reached, wish.key);
  if (found) return planRule(found, wish, found);
  return [step("allow", `let ${wish.spec.commonName} in, once the share ${wish.spec.share} is there`)];
}

export async function previewSnapshot(accesses: readonly ClusterAccess[], wish: SnapshotWish): Promise<Step[]> {
  const { reached, found: all } = await find(accesses, wish.spec.share);
  const found = readyOne(all, reached, wish.key);
  if (found) return planSnapshot(found, wish, await observeSnapshot(found));
  return [step("snapshot", `make snapshot ${wish.spec.snapshot}, once the share ${wish.spec.share} is there`)];
}

/** What a destroy would do first. */
export async function previewRemoval(
  accesses: readonly ClusterAccess[],
  kind: GlusterKind,
  key: string,
  claim: string,
): Promise<Step[]> {
  const share = kind === "gluster.share" ? key : kind === "gluster.snapshot" ? splitSnapshotKey(key).share : shareOfRule(key);
  const { reached, found: all } = await find(accesses, share);
  const slotKind = kind === "gluster.snapshot" ? "snapshot" : "rule";
  const isMeant = ({ volume, record }: Found) =>
    kind === "gluster.share"
      ? record.claim === claim
      : slotsOf(volume, slotKind).some((slot) => slot.key === key && slot.claim === claim);
  const found = all.find(isMeant);
  if (!found) {
    mustHaveLooked(reached, key);
    return [];
  }
  if (kind === "gluster.share") return previewLeaving(found);
  if (kind === "gluster.access-rule") return planWithdrawal(key, found);
  return planDeletion(key, await observeSnapshot(found));
}

/** What is deleted comes last, and is what matters. */
function previewLeaving(seen: SeenShare): Step[] {
  const { volume, record } = seen;
  const first = planLeaving(seen, "");
  if (!volume || !record?.shown || (record.removalPolicy !== "destroy" && record.state !== "leaving")) return first;
  const say = isOwn(record)
    ? `delete volume ${volume.name} with its bricks and all data`
    : `delete everything in volume ${volume.name}, and give it back`;
  return [...first, { ...step("delete", say), risk: "data" }];
}

async function find(accesses: readonly ClusterAccess[], share: string): Promise<{ reached: Reached; found: Found[] }> {
  const reached = await reach(accesses);
  return { reached, found: await findShare(reached.clusters, share) };
}
