// Which of the volumes that say they are a share is meant. Several may: data that was let go of keeps its name, and a run that lost a cluster in
// the middle has gone on elsewhere.

import { leftAlone } from "../../../core/manager";
import { fault } from "../faults";
import { lockShare } from "../locks";
import { slotsOf } from "../records";
import type { ClusterAccess } from "../site";
import { type Found, findShare, mustHaveLooked, type Reached, reach } from "./observe";

/** Every volume that says it is the share, with its clusters locked. */
export async function lockedShares(
  accesses: readonly ClusterAccess[],
  share: string,
): Promise<{ found: Found[]; reached: Reached }> {
  const reached = await reach(accesses);
  for (const cluster of reached.clusters) await lockShare(cluster, share);
  return { found: await findShare(reached.clusters, share), reached };
}

/** The volumes on which a claim has a rule or snapshot; what is nobody's or somebody else's is left alone. */
export function holdersOf(
  found: readonly Found[],
  kind: "rule" | "snapshot",
  key: string,
  claim: string,
  reached: Reached,
  accesses: readonly ClusterAccess[],
): Found[] {
  const slots = found.flatMap((one) => slotsOf(one.volume, kind).flatMap((slot) => (slot.key === key ? [{ one, slot }] : [])));
  const own = slots.filter(({ slot }) => slot.claim === claim).map(({ one }) => one);
  if (own.length > 0) return own;
  mustHaveLooked(reached, key);
  const [other] = slots;
  const why = other ? leftAlone(other.slot, other.one.cluster.spec.owner) : "no record of it on a volume, left alone";
  accesses[0]?.log.note(`${key}: ${why}`);
  return [];
}

/** Of several volumes that say they are the share, the one that may be opened; data that was let go of lies beside it. */
export function readyOne(found: readonly Found[], reached: Reached, key: string): Found | undefined {
  const ready = found.filter(({ record }) => record.state === "ready");
  if (ready.length > 1) {
    throw fault("RECORD_BROKEN", {
      object: key,
      summary: `${ready.map(({ cluster, volume }) => `volume ${volume.name} of "${cluster.spec.name}"`).join(" and ")} both say that they are the share`,
    });
  }
  if (ready.length === 0) mustHaveLooked(reached, key);
  return ready[0] ?? found[0];
}

/** The claim's own before all others, and what was ready once before what was not. */
export function ownFirst(found: readonly Found[], claim: string): Found[] {
  const rank = ({ record }: Found) => Number(record.claim === claim) * 2 + Number(record.shown);
  return [...found].sort((a, b) => rank(b) - rank(a));
}
