// Brings the volume of a share to what is wanted.
import { converge } from "../../core/engine";
import { fault } from "../../core/errors";
import { run } from "../../core/host";
import type { Step } from "../../core/plan";
import { formatSize } from "../../spec/size";
import * as cli from "./cli";
import { countsUse } from "./parse";
import { capacityProblem } from "./share-choose";
import { type Found, observeShare, type SeenShare } from "./share-observe";
import { planShare } from "./share-plan";
import type { ShareWish } from "./share-steps";
import { requirePeers } from "./site";
import { firstEntryOf } from "./volume-content";

export async function bring(found: Found, wish: ShareWish): Promise<Step[]> {
  return [...(await close(found, wish)), ...(await open(found, wish))];
}

/** Until a volume of the pool is closed and was seen to be empty; anything else until it is as wished for. */
export async function close(found: Found, wish: ShareWish): Promise<Step[]> {
  const { cluster, volume } = found;
  if (found.record.state !== "ready") await requirePeers(cluster, volume);
  await requireCapacity(found, wish);
  await requireCounting(found, wish);
  const { seen, done } = await converge(jobOf(found, wish, false), () => cluster.server, cluster.log);
  if (seen.record?.state === "ready") return done;
  const entry = await firstEntryOf(cluster, wish.key, volume);
  if (entry === undefined) return done;
  throw fault("VOLUME_NOT_EMPTY", {
    object: wish.key,
    summary: `volume ${volume.name} was empty when it was taken, and now holds ${entry}`,
    fix: "find out who wrote it; empty the volume, then apply again",
  });
}

/** A volume that `close` has dealt with may be shown. */
export async function open(found: Found, wish: ShareWish): Promise<Step[]> {
  const { cluster } = found;
  return (await converge(jobOf(found, wish, true), () => cluster.server, cluster.log)).done;
}

function jobOf(found: Found, wish: ShareWish, proven: boolean) {
  return {
    object: wish.key,
    observe: () => observeShare(found.cluster, found.volume.name),
    plan: (seen: SeenShare) => planShare(wish, guarded(seen, found), proven),
  };
}

/** The mark has to be the one that was found, or ours: somebody may have taken it in the meantime by hand. It is ours from now on. */
function guarded(seen: SeenShare, found: Found): SeenShare {
  const { record } = seen;
  if (!record) return seen;
  if (record.key === found.record.key) return { ...seen, record: { ...record, owner: found.cluster.spec.owner } };
  throw fault("MANAGED_ELSEWHERE", {
    object: found.record.key,
    summary: `volume ${found.volume.name} is now ${record.key} of "${record.owner}"`,
  });
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

/** Of a volume that is larger asked for than before, the bricks have to hold it. */
async function requireCapacity({ cluster, volume, record }: Found, wish: ShareWish): Promise<void> {
  if ((record.shown && wish.spec.size <= record.size) || volume.status !== "started") return;
  const problem = await capacityProblem(cluster, volume, wish.spec.size);
  if (problem === undefined) return;
  throw fault("TOO_LARGE", {
    object: wish.key,
    summary: `volume ${volume.name} cannot be grown to ${formatSize(wish.spec.size)}: ${problem}`,
  });
}
