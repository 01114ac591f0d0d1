// Removes a share by the policy last applied: access first, then what the policy says of the data.

import { succeeded } from "../../core/command";
import { converge } from "../../core/engine";
import { fault } from "../../core/errors";
import { attempt, commandFault, run } from "../../core/host";
import { leftAlone } from "../../core/manager";
import type { Step } from "../../core/plan";
import { splitBrick } from "../../spec/gluster";
import * as cli from "./cli";
import { lockShare } from "./locks";
import { notedClone, tidyClone } from "./origin-clone";
import { booleanOf, type Volume } from "./parse";
import type { ShareRecord } from "./records";
import { inheritedFrom } from "./records";
import {
  type Found,
  foundIn,
  type Looked,
  lookAtAll,
  mustHaveLooked,
  observeVolume,
  observeVolumes,
  reach,
  type Volumes,
} from "./share-observe";
import { restoring } from "./share-plan";
import { deleteStep, isOwn, planFreeing, planLeaving } from "./share-removal";
import { markStep, noteStep } from "./share-steps";
import { type Cluster, type ClusterAccess, requirePeers, type Server, serverOf } from "./site";
import { tidyMount, wipeVolume } from "./volume-content";
import { rootOwner } from "./volume-root";

/** What is not the claim's own is left alone. */
export async function destroyShare(accesses: readonly ClusterAccess[], key: string, claim: string): Promise<Step[]> {
  const reached = await reach(accesses);
  for (const cluster of reached.clusters) await lockShare(cluster, key);
  const looked = await lookAtAll(reached.clusters);
  const found = foundIn(looked, key);
  const own = found.filter(({ record }) => record.claim === claim);
  const done: Step[] = [];
  for (const one of own) done.push(...(await remove(one)));
  done.push(...(await removeBegun(looked, key, claim)));
  // A share that was ready is on one cluster only; anything else says nothing of a cluster that cannot be looked at.
  if (!own.some(({ record }) => record.shown)) mustHaveLooked(reached, key);
  if (done.length > 0 || own.length > 0) return done;
  const [other] = found;
  if (other) return leaveAlone(other, key);
  const names = reached.clusters.map(({ spec }) => `"${spec.name}"`).join(", ");
  accesses[0]?.log.note(`${key}: no volume of ${names} is marked for it, left alone`);
  return [];
}

function leaveAlone({ cluster, record }: Found, key: string): Step[] {
  cluster.log.note(`${key}: ${leftAlone(record, cluster.spec.owner)}`);
  return [];
}

/** A volume that a run had made or cloned, and was cut off before it could be marked: nobody can have mounted it. */
async function removeBegun(looked: readonly Looked[], key: string, claim: string): Promise<Step[]> {
  const done: Step[] = [];
  for (const { cluster, volumes } of looked) {
    if (!begunIn(volumes, key, claim)) continue;
    // What was seen before the removal may have gone with it.
    const begun = begunIn(await observeVolumes(cluster), key, claim);
    if (begun?.volume) done.push(...(await deleteVolume(cluster, begun.volume, { key, origin: begun.origin })));
    if (begun?.isNoted) done.push(...(await tidyClone(cluster, key)));
  }
  return done;
}

function begunIn(volumes: Volumes, key: string, claim: string) {
  const volume = volumes.get(key);
  const isMade = volume?.bricks.every((brick) => brick.endsWith(`/${key}.${claim}`)) ?? false;
  const noted = notedClone(volumes, key);
  const isNoted = noted?.slot.claim === claim;
  const isClone = isNoted && volume !== undefined && inheritedFrom(volume) === noted.parent.name;
  const begun = volume?.status === "created" && (isMade || isClone) ? volume : undefined;
  return begun || isNoted ? { volume: begun, isNoted, origin: isMade ? ("made" as const) : ("clone" as const) } : undefined;
}

export async function remove(found: Found): Promise<Step[]> {
  const { cluster, volume, record } = found;
  await requirePeers(cluster, volume);
  const time = new Date().toISOString();
  const job = { object: record.key, observe: () => observeVolume(cluster, volume.name) };
  const leaving = await converge(
    { ...job, seen: { volume, record }, plan: (seen) => planLeaving(seen, time) },
    () => cluster.server,
    cluster.log,
  );
  const finished = await finish(found, leaving.seen.record);
  const tidied = record.origin === "clone" ? await tidyClone(cluster, record.key) : [];
  return [...leaving.done, ...finished, ...tidied];
}

