// What lies on a file system that nobody is known to manage. Changes nothing.
import { attempt, run } from "../../core/host";
import { type Knowing, unclaimed } from "../../core/manager";
import { keyFile } from "../../spec/name";
import { tenantNodemap } from "./access/steps";
import * as cli from "./cli";
import type { Inventory } from "./inspect";
import { parseLinks, statAll } from "./look";
import { lines, parseLfsProjectChildren } from "./parse";
import { proveMgs } from "./preflight";
import type { RuleRecord, ShareRecord } from "./records";
import { prefixDirectories, recordsFolder, type Site, trashName } from "./site";

export interface Leftover {
  kind: "share" | "access rule" | "directory" | "nodemap" | "project id" | "trash" | "staging";
  name: string;
  why: string;
}

/** What neither a record nor a claim explains. `sites`: the path prefixes of one file system. */
export async function findLeftovers(
  sites: readonly [Site, ...Site[]],
  inventory: Inventory,
  stack: Knowing,
): Promise<Leftover[]> {
  const [site] = sites;
  const { shares, rules, trash, hasRecords } = inventory;
  return [
    ...shares.flatMap((record) => recordLeftover("share", record, stack)),
    ...rules.flatMap((record) => recordLeftover("access rule", record, stack)),
    ...trash.map(
      (record): Leftover => ({
        kind: "trash",
        name: trashEntry(record),
        why: `the share ${record.key} of "${record.owner}", kept until it is purged`,
      }),
    ),
    ...(await Promise.all(sites.map((each) => directoryLeftovers(each, inventory)))).flat(),
    ...(hasRecords ? [...(await idLeftovers(site, inventory)), ...(await folderLeftovers(site, inventory))] : []),
    ...(await nodemapLeftovers(site, inventory)),
  ];
}

function trashEntry({ key, projectId = 0 }: ShareRecord): string {
  return trashName(key, projectId);
}

function recordLeftover(kind: Leftover["kind"], record: ShareRecord | RuleRecord, stack: Knowing): Leftover[] {
  const why = unclaimed(record, stack);
  return why === undefined ? [] : [{ kind, name: record.key, why }];
}

/** Directories of the path prefix that are no share and hold none. */
async function directoryLeftovers(site: Site, { shares }: Inventory): Promise<Leftover[]> {
  const prefix = prefixDirectories(site).at(-1) ?? "";
  if (!(await statAll(site, [prefix])).has(prefix)) return [];
  const known = shares.map((record) => `${site.client.mount}${record.spec.fileset}`);
  const holdsShare = (path: string) => known.some((share) => share === path || share.startsWith(`${path}/`));
  const { items, unread } = parseLfsProjectChildren((await run(site.client, cli.lfsProjectChildren(prefix))).stdout);
  return [
    ...items
      .filter(({ path }) => !holdsShare(path))
      .map(
        ({ path, id }): Leftover => ({
          kind: "directory",
          name: path,
          why: `no record says that it is a share${id === 0 ? "" : `; it has project id ${id}`}`,
        }),
      ),
    ...unread.map(
      (line): Leftover => ({ kind: "directory", name: line, why: `a line of lfs project on ${prefix} that cannot be read` }),
    ),
  ];
}

async function idLeftovers(site: Site, { shares, trash }: Inventory): Promise<Leftover[]> {
  const inUse = new Set([...shares, ...trash].map(({ projectId }) => projectId));
  const claimed = parseLinks((await run(site.client, cli.findLinks(recordsFolder(site, "projects")))).stdout);
  return [...claimed]
    .filter(([id]) => !inUse.has(id))
    .map(([id, key]) => ({ kind: "project id", name: String(id), why: `reserved for ${key}, of which there is no record` }));
}

/** What lies in the trash or in the staging folder without a record. */
async function folderLeftovers(site: Site, { shares, trash }: Inventory): Promise<Leftover[]> {
  const known = {
    trash: new Set([...trash, ...shares].map(trashEntry)),
    staging: new Set(shares.map(({ key }) => keyFile(key))),
  };
  const unexplained = async (folder: "trash" | "staging"): Promise<Leftover[]> => {
    const names = lines((await run(site.client, cli.findDirectories(recordsFolder(site, folder)))).stdout);
    return names
      .filter((name) => !known[folder].has(name))
      .map((name) => ({ kind: folder, name, why: "a directory without a record" }));
  };
  return [...(await unexplained("trash")), ...(await unexplained("staging"))];
}

async function nodemapLeftovers(site: Site, { nodemaps }: Inventory): Promise<Leftover[]> {
  await proveMgs(site);
  const known = new Set(nodemaps.map(({ key }) => key));
  const names = lines((await attempt(site.mgs, cli.lctlListParam("nodemap.*"))).stdout).map((line) => line.split(".")[1] ?? "");
  const lost = names.filter((name) => tenantNodemap.test(name) && !known.has(name));
  return lost.map((name) => ({ kind: "nodemap", name, why: "named as ours, but no record of this file system says so" }));
}
