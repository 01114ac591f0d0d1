// Shows a volume of the pool that was not shown yet: it is closed and limited in one go, seen to be empty after that, and only then ready.
import { converge, type Job } from "../../core/engine";
import { fault } from "../../core/errors";
import { run } from "../../core/host";
import type { Step } from "../../core/plan";
import type { Quota } from "./parse";
import { type Found, type Limit, observeLimit, observeShare, observeVolume, type SeenShare } from "./share-observe";
import { closedNote, planClosed, planShare, planShown } from "./share-plan";
import type { ShareWish } from "./share-steps";
import { requirePeers } from "./site";
import { traceIn } from "./volume-content";
import { rootOwner } from "./volume-root";

export interface Closed {
  found: Found;
  done: Step[];
  /** As it was seen. */
  quota: Quota;
}

/** `found` is as it was just seen or marked, with all its bricks running. */
export async function close(found: Found, wish: ShareWish): Promise<Closed> {
  const { cluster, volume, record } = found;
  await requirePeers(cluster, volume);
  const job: Job<Limit | "not set"> = {
    object: wish.key,
    seen: "not set",
    observe: () => observeLimit(cluster, volume.name),
    plan: (limit) => planClosed(wish, found, limit),
  };
  const { seen, done } = await converge(job, () => cluster.server, cluster.log);
  if (typeof seen === "string") throw fault("NOT_CONVERGED", { object: wish.key });
  await requireEmpty(found, wish);
  return { found: { ...found, record: { ...record, looked: true } }, done, quota: seen };
}

async function requireEmpty(found: Found, wish: ShareWish): Promise<void> {
  const { cluster, volume } = found;
  try {
    const owner = rootOwner({ ...volume.options, ...wish.spec.volumeOptions });
    const trace = await traceIn(cluster, wish.key, volume, { owner, unseen: "said" });
    if (trace === undefined) return;
    throw fault("VOLUME_NOT_EMPTY", {
      object: wish.key,
      summary: `volume ${volume.name} was as new when it was taken, and now ${trace}`,
      fix: "find out who has used it; empty the volume and put its root back, then apply again",
    });
  } catch (error) {
    // The next run need not start its bricks anew; where this cannot be noted, it does.
    for (const command of closedNote(wish, found).commands) await run(cluster.server, command).catch(() => {});
    throw error;
  }
}

/** What `close` has dealt with may be shown. */
export async function show({ found, quota }: Closed, wish: ShareWish): Promise<Step[]> {
  const { cluster, volume } = found;
  let isSeen = false;
  const job: Job<SeenShare | "empty"> = {
    object: wish.key,
    seen: "empty",
    observe: async () => {
      // Nothing but the options was touched since the limit was seen.
      const seen = isSeen ? observeShare(cluster, volume.name) : { ...(await observeVolume(cluster, volume.name)), quota };
      isSeen = true;
      return seen;
    },
    plan: (seen) => (seen === "empty" ? planShown(wish, found) : planShare(wish, guarded(marked(seen, found), found))),
  };
  return (await converge(job, () => cluster.server, cluster.log)).done;
}

/** What was set is there: the mark of a volume that was picked is read back here. */
function marked(seen: SeenShare, { volume, record }: Found): SeenShare {
  if (seen.record || !seen.volume) return seen;
  throw fault("NOT_CONVERGED", {
    object: record.key,
    summary: `volume ${volume.name} was marked for ${record.key}, but says something else`,
  });
}

/** The mark has to be the one that was found, or ours: somebody may have taken it in the meantime by hand. It is ours from now on. */
export function guarded(seen: SeenShare, found: Found): SeenShare {
  const { record } = seen;
  if (!record) return seen;
  if (record.key === found.record.key) return { ...seen, record: { ...record, owner: found.cluster.spec.owner } };
  throw fault("MANAGED_ELSEWHERE", {
    object: found.record.key,
    summary: `volume ${found.volume.name} is now ${record.key} of "${record.owner}"`,
  });
}
