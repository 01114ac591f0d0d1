// Single looks at a file system: each proves what it says, or throws.

import { type Command, type Given, type Result, succeeded } from "../../core/command";
import { ShareError } from "../../core/errors";
import { attempt, commandFault, type Host, run, saidBy } from "../../core/host";
import { noteOnce } from "../../core/log";
import { type Looks, looksAt } from "../../core/looks";
import { defined } from "../../spec/defined";
import * as cli from "./cli";
import { fault } from "./faults";
import { parseMounts, wayOfPart } from "./mounts";
import { type Entry, type Found, type Listed, lines, type ProjectOf, parseFind, parseLfsProject } from "./parse";
import { parseLfsQuota, type Quota } from "./parse-quota";
import { type RecordFolder, recordsFolder, type Site } from "./site";
import { judgeSite, sitePlaces } from "./site-mark";

/** `lfs project` and others answer on any file system (golden b041): prove that this is the right Lustre before believing them. */
export async function proveLustre(site: Site): Promise<void> {
  const { client, mds } = site;
  const isSame = mds.transport === client.transport && mds.mount === client.mount;
  // A limit would else be set on whatever Lustre is mounted there, or above (golden c059, c060).
  await Promise.all([proveMount(site, client), ...(isSame ? [] : [proveMount(site, mds)])]);
}

/** Of one host, where the other is not needed. */
export async function proveMount(site: Site, host: Host): Promise<void> {
  const looks = looksAt(host);
  const mount = askMount(site, looks, host);
  await looks.send();
  try {
    mount();
  } catch (error) {
    throw ShareError.isShareError(error) && error.code === "NOT_ROOT" ? await withWay(site, host, error) : error;
  }
}

async function withWay(site: Site, host: Host, error: ShareError): Promise<ShareError> {
  const mounts = await attempt(host, cli.findmntLustre());
  if (!succeeded(mounts)) return error;
  const summary = `${error.summary}: ${wayOfPart(parseMounts(mounts.stdout), host.mount, site.fileSystem.fsName)}`;
  return Object.assign(error, { summary, message: summary });
}

const rootFid = "[0x200000007:0x1:0x0]";
/** The same as an inode number (golden y614); other, and of several files, where a mount has `32bitapi`. */
const rootInode = "144115188193296385";

/**
 * Asks along with others whether the host's mount point is the root of this file system, and not of another site's; the answer throws where it is not. Of
 * a part of it a share would be made in one place, and the same path opened to its clients in another.
 */
export function askMount(site: Site, looks: Looks, host: Host): () => void {
  return askOn(site, looks, host, []);
}

/** Asks whether the host's mount point is of this file system; the answer throws where it is not. */
export function askName(site: Site, looks: Looks, host: Host, given?: Given): () => void {
  return looks.ask({ ...cli.lfsGetname(host.mount), ...defined({ given }) }, (result) => judgeName(site, host, result));
}

/** Judges what `lfs getname` said of a host's mount point. */
function judgeName(site: Site, host: Host, result: Result): void {
  const name = result.stdout.trim();
  if (result.exitCode === 0 && name === site.fileSystem.fsName) return;
  const summary =
    result.exitCode === 0
      ? `${host.mount} is the file system "${name}", not "${site.fileSystem.fsName}"`
      : `${host.mount} is not a mounted Lustre file system`;
  throw fault("NOT_LUSTRE", { ...saidBy(host, cli.lfsGetname(host.mount), result), summary });
}

function judgeRoot(site: Site, host: Host, command: Command, result: Result): void {
  if (result.exitCode === 0 && result.stdout.trim() === rootFid) return;
  throw fault("NOT_ROOT", {
    ...saidBy(host, command, result),
    summary: `${host.mount} is a part of the file system "${site.fileSystem.fsName}", not its root`,
  });
}

/** Asks what is at some places of the client's mount, and for the records among them, with the same proof. */
export function askPlaces(
  site: Site,
  looks: Looks,
  paths: readonly string[],
  folders: readonly RecordFolder[] = [],
): { (): Found; of: number } {
  return askOn(site, looks, site.client, paths, folders);
}

/** The device of each mount point that has been proven: of a Lustre it is made from its name, and no other file system has it (llite, from sources). */
const proven = new WeakMap<Host, string>();

/**
 * The command that looks at the places tells whether it is the root, too, and of which site; and, once the name has been asked for, whether it is still
 * the same file system.
 */
