// Makes a share as it is wished for: finds it, or takes, makes, clones or adopts a volume, then brings that to what is wanted.
import { fault } from "../../core/errors";
import { type Asker, isOurs, managedElsewhere } from "../../core/manager";
import type { Step } from "../../core/plan";
import { cloneVolume, tidyClone } from "./clone";
import { lockShare } from "./locks";
import { makeVolume } from "./make-volume";
import { markOption, none } from "./records";
import { adopt } from "./share-adopt";
import { bring } from "./share-bring";
import { remove } from "./share-destroy";
import { type Begun, type Found, findShare, mustBeDistinct, mustHaveLooked, reach } from "./share-observe";
import type { ShareWish } from "./share-steps";
import { isUntouched, takeFromPool } from "./share-take";
import { ownFirst } from "./share-volumes";
import type { ClusterAccess } from "./site";

export async function applyShare(accesses: readonly ClusterAccess[], wish: ShareWish): Promise<Step[]> {
  const reached = await reach(accesses);
  mustBeDistinct(reached);
  for (const cluster of reached.clusters) await lockShare(cluster, wish.key);
  const found = await chooseFound(await findShare(reached.clusters, wish.key), wish);
  // What was never ready may have become so on another cluster.
  if (!found?.record.shown) mustHaveLooked(reached, wish.key);
  if (found) return isUntouched(found) ? takeFromPool(reached.clusters, wish, found) : goOn({ found, done: [] }, wish);
  const adopted = await adopt(reached.clusters, wish);
  if (adopted) return bring(adopted, wish);
  switch (wish.spec.provisioning.kind) {
    case "pool":
      return takeFromPool(reached.clusters, wish);
    case "create":
      return goOn(await makeVolume(reached.clusters, wish, wish.spec.provisioning.layout), wish);
    case "clone":
      return goOn(await cloneVolume(reached, wish, wish.spec.provisioning.snapshot), wish);
  }
}

async function goOn({ found, done }: Begun, wish: ShareWish): Promise<Step[]> {
  // First, for what comes then may be refused: an active snapshot can be mounted.
  const tidied = found.record.origin === "clone" ? await tidyClone(found.cluster, wish.key) : [];
  return [...done, ...tidied, ...(await bring(found, wish))];
}

/** The one volume that is the share. What a run began on a cluster that then went away is given back when it has come again. */
async function chooseFound(found: readonly Found[], wish: ShareWish): Promise<Found | undefined> {
  const isOwn = ({ record }: Found) => isManaged(record, wish);
  const [first, ...others] = ownFirst(found, wish.claim);
  if (!first) return undefined;
  guardOwner(first, wish);
  for (const other of others) {
    // Data that was let go of stays where it is, beside the share of the same name.
    if (other.record.claim === undefined && isOwn(first)) continue;
    if (other.record.shown || !isOwn(other)) {
      throw fault("RECORD_BROKEN", {
        object: wish.key,
        summary: `${found.map(({ cluster, volume }) => `volume ${volume.name} of "${cluster.spec.name}"`).join(" and ")} all say that they are ${wish.key}`,
        fix: `find out which one is; for the other: gluster volume set VOLUME ${markOption} ${none}`,
      });
    }
    await remove(other);
  }
  return first;
}

/** By this stack, whether or not its claim was replaced. */
function isManaged(record: Found["record"], wish: Asker): boolean {
  return record.claim !== undefined && isOurs(record, wish);
}

export function guardOwner({ record, volume, cluster }: Found, wish: Pick<ShareWish, "key" | "claim" | "stack" | "spec">): void {
  if (wish.spec.adopt || isManaged(record, wish)) return;
  const where = `volume ${volume.name} of cluster "${cluster.spec.name}"`;
  if (record.claim === undefined) {
    throw fault("FOREIGN_VOLUME", {
      object: wish.key,
      summary: `${where} is the share ${wish.key} that "${record.owner}" has let go (${record.state}), with its data`,
      fix: "set adopt: true to take it over, or choose another shareName",
    });
  }
  const { owner } = cluster.spec;
  throw managedElsewhere({ object: wish.key, what: where, record, owner, nameProperty: "shareName" });
}
