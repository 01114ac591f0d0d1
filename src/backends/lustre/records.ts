// What we wrote on the storage about our objects: one file an object, one line of JSON a file, replaced by rename.
import { readingAgain } from "../../core/again";
import { type Result, succeeded } from "../../core/command";
import { attempt, commandFault, run } from "../../core/host";
import { looksAt } from "../../core/looks";
import type { Step } from "../../core/plan";
import { defined } from "../../spec/defined";
import { catRecord, catRecords, findAllRecords, mv, rmFile, writeFile } from "./cli";
import { fault } from "./faults";
import { askName, askUnlessRoot } from "./look";
import { type Found, lines, parseFind } from "./parse";
import {
  type AnyRecord,
  type BansRecord,
  type NodemapRecord,
  parseRecord,
  type RuleRecord,
  type ShareRecord,
} from "./record-kinds";
import { guardPlaces } from "./safe-path";
import { recordPath, recordsFolder, recordsRoot, type Site } from "./site";
import { judgeSite, siteMark } from "./site-mark";

export type { AnyRecord, NodemapRecord, RuleRecord, ShareRecord } from "./record-kinds";

type Folder = Parameters<typeof recordPath>[1];

/** Records that lie in a folder by the key of their object. */
interface Keyed {
  shares: ShareRecord;
  rules: RuleRecord;
  nodemaps: NodemapRecord;
}
type KeyedFolder = keyof Keyed;
const kindIn = { shares: "lustre.share", rules: "lustre.access-rule", nodemaps: "lustre.nodemap" } as const;

/** The records with these keys among the texts of some that were looked for. */
export function recordsIn<F extends KeyedFolder>(
  site: Site,
  texts: readonly string[],
  keys: Record<F, string>,
): Partial<Pick<Keyed, F>> {
  const wanted = Object.entries<string>(keys) as [F, string][];
  const where = wanted.map(([folder, key]) => recordPath(site, folder, key)).join(", ");
  const found = texts.map((text) => {
    const record = parseRecord(text, where);
    const [folder] = wanted.find(([one, key]) => kindIn[one] === record.kind && key === record.key) ?? [];
    if (folder !== undefined) return [folder, record];
    throw fault("RECORD_BROKEN", { summary: `${where} is about ${record.kind} ${record.key}` });
  });
  return Object.fromEntries(found);
}

/** A record, or undefined when there is none. The records directory has to exist. */
export async function readRecord<F extends KeyedFolder>(site: Site, folder: F, key: string): Promise<Keyed[F] | undefined> {
  const keys = { [folder]: key } as Record<F, string>;
  return recordsIn(site, lines(await readText(site, recordPath(site, folder, key))), keys)[folder];
}

/** The text of one record, "" when there is none; whatever else than that it is not there is a fault. */
export async function readText(site: Site, path: string): Promise<string> {
  const command = catRecord(path);
  const result = await attempt(site.client, command);
  const isOfAbsent = (line: string) => /^([^:]*\/)?cat: .*: No such file or directory$/.test(line) && line.includes(path);
  const said = lines(result.stderr);
  if (succeeded(result) || (result.exitCode === 1 && said.length > 0 && said.every(isOfAbsent))) return result.stdout;
  throw commandFault("COMMAND_FAILED", site.client, command, result);
}

export interface AllRecords {
  shares: ShareRecord[];
  rules: RuleRecord[];
  nodemaps: NodemapRecord[];
  bans?: BansRecord;
}

/** Every record of the file system, of all owners; `named`: with the proof that it is this one. */
export async function readAllRecords(site: Site, named?: "named"): Promise<AllRecords> {
  const folders = (["shares", "rules", "nodemaps"] as const).map((folder) => recordsFolder(site, folder));
  const places = [site.client.mount, recordsRoot(site), ...folders];
  const { entries, records: texts } = await readSteadily(site, places, named);
  // Whoever could write there would let in whom he likes.
  guardPlaces(site, places, entries);
  judgeSite(site, site.client, entries, true);
  const records = [...new Set(texts)].map(readAgain(site));
  const bans = records.find((record) => record.kind === "lustre.bans");
  return {
    shares: records.filter((record) => record.kind === "lustre.share"),
    rules: records.filter((record) => record.kind === "lustre.access-rule"),
    nodemaps: records.filter((record) => record.kind === "lustre.nodemap"),
    ...defined({ bans }),
  };
}

/** The file of a record that was read along with others, by what it says itself. */
function fileOf(site: Site, value: unknown): string {
  const { kind, key } = (value ?? {}) as { kind?: unknown; key?: unknown };
  const [folder] = Object.entries(kindIn).find(([, one]) => one === kind) ?? [];
  if (folder !== undefined && typeof key === "string") return recordPath(site, folder as KeyedFolder, key);
  return `one of ${Object.keys(kindIn).join(", ")} in ${recordsRoot(site)}`;
}

const readAgain = readingAgain<Site, AnyRecord>((text, site) => parseRecord(text, (value) => fileOf(site, value)));

/** A record of somebody else may go between its listing and its reading: then everything is read again. */
async function readSteadily(site: Site, places: string[], named: "named" | undefined): Promise<Found> {
  const command = findAllRecords(...places);
  for (let tries = 5; ; tries -= 1) {
    const looks = looksAt(site.client);
    const name = named && askName(site, looks, site.client);
    const all = looks.ask(command, (result) => result);
    const root = askUnlessRoot(site, looks, site.client, all.of);
    await looks.send();
    name?.();
    root();
    const result = all() as Result;
    const found = parseFind(result.stdout, result.stderr, [...places, siteMark(site.client)]);
    if (succeeded(result) && places.every((place) => found.entries.has(place))) return found;
    if (found.absent === 0 || tries === 0) throw commandFault("COMMAND_FAILED", site.client, command, result);
  }
}

export async function readTrash(site: Site): Promise<ShareRecord[]> {
  const folder = recordsFolder(site, "trash");
  const text = (await run(site.client, catRecords(folder))).stdout;
  return lines(text).flatMap((line) => {
    const record = parseRecord(line, folder);
    return record.kind === "lustre.share" ? [record] : [];
  });
}

/** Replaces a record whole: written beside, then renamed over. */
export function writeRecord(site: Site, folder: Folder, record: AnyRecord, name: string = record.key): Step {
  const path = recordPath(site, folder, name);
  return {
    id: "write-record",
    say: `record ${record.key}`,
    on: "client",
    commands: [writeFile(`${path}.tmp`, `${JSON.stringify(record)}\n`), mv(`${path}.tmp`, path)],
    quiet: true,
  };
}

/**
 * Replaces the record of a rule whose own hook may be writing it in this moment: whoever holds the lock of access writes beside the records of
 * nodemaps, which nobody else does, so that none of the two renames what the other one is writing.
 */
export function writeInLock(site: Site, record: RuleRecord): Step {
  const path = recordPath(site, "rules", record.key);
  const beside = `${recordPath(site, "nodemaps", record.key)}.tmp`;
  return {
    id: "write-record",
    say: `record ${record.key}`,
    on: "client",
    commands: [writeFile(beside, `${JSON.stringify(record)}\n`), mv(beside, path)],
    quiet: true,
  };
}

/** Removes a record, and what a run that was killed may have left of writing it. */
export function removeRecord(site: Site, folder: Folder, key: string): Step {
  const path = recordPath(site, folder, key);
  return {
    id: "remove-record",
    say: `forget ${key}`,
    on: "client",
    commands: [rmFile(path, `${path}.tmp`)],
    quiet: true,
  };
}
