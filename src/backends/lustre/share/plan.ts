// From what is to what a share should be, as steps. Pure.

import { isOurs, managedBy, managedElsewhere, policyNews, protectionNews, takenFrom } from "../../../core/manager";
import type { Step } from "../../../core/plan";
import { shareMessage } from "../../../spec/lustre";
import { approximateSize } from "../../../spec/size";
import * as cli from "../cli";
import { fault } from "../faults";
import type { Quota } from "../parse-quota";
import { type ShareRecord, writeRecord } from "../records";
import { onClient, type Site, stagingPath } from "../site";
import { client, type Directory, keep } from "./kept";
import {
  describeLimits,
  fits,
  formatLimits,
  guardOrder,
  guardShrink,
  guardSmall,
  isShrink,
  limitsOf,
  lowered,
  parseLimits,
  sameLimits,
  wantedLimits,
} from "./limits";
import { recordedSpec, type SeenShare } from "./observe";
import { planRemoval } from "./removal";
import { claimId, giveId, limit, makeBase, type ShareWish, setLimits, tag } from "./steps";

export function planShare(site: Site, wish: ShareWish, seen: SeenShare): Step[] {
  const { record } = seen;
  guardOrder(wish.key, wish.spec);
  guardSmall(wish.key, wish.spec, record ? recordedSpec(record).size : seen.directory && seen.quota?.blockHard);
  if (!record) return seen.directory ? planAdoption(site, wish, seen, seen.directory) : planBirth(site, wish, seen);
  guardOwner(site, wish, record);
  if (wish.spec.fileset !== record.spec.fileset) throw movedElsewhere(wish, record);
  if (record.state === "deleting" || (record.state === "leaving" && seen.trash)) return planRemoval(site, wish.key, seen);
  if (record.state === "creating") guardPlace(site, wish, seen, record);
  if (record.state === "creating" && !seen.directory) return planCreation(site, wish, seen, record);
  if (!seen.directory) return planRevival(site, wish, seen, record);
  return planCare(site, wish, seen, record, seen.directory);
}

// ---- who may ---------------------------------------------------------------------------------------------------------------

function guardOwner(site: Site, wish: ShareWish, record: ShareRecord): void {
  if (wish.spec.adopt || isOurs(record, wish)) return;
  if (record.claim === undefined) {
    throw fault("FOREIGN_DIRECTORY", {
      object: wish.key,
      summary: `the share was kept by "${record.owner}" and belongs to nobody now`,
      fix: "set adopt: true to take it over with its data, or choose another shareName",
    });
  }
  const { owner } = site.fileSystem;
  throw managedElsewhere({ object: wish.key, what: "the share", record, owner, nameProperty: "shareName" });
}

/** While we were still making the share, somebody may have put something of their own in its place. */
function guardPlace(site: Site, wish: ShareWish, seen: SeenShare, record: ShareRecord): void {
  if (!seen.directory || (!seen.staging && seen.directory.project.id === record.projectId)) return;
  throw fault("FOREIGN_DIRECTORY", {
    object: wish.key,
    summary: `${onClient(site, wish.spec.fileset)} was made by somebody else while the share was being created`,
  });
}

function movedElsewhere(wish: ShareWish, record: ShareRecord) {
  return fault("ADOPT_REFUSED", {
    object: wish.key,
    summary: `the share is at ${record.spec.fileset}, not at ${wish.spec.fileset}; its place cannot change`,
    fix: "use another shareName for another directory, or put the old path back",
  });
}

// ---- create ----------------------------------------------------------------------------------------------------------------

function planBirth(site: Site, wish: ShareWish, seen: SeenShare): Step[] {
  if (wish.spec.fileset !== `/${wish.key}` && !wish.spec.adopt) {
    throw fault("BAD_REQUEST", {
      object: wish.key,
      summary: `a share that is made lies at /${wish.key}, not at ${wish.spec.fileset}`,
      fix: "leave out the path, or set adopt: true to take over a directory that is there",
    });
  }
  if (wish.spec.adopt) {
    throw fault("ADOPT_REFUSED", {
      object: wish.key,
      summary: `there is no directory ${wish.spec.fileset} to adopt`,
      fix: "remove adopt to have it made",
    });
  }
  return planCreation(site, wish, seen, newRecord(site, wish));
}

function newRecord(site: Site, wish: ShareWish): ShareRecord {
  const { key, spec } = wish;
  return {
    format: 1,
    kind: "lustre.share",
    key,
    ...managedBy(wish, site.fileSystem.owner),
    state: "creating",
    spec: shareMessage.write(spec),
  };
}

