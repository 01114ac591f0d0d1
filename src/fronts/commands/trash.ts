// sharewright trash: what removal policy `trash` keeps; put back, or deleted for good.
import { purge, readTrashEntries, restore, type TrashEntry } from "../../backends/lustre/trash";
import { fault } from "../../core/errors";
import { namePattern, nameRule } from "../../spec/name";
import { withSite } from "../site";
import { chooseFileSystem } from "../stack";
import { type Answer, answering, type CommonFlags, type Context } from "./answer";
import { stepDocument } from "./objects";
import { logOf, onFileSystem, openConfig } from "./site";
import { type Column, count, table } from "./table";

interface TrashFlags extends CommonFlags {
  readonly stack?: string;
  readonly fileSystem?: string;
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
  const entries = await onFileSystem(context, openConfig(context, flags.stack), flags, readTrashEntries);
  return {
    text: entries.length === 0 ? "the trash is empty" : table(columns, entries, context.terminal.columns),
    document: {
      trash: entries.map(({ name, since, record }) => ({
        name,
        since: since.toISOString(),
        key: record.key,
        managedBy: record.owner,
        projectId: record.projectId,
        ...record.spec,
      })),
    },
  };
}

// ---- restore ---------------------------------------------------------------------------------------------------------------

interface RestoreFlags extends TrashFlags {
  readonly as?: string;
}

async function restoreFromTrash(context: Context, flags: RestoreFlags, name: string): Promise<Answer> {
  if (flags.as !== undefined && !namePattern.test(flags.as)) {
    throw fault("BAD_REQUEST", { summary: `--as ${flags.as}: not a share name`, fix: `write ${nameRule}` });
  }
  const { key, done } = await onFileSystem(context, openConfig(context, flags.stack), flags, (site) =>
    restore(site, name, flags.as),
  );
  return {
    text: `${key} is back with its data, limits and project id; nobody manages it until a construct with this key is applied`,
    document: { name, key, steps: done.map(stepDocument) },
  };
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
  const fileSystem = chooseFileSystem(openConfig(context, flags.stack), flags.fileSystem);
  const names = name === undefined ? await namesOlderThan(context, flags) : [name];
  const purged: { name: string; steps: unknown[] }[] = [];
  for (const [index, each] of names.entries()) {
    context.terminal.progress(`deleting ${each} (${index + 1} of ${names.length})`);
    const done = await withSite(fileSystem, logOf(context, flags.json), (site) => purge(site, each));
    purged.push({ name: each, steps: done.map(stepDocument) });
  }
  return {
    text: purged.length === 0 ? "nothing in the trash is that old" : `${count(purged.length, "share")} deleted for good`,
    document: { purged },
  };
}

async function namesOlderThan(context: Context, flags: PurgeFlags): Promise<string[]> {
  const entries = await onFileSystem(context, openConfig(context, flags.stack), flags, readTrashEntries);
  const limit = Date.now() - (flags.olderThan ?? 0) * dayMs;
  return entries.filter(({ since }) => since.getTime() <= limit).map(({ name }) => name);
}

export const trashList = answering("trash list", listTrash);
export const trashRestore = answering("trash restore", restoreFromTrash);
export const trashPurge = answering("trash purge", purgeTrash);
