// How a share goes: retained, moved to the trash, or destroyed; and what never became ready goes without a trace. Pure.

import type { Step } from "../../../core/plan";
import * as cli from "../cli";
import { fault } from "../faults";
import type { Quota } from "../parse-quota";
import { removeRecord, type ShareRecord, writeRecord } from "../records";
import { onClient, projectLink, type Site, stagingPath, trashName, trashPath } from "../site";
import type { Directory } from "./kept";
import type { SeenShare } from "./observe";

/** Whether the object is the claim's own to remove. */
export function mayRemove(record: ShareRecord, claim: string): boolean {
  return record.claim === claim;
}

/** The first half of a removal: from now on no rule opens the share. Access is closed before anything else happens. */
export function planLeaving(site: Site, seen: SeenShare): Step[] {
  if (seen.record?.state !== "ready") return [];
  if (seen.record.spec.deletion_protection) throw fault("DELETION_PROTECTED", { object: seen.record.key });
  return [writeRecord(site, "shares", { ...seen.record, state: "leaving" })];
}

/** The second half, once no nodemap opens the share any more; follows the policy that was applied last. */
export function planRemoval(site: Site, key: string, seen: SeenShare): Step[] {
  const { record } = seen;
  if (!record) return [];
  switch (record.state) {
    case "creating":
      return planAbandon(site, key, seen, record);
    case "leaving":
      return planDeparture(site, key, seen, record);
    case "deleting":
      return planDeletion(site, key, seen, record);
    default:
      return [];
  }
}

/** What never became ready and is empty is removed whatever the policy. */
function planAbandon(site: Site, key: string, seen: SeenShare, record: ShareRecord): Step[] {
  const ownId = seen.idClaimedFor === key;
  const shown = seen.directory && !seen.staging && ownId && seen.directory.project.id === record.projectId;
  if (shown && !seen.directory?.empty) return [writeRecord(site, "shares", { ...record, state: "leaving" })];
  const places = [...(seen.staging ? [stagingPath(site, key)] : []), ...(shown ? [onClient(site, seen.path)] : [])];
  const sweep = places.map(
    (path): Step => ({
      id: "remove-directory",
      say: `remove ${path}, which was never in use`,
      on: "client",
      commands: [cli.rmdir(path)],
    }),
  );
  return [...sweep, ...(ownId ? freeId(site, record) : []), removeRecord(site, "shares", key)];
}

function planDeparture(site: Site, key: string, seen: SeenShare, record: ShareRecord): Step[] {
  const { claim: _, ...unclaimed } = record;
  const policy = record.spec.removal_policy;
  if (!seen.directory && !seen.trash) return planDeletion(site, key, seen, record);
  if (policy === "retain") return [retain(site, seen, { ...unclaimed, state: "unowned" })];
  const id = idOf(record);
  if (seen.directory && !seen.trash) guardData(key, id, seen.directory, onClient(site, seen.path));
  const name = trashName(key, id);
  const move: Step = {
    id: "move-to-trash",
    say: `move ${onClient(site, seen.path)} to the trash`,
    on: "client",
    commands: [cli.mv(onClient(site, seen.path), trashPath(site, name))],
    risk: "data",
  };
  const moved = seen.directory && !seen.trash ? [move] : [];
  if (policy === "destroy") return [...moved, writeRecord(site, "shares", { ...record, state: "deleting" })];
  return [...moved, writeRecord(site, "trash", { ...unclaimed, state: "trashed" }, name), removeRecord(site, "shares", key)];
}

/** What lies there now may have been put there by somebody else: only the directory with the share's own project id is the share. */
export function guardData(key: string, id: number, { type, project }: Pick<Directory, "type" | "project">, place: string): void {
  if (type === "directory" && project.id === id) return;
  const found = type === "directory" ? `has project ${project.id}, not ${id}` : `is a ${type}`;
  throw fault("FOREIGN_DIRECTORY", {
    object: key,
    summary: `${place} ${found}: it may not be the share, so nothing was removed`,
    fix: `move it away; or, if it is the share, run: lfs project -p ${id} -s ${place}`,
  });
}

function retain(site: Site, seen: SeenShare, record: ShareRecord): Step {
  const say = `keep ${onClient(site, seen.path)} with its data, limits and project id; nobody manages it now`;
  return { id: "retain", say, on: "client", commands: writeRecord(site, "shares", record).commands };
}

function planDeletion(site: Site, key: string, seen: SeenShare, record: ShareRecord): Step[] {
  if (seen.trash) {
    const place = trashPath(site, trashName(key, idOf(record)));
    guardData(key, idOf(record), seen.trash, place);
    guardTargets(key, place, seen.quota);
  }
  return [
    ...(seen.trash ? [deleteData(trashPath(site, trashName(key, idOf(record))))] : []),
    ...freeId(site, record),
    removeRecord(site, "shares", key),
  ];
}

/** A deletion that meets a target that is away hangs, dies of no signal, and keeps its locks all the while: so none is begun. */
export function guardTargets(object: string, path: string, quota: Quota | undefined): void {
  if (quota?.reliable !== false) return;
  throw fault("TARGET_DOWN", {
    object,
    summary: `a target does not answer, so ${path} cannot be deleted now; it is closed to everybody, and out of sight`,
  });
}

/** Deletes what lies in the trash. Cut off at any point, it goes on at the next run. */
export function deleteData(path: string): Step {
  return { id: "delete-data", say: `delete ${path}`, on: "client", commands: [cli.findDelete(path)], risk: "data" };
}

/** Gives the project id back: first its limits, then its claim, so that nobody gets an id with our limits. */
export function freeId(site: Site, record: ShareRecord): Step[] {
  if (record.projectId === undefined) return [];
  const id = record.projectId;
  return [
    {
      id: "clear-limits",
      say: `clear the limits of project ${id}`,
      on: "mds",
      commands: [cli.lfsSetquotaDelete(id, site.mds.mount)],
    },
    { id: "free-id", say: `free project id ${id}`, on: "client", commands: [cli.rmFile(projectLink(site, id))] },
  ];
}

function idOf(record: ShareRecord): number {
  if (record.projectId === undefined)
    throw fault("RECORD_BROKEN", { object: record.key, summary: "the record of the share has no project id" });
  return record.projectId;
}