/** Makes the share in the staging folder; shows it only when a second look has found all of it as wanted. */
function planCreation(site: Site, wish: ShareWish, seen: SeenShare, record: ShareRecord): Step[] {
  const { spec, key } = wish;
  if (JSON.stringify(record.spec) !== JSON.stringify(shareMessage.write(spec))) return restartCreation(site, wish, seen, record);
  const idLost = seen.idClaimedFor !== undefined && seen.idClaimedFor !== key;
  const id = record.projectId === undefined || idLost ? seen.freeId : record.projectId;
  if (id === undefined) throw fault("PROJECT_IDS_EXHAUSTED", { object: key });
  const staging = stagingPath(site, key);
  const next: ShareRecord = { ...record, ...managedBy(wish, record.owner), projectId: id };
  const build = [
    ...makeBase(seen),
    ...(seen.record && JSON.stringify(next) === JSON.stringify(record) ? [] : [writeRecord(site, "shares", next)]),
    ...(seen.idClaimedFor === key ? [] : [giveId(site, wish, id)]),
    ...(seen.staging ? [] : [client("make-directory", `make ${staging}`, cli.mkdir("0700", staging))]),
    ...tag(id, staging, seen.staging),
    ...keep(spec, { ...seen, path: staging, directory: seen.staging }, record),
    // Last, so that where the MDS is another host the client is gone to once.
    ...limit(id, wish, idLost ? { ...seen, quota: undefined } : seen, site),
  ];
  if (build.length > 0) return build;
  return [
    client("show", `show it as ${onClient(site, spec.fileset)}`, cli.mv(staging, onClient(site, spec.fileset))),
    becomeReady(site, wish, record),
  ];
}

/** Asked for otherwise since the last try: begun anew, so that nothing of the old wish stays on it. */
function restartCreation(site: Site, wish: ShareWish, seen: SeenShare, record: ShareRecord): Step[] {
  const staging = stagingPath(site, wish.key);
  return [
    ...(seen.staging ? [client("remove-directory", `remove ${staging}, begun for an earlier wish`, cli.rmdir(staging))] : []),
    writeRecord(site, "shares", {
      ...record,
      ...managedBy(wish, site.fileSystem.owner),
      spec: shareMessage.write(wish.spec),
    }),
  ];
}

function becomeReady(site: Site, wish: ShareWish, record: ShareRecord): Step {
  return writeRecord(site, "shares", readyRecord(site, wish, record));
}

function readyRecord(site: Site, wish: ShareWish, record: ShareRecord): ShareRecord {
  const { before: _, ...settled } = record;
  const closed = record.state === "unowned" || record.state === "leaving" ? { closed: true as const } : {};
  const manager = managedBy(wish, site.fileSystem.owner);
  return { ...settled, ...closed, ...manager, state: "ready", spec: shareMessage.write(wish.spec) };
}

// ---- keep ------------------------------------------------------------------------------------------------------------------

/** Everything about a directory that exists. */
function planCare(site: Site, wish: ShareWish, seen: SeenShare, record: ShareRecord, directory: Directory): Step[] {
  const { spec } = wish;
  const id = record.projectId;
  if (directory.type !== "directory")
    throw fault("FOREIGN_DIRECTORY", { object: wish.key, summary: `${spec.fileset} is a ${directory.type}, not a directory` });
  if (seen.directoryIsOf !== undefined && seen.directoryIsOf !== wish.key)
    throw fault("FOREIGN_DIRECTORY", {
      object: wish.key,
      summary: `${spec.fileset} has project ${directory.project.id}, which is claimed for ${seen.directoryIsOf}: it is not the share`,
      fix: "see who put it there, and bring the share's own directory back",
    });
  if (id === undefined || !seen.quota)
    throw fault("RECORD_BROKEN", { object: wish.key, summary: "the record of the share has no project id" });
  const path = onClient(site, spec.fileset);
  const next = readyRecord(site, wish, record);
  const rest = [...tag(id, path, directory), ...keep(spec, { ...seen, path, directory }, record)];
  const confirm = confirmShrink(site, wish, seen, record, { id, next: rest.length === 0 ? next : undefined });
  if (confirm.length > 0) return confirm;
  const lowers = seen.quota && isShrink(wantedLimits(spec), limitsOf(seen.quota));
  return [
    ...makeBase(seen),
    ...tag(id, path, directory),
    ...changeLimits(site, wish, seen, record, id),
    ...keep(spec, { ...seen, path, directory }, record),
    // A limit that is lowered has to be looked at again before its record forgets the old one.
    ...(lowers || JSON.stringify(next) === JSON.stringify(record) ? [] : [settleRecord(site, record, next, seen.quota)]),
  ];
}

