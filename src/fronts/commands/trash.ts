// sharewright trash: what removal policy `trash` keeps; put back, or deleted for good.
import { fault } from "../../core/errors";
import type { Log } from "../../core/log";
import { namePattern, nameRule } from "../../spec/name";
import type { Desk, TrashEntry } from "../desk";
import type { StackConfig } from "../stack-config";
import { type Answer, answering, type CommonFlags, type Context } from "./answer";
import { stepDocument } from "./objects";
import { desksOf, logOf, openConfig } from "./site";
import { count, table } from "./table";

interface TrashFlags extends CommonFlags {
  readonly fileSystem?: string;
  readonly cluster?: string;
}

/** Where there is a trash. */
interface Place {
  desk: Desk;
  places: unknown[];
}

/** A flag that names one place leaves out those of the other systems. */
async function placesOf(context: Context, config: StackConfig, flags: TrashFlags): Promise<Place[]> {
  const there = await desksOf(context, config);
  const named = (await context.desks()).filter(({ flag }) => flags[flag] !== undefined);
  return (named.length > 0 ? named : there).map((desk) => ({ desk, places: desk.choose(config, flags[desk.flag]) }));
}

function trashOf(all: readonly Place[], name: string): Place {
  return (all.find(({ desk }) => desk.trash.isName(name)) ?? all[0]) as Place;
}

async function listTrash(context: Context, flags: TrashFlags): Promise<Answer> {
  const all = await placesOf(context, await openConfig(context, flags.stack), flags);
  const log = logOf(context, flags.json);
  const tables: string[] = [];
  const documents: Record<string, unknown>[] = [];
  for (const { desk, places } of all) {
    const { trash } = desk;
    const entries = await trash.read(places, log);
    if (entries.length > 0) tables.push(table(trash.columns, entries, context.terminal.columns));
    documents.push(...entries.map((entry) => trash.document(entry)));
  }
  return {
    text: tables.length === 0 ? "the trash is empty" : tables.join("\n\n"),
    document: { trash: documents },
  };
}

interface RestoreFlags extends TrashFlags {
  readonly as?: string;
}

async function restoreFromTrash(context: Context, flags: RestoreFlags, name: string): Promise<Answer> {
  if (flags.as !== undefined && !namePattern.test(flags.as)) {
    throw fault("BAD_REQUEST", { summary: `--as ${flags.as}: not a share name`, fix: `write ${nameRule}` });
  }
  const { desk, places } = trashOf(await placesOf(context, await openConfig(context, flags.stack), flags), name);
  const { key, text, steps } = await desk.trash.restore(places, name, flags.as, logOf(context, flags.json));
  return { text, document: { name, key, steps: steps.map(stepDocument) } };
}

interface PurgeFlags extends TrashFlags {
  readonly olderThan?: number;
}

const dayMs = 24 * 60 * 60 * 1000;

async function purgeTrash(context: Context, flags: PurgeFlags, name?: string): Promise<Answer> {
  const { olderThan } = flags;
  if ((name === undefined) === (olderThan === undefined)) {
    throw fault("BAD_REQUEST", {
      summary: "say what to delete for good: one NAME, or --older-than DAYS",
      fix: "`sharewright trash list` shows the names",
    });
  }
  const all = await placesOf(context, await openConfig(context, flags.stack), flags);
  const log = logOf(context, flags.json);
  const entries =
    name === undefined ? await entriesOlderThan(all, olderThan ?? 0, log) : [{ place: trashOf(all, name), entry: { name } }];
  const purged: { name: string; steps: unknown[] }[] = [];
  for (const [index, { place, entry }] of entries.entries()) {
    context.terminal.progress(`deleting ${entry.name} (${index + 1} of ${entries.length})`);
    // A connection for each: its locks are let go of before the next one's are taken.
    const done = await place.desk.trash.purge(place.places, entry, log);
    purged.push({ name: entry.name, steps: done.map(stepDocument) });
  }
  return {
    text: purged.length === 0 ? "nothing in the trash is that old" : `${count(purged.length, "share")} deleted for good`,
    document: { purged },
  };
}

async function entriesOlderThan(all: readonly Place[], days: number, log: Log): Promise<{ place: Place; entry: TrashEntry }[]> {
  const limit = Date.now() - days * dayMs;
  const old: { place: Place; entry: TrashEntry }[] = [];
  for (const place of all)
    for (const entry of await place.desk.trash.read(place.places, log))
      if (entry.since !== undefined && entry.since.getTime() <= limit) old.push({ place, entry });
  return old;
}

export const trashList = answering("trash list", listTrash);
export const trashRestore = answering("trash restore", restoreFromTrash);
export const trashPurge = answering("trash purge", purgeTrash);
