// What an apply would do, or why it would be refused; nothing is locked and nothing changed.

import type { Step } from "../../core/plan";
import type { GlusterKind } from "../../spec/kinds";
import { shareOfRule, splitSnapshotKey } from "../../spec/name";
import { planRule, planWithdrawal, type RuleWish } from "./access/plan";
import { slotsOf } from "./records";
import { foretellRemoval } from "./share/destroy";
import { type Found, findShare, mustHaveLooked, type Reached, reach } from "./share/observe";
import { step } from "./share/steps";
import { readyOne } from "./share/volumes";
import type { ClusterAccess } from "./site";
import { observeSnapshot } from "./snapshot/observe";
import { planDeletion, planSnapshot, type SnapshotWish } from "./snapshot/plan";

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

/** What a destroy would do. */
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
  if (kind === "gluster.share") return foretellRemoval(found);
  if (kind === "gluster.access-rule") return planWithdrawal(key, found);
  return planDeletion(key, await observeSnapshot(found));
}

async function find(accesses: readonly ClusterAccess[], share: string): Promise<{ reached: Reached; found: Found[] }> {
  const reached = await reach(accesses);
  return { reached, found: await findShare(reached.clusters, share) };
}