function heldText({ usedBytes, usedInodes, reliable }: Quota): string {
  return reliable ? `${approximateSize(usedBytes)} in ${usedInodes} inodes` : "what cannot be known while a target is away";
}

/** What only the record knows is told as well: who manages the share, and how it will go. */
function settleRecord(site: Site, record: ShareRecord, next: ShareRecord, quota: Quota): Step {
  const { quiet: _, ...step } = writeRecord(site, "shares", next);
  const news = [
    ...(record.claim === next.claim ? [] : [`take it over ${takenFrom(record, heldText(quota))}`]),
    ...policyNews(record.spec.removal_policy, next.spec.removal_policy),
    ...protectionNews(record.spec.deletion_protection, next.spec.deletion_protection),
    ...shareMessage.changedNotes(record.spec, next.spec).map((name) => `note its ${name}`),
  ];
  return news.length === 0 ? { ...step, quiet: true } : { ...step, id: "settle-record", say: news.join("; ") };
}

function changeLimits(site: Site, wish: ShareWish, seen: SeenShare, record: ShareRecord, id: number): Step[] {
  const quota = seen.quota;
  const limits = wantedLimits(wish.spec);
  if (!quota || sameLimits(limits, limitsOf(quota))) return [];
  if (!isShrink(limits, limitsOf(quota))) return [setLimits(site, id, limits)];
  guardShrink(wish.key, quota, limits, limitsOf(quota));
  return [writeRecord(site, "shares", { ...record, before: formatLimits(limitsOf(quota)) }), setLimits(site, id, limits)];
}

/** After a shrink: use may have grown meanwhile; then the old limit comes back, and the next look refuses. */
function confirmShrink(
  site: Site,
  wish: ShareWish,
  seen: SeenShare,
  record: ShareRecord,
  { id, next }: { id: number; next: ShareRecord | undefined },
): Step[] {
  if (record.before === undefined || !seen.quota) return [];
  const limits = limitsOf(seen.quota);
  const { before, ...settled } = record;
  const lower = lowered(limits, parseLimits(before));
  const isLowered = sameLimits(limits, wantedLimits(wish.spec));
  const restore = isLowered && !(seen.quota.reliable && fits(seen.quota, lower));
  if (isLowered && !restore && next) return [settleRecord(site, record, next, seen.quota)];
  return [
    ...(restore
      ? [
          {
            ...setLimits(site, id, parseLimits(before)),
            say: `${seen.quota.reliable ? "use has grown meanwhile" : "use cannot be known now"}: back to ${describeLimits(parseLimits(before))}`,
          },
        ]
      : []),
    writeRecord(site, "shares", settled),
  ];
}

// ---- take over -------------------------------------------------------------------------------------------------------------

function planAdoption(site: Site, wish: ShareWish, seen: SeenShare, directory: Directory): Step[] {
  const { spec, key } = wish;
  const refuse = (summary: string, fix: string) => fault("ADOPT_REFUSED", { object: key, summary, fix });
  if (!spec.adopt)
    throw fault("FOREIGN_DIRECTORY", {
      object: key,
      summary: `${onClient(site, spec.fileset)} exists and sharewright did not make it`,
    });
  if (directory.type !== "directory") throw refuse(`${spec.fileset} is a ${directory.type}`, "adopt a directory");
  const { id, inherit } = directory.project;
  const path = onClient(site, spec.fileset);
  if (id === 0) throw refuse(`${path} has no project id`, `choose an unused ID and run: lfs project -p ID -s -r ${path}`);
  if (!inherit) throw refuse(`new files in ${path} would not inherit project ${id}`, `run: lfs project -p ${id} -s ${path}`);
  if (seen.adoptionProblem)
    throw refuse(`${path} cannot be a share: ${seen.adoptionProblem}`, "a share has its own directory and its own project id");
  return [
    ...makeBase(seen),
    ...(seen.idClaimedFor === key ? [] : [{ ...claimId(site, wish, id), say: `take over ${path} with project ${id}` }]),
    writeRecord(site, "shares", { ...newRecord(site, wish), state: "ready", projectId: id, adopted: true }),
  ];
}

/** The record says it was ready, but its directory is gone. */
function planRevival(site: Site, wish: ShareWish, seen: SeenShare, record: ShareRecord): Step[] {
  if (!wish.recreate)
    throw fault("SHARE_MISSING", {
      object: wish.key,
      summary: `${onClient(site, record.spec.fileset)} is gone, though the share was ready`,
    });
  return [...makeBase(seen), writeRecord(site, "shares", { ...record, state: "creating" })];
}
