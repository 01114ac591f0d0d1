// A project id that nothing uses: not claimed, on no directory of the prefix, without use and without limits. Changes nothing.
import { createHash } from "node:crypto";
import { fault } from "../../core/errors";
import { run } from "../../core/host";
import * as cli from "./cli";
import { parseLinks, readProjects, readQuota } from "./look";
import { type Entry, parseLfsProject, parseLfsQuotaAll, type Quota } from "./parse";
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
  lostId: number | undefined,
): Promise<number> {
  await guardPrefix(site, entries);
  const free = untaken(site, await takenIds(site, entries));
  const first = lostId === undefined || free.length === 0 ? 0 : spread(`${key} ${lostId}`) % free.length;
  for (const id of [...free.slice(first), ...free.slice(0, first)]) {
    // Its limits may be the file system's default ones, which stand here like its own (golden c073).
    const { usedBytes, usedInodes } = await readQuota(site, id);
    if (usedBytes + usedInodes === 0n) return id;
  }
  throw fault("PROJECT_IDS_EXHAUSTED", { object: key });
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

async function takenIds(site: Site, entries: Map<string, Entry>): Promise<Set<number>> {
  const claims = recordsFolder(site, "projects");
  const taken = new Set(entries.has(claims) ? parseLinks((await run(site.client, cli.findLinks(claims))).stdout).keys() : []);
  for (const quota of parseLfsQuotaAll((await run(site.mds, cli.lfsQuotaAll(site.mds.mount))).stdout)) {
    if (isUsed(quota)) taken.add(quota.id);
  }
  const prefix = prefixDirectories(site).at(-1) ?? "";
  if (!entries.has(prefix)) return taken;
  for (const child of parseLfsProject((await run(site.client, cli.lfsProjectChildren(prefix))).stdout)) taken.add(child.id);
  return taken;
}

function isUsed({ usedBytes, usedInodes, blockHard, blockSoft, inodeHard, inodeSoft }: Quota): boolean {
  return usedBytes + usedInodes + blockHard + blockSoft + inodeHard + inodeSoft > 0n;
}

function spread(text: string): number {
  return createHash("sha256").update(text).digest().readUInt32BE();
}

/** A share below a directory with a project would take that one's id, and could not be renamed into place (EXDEV, golden b056). */
async function guardPrefix(site: Site, entries: Map<string, Entry>): Promise<void> {
  const present = prefixDirectories(site).filter((path) => entries.has(path));
  if (present.length === 0) return;
  const nested = [...(await readProjects(site, present)).values()].find((project) => project.inherit);
  if (!nested) return;
  throw fault("FOREIGN_DIRECTORY", {
    summary: `${nested.path} has project ${nested.id}: shares cannot lie in it`,
    fix: "choose another pathPrefix",
  });
}
