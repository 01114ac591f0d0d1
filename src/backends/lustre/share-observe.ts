// Looks at one share: its record, its directory, its project id, its limits. Changes nothing.

import { fault } from "../../core/errors";
import { run } from "../../core/host";
import type { ShareSpec } from "../../spec/lustre";
import { shareFromWire, shareWireSchema } from "../../spec/lustre";
import * as cli from "./cli";
import { findFreeId } from "./free-id";
import { idOwner, isEmpty, proveLustre, readProjects, readQuota, statAll } from "./look";
import { type Entry, type ProjectOf, parseLfsGetstripe, type Quota, type StripeComponent } from "./parse";
import { readShareRecord, type ShareRecord } from "./records";
import { observeAdoption } from "./share-adoption";
import {
  onClient,
  prefixDirectories,
  recordFolders,
  recordsFolder,
  recordsRoot,
  type Site,
  stagingPath,
  trashName,
  trashPath,
} from "./site";

/** A directory with what Lustre knows about it. */
export interface Directory extends Entry {
  project: Pick<ProjectOf, "id" | "inherit">;
  empty: boolean;
}

export interface SeenShare {
  /** Directories that have to be made first, outermost first. */
  missing: { path: string; mode: string }[];
  record?: ShareRecord;
  /** Path of the share's directory from the file system's root: where it is, or is to be. */
  path: string;
  directory?: Directory;
  staging?: Directory;
  trash?: Directory;
  /** Key that the record's project id is claimed for. */
  idClaimedFor?: string;
  quota?: Quota | undefined;
  layout?: StripeComponent[];
  /** Why an existing directory cannot become a share; looked up only for an adoption. */
  adoptionProblem?: string;
  /** A project id that nothing uses; looked up only when an id has to be chosen. */
  freeId?: number;
}

/** Looks at the share of `key`. `want` is undefined for a removal. */
export async function observeShare(site: Site, key: string, want: ShareSpec | undefined): Promise<SeenShare> {
  await proveLustre(site);
  const base = baseDirectories(site);
  const likely = [stagingPath(site, key), ...(want ? [onClient(site, want.path)] : [])];
  const entries = await statAll(site, [...base.map(({ path }) => path), ...likely]);
  checkBase(site, base, entries);
  const record = entries.has(recordsFolder(site, "shares")) ? await readShareRecord(site, key) : undefined;
  const seen: SeenShare = {
    missing: base.filter(({ path }) => !entries.has(path)),
    path: record?.spec.fileset ?? want?.path ?? "",
    ...(record ? { record } : {}),
  };
  await observeDirectories(site, key, seen, entries);
  await observeId(site, seen);
  if (want) await observeForApply(site, key, want, seen, entries);
  return seen;
}

async function observeId(site: Site, seen: SeenShare): Promise<void> {
  const { record, directory } = seen;
  const id = record?.projectId ?? directory?.project.id;
  if (id) seen.quota = await readQuota(site, id);
  if (record?.state !== "creating" || record.projectId === undefined) return;
  const owner = await idOwner(site, record.projectId);
  if (owner !== undefined) seen.idClaimedFor = owner;
}

/** What only an apply has to know: a free id, the layout, whether a foreign directory may become a share. */
async function observeForApply(
  site: Site,
  key: string,
  want: ShareSpec,
  seen: SeenShare,
  entries: Map<string, Entry>,
): Promise<void> {
  if (want.adopt && !seen.record && seen.directory) {
    const sight = await observeAdoption(
      site,
      key,
      seen.path,
      seen.directory.project.id,
      entries.has(recordsFolder(site, "projects")),
    );
    if (sight.idClaimedFor !== undefined) seen.idClaimedFor = sight.idClaimedFor;
    if (sight.problem !== undefined) seen.adoptionProblem = sight.problem;
  }
  if (needsId(key, seen)) seen.freeId = await findFreeId(site, key, entries, seen.record?.projectId);
  if (!want.layout && !seen.record?.spec.layout) return;
  const place = seen.directory ? onClient(site, seen.path) : seen.staging && stagingPath(site, key);
  if (place) seen.layout = parseLfsGetstripe((await run(site.client, cli.lfsGetstripe(place))).stdout);
}

// A prefix may be walked through but not listed: tenants know their own share only.
const prefixMode = "0711";
const recordsMode = "0700";

function baseDirectories(site: Site): SeenShare["missing"] {
  return [
    { path: recordsRoot(site), mode: recordsMode },
    ...recordFolders.map((folder) => ({ path: recordsFolder(site, folder), mode: recordsMode })),
    ...prefixDirectories(site).map((path) => ({ path, mode: prefixMode })),
  ];
}

function checkBase(site: Site, base: SeenShare["missing"], entries: Map<string, Entry>): void {
  for (const { path } of base) {
    const entry = entries.get(path);
    if (!entry || entry.type === "directory") continue;
    throw fault("FOREIGN_DIRECTORY", {
      summary: `${path} is a ${entry.type}, not a directory`,
      fix: "move it away, or choose another pathPrefix",
    });
  }
  const records = entries.get(recordsRoot(site));
  if (records && (records.mode & 0o077) !== 0) {
    const mode = records.mode.toString(8);
    throw fault("PREFLIGHT", {
      summary: `${recordsRoot(site)} is open to others (mode ${mode})`,
      fix: `chmod 0700 ${recordsRoot(site)}`,
    });
  }
}

async function observeDirectories(site: Site, key: string, seen: SeenShare, known: Map<string, Entry>): Promise<void> {
  const { record } = seen;
  const places: Partial<Record<"directory" | "staging" | "trash", string>> = { staging: stagingPath(site, key) };
  if (seen.path !== "") places.directory = onClient(site, seen.path);
  if (record?.projectId !== undefined && record.state !== "ready")
    places.trash = trashPath(site, trashName(key, record.projectId));
  const unknown = Object.values(places).filter((path) => !known.has(path));
  const entries = new Map([...known, ...(await statAll(site, unknown))]);
  const directories = Object.values(places).filter((path) => entries.get(path)?.type === "directory");
  const projects = directories.length > 0 ? await readProjects(site, directories) : new Map<string, ProjectOf>();
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
  const wire = shareWireSchema.safeParse({
    ...record.spec,
    claim: "-",
    path: "",
    export_location: "",
    mount_command: "",
    fstab_entry: "",
  });
  if (!wire.success)
    throw fault("RECORD_BROKEN", { summary: `the record of ${record.key} holds a spec that cannot be read`, object: record.key });
  return shareFromWire(wire.data).spec;
}
