// sharewright trash: what removal policy `trash` keeps; put back, or deleted for good.
import { purge, readTrashEntries, restore, type TrashEntry } from "../../backends/lustre/trash";
import { fault } from "../../core/errors";
import type { Log } from "../../core/log";
import type { ClusterSpec } from "../../spec/gluster";
import type { FileSystemSpec } from "../../spec/lustre";
import { isGlusterShareKey, namePattern, nameRule } from "../../spec/name";
import { withSite } from "../site";
import { chooseClusters, chooseFileSystem, requireStorage } from "../stack";
import type { StackConfig } from "../stack-config";
import { type Answer, answering, type CommonFlags, type Context } from "./answer";
import type { PlacedShare } from "./gluster/places";
import { clusterTrashDocument, clusterTrashTable } from "./gluster/trash-view";
import { stepDocument } from "./objects";
import { logOf, openConfig } from "./site";
import { type Column, count, table } from "./table";

interface TrashFlags extends CommonFlags {
  readonly fileSystem?: string;
  readonly cluster?: string;
}

interface Places {
  fileSystem?: FileSystemSpec;
  clusters: ClusterSpec[];
}

/** Where the trash is: a flag that names one place leaves out the others. */
function placesOf(config: StackConfig, flags: TrashFlags): Places {
  requireStorage(config);
  const named = (flags.fileSystem ?? flags.cluster) !== undefined;
  const wantsLustre = named ? flags.fileSystem !== undefined : config.fileSystems.length > 0;
  const wantsClusters = named ? flags.cluster !== undefined : config.clusters.length > 0;
  return {
    ...(wantsLustre ? { fileSystem: chooseFileSystem(config, flags.fileSystem) } : {}),
    clusters: wantsClusters ? chooseClusters(config, flags.cluster) : [],
  };
}

/** On clusters an entry is named by the share's name; on a file system by more, which no such name can be. */
function isOnClusters({ fileSystem, clusters }: Places, name: string): boolean {
  return clusters.length > 0 && (fileSystem === undefined || isGlusterShareKey(name));
}

// ---- list ------------------------------------------------------------------------------------------------------------------

const columns: Column<TrashEntry>[] = [
  { heading: "NAME", cell: ({ name }) => name },
  { heading: "SINCE", cell: ({ since }) => since.toISOString().slice(0, 16).replace("T", " ") },
  { heading: "LIMIT", align: "right", cell: ({ record }) => record.spec.size },
  { heading: "PROJECT", align: "right", cell: ({ record }) => String(record.projectId ?? "-") },
  { heading: "OF", cell: ({ record }) => record.owner, shrinkTo: 8 },
  { heading: "WAS", cell: ({ record }) => record.spec.fileset, shrinkTo: 8 },
];

async function listTrash(context: Context, flags: TrashFlags): Promise<Answer> {
  const { fileSystem, clusters } = placesOf(openConfig(context, flags.stack), flags);
  const log = logOf(context, flags.json);
  const entries = fileSystem ? await withSite(fileSystem, log, readTrashEntries) : [];
  const onClusters = await readClusterTrash(clusters, log);
  const width = context.terminal.columns;
  const tables = [
    ...(entries.length > 0 ? [table(columns, entries, width)] : []),
    ...(onClusters.length > 0 ? [clusterTrashTable(onClusters, width)] : []),
  ];
  return {
    text: tables.length === 0 ? "the trash is empty" : tables.join("\n\n"),
    document: {
      trash: [
        ...entries.map(({ name, since, record }) => ({
          name,
          since: since.toISOString(),
          key: record.key,
          managedBy: record.owner,
          projectId: record.projectId,
          ...record.spec,
        })),
        ...onClusters.map(clusterTrashDocument),
      ],
    },
  };
}

async function readClusterTrash(clusters: readonly ClusterSpec[], log: Log): Promise<PlacedShare[]> {
  return clusters.length === 0 ? [] : (await import("./gluster/trash")).readTrash(clusters, log);
}

// ---- restore ---------------------------------------------------------------------------------------------------------------

interface RestoreFlags extends TrashFlags {
  readonly as?: string;
}

