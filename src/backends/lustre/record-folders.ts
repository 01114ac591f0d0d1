// Where our records lie: on the MDT alone, so that they can be read and written with every OST down (golden od8-*, odc-*). Records that an
// earlier version wrote are moved over. Where the MDT takes no data (dom_stripesize 0) they stay ordinary files, and all else works the same.
import { type Check, good, unknown } from "../../core/check";
import type { Command } from "../../core/command";
import { ShareError } from "../../core/errors";
import { attempt, commandFault, run } from "../../core/host";
import { lockFault } from "../../core/locks";
import { dropped } from "../../core/transport";
import type { Layout } from "../../spec/layout";
import { keyFile } from "../../spec/name";
import * as cli from "./cli";
import { fault } from "./faults";
import { withAccessLock } from "./locks";
import { proveLustre, statAll } from "./look";
import { lines, parseLfsGetstripe } from "./parse";
import { proveMgs } from "./preflight";
import { readText } from "./records";
import { guardPlaces } from "./safe-path";
import { sameLayout } from "./share/layout";
import { readMdtLimits } from "./share/layout-limit";
import { onMdtMark, recordFolders, recordsFolder, recordsRoot, type Site } from "./site";
import { siteMark } from "./site-mark";

/** As measured: a file that fits into the first component has no object on any OST. Less than 64 KiB no MDT takes, so it is taken or left out. */
export const recordLayout: Layout = [{ end: 65536n, onMdt: true }, { stripeCount: 1 }];
const maxRecordBytes = 65536;

/** Folders that hold files. Not `staging`: shares are made there, and would inherit the layout. Directories in `trash` bring their own. */
const withFiles = ["locks", "nodemaps", "rules", "trash", "shares"] as const;

export async function recordsExist(site: Site): Promise<boolean> {
  const folders = recordFolders.map((folder) => recordsFolder(site, folder));
  return (await statAll(site, folders)).size === folders.length;
}

/** The records directory has to be there before anything in it can be locked. */
export async function openRecords(site: Site, preflight: () => Promise<void>): Promise<void> {
  await proveLustre(site);
  const folders = [recordsRoot(site), ...recordFolders.map((folder) => recordsFolder(site, folder))];
  const present = await statAll(site, [site.client.mount, ...folders]);
  guardPlaces(site, [site.client.mount, ...folders], present);
  present.delete(site.client.mount);
  if (present.size === folders.length) return;
  await preflight();
  const { site: word } = site.fileSystem;
  for (const folder of folders) {
    if (present.has(folder)) continue;
    // With the last folder there is something that can be another's.
    if (folder === folders.at(-1) && word !== undefined) await make(site, cli.lnExclusive(word, siteMark(site.client)));
    await make(site, cli.mkdir("0700", folder));
  }
  if (present.size === 0) await openOnMdt(site);
}

/** Another first apply may make it in the same moment; what is there is looked at again. */
async function make(site: Site, command: Command): Promise<void> {
  const result = await attempt(site.client, command);
  if (result.exitCode !== 0 && !result.stderr.includes("File exists"))
    throw commandFault("COMMAND_FAILED", site.client, command, result);
}

/** Throws for a wish whose record would not fit beside what is in force: half the room is its own. What only takes away is never refused. */
export function guardRecordSize(object: string, properties: unknown, live: unknown = ""): void {
  const sizeOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)).length;
  const bytes = sizeOf(properties);
  const most = maxRecordBytes / 2 - 1024;
  if (bytes <= most || bytes <= sizeOf(live)) return;
  throw fault("BAD_REQUEST", {
    object,
    summary: `what is asked for takes ${bytes} bytes in its record, which may have ${most}`,
    fix: "name clients by prefixes and ranges instead of one by one, or make several rules of it",
  });
}

/** Gives the folders that hold files their layout, and reads it back; false where the MDT takes no data. */
async function layOutFolders(site: Site): Promise<boolean> {
  const { client } = site;
  for (const folder of withFiles) {
    const path = recordsFolder(site, folder);
    const set = await attempt(client, cli.lfsSetstripe(recordLayout, path));
    if (set.exitCode === 0 && (await isOnMdt(site, path))) continue;
    await attempt(client, cli.lfsSetstripeDelete(path));
    return false;
  }
  return true;
}

async function isOnMdt(site: Site, path: string): Promise<boolean> {
  return sameLayout(recordLayout, parseLfsGetstripe((await run(site.client, cli.lfsGetstripe(path))).stdout));
}

/** Of a records directory that has just been made: nothing in it needs to be moved. */
async function openOnMdt(site: Site): Promise<void> {
  if (await layOutFolders(site)) await mark(site);
}

function mark(site: Site): Promise<void> {
  return make(site, cli.mkdir("0700", onMdtMark(site)));
}

// ---- moving ----------------------------------------------------------------------------------------------------------------

