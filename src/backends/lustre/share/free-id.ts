// A project id that nothing uses: not claimed, on no directory of the prefix, without use and without limits. Changes nothing.
import type { Command, Result } from "../../../core/command";
import { crypto } from "../../../core/crypto";
import { outputOf } from "../../../core/host";
import { noteOnce } from "../../../core/log";
import { looksAt } from "../../../core/looks";
import * as cli from "../cli";
import { fault } from "../faults";
import { askMount, childIds, parseLastId, parseLinks, quotaIn, readQuota } from "../look";
import { type Entry, type ProjectOf, parseLfsProject, parseLfsProjectChildren } from "../parse";
import { parseLfsQuotaAll, type Quota } from "../parse-quota";
import { lastIdName, prefixDirectories, recordsFolder, type Site } from "../site";
import type { IdLists } from "./glance";

/**
 * The free id behind the one that was given last, so that one that was given back rests as long as the range allows: servers hold an id that
 * is used again at once to its old limits for some seconds (reference: a new 8 MiB limit gave 960 KiB). After a lost race one that is unlikely
 * to be chosen by the others who lost it, too. `lfs quota -a` does not name every id that is on a directory (golden c075), so the one that is
 * chosen is asked about by itself.
 *
 * @throws ShareError PROJECT_IDS_EXHAUSTED when the range has none
 */
export async function findFreeId(
  site: Site,
  key: string,
  entries: Map<string, Entry>,
  known: IdLists | undefined,
  lostId: number | undefined,
): Promise<number> {
  const lists = known ?? (await readLists(site, entries));
  guardPrefix(lists.prefixes);
  const taken = new Set([...lists.claimed, ...lists.inPrefix]);
  const inOrder = () => {
    const free = untaken(site, taken, lists.last);
    const first = lostId === undefined || free.length === 0 ? 0 : spread(`${key} ${lostId}`) % free.length;
    return [...free.slice(first), ...free.slice(0, first)];
  };
  const [likely] = inOrder();
  if (likely === undefined) throw fault("PROJECT_IDS_EXHAUSTED", { object: key });
  const { used, ofLikely, unread } = await askQuotas(site, likely);
  if (!used) return provenId(site, key, inOrder(), ofLikely, unread);
  for (const id of used) taken.add(id);
  for (const id of inOrder()) {
    if (isUnused(id === likely ? ofLikely : await readQuota(site, id))) return id;
  }
  throw fault("PROJECT_IDS_EXHAUSTED", { object: key });
}

/** Ids with use or limits, and what is known of the id that will most likely be chosen. */
async function askQuotas(
  site: Site,
  likely: number,
): Promise<{ used?: number[]; ofLikely: Quota | undefined; unread?: string | undefined }> {
  const { client, mds } = site;
  const looks = looksAt(mds);
  // On the client's host it has just been proven.
  const mount = mds.transport === client.transport ? undefined : askMount(site, looks, mds);
  const read = (result: Result, command: Command) =>
    isAway(result) ? ("away" as const) : parseLfsQuotaAll(outputOf(mds, command, result));
  const later = looks.ask(cli.lfsQuotaAll(mds.mount), (result, command) =>
    result.stdout.includes(usage) ? undefined : read(result, command),
  );
  const lists = [later, looks.ask({ ...cli.lfsQuotaAll(mds.mount, "2.16"), given: { of: later.of, says: usage } }, read)];
  const quota = looks.ask(cli.lfsQuota(likely, mds.mount), (result, command) => quotaIn(site, command, result));
  await looks.send();
  mount?.();
  const answers = lists.map((answer) => answer());
  if (answers.includes("away")) return { ofLikely: quota() };
  const all = answers.flatMap((answer) => (answer === "away" || !answer ? [] : [answer]));
  // Nobody knows whose such a line is.
  const [unread] = all.flatMap((list) => list.unread);
  if (unread !== undefined) {
    noteOnce(site.log, `lfs quota -a printed something unknown, so ids are asked for one by one: ${unread.trim()}`);
    return { ofLikely: quota(), unread };
  }
  const used = all.flatMap(({ items, unclear }) => [...items.filter(isUsed).map(({ id }) => id), ...unclear]);
  return { used, ofLikely: quota() };
}