async function restoreFromTrash(context: Context, flags: RestoreFlags, name: string): Promise<Answer> {
  if (flags.as !== undefined && !namePattern.test(flags.as)) {
    throw fault("BAD_REQUEST", { summary: `--as ${flags.as}: not a share name`, fix: `write ${nameRule}` });
  }
  const places = placesOf(openConfig(context, flags.stack), flags);
  if (isOnClusters(places, name)) return restoreOnClusters(context, flags, places, name);
  const { key, done } = await withSite(chosen(places), logOf(context, flags.json), (site) => restore(site, name, flags.as));
  return {
    text: `${key} is back with its data, limits and project id; nobody manages it until a construct with this key is applied`,
    document: { name, key, steps: done.map(stepDocument) },
  };
}

async function restoreOnClusters(context: Context, flags: RestoreFlags, { clusters }: Places, key: string): Promise<Answer> {
  if (flags.as !== undefined) {
    throw fault("BAD_REQUEST", {
      summary: `--as ${flags.as}: a share of GlusterFS comes back under its own name`,
      fix: "leave out --as",
    });
  }
  const done = await (await import("./gluster/trash")).restore(clusters, key, logOf(context, flags.json));
  return {
    text: `${key} is back with its data and limit, open to nobody; nobody manages it until a construct with this key and adopt: true is applied`,
    document: { name: key, key, steps: done.map(stepDocument) },
  };
}

/** `placesOf` has chosen a file system wherever there are no clusters. */
function chosen({ fileSystem }: Places): FileSystemSpec {
  if (fileSystem) return fileSystem;
  throw new Error("no file system was chosen");
}

// ---- purge -----------------------------------------------------------------------------------------------------------------

interface PurgeFlags extends TrashFlags {
  readonly olderThan?: number;
}

const dayMs = 24 * 60 * 60 * 1000;

async function purgeTrash(context: Context, flags: PurgeFlags, name?: string): Promise<Answer> {
  if ((name === undefined) === (flags.olderThan === undefined)) {
    throw fault("BAD_REQUEST", {
      summary: "say what to delete for good: one NAME, or --older-than DAYS",
      fix: "`sharewright trash list` shows the names",
    });
  }
  const places = placesOf(openConfig(context, flags.stack), flags);
  const log = logOf(context, flags.json);
  const entries = name === undefined ? await olderThan(places, flags, log) : [{ name }];
  const purged: { name: string; steps: unknown[] }[] = [];
  for (const [index, each] of entries.entries()) {
    context.terminal.progress(`deleting ${each.name} (${index + 1} of ${entries.length})`);
    // A connection for each: its locks are let go of before the next one's are taken.
    const done = isOnClusters(places, each.name)
      ? await (await import("./gluster/trash")).purge(clustersOf(places, each), each.name, log, each.since)
      : await withSite(chosen(places), log, (site) => purge(site, each.name));
    purged.push({ name: each.name, steps: done.map(stepDocument) });
  }
  return {
    text: purged.length === 0 ? "nothing in the trash is that old" : `${count(purged.length, "share")} deleted for good`,
    document: { purged },
  };
}

/** What to delete. On clusters several may have the name: place and time tell which one. */
interface Purged {
  name: string;
  cluster?: string;
  since?: string;
}

async function olderThan({ fileSystem, clusters }: Places, { olderThan: days = 0 }: PurgeFlags, log: Log): Promise<Purged[]> {
  const limit = Date.now() - days * dayMs;
  const isOld = (since: Date) => since.getTime() <= limit;
  const entries = fileSystem ? await withSite(fileSystem, log, readTrashEntries) : [];
  const onClusters = await readClusterTrash(clusters, log);
  return [
    ...entries.flatMap(({ name, since }) => (isOld(since) ? [{ name }] : [])),
    ...onClusters.flatMap(({ cluster, record: { key, since } }) =>
      since !== undefined && isOld(new Date(since)) ? [{ name: key, cluster, since }] : [],
    ),
  ];
}

function clustersOf({ clusters }: Places, { cluster }: Purged): ClusterSpec[] {
  return clusters.filter(({ name }) => cluster === undefined || name === cluster);
}

export const trashList = answering("trash list", listTrash);
export const trashRestore = answering("trash restore", restoreFromTrash);
export const trashPurge = answering("trash purge", purgeTrash);
