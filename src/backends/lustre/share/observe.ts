// Looks at one share: its record, its directory, its project id, its limits. Changes nothing.

import { defined } from "../../../spec/defined";
import { type ShareSpec, shareMessage } from "../../../spec/lustre";
import { fault } from "../faults";
import type { Guard } from "../locks";
import { idOwner, isEmpty, proveAndReadQuota, readProjects, statAll } from "../look";
import type { Quota } from "../parse-quota";
import type { ShareRecord } from "../records";
import { guardPlaces, parentsOf } from "../safe-path";
import {
  onClient,
  onMdtMark,
  prefixDirectories,
  recordFolders,
  recordsFolder,
  recordsRoot,
  type Site,
  stagingPath,
  trashName,
  trashPath,
} from "../site";
import { observeAdoption } from "./adoption";
import { findFreeId } from "./free-id";
import { type Glance, glance } from "./glance";
import type { Directory, Told } from "./kept";

export interface SeenShare extends Told {
  /** Directories that have to be made first, outermost first. */
  missing: { path: string; mode: string }[];
  /** All records can be had with every OST down. */
  recordsOnMdt?: boolean;
  record?: ShareRecord;
  /** Path of the share's directory from the file system's root: where it is, or is to be. */
  path: string;
  directory?: Directory;
  staging?: Directory;
  trash?: Directory;
  /** Key that the record's project id is claimed for. */
  idClaimedFor?: string;
  /** Key that the directory's own project id is claimed for, where that is not the record's. */
  directoryIsOf?: string;
  quota?: Quota | undefined;
  /** Why an existing directory cannot become a share; looked up only for an adoption. */
  adoptionProblem?: string;
  /** A project id that nothing uses; looked up only when an id has to be chosen. */
  freeId?: number;
}

export interface Expectation {
  /** Told when there will be something to make. */
  soon?: () => void;
  /** The id that an earlier look has found or chosen: an MDS of its own is asked about it without waiting for the record. */
  projectId?: number | undefined;
  /** The id of a share that goes: where it lies in the trash is looked at along. */
  leavingId?: number | undefined;
  /** What an earlier look has found, and what was done since cannot have changed. */
  still?: Still;
  /** Of a share that goes, by what is going to be done with it: what only other looks need is not asked for. */
  removal?: "announced" | ShareRecord["spec"]["removal_policy"];
  /** Locks an MDS of its own, before it is asked anything. Absent: nothing will be changed. */
  guard?: Guard;
}

export interface Still {
  /** Of the share's directory, wherever it lies by now. */
  project?: Directory["project"];
  /** Of the record's project id. */
  quota?: Quota;
}

const noGuard: Guard = async () => ({ held: Promise.resolve() });

/** Looks at the share of `key`. `want` is undefined for a removal. */
export async function observeShare(
  site: Site,
  key: string,
  want: ShareSpec | undefined,
  { soon = () => {}, projectId, leavingId, still = {}, removal, guard = noGuard }: Expectation = {},
): Promise<SeenShare> {
  const isApart = site.mds.transport !== site.client.transport;
  const askQuota = async (id: number) => {
    const { held } = await guard();
    const [quota] = await Promise.all([proveAndReadQuota(site, id), held]);
    return quota;
  };
  const expected = isApart && projectId !== undefined && !still.quota ? askQuota(projectId) : undefined;
  expected?.catch(() => {}); // told below, if it matters then
  const base = baseDirectories(site);
  const path = want?.fileset ?? `/${key}`;
  const guarded = [...base.map((directory) => directory.path), ...parentsOf(site, path)];
  const trash = leavingId === undefined ? [] : [trashPath(site, trashName(key, leavingId))];
  const others = [...guarded, onMdtMark(site), ...trash];
  const first = await glance(site, {
    key,
    path,
    others,
    want,
    projectId,
    projects: removal ? removal !== "announced" && removal !== "retain" : !still.project,
    limits: removal ? "deleting" : still.quota ? "none" : "all",
  });
  guardPlaces(site, guarded, first.entries);
  const { record } = first;
  const seen: SeenShare = {
    missing: base.filter((directory) => !first.entries.has(directory.path)),
    path: record?.spec.fileset ?? path,
    recordsOnMdt: first.entries.has(onMdtMark(site)),
    ...defined({ record, idClaimedFor: first.idClaimedFor }),
    ...first.told,
  };
  await observeDirectories(site, key, seen, {
    first,
    along: trash,
    still,
    isOnlyRead: removal !== undefined && !needsProjects(seen),
  });
  const [quota] = await Promise.all([
    still.quota ??
      (removal === undefined || needsLimits(seen)
        ? observeQuota(seen, first, (id) => (id === projectId && expected) || askQuota(id))
        : undefined),
    ...(want ? [observeForApply(site, key, want, seen, first, { soon, guard })] : []),
  ]);
  if (quota) seen.quota = quota;
  return seen;
}

async function observeQuota(
  { record, directory }: SeenShare,
  first: Glance,
  ask: (id: number) => Promise<Quota | undefined>,
): Promise<Quota | undefined> {
  const id = record?.projectId ?? directory?.project.id;
  return first.quota ?? (id ? ask(id) : undefined);
}

