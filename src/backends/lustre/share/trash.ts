// The trash: shares whose policy was `trash`, kept with their limits and project ids until they are restored or purged.
import { converge } from "../../../core/engine";
import { run } from "../../../core/host";
import type { Step } from "../../../core/plan";
import { defined } from "../../../spec/defined";
import * as cli from "../cli";
import { fault } from "../faults";
import { readInventory } from "../inspect";
import { lockObject } from "../locks";
import { readProjects, readQuota, statAll } from "../look";
import { lines } from "../parse";
import type { Quota } from "../parse-quota";
import { judge } from "../preflight";
import { checkPlace } from "../preflight-open";
import { removeRecord, type ShareRecord, writeRecord } from "../records";
import { guardPlaces, parentsOf } from "../safe-path";
import { hostOf, onClient, projectLink, recordsFolder, type Site, trashName, trashPath } from "../site";
import { deleteData, freeId, guardData, guardTargets } from "./removal";

export interface TrashEntry {
  name: string;
  record: ShareRecord;
  /** Since when it has been in the trash. */
  since: Date;
}

export async function readTrashEntries(site: Site): Promise<TrashEntry[]> {
  const { trash, hasRecords } = await readInventory(site);
  if (!hasRecords) return [];
  const times = new Map(
    lines((await run(site.client, cli.findRecordTimes(recordsFolder(site, "trash")))).stdout).map(recordTime),
  );
  return trash.map((record) => {
    const name = nameOf(record);
    return { name, record, since: new Date(times.get(`${name}.json`) ?? 0) };
  });
}

function recordTime(line: string): [string, number] {
  const at = line.indexOf(" ");
  return [line.slice(at + 1), Number(line.slice(0, at)) * 1000];
}

function nameOf({ key, projectId = 0 }: ShareRecord): string {
  return trashName(key, projectId);
}

async function entryOf(site: Site, name: string): Promise<TrashEntry> {
  const entries = await readTrashEntries(site);
  const entry = entries.find((candidate) => candidate.name === name);
  if (entry) return entry;
  const names = entries.map((candidate) => candidate.name);
  throw fault("BAD_REQUEST", {
    summary: `there is nothing named "${name}" in the trash`,
    fix: names.length === 0 ? "the trash is empty" : `the trash holds: ${names.join(", ")}`,
  });
}

interface SeenPurge {
  recorded: boolean;
  hasData: boolean;
  quota?: Quota;
}

// ---- purge -----------------------------------------------------------------------------------------------------------------

/** Deletes a share for good: data, then limits, project id and record. Cut off at any point, it goes on at the next purge. */
export async function purge(site: Site, name: string): Promise<Step[]> {
  const { record } = await entryOf(site, name);
  await lockObject(site, record.key);
  const path = trashPath(site, name);
  const job = {
    object: name,
    observe: async (): Promise<SeenPurge> => {
      const entry = (await statAll(site, [path])).get(path);
      const hasData = entry !== undefined;
      const project = entry?.type === "directory" ? (await readProjects(site, [path])).get(path) : undefined;
      if (entry)
        guardData(name, record.projectId ?? 0, { type: entry.type, project: project ?? { id: 0, inherit: false } }, path);
      const quota = hasData && record.projectId !== undefined ? await readQuota(site, record.projectId) : undefined;
      const recorded = (await readTrashEntries(site)).some((entry) => entry.name === name);
      return { recorded, hasData, ...defined({ quota }) };
    },
    plan: ({ recorded, hasData, quota }: SeenPurge) => {
      if (recorded && hasData) guardTargets(name, path, quota);
      return recorded ? [...(hasData ? [deleteData(path)] : []), ...freeId(site, record), removeRecord(site, "trash", name)] : [];
    },
  };
  return (await converge(job, hostOf(site), site.log)).done;
}

// ---- restore ---------------------------------------------------------------------------------------------------------------

