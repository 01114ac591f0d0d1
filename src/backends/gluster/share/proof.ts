// A volume of the pool until it is shown: looked into before anything of it is changed, closed and limited in one go, seen to be empty after that,
// and only then ready.

import { ShareError } from "../../../core/errors";
import type { Step } from "../../../core/plan";
import { defined } from "../../../spec/defined";
import { formatSize } from "../../../spec/size";
import * as cli from "../cli";
import { fault } from "../faults";
import type { Quota } from "../parse";
import { markOption, none, type ShareRecord, shareRecordOf } from "../records";
import { type Cluster, isUnreachable, requirePeers } from "../site";
import { requireBricks, traceIn } from "../volume/content";
import { rootOwner } from "../volume/root";
import { type Found, type Limit, observeBricks, observeLimit, observeVolume, observeVolumes } from "./observe";
import { capacityProblem } from "./origin-pool";
import { closedNote, planClosed, planShown } from "./plan";
import type { Proof, SeenMarked } from "./seen";
import { quiet, type ShareWish, step } from "./steps";

/** What is in it may be somebody's. */
export function isUnproven({ origin, shown, state }: ShareRecord): boolean {
  return origin === "pool" && !shown && (state === "taking" || state === "closed");
}

// ---- looks -------------------------------------------------------------------------------------------------------------------

/** Without a record where the mark on it is not ours any more. A preview looks at no content. */
export async function lookIntoUntouched(seen: SeenMarked, wish: ShareWish, isPreview: boolean): Promise<SeenMarked> {
  const { cluster, volume, record, proof } = seen;
  if (!volume || !record || !proof) return seen;
  const trace = await unfitness({ cluster, volume, record }, proof, wish, isPreview);
  if (trace === undefined) {
    await requirePeers(cluster, volume);
    return seen;
  }
  const now = isPreview ? volume : (await observeVolumes(cluster)).get(volume.name);
  const mark = now && shareRecordOf(now);
  const unfit = { cluster, ...defined({ volume: now }), proof: { ...proof, trace } };
  return mark?.key === record.key && mark.claim === record.claim ? { ...unfit, record } : unfit;
}

/** Why a marked volume will not do. */
async function unfitness(
  { cluster, volume }: Found,
  { bricks = [] }: Proof,
  wish: ShareWish,
  isPreview: boolean,
): Promise<string | undefined> {
  if (volume.status !== "started") return `is ${volume.status}: pool volumes have to be started`;
  const small = capacityProblem(volume, bricks, wish.spec.size);
  if (small !== undefined || isPreview) return small;
  try {
    return await traceIn(cluster, wish.key, volume, { owner: rootOwner(volume.options), bricks });
  } catch (error) {
    // Of the cluster, or of this volume only?
    if (!ShareError.isShareError(error) || (await whyGone(cluster, error))) throw error;
    return `cannot be looked into: ${error.summary}${error.said === undefined ? "" : ` (${error.said})`}`;
  }
}

/** Why a cluster does not answer any more, if that is behind an error: a mount, too, fails without its glusterd. */
export async function whyGone(cluster: Cluster, error: unknown): Promise<ShareError | undefined> {
  if (isUnreachable(error)) return error;
  const asked = await observeVolumes(cluster).catch((reason: unknown) => reason);
  return isUnreachable(asked) ? asked : undefined;
}

/** What an earlier run has begun, for another size perhaps. A brick that cannot be started again is not stopped. */
export async function lookBeforeClosing(found: Found, wish: ShareWish, isPreview: boolean): Promise<SeenMarked> {
  const { cluster, volume } = found;
  await requirePeers(cluster, volume);
  const proof: Proof = { limit: "not set", untouched: false };
  if (volume.status !== "started") return { ...found, proof };
  const bricks = await observeBricks(cluster, volume.name);
  refuseTooLarge(wish, { ...found, bricks });
  if (isPreview) return { ...found, proof: { ...proof, bricks } };
  await requireBricks(cluster, wish.key, volume, bricks);
  // Bricks may have been started meanwhile, which takes its time.
  await requirePeers(cluster, volume);
  return { ...found, proof: { ...proof, bricks } };
}

