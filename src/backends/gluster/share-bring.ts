// Brings the volume of a share to what is wanted.
import { converge } from "../../core/engine";
import { fault } from "../../core/errors";
import { run } from "../../core/host";
import type { Step } from "../../core/plan";
import { formatSize } from "../../spec/size";
import * as cli from "./cli";
import { type BrickStatus, countsUse } from "./parse";
import { capacityProblem } from "./share-choose";
import { close, guarded, show } from "./share-close";
import { type Found, observeBricks, observeShare, type SeenShare, withLimit } from "./share-observe";
import { planShare } from "./share-plan";
import type { ShareWish } from "./share-steps";
import { requirePeers } from "./site";
import { requireBricks } from "./volume-content";

/** `found` is as it was just seen. */
export async function bring(found: Found, wish: ShareWish): Promise<Step[]> {
  if (isUnproven(found)) return goOnClosing(found, wish);
  const { cluster, volume, record } = found;
  if (record.state !== "ready") await requirePeers(cluster, volume);
  await requireCapacity(found, wish);
  await requireCounting(found, wish);
  const job = {
    object: wish.key,
    seen: await withLimit(found),
    observe: () => observeShare(cluster, volume.name),
    plan: (seen: SeenShare) => planShare(wish, guarded(seen, found)),
  };
  return (await converge(job, () => cluster.server, cluster.log)).done;
}

/** What is in it may be somebody's. */
function isUnproven({ record: { origin, shown, state } }: Found): boolean {
  return origin === "pool" && !shown && (state === "taking" || state === "closed");
}

/** What an earlier run has begun, for another size perhaps. A brick that cannot be started again is not stopped. */
async function goOnClosing(found: Found, wish: ShareWish): Promise<Step[]> {
  const { cluster, volume } = found;
  await requirePeers(cluster, volume);
  if (volume.status === "started") {
    const bricks = await observeBricks(cluster, volume.name);
    refuseTooLarge(found, wish, bricks);
    await requireBricks(cluster, wish.key, volume, bricks);
  }
  const closed = await close(found, wish);
  return [...closed.done, ...(await show(closed, wish))];
}

/** Before a limit is lowered: the use that it must not be below has to be known. */
async function requireCounting({ cluster, volume, record }: Found, wish: ShareWish): Promise<void> {
  if (!record.shown || wish.spec.size >= record.size || volume.status !== "started") return;
  const { stdout } = await run(cluster.server, cli.quotadStatus(volume.name));
  if (countsUse(stdout)) return;
  throw fault("USE_UNKNOWN", {
    object: wish.key,
    summary: `a quota daemon of volume ${volume.name} is down, so its use cannot be read, and the limit is not lowered`,
    fix: `\`gluster volume status ${volume.name} quotad\` shows where; start it with \`gluster volume start ${volume.name} force\``,
  });
}

/** Of a volume that is larger asked for than before, the bricks have to hold it. @throws TOO_LARGE */
export async function requireCapacity(found: Found, wish: ShareWish): Promise<void> {
  const { cluster, volume, record } = found;
  if ((record.shown && wish.spec.size <= record.size) || volume.status !== "started") return;
  refuseTooLarge(found, wish, await observeBricks(cluster, volume.name));
}

function refuseTooLarge({ volume }: Found, wish: ShareWish, bricks: readonly BrickStatus[]): void {
  const problem = capacityProblem(volume, bricks, wish.spec.size);
  if (problem === undefined) return;
  throw fault("TOO_LARGE", {
    object: wish.key,
    summary: `volume ${volume.name} cannot be grown to ${formatSize(wish.spec.size)}: ${problem}`,
  });
}