function askOn(
  site: Site,
  looks: Looks,
  host: Host,
  paths: readonly string[],
  folders: readonly RecordFolder[] = [],
): { (): Found; of: number } {
  const all = [...new Set([host.mount, ...sitePlaces(site, host), ...paths])];
  const before = proven.get(host);
  const first = before === undefined ? askName(site, looks, host) : undefined;
  const places = folders.length > 0 ? cli.findWithRecords(folders, ...all) : cli.findEntries(...all);
  let device: string | undefined;
  const found = looks.ask(places, (result, command) => {
    device = deviceOfRoot(result.stdout, host);
    return foundIn(host, command, result, all);
  });
  const again =
    before === undefined ? undefined : askName(site, looks, host, { of: found.of, says: rootOn(before, host), not: true });
  const root = askUnlessRoot(site, looks, host, found.of);
  const answer = () => {
    first?.();
    again?.();
    root();
    const told = found() as Found;
    judgeSite(site, host, told.entries);
    if (device !== undefined) proven.set(host, device);
    return told;
  };
  return Object.assign(answer, { of: found.of });
}

/** How `find` ends the line of a mount point that is a root. */
const rootOn = (device: string, { mount }: Host) => `|${device}|${rootInode}||${mount}\n`;

function deviceOfRoot(stdout: string, host: Host): string | undefined {
  const line = lines(stdout).find((one) => `${one}\n`.endsWith(`|${rootInode}||${host.mount}\n`));
  return line?.split("|")[4];
}

/** Asks by its FID where the inode of the host's mount point, as told by an earlier command, is not the root's. */
export function askUnlessRoot(site: Site, looks: Looks, host: Host, of: number): () => void {
  const given = { of, says: `|${rootInode}||${host.mount}\n`, not: true as const };
  return looks.ask({ ...cli.lfsPath2fid(host.mount), given }, (result, command) => judgeRoot(site, host, command, result));
}

/** What is there of these paths; whatever is not in the answer is proven absent. */
export async function statAll(site: Site, paths: readonly string[]): Promise<Map<string, Entry>> {
  if (paths.length === 0) return new Map();
  const command = cli.findEntries(...paths);
  return foundIn(site.client, command, await attempt(site.client, command), paths).entries;
}

/** What `find` said of the paths: of each that it is there, its record, or that it is not there. */
function foundIn(host: Host, command: Command, result: Result, paths: readonly string[]): Found {
  const found = parseFind(result.stdout, result.stderr, paths);
  const { entries, records, absent } = found;
  if ((result.exitCode === 0) !== (absent === 0) || entries.size + records.length + absent !== paths.length)
    throw commandFault("COMMAND_FAILED", host, command, result);
  return found;
}

export async function isEmpty(site: Site, path: string): Promise<boolean> {
  return (await run(site.client, cli.findAny(path))).stdout === "";
}

export async function readProjects(site: Site, paths: string[]): Promise<Map<string, ProjectOf>> {
  const projects = parseLfsProject((await run(site.client, cli.lfsProjectOf(...paths))).stdout);
  return new Map(projects.map((project) => [project.path, project]));
}

export async function readQuota(site: Site, id: number): Promise<Quota> {
  const command = cli.lfsQuota(id, site.mds.mount);
  return quotaIn(site, command, await attempt(site.mds, command));
}

/** On an MDS of its own: with the proof that its mount is this file system. */
export async function proveAndReadQuota(site: Site, id: number): Promise<Quota | undefined> {
  const looks = looksAt(site.mds);
  const mount = askMount(site, looks, site.mds);
  const quota = looks.ask(cli.lfsQuota(id, site.mds.mount), (result, command) => quotaIn(site, command, result));
  await looks.send();
  mount();
  return quota();
}

/** What cannot be read is told: an id that it hides is in use, and so found among the quotas. */
export function childIds({ log }: Site, children: Listed<ProjectOf> | undefined): number[] {
  for (const line of children?.unread ?? [])
    noteOnce(log, `lfs project printed something unknown, which is passed over: ${line}`);
  return (children?.items ?? []).map(({ id }) => id);
}

/** `lfs quota` exits with 5 when a target did not answer, and marks its numbers (golden l014). */
export function quotaIn(site: Site, command: Command, result: Result): Quota {
  if (result.exitCode !== 0 && result.exitCode !== 5) throw commandFault("COMMAND_FAILED", site.mds, command, result);
  const quota = parseLfsQuota(result.stdout);
  return result.exitCode === 0 ? quota : { ...quota, reliable: false };
}

export async function idOwner(site: Site, id: number): Promise<string | undefined> {
  const found = await run(site.client, cli.findLinks(recordsFolder(site, "projects"), "-name", String(id)));
  return parseLinks(found.stdout).get(id);
}

/** Claimed ids and what they are claimed for. Links of other names claim none. */
export function parseLinks(text: string): Map<number, string> {
  return new Map([...linksIn(text)].flatMap(([name, says]) => (/^\d+$/.test(name) ? [[Number(name), says] as const] : [])));
}

/** The id that the link of this name holds. */
export function parseLastId(text: string, lastName: string): number | undefined {
  const says = linksIn(text).get(lastName);
  return says !== undefined && /^\d+$/.test(says) ? Number(says) : undefined;
}

function linksIn(text: string): Map<string, string> {
  return new Map(
    lines(text).map((line) => {
      const at = line.indexOf(" ");
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}
