// Whether anything but an access rule opens the file system to clients: all of it, or the place of a share.
import { normalize } from "node:path/posix";
import { bad, type Check, good, unknown } from "../../core/check";
import { ShareError } from "../../core/errors";
import { quote } from "../../core/quote";
import { pathsNest } from "../../spec/name";
import { type Nodemaps, readNodemaps } from "./access/observe";
import { alreadyOpen, isShut, openerOf, showsAll } from "./access/openers";
import { tenantNodemap } from "./access/steps";
import { byHand } from "./by-hand";
import * as cli from "./cli";
import { statAll } from "./look";
import type { Fileset } from "./parse";
import { closedDirectories, closedFileset, recordPath, type Site } from "./site";

const showingAll = "nodemaps that show the whole file system";

/** Pure. What is wrong with nodemaps of rules, the next apply of any rule mends: that must not be kept from it. */
export function checkNodemaps(
  site: Site,
  { nodemaps, byDefault, active }: Nodemaps,
  isCounted = (name: string) => !tenantNodemap.test(name),
): Check[] {
  const isClosed = isShut(byDefault) || isElsewhere(byDefault.filesets, site.fileSystem.pathPrefix);
  const filesets = byDefault.filesets.map(({ path }) => path);
  const open = [...nodemaps.values()].filter((nodemap) => isCounted(nodemap.name) && showsAll(nodemap)).map(({ name }) => name);
  return [
    isClosed
      ? good("default-closed", "clients in no nodemap", "shut out")
      : bad(
          "default-closed",
          "clients in no nodemap",
          `may mount ${filesets.join(", ") || "the whole file system"}`,
          closing(site),
        ),
    open.length === 0
      ? good("open-nodemaps", showingAll, "trusted ones alone")
      : bad(
          "open-nodemaps",
          showingAll,
          `${open.join(", ")}, whose clients are not trusted (admin=1 and trusted=1)`,
          "give each a fileset outside the shares, or trust its clients with everything; one of ours: `sharewright repair`",
        ),
    active
      ? good("nodemap-active", "nodemaps in force", "active")
      : bad(
          "nodemap-active",
          "nodemaps in force",
          "nodemap.active is 0: every client sees everything",
          byHand("on the MGS", cli.lctlNodemapActivate()),
        ),
  ];
}

/** How to close `default`. */
function closing(site: Site): string {
  if (site.fileSystem.lustreVersion !== "2.16") return byHand("on the MGS", cli.lctlNodemapModify("default", "deny_mount", "1"));
  const made = closedDirectories(site).map(({ path, mode }) => cli.mkdir(mode, path));
  const closed = byHand("on the client", ...made);
  return `${closed}; on the MGS: ${quote(cli.lctlSetParamPersistent("nodemap.default.fileset", closedFileset).argv)}`;
}

/** Whether somebody's filesets keep them out of the shares, ours and the whole tree. */
function isElsewhere(filesets: readonly Fileset[], pathPrefix: string): boolean {
  const places = filesets.map(({ path }) => normalize(path));
  return places.length > 0 && places.every((place) => !pathsNest(place, `/${pathPrefix}`));
}

/**
 * A place that a share is about to be seen at: throws where something that no access rule made opens it, and tells what opens everything. A share without
 * rules may well have a client that is not the MGS, and no other host to ask.
 */
export async function checkPlace(site: Site, key: string, path: string): Promise<Check[]> {
  try {
    const seen = await readNodemaps(site);
    const suspects = [seen.byDefault, ...seen.nodemaps.values()].filter(
      (nodemap) => !isShut(nodemap) && openerOf([nodemap], path),
    );
    const records = suspects.filter(({ name }) => tenantNodemap.test(name)).map(({ name }) => recordPath(site, "nodemaps", name));
    const known = await statAll(site, records);
    const opener = openerOf(
      suspects.filter(({ name }) => !known.has(recordPath(site, "nodemaps", name))),
      path,
    );
    if (opener) throw alreadyOpen(key, path, opener);
    return checkNodemaps(site, seen, () => true);
  } catch (error) {
    const isUnnamed = ShareError.isShareError(error) && error.code === "NOT_MGS" && site.mgs.transport === site.client.transport;
    if (!isUnnamed) throw error;
    return [unknown("open-nodemaps", showingAll, "the client is not the MGS, and `mgs` names no other host")];
  }
}