interface SeenRestore {
  inTrash: boolean;
  hasData: boolean;
  /** What is at the place to restore to. */
  there?: { projectId: number };
  /** The record of that key. */
  taken?: ShareRecord;
}

/** Puts a share back, managed by nobody: a construct with its key takes it over. Returns its key. */
export async function restore(site: Site, name: string, shareName: string | undefined): Promise<{ key: string; done: Step[] }> {
  const { record } = await entryOf(site, name);
  const restored = restoredRecord(record, shareName);
  // Always in one order, so that two runs never wait for each other.
  for (const key of [...new Set([record.key, restored.key])].sort()) await lockObject(site, key);
  const job = {
    object: name,
    observe: () => observeRestore(site, name, restored),
    plan: (seen: SeenRestore) => planRestore(site, name, restored, seen),
  };
  const preflight = async () => judge(site, await checkPlace(site, restored.key, restored.spec.fileset));
  return { key: restored.key, done: (await converge(job, hostOf(site), site.log, preflight)).done };
}

/** The record that the share will have: its old place, or another name in its old prefix. */
function restoredRecord(record: ShareRecord, shareName: string | undefined): ShareRecord {
  const unowned: ShareRecord = { ...record, state: "unowned" };
  if (shareName === undefined) return unowned;
  const key = `${record.key.slice(0, record.key.lastIndexOf("/"))}/${shareName}`;
  return { ...unowned, key, spec: { ...record.spec, fileset: `/${key}` } };
}

async function observeRestore(site: Site, name: string, { key, spec }: ShareRecord): Promise<SeenRestore> {
  const [from, to] = [trashPath(site, name), onClient(site, spec.fileset)];
  const parents = parentsOf(site, spec.fileset);
  const entries = await statAll(site, [...parents, from, to]);
  guardPlaces(site, parents, entries);
  const { trash, shares } = await readInventory(site);
  const taken = shares.find((share) => share.key === key);
  const there = entries.get(to);
  const projectId = there?.type === "directory" ? ((await readProjects(site, [to])).get(to)?.id ?? 0) : 0;
  return {
    inTrash: trash.some((record) => nameOf(record) === name),
    hasData: entries.has(from),
    ...(there ? { there: { projectId } } : {}),
    ...defined({ taken }),
  };
}

/** Pure. The directory goes first; its project id tells an unfinished restore from somebody else's directory. */
function planRestore(site: Site, name: string, restored: ShareRecord, seen: SeenRestore): Step[] {
  if (!seen.inTrash) return [];
  const to = onClient(site, restored.spec.fileset);
  const resumed = !seen.hasData && seen.there?.projectId === restored.projectId;
  if ((seen.there && !resumed) || (seen.taken && seen.taken.projectId !== restored.projectId)) {
    throw fault("FOREIGN_DIRECTORY", {
      object: name,
      summary: seen.taken ? `the key ${restored.key} is taken by a share of "${seen.taken.owner}"` : `${to} is taken`,
      fix: "restore it under another name: --as NAME",
    });
  }
  if (!seen.hasData && !resumed) {
    throw fault("SHARE_MISSING", {
      object: name,
      summary: `${trashPath(site, name)} is gone, though the trash has a record of it`,
      fix: `\`sharewright trash purge ${name}\` frees its limits and project id`,
    });
  }
  const id = restored.projectId ?? 0;
  const link = projectLink(site, id);
  const move: Step = {
    id: "restore",
    say: `move ${name} back to ${to}`,
    on: "client",
    commands: [cli.mv(trashPath(site, name), to)],
  };
  const relink: Step = {
    id: "relink-id",
    say: `reserve project id ${id} for ${restored.key}`,
    on: "client",
    commands: [cli.rmFile(link), cli.lnExclusive(restored.key, link)],
    quiet: true,
  };
  return [...(resumed ? [] : [move]), relink, writeRecord(site, "shares", restored), removeRecord(site, "trash", name)];
}
