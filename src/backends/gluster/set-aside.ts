// What operators do by command: let a share go, take it out of the trash, or delete what is in the trash.
import { converge } from "../../core/engine";
import { fault } from "../../core/errors";
import { run } from "../../core/host";
import type { Step } from "../../core/plan";
import * as cli from "./cli";
import { rulesOf, type ShareRecord, type ShareState, shareMark } from "./records";
import { finish } from "./share-destroy";
import { type Found, mustHaveLooked, observeShare } from "./share-observe";
import { planLeaving, planPurge } from "./share-removal";
import { startStep } from "./share-steps";
import { lockedShares } from "./share-volumes";
import type { ClusterAccess } from "./site";

/** Stops managing a share and touches nothing: it keeps volume, data and limit, and is picked by nobody. */
export async function releaseShare(accesses: readonly ClusterAccess[], key: string): Promise<void> {
  const found = await lockedShare(accesses, key, ["ready", "retained"]);
  const rules = rulesOf(found.volume, found.record);
  if (rules.length > 0) {
    throw fault("STILL_OPEN", {
      object: key,
      summary: `access rules let clients in: ${rules.map((rule) => `${rule.key} (${rule.name})`).join(", ")}`,
    });
  }
  if (found.record.state !== "ready" && found.record.state !== "retained") throw notInState(found, "ready");
  const { claim: _, ...record } = found.record;
  await note(found, { ...record, state: "retained" });
}

/** Back from the trash, managed by nobody: `adopt` takes it. */
export async function restoreFromTrash(accesses: readonly ClusterAccess[], key: string): Promise<Step[]> {
  const found = await lockedShare(accesses, key, ["trash"]);
  const { cluster, volume, record } = found;
  if (record.state !== "trash") throw notInState(found, "in the trash");
  const start = startStep(volume.name);
  if (volume.status !== "started") {
    for (const command of start.commands) await run(cluster.server, command);
    cluster.log.step(start.say);
  }
  const { since: _, ...kept } = record;
  await note(found, { ...kept, state: "retained" });
  return [start];
}

export async function purgeTrash(accesses: readonly ClusterAccess[], key: string): Promise<Step[]> {
  const found = await lockedShare(accesses, key, ["trash", "leaving", "cut", "wiped"]);
  const { cluster, volume, record } = found;
  const isGoing = record.claim === undefined && ["leaving", "cut", "wiped"].includes(record.state);
  if (record.state !== "trash" && !isGoing) throw notInState(found, "in the trash");
  const job = { object: key, observe: () => observeShare(cluster, volume.name) };
  const hostOf = () => cluster.server;
  const purge = await converge({ ...job, plan: planPurge }, hostOf, cluster.log);
  const leaving = await converge({ ...job, seen: purge.seen, plan: (seen) => planLeaving(seen, "") }, hostOf, cluster.log);
  return [...leaving.done, ...(await finish(found, leaving.seen.record))];
}

/** A volume of the share in one of these states; several may bear its name, of which one is in use. */
async function lockedShare(accesses: readonly ClusterAccess[], key: string, states: readonly ShareState[]): Promise<Found> {
  const { found, reached } = await lockedShares(accesses, key);
  const fitting = states.flatMap((state) => found.filter(({ record }) => record.state === state))[0];
  if (fitting) return fitting;
  mustHaveLooked(reached, key);
  const [other] = found;
  if (other) throw notInState(other, states[0] === "trash" ? "in the trash" : "ready");
  throw fault("BAD_REQUEST", {
    object: key,
    summary: `no volume is marked for ${key}`,
    fix: "`sharewright list` shows what exists",
  });
}

function notInState({ record }: Found, wanted: string) {
  return fault("BAD_REQUEST", {
    object: record.key,
    summary: `${record.key} is ${record.state}, not ${wanted}`,
    fix: "`sharewright list` shows what exists",
  });
}

async function note({ cluster, volume }: Found, record: ShareRecord): Promise<void> {
  await run(cluster.server, cli.volumeSet(volume.name, shareMark(record)));
}