/** Whether a share that goes may only go if it is the one with its project. */
function needsProjects({ record }: SeenShare): boolean {
  const isLeaving = record?.state === "leaving" && record.spec.removal_policy !== "retain";
  return isLeaving || record?.state === "creating" || record?.state === "deleting";
}

/** Whether limits of a share that goes are cleared next, which is not begun with a target away; and an MDS of its own is locked before. */
function needsLimits({ record, directory, trash }: SeenShare): boolean {
  if (record?.state === "leaving") return !directory && !trash;
  return record?.state === "creating" || record?.state === "deleting";
}

/** What only an apply has to know: a free id, the layout, whether a foreign directory may become a share. */
async function observeForApply(
  site: Site,
  key: string,
  want: ShareSpec,
  seen: SeenShare,
  { entries, ids }: Glance,
  { soon, guard }: { soon: () => void; guard: Guard },
): Promise<void> {
  if (want.adopt && !seen.record && seen.directory) {
    const sight = await observeAdoption(
      site,
      key,
      seen.path,
      seen.directory.project.id,
      entries.has(recordsFolder(site, "locks")),
    );
    if (sight.idClaimedFor !== undefined) seen.idClaimedFor = sight.idClaimedFor;
    if (sight.problem !== undefined) seen.adoptionProblem = sight.problem;
  }
  const { directory, record } = seen;
  if (directory && record?.projectId !== undefined && ![0, record.projectId].includes(directory.project.id)) {
    const owner = await idOwner(site, directory.project.id);
    if (owner !== undefined) seen.directoryIsOf = owner;
  }
  if (!needsId(key, seen)) return;
  soon();
  const { held } = await guard();
  const [freeId] = await Promise.all([findFreeId(site, key, entries, ids, seen.record?.projectId), held]);
  seen.freeId = freeId;
}

// A prefix may be walked through but not listed: tenants know their own share only.
export const prefixMode = "0711";
export const recordsMode = "0700";

function baseDirectories(site: Site): SeenShare["missing"] {
  return [
    { path: recordsRoot(site), mode: recordsMode },
    ...recordFolders.map((folder) => ({ path: recordsFolder(site, folder), mode: recordsMode })),
    ...prefixDirectories(site).map((path) => ({ path, mode: prefixMode })),
  ];
}

interface Look {
  first: Glance;
  /** What that has been told of besides. */
  along: readonly string[];
  still: Still;
  /** Nothing will be done with the directories. */
  isOnlyRead: boolean;
}

async function observeDirectories(
  site: Site,
  key: string,
  seen: SeenShare,
  { first, along, still, isOnlyRead }: Look,
): Promise<void> {
  const { record } = seen;
  const places: Partial<Record<"directory" | "staging" | "trash", string>> = {
    staging: stagingPath(site, key),
    directory: onClient(site, seen.path),
  };
  if (record?.projectId !== undefined && (record.state === "leaving" || record.state === "deleting"))
    places.trash = trashPath(site, trashName(key, record.projectId));
  const elsewhere = parentsOf(site, seen.path).filter((path) => !first.entries.has(path));
  const unknown = Object.values(places).filter((path) => !first.lookedAt.includes(path));
  const unseen = unknown.filter((path) => !along.includes(path));
  const entries = new Map([...first.entries, ...(await statAll(site, [...elsewhere, ...unseen]))]);
  guardPlaces(site, elsewhere, entries);
  const projects = new Map<string, Directory["project"]>(first.projects?.map((project) => [project.path, project]));
  if (still.project && places.directory) projects.set(places.directory, still.project);
  const untold = first.projects ? unknown : Object.values(places).filter((path) => !projects.has(path));
  const later = isOnlyRead ? [] : untold.filter((path) => entries.get(path)?.type === "directory");
  if (later.length > 0) for (const [path, project] of await readProjects(site, later)) projects.set(path, project);
  for (const [name, path] of Object.entries(places) as ["directory" | "staging" | "trash", string][]) {
    const entry = entries.get(path);
    if (!entry) continue;
    const empty = name === "directory" && needsEmptiness(seen) && (await isEmpty(site, path));
    seen[name] = { ...entry, project: projects.get(path) ?? { id: 0, inherit: false }, empty };
  }
}

// Only what never became ready may be removed as empty.
function needsEmptiness(seen: SeenShare): boolean {
  return seen.record?.state === "creating";
}

function needsId(key: string, seen: SeenShare): boolean {
  if (seen.record?.projectId === undefined) return !seen.directory;
  return seen.record.state === "creating" && seen.idClaimedFor !== undefined && seen.idClaimedFor !== key;
}

/** The last applied spec of a record. */
export function recordedSpec(record: ShareRecord): ShareSpec {
  const read = shareMessage.read(record.spec);
  if (read.misfit)
    throw fault("RECORD_BROKEN", { summary: `the record of ${record.key} holds a spec that cannot be read`, object: record.key });
  return read.spec;
}
