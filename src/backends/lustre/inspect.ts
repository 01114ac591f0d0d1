// Looks at everything that sharewright knows of a file system: records of all owners, the trash, nodemaps. Changes nothing.
import { defined } from "../../spec/defined";
import type { AccessFeatures } from "./access/compiler";
import { observeAccess, type SeenAccess } from "./access/observe";
import { probeFeatures } from "./features";
import { proveLustre } from "./look";
import { recordsExist } from "./record-folders";
import { type AllRecords, readAllRecords, readTrash, type ShareRecord } from "./records";
import type { Site } from "./site";

export interface Inventory extends AllRecords {
  trash: ShareRecord[];
  /** False when sharewright has never changed anything here. */
  hasRecords: boolean;
}

export async function readInventory(site: Site): Promise<Inventory> {
  await proveLustre(site);
  if (!(await recordsExist(site))) return { shares: [], rules: [], nodemaps: [], trash: [], hasRecords: false };
  const [all, trash] = [await readAllRecords(site), await readTrash(site)];
  return {
    shares: sorted(all.shares),
    rules: sorted(all.rules),
    nodemaps: sorted(all.nodemaps),
    ...defined({ bans: all.bans }),
    trash: sorted(trash),
    hasRecords: true,
  };
}

function sorted<T extends { key: string }>(records: readonly T[]): T[] {
  return [...records].sort((a, b) => (a.key < b.key ? -1 : 1));
}

/** All access, also of a file system without records. */
export async function inspectAccess(
  site: Site,
  inventory: Inventory,
): Promise<{ seen: Omit<SeenAccess, "infrastructure">; features: AccessFeatures }> {
  const [seen, features] = await Promise.all([observeAccess(site, { records: inventory }), probeFeatures(site)]);
  return { seen, features };
}