/** Moves over what lies on OSTs. `own`: key of the object whose lock is held. What others are working on is left to the next apply. */
export async function moveRecords(site: Site, own: string): Promise<void> {
  try {
    const mover = await tryLock(site, "::move");
    if (!mover) return;
    if (await layOutFolders(site)) await moveAll(site, own);
    await mover.release();
  } catch (error) {
    if (!ShareError.isShareError(error)) throw error;
    site.log.note(`records were not all moved onto the MDT, the next apply goes on with that: ${error.summary}`);
  }
}

async function moveAll(site: Site, own: string): Promise<void> {
  const left = await recordsOnOsts(site);
  const isNodemap = (path: string) => path.startsWith(`${recordsFolder(site, "nodemaps")}/`);
  for (const path of left.filter((candidate) => !isNodemap(candidate))) await moveLocked(site, path, own);
  const nodemaps = left.filter(isNodemap);
  if (nodemaps.length > 0)
    await withAccessLock(site, async () => {
      await proveMgs(site);
      for (const path of nodemaps) await move(site, path);
    });
  if ((await recordsOnOsts(site)).length === 0) await mark(site);
}

/** Under the lock of its object, as everybody else writes it. */
async function moveLocked(site: Site, path: string, own: string): Promise<void> {
  const name = path.slice(path.lastIndexOf("/") + 1, -".json".length);
  const isTrash = path.startsWith(`${recordsFolder(site, "trash")}/`);
  const lock = isTrash ? name.replace(/\.\d+$/, "") : name;
  if (lock === keyFile(own)) return move(site, path);
  try {
    const held = await tryLock(site, lock);
    if (!held) return;
    await move(site, path);
    await held.release();
  } catch (error) {
    // Another team's, which this user may not touch.
    if (!ShareError.isShareError(error) || error.code !== "SUDO_REFUSED") throw error;
  }
}

/** Written beside and renamed over, byte for byte; who reads meanwhile reads one or the other. Its time tells how long a share is in the trash. */
async function move(site: Site, path: string): Promise<void> {
  const text = await readText(site, path);
  if (text === "") return;
  const steps = [cli.writeFile(`${path}.tmp`, text), cli.touchLike(path, `${path}.tmp`), cli.mv(`${path}.tmp`, path)];
  const results = await site.client.transport.runAll(steps, { as: "steps" });
  for (const [index, command] of steps.entries()) {
    const result = results[index] ?? dropped;
    if (result.exitCode !== 0) throw commandFault("COMMAND_FAILED", site.client, command, result);
  }
}

/** Whoever holds it is not waited for: a run that holds one lock waits for no other object's. */
async function tryLock(site: Site, name: string) {
  const file = `${recordsFolder(site, "locks")}/${name}`;
  const held = await site.client.transport.lock(file, 0, { name: "moving records", onWait: () => {} });
  if (held.result.exitCode === 0) return held;
  if (held.result.exitCode === 1 && held.result.stderr === "") return undefined;
  throw lockFault(site.client, file, held.result);
}

/** Records that are no Data-on-MDT files. Names and layouts are the MDT's: nothing here touches an OST. */
async function recordsOnOsts(site: Site): Promise<string[]> {
  const folders = (["shares", "rules", "nodemaps", "trash"] as const).map((folder) => recordsFolder(site, folder));
  const all = lines((await run(site.client, cli.findRecords(...folders))).stdout);
  const moved = new Set(lines((await run(site.client, cli.lfsFindOnMdt(recordsRoot(site)))).stdout));
  return all.filter((path) => !moved.has(path));
}

// ---- doctor ----------------------------------------------------------------------------------------------------------------

const about = "records with an OST down";
const consequence =
  "while one of their OSTs is away, plan, status, list, apply and destroy wait for it, removals of access too; nothing else changes";

/** Never bad: without it everything works as long as all OSTs do. */
export async function checkRecords(site: Site): Promise<Check> {
  const paths = withFiles.map((folder) => recordsFolder(site, folder));
  const limits = await readMdtLimits(site);
  const isOff = limits.length > 0 && limits.every((limit) => limit < BigInt(maxRecordBytes));
  if ((await statAll(site, paths)).size < paths.length) {
    if (isOff) return unknown("records", about, `${off}: ${consequence}`);
    return limits.length > 0
      ? good("records", about, "will lie on the MDT, readable and writable with every OST down")
      : unknown("records", about, "not made yet; whether the MDT takes data cannot be read here");
  }
  const laid = await Promise.all(paths.map((path) => isOnMdt(site, path)));
  const left = await recordsOnOsts(site);
  if (laid.every((is) => is) && left.length === 0)
    return good("records", about, "on the MDT: readable and writable with every OST down");
  const why = isOff ? off : `${left.length} of them are ordinary files: the next apply of a share moves them onto the MDT`;
  return unknown("records", about, `${why}; until then: ${consequence}`);
}

const off = "Data-on-MDT is not allowed (dom_stripesize_max_kb is 0), so they are ordinary files on OSTs";