/** What an lfs of 2.16 answers to -n (from sources: lfs.c of 2.16.1; golden y655 of another option that is refused). */
const usage = "usage: quota ";

/** With a target away there is no list (golden y350). */
function isAway({ exitCode, stderr }: Result): boolean {
  return exitCode === 5 && stderr.includes("get all quota failed -5");
}

// Each takes some seconds while a target is away.
const askedOneByOne = 6;

/**
 * Without the list an id has to be proven unused by itself: no inode has it, which the MDTs count alone and know, and it has no limits, which the
 * MDT keeps. Default limits stand there like its own, so where a file system has them nothing can be proven.
 */
async function provenId(
  site: Site,
  key: string,
  ids: readonly number[],
  ofLikely: Quota | undefined,
  unread: string | undefined,
): Promise<number> {
  for (const [index, id] of ids.slice(0, askedOneByOne).entries()) {
    const quota = index === 0 ? ofLikely : await readQuota(site, id);
    if (quota?.inodesReliable && !isUsed({ ...quota, usedBytes: 0n })) return id;
  }
  if (unread !== undefined)
    throw fault("COMMAND_FAILED", {
      object: key,
      summary: "lfs quota -a printed something unknown, and no project id can be proven unused by itself",
      said: unread,
    });
  throw fault("TARGET_DOWN", {
    object: key,
    summary: "a target does not answer, and meanwhile no project id can be proven unused",
  });
}

/** Its limits may be the file system's default ones, which stand here like its own (golden c073). */
function isUnused(quota: Quota | undefined): boolean {
  return quota !== undefined && quota.usedBytes + quota.usedInodes === 0n;
}

// Enough for the losers of a race to scatter over; a range that is in use this far without any quota entry is not expected.
const candidates = 128;

/** In the order of preference: behind the last one to the end of the range, then from its start. */
function untaken(site: Site, taken: ReadonlySet<number>, last: number | undefined): number[] {
  const { start, end } = site.fileSystem.projectIds;
  const from = last === undefined || last < start || last >= end ? start : last + 1;
  const free: number[] = [];
  for (let step = 0; step <= end - start && free.length < candidates; step += 1) {
    const id = from + step > end ? from + step - (end - start + 1) : from + step;
    if (!taken.has(id)) free.push(id);
  }
  return free;
}

async function readLists(site: Site, entries: Map<string, Entry>): Promise<IdLists> {
  const claims = recordsFolder(site, "projects");
  const present = prefixDirectories(site).filter((path) => entries.has(path));
  const prefix = prefixDirectories(site).at(-1) ?? "";
  const looks = looksAt(site.client);
  const links = entries.has(claims) ? looks.output(cli.findLinks(claims), (text) => text) : undefined;
  const children = entries.has(prefix) ? looks.output(cli.lfsProjectChildren(prefix), parseLfsProjectChildren) : undefined;
  const prefixes = present.length > 0 ? looks.output(cli.lfsProjectOf(...present), parseLfsProject) : undefined;
  await looks.send();
  const linked = links?.() ?? "";
  return {
    claimed: [...parseLinks(linked).keys()],
    last: parseLastId(linked, lastIdName(site)),
    inPrefix: childIds(site, children?.()),
    prefixes: prefixes?.() ?? [],
  };
}

function isUsed({ usedBytes, usedInodes, blockHard, blockSoft, inodeHard, inodeSoft }: Quota): boolean {
  return usedBytes + usedInodes + blockHard + blockSoft + inodeHard + inodeSoft > 0n;
}

function spread(text: string): number {
  return crypto().createHash("sha256").update(text).digest().readUInt32BE();
}

/** A share below a directory with a project would take that one's id, and could not be renamed into place (EXDEV, golden b056). */
function guardPrefix(prefixes: readonly ProjectOf[]): void {
  const nested = prefixes.find((project) => project.inherit);
  if (!nested) return;
  throw fault("FOREIGN_DIRECTORY", {
    summary: `${nested.path} has project ${nested.id}: shares cannot lie in it`,
    fix: "choose another pathPrefix",
  });
}
