// A project id that nothing uses: not claimed, on no directory of the prefix, without use and without limits. Changes nothing.
import { createHash } from "node:crypto";
import { fault } from "../../core/errors";
import { looksAt } from "../../core/looks";
import * as cli from "./cli";
import { askMount, parseLinks, quotaIn, readQuota } from "./look";
import { type Entry, type ProjectOf, parseLfsProject, parseLfsQuotaAll, type Quota } from "./parse";
import type { IdLists } from "./share-glance";
import { prefixDirectories, recordsFolder, type Site } from "./site";

/**
 * The lowest free id; after a lost race one that is unlikely to be chosen by the others who lost it, too. `lfs quota -a` does not name every
 * id that is on a directory (golden c075), so the one that is chosen is asked about by itself.
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
    const free = untaken(site, taken);
    const first = lostId === undefined || free.length === 0 ? 0 : spread(`${key} ${lostId}`) % free.length;
    return [...free.slice(first), ...free.slice(0, first)];
  };
  const [likely] = inOrder();
  if (likely === undefined) throw fault("PROJECT_IDS_EXHAUSTED", { object: key });
  const { used, ofLikely } = await askQuotas(site, likely);
  for (const id of used) taken.add(id);
  for (const id of inOrder()) {
    if (isUnused(id === likely ? ofLikely : await readQuota(site, id))) return id;
  }
  throw fault("PROJECT_IDS_EXHAUSTED", { object: key });
}

/** Ids with use or limits, and what is known of the id that will most likely be chosen. */
async function askQuotas(site: Site, likely: number): Promise<{ used: number[]; ofLikely: Quota | undefined }> {
  const { client, mds } = site;
  const looks = looksAt(mds);
  // On the client's host it has just been proven.
  const mount = mds.transport === client.transport ? undefined : askMount(site, looks, mds);
  const all = looks.output(cli.lfsQuotaAll(mds.mount), parseLfsQuotaAll);
  const quota = looks.ask(cli.lfsQuota(likely, mds.mount), (result, command) => quotaIn(site, command, result));
  await looks.send();
  mount?.();
  return { used: (all() ?? []).filter(isUsed).map(({ id }) => id), ofLikely: quota() };
}

/** Its limits may be the file system's default ones, which stand here like its own (golden c073). */
function isUnused(quota: Quota | undefined): boolean {
  return quota !== undefined && quota.usedBytes + quota.usedInodes === 0n;
}

// Enough for the losers of a race to scatter over; a range that is in use this far without any quota entry is not expected.
const candidates = 128;

function untaken(site: Site, taken: ReadonlySet<number>): number[] {
  const { start, end } = site.fileSystem.projectIds;
  const free: number[] = [];
  for (let id = start; id <= end && free.length < candidates; id += 1) {
    if (!taken.has(id)) free.push(id);
  }
  return free;
}

async function readLists(site: Site, entries: Map<string, Entry>): Promise<IdLists> {
  const claims = recordsFolder(site, "projects");
  const present = prefixDirectories(site).filter((path) => entries.has(path));
  const prefix = prefixDirectories(site).at(-1) ?? "";
  const looks = looksAt(site.client);
  const claimed = entries.has(claims) ? looks.output(cli.findLinks(claims), parseLinks) : undefined;
  const children = entries.has(prefix) ? looks.output(cli.lfsProjectChildren(prefix), parseLfsProject) : undefined;
  const prefixes = present.length > 0 ? looks.output(cli.lfsProjectOf(...present), parseLfsProject) : undefined;
  await looks.send();
  return {
    claimed: [...(claimed?.()?.keys() ?? [])],
    inPrefix: (children?.() ?? []).map(({ id }) => id),
    prefixes: prefixes?.() ?? [],
  };
}

function isUsed({ usedBytes, usedInodes, blockHard, blockSoft, inodeHard, inodeSoft }: Quota): boolean {
  return usedBytes + usedInodes + blockHard + blockSoft + inodeHard + inodeSoft > 0n;
}

function spread(text: string): number {
  return createHash("sha256").update(text).digest().readUInt32BE();
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