/** From "cut" on: nobody has it any more, and its data goes. */
export async function finish({ cluster, volume, record: { key } }: Found, record: ShareRecord | undefined): Promise<Step[]> {
  if (record?.state !== "cut" && record?.state !== "wiped") return [];
  if (isOwn(record)) return deleteVolume(cluster, volume, record);
  if (!record.shown) await tidyMount(cluster, key, volume);
  const job = { object: key, observe: () => observeVolume(cluster, volume.name) };
  const wiped: Step[] = [];
  if (record.state === "cut") {
    const uncovered = await uncover(cluster, volume, record);
    wiped.push(...(await wipeVolume(cluster, key, volume, rootOwner(uncovered.options))));
    for (const command of noteStep({ ...uncovered.record, state: "wiped" }).commands) await run(cluster.server, command);
  }
  const freed = await converge({ ...job, plan: planFreeing }, () => cluster.server, cluster.log);
  return [...wiped, ...freed.done];
}

/**
 * What persons asked for is put back before the content goes: shards are hidden from mounts while features.shard is on, and bricks give the root to
 * storage.owner-uid again and again. Returns the options and the record from then on.
 */
async function uncover({ server }: Cluster, volume: Volume, record: ShareRecord) {
  const sharding = "features.shard";
  const options = { ...volume.options };
  for (const name of record.options) {
    for (const command of restoring(volume, record, name).flatMap(({ commands }) => commands)) await run(server, command);
    const before = record.before[name];
    if (before === undefined) delete options[name];
    else options[name] = before;
  }
  if (booleanOf(options[sharding]) !== true) return { options, record };
  const noted: ShareRecord = {
    ...record,
    options: [...new Set([...record.options, sharding])].sort(),
    before: { ...record.before, [sharding]: options[sharding] ?? "on" },
  };
  const off = markStep("set-options", `show what shards of volume ${volume.name} hide`, noted, { [sharding]: "off" });
  for (const command of off.commands) await run(server, command);
  return { options, record: noted };
}

/**
 * The content of the bricks goes before the volume: without the volume nothing would say any more that they are to be deleted. The bricks of a
 * clone are logical volumes, which glusterd removes itself.
 */
async function deleteVolume(cluster: Cluster, volume: Volume, record: Pick<ShareRecord, "key" | "origin">): Promise<Step[]> {
  if (record.origin === "made") {
    // All of them are judged before the first is deleted.
    const bricks = volume.bricks.map((brick) => ownBrick(cluster, volume, brick));
    for (const { server, path } of bricks) await removeBrick(server, volume.name, path);
  }
  const last = deleteStep(volume.name);
  for (const command of last.commands) await run(cluster.server, command);
  if ((await observeVolumes(cluster)).has(volume.name)) {
    throw fault("NOT_CONVERGED", {
      object: record.key,
      summary: `volume ${volume.name} is still there, although gluster said that it was deleted`,
    });
  }
  cluster.log.step(last.say);
  return [last];
}

function ownBrick(cluster: Cluster, volume: Volume, brick: string): { server: Server; path: string } {
  const { host, path } = splitBrick(brick);
  if (cli.isBrickOf(volume.name, path)) return { server: serverOf(cluster, host), path };
  throw fault("FOREIGN_DIRECTORY", {
    object: volume.name,
    summary: `brick ${brick} of volume ${volume.name} was not made with the volume, so it is not deleted`,
    fix: `move the data out of the way, then delete the volume by hand: gluster volume delete ${volume.name}`,
  });
}

async function removeBrick(server: Server, volume: string, path: string): Promise<void> {
  await run(server, cli.removeBrick(volume, path));
  const look = cli.exists(path);
  const result = await attempt(server, look);
  if (succeeded(result))
    throw commandFault("COMMAND_FAILED", server, look, result, { object: volume, summary: `brick ${path} is still there` });
}
