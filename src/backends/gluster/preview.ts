// What an apply would do, or why it would be refused; nothing is locked and nothing changed.

import { fault } from "../../core/errors";
import type { Step } from "../../core/plan";
import type { GlusterKind } from "../../spec/kinds";
import { shareOfRule, splitSnapshotKey } from "../../spec/name";
import { planRule, planWithdrawal, type RuleWish } from "./access";
import { requireRoom } from "./make-volume";
import { shareRecordOf, slotsOf } from "./records";
import { isBegun } from "./share-adopt";
import { guardOwner } from "./share-apply";
import { requireCapacity } from "./share-bring";
import { noFreeVolume, type Passed, wouldPick } from "./share-choose";
import {
  type Found,
  findShare,
  mustBeDistinct,
  mustHaveLooked,
  observeVolumes,
  type Reached,
  reach,
  type SeenShare,
  withLimit,
} from "./share-observe";
import { planShare } from "./share-plan";
import { isOwn, planLeaving } from "./share-removal";
import { type ShareWish, step } from "./share-steps";
import { ownFirst, readyOne } from "./share-volumes";
import type { ClusterAccess } from "./site";
import { observeSnapshot, planDeletion, planSnapshot, type SnapshotWish } from "./snapshots";

export async function previewShare(accesses: readonly ClusterAccess[], wish: ShareWish): Promise<Step[]> {
  const { reached, found: all } = await find(accesses, wish.key);
  mustBeDistinct(reached);
  const [found] = ownFirst(all, wish.claim);
  if (!found?.record.shown) mustHaveLooked(reached, wish.key);
  if (!found) return previewBeginning(reached, wish);
  guardOwner(found, wish);
  await requireCapacity(found, wish);
  return planShare(wish, await withLimit(found));
}

/** The volume's name stands for all that is then done to it. */
async function previewBeginning({ clusters }: Reached, wish: ShareWish): Promise<Step[]> {
  const { provisioning, adopt } = wish.spec;
  for (const cluster of clusters) {
    const volume = (await observeVolumes(cluster)).get(wish.key);
    if (!volume || shareRecordOf(volume)) continue;
    if (adopt && !isBegun(volume, wish)) return [step("adopt", `adopt volume ${volume.name} of cluster "${cluster.spec.name}"`)];
    if (provisioning.kind === "pool") continue;
    const isOurs =
      volume.status === "created" &&
      (provisioning.kind === "clone" || volume.bricks.every((brick) => brick.endsWith(`.${wish.claim}`)));
    if (!isOurs)
      throw fault("FOREIGN_VOLUME", {
        object: wish.key,
        summary: `volume ${volume.name} exists, but no record says that it is this share`,
      });
  }
  const [cluster] = clusters;
  if (provisioning.kind === "create" && cluster) await requireRoom(cluster, wish, provisioning.layout);
  if (provisioning.kind === "create") return [step("create-volume", `make volume ${wish.key}`)];
  if (provisioning.kind === "clone") return [step("clone", `make volume ${wish.key} of snapshot ${provisioning.snapshot}`)];
  const passed: Passed = new Map();
  const prepared = clusters.map((cluster) => ({ cluster, needed: [] }));
  const candidate = await wouldPick(prepared, wish, passed);
  if (!candidate) throw noFreeVolume(wish, clusters, passed);
  return [step("take", `take a volume of the pool, now ${candidate.volume.name} of cluster "${candidate.cluster.spec.name}"`)];
}

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
