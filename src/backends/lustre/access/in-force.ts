// Whether a rule is in force by its own record and by the nodemaps of its own addresses. Then its hook neither waits for the lock of access nor
// reads what others have. Whatever is not plain (several shares of a client, bans, prefixes of IPv6) is left to the compiler of all rules.

import { featuresOf } from "../features";
import { type RuleRecord, readRecord, type ShareRecord } from "../records";
import type { Site } from "../site";
import { intervalsOf } from "./clients";
import { compileAccess } from "./compiler";
import { overlaps, subtract } from "./intervals";
import { readNodemaps } from "./observe";
import type { RuleWish } from "./rules";
import { differingProperties, isWanted, tenantNodemap } from "./steps";

/** `rule` already asks for what is wished for, and nobody's removal of it has begun. */
export async function isInForce(site: Site, wish: RuleWish, rule: RuleRecord, share: ShareRecord | undefined): Promise<boolean> {
  if (rule.pending || !rule.live || share?.state !== "ready" || share.closed || share.spec.fileset !== wish.spec.fileset)
    return false;
  const intervals = intervalsOf(wish.spec, site, wish.key);
  if (intervals.some(({ family }) => family === 6)) return false;
  const { lustreVersion } = site.fileSystem;
  const { groups, conflicts } = compileAccess([{ ...wish, intervals }], featuresOf(lustreVersion));
  const [group] = groups;
  if (!group || groups.length > 1 || conflicts.length > 0) return false;
  const { nodemaps, knows, banned } = await readNodemaps(site);
  if (banned.some((ban) => overlaps(ban, intervals))) return false;
  // Some run was cut off before its clients were in it, or after they had left it: whoever comes next ends that.
  if ([...nodemaps.values()].some(({ name, ranges }) => tenantNodemap.test(name) && ranges.length === 0)) return false;
  const [holder, ...more] = [...nodemaps.values()].filter(({ ranges }) => ranges.some((range) => overlaps(range, intervals)));
  return (
    holder !== undefined &&
    more.length === 0 &&
    subtract(intervals, holder.ranges).length === 0 &&
    holder.banned.length === 0 &&
    holder.filesets.length === group.filesets.size &&
    holder.filesets.every((fileset) =>
      lustreVersion === "2.16" ? group.filesets.has(fileset.path) : isWanted(fileset, group),
    ) &&
    differingProperties(group.properties, holder, knows).length === 0 &&
    // What has the name of ours may be somebody else's: the record decides.
    tenantNodemap.test(holder.name) &&
    (await readRecord(site, "nodemaps", holder.name)) !== undefined
  );
}