/** Also of its content, once it is limited. `ran`: its steps have been run. */
export async function lookAtLimit(seen: SeenMarked, proof: Proof, wish: ShareWish, ran: Promise<unknown>): Promise<SeenMarked> {
  const { cluster, volume } = seen;
  if (!volume) return seen;
  const limit = await observeLimit(cluster, volume.name);
  const limited = { ...proof, untouched: false, limit };
  if (!isLimited(limit, wish)) return { ...seen, proof: limited };
  await ran;
  try {
    const trace = await traceIn(cluster, wish.key, volume, { owner: rootOwner(volume.options), unseen: "said" });
    return { ...seen, proof: { ...limited, ...defined({ trace }) } };
  } catch (error) {
    if (!ShareError.isShareError(error)) throw error;
    return { ...seen, proof: { ...limited, trace: error } };
  }
}

/** Nothing but the options was touched since the limit was seen. What was set is there: the mark of a volume that was picked is read back here. */
export async function lookAtShown({ cluster, record }: SeenMarked, { limit }: Proof, wish: ShareWish): Promise<SeenMarked> {
  const name = record?.volume ?? "";
  const seen = guarded({ cluster, ...(await observeVolume(cluster, name)), quota: limit as Quota }, wish);
  if (seen.record || !seen.volume) return seen;
  throw fault("NOT_CONVERGED", {
    object: wish.key,
    summary: `volume ${name} was marked for ${wish.key}, but says something else`,
  });
}

/** Somebody may have taken the volume in the meantime by hand. Its mark is ours from now on. */
export function guarded(seen: SeenMarked, wish: ShareWish): SeenMarked {
  const { cluster, record } = seen;
  if (!record) return seen;
  if (record.key === wish.key) return { ...seen, record: { ...record, owner: cluster.spec.owner } };
  throw fault("MANAGED_ELSEWHERE", {
    object: wish.key,
    summary: `volume ${record.volume} is now ${record.key} of "${record.owner}"`,
  });
}

// ---- plan --------------------------------------------------------------------------------------------------------------------

function isLimited(limit: Limit | "not set", { spec }: ShareWish): boolean {
  return typeof limit === "object" && limit.limit === spec.size;
}

/** It may be shown. */
export function isProven(wish: ShareWish, { proof }: SeenMarked): boolean {
  return proof?.trace === undefined && isLimited(proof?.limit ?? "not set", wish);
}

/** Pure. Of a volume that will not do nothing is left; one that was found to be used when it was closed already stays so. */
export function planUnproven(wish: ShareWish, seen: Found, proof: Proof): Step[] {
  const { volume, record } = seen;
  const { limit, untouched, trace } = proof;
  if (untouched && trace !== undefined) {
    return [quiet(step("unmark", `let go of volume ${volume.name}`, cli.volumeSet(volume.name, { [markOption]: none })))];
  }
  const closing = planClosed(wish, seen, limit);
  if (closing.length > 0) return closing;
  if (trace === undefined) return planShown(wish, seen);
  // The next run need not start its bricks anew.
  if (record.state !== "closed") return [closedNote(wish, seen)];
  throw refusal(wish, seen, trace);
}

function refusal(wish: ShareWish, { volume }: Found, trace: string | ShareError): ShareError {
  if (typeof trace !== "string") return trace;
  return fault("VOLUME_NOT_EMPTY", {
    object: wish.key,
    summary: `volume ${volume.name} was as new when it was taken, and now ${trace}`,
    fix: "find out who has used it; empty the volume and put its root back, then apply again",
  });
}

/** Why it is not shown, which says more than that this cannot be noted. */
export function refusalIn(wish: ShareWish, { cluster, volume, record, proof }: SeenMarked): ShareError | undefined {
  if (!volume || !record || proof?.trace === undefined || proof.untouched) return undefined;
  return refusal(wish, { cluster, volume, record }, proof.trace);
}

/** Of a volume that is larger asked for than before, the bricks have to hold it. @throws TOO_LARGE */
export function refuseTooLarge(wish: ShareWish, { volume, bricks }: Pick<SeenMarked, "volume" | "bricks">): void {
  const problem = volume && bricks && capacityProblem(volume, bricks, wish.spec.size);
  if (problem === undefined) return;
  throw fault("TOO_LARGE", {
    object: wish.key,
    summary: `volume ${volume?.name} cannot be grown to ${formatSize(wish.spec.size)}: ${problem}`,
  });
}
