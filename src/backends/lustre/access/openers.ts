// What opens a path to clients although no access rule made it do so. Whoever asks that asks here: it is looked for before a share is shown or opened,
// and when it is closed. Pure.
import { normalize } from "node:path/posix";
import type { ShareError } from "../../../core/errors";
import { quote } from "../../../core/quote";
import { pathsNest } from "../../../spec/name";
import * as cli from "../cli";
import { fault } from "../faults";
import { type LiveAccess, type LiveNodemap, tenantNodemap } from "./steps";

export interface Opener {
  nodemap: string;
  fileset: string;
}

/** A fileset that is the path, leads to it, or lies in it. The whole tree is another matter: `showsAll`. */
export function openerOf(nodemaps: readonly LiveNodemap[], path: string): Opener | undefined {
  for (const { name, filesets } of nodemaps) {
    const found = filesets.find((fileset) => !isAll(fileset.path) && pathsNest(normalPath(fileset.path), path));
    if (found) return { nodemap: name, fileset: found.path };
  }
  return undefined;
}

/** Lustre stores filesets as they are given, "/a/../b/" too (golden d135, d136). Nearly all are as they should be. */
function normalPath(fileset: string): string {
  return fileset.startsWith("/") && !/\/(?:[./]|$)/.test(fileset) ? fileset : normalize(fileset);
}

function isAll(fileset: string): boolean {
  return normalPath(fileset) === "/";
}

/** Nobody mounts anything by it, whatever its filesets are. */
export function isShut({ properties }: LiveNodemap): boolean {
  return properties.get("deny_mount") === "1";
}

/** Whether its clients see the whole tree and are not trusted with it; a nodemap of a rule trusts nobody so far, whatever it is for. */
export function showsAll(nodemap: LiveNodemap): boolean {
  return nodemap.ranges.length > 0 && wouldShowAll(nodemap);
}

/** The same of `default`, which has clients without having ranges. */
export function wouldShowAll(nodemap: LiveNodemap): boolean {
  const { name, filesets, properties } = nodemap;
  if (isShut(nodemap)) return false;
  if (filesets.length > 0 && !filesets.some(({ path }) => isAll(path))) return false;
  return tenantNodemap.test(name) || properties.get("admin") !== "1" || properties.get("trusted") !== "1";
}

/** Refuses to open a path that what is not ours opens already. */
export function guardOpening(object: string, path: string, { nodemaps, byDefault, registered }: LiveAccess): void {
  const others = [...nodemaps.values()].filter(({ name }) => !registered.has(name));
  const opener = openerOf(
    [...others, ...(byDefault ? [byDefault] : [])].filter((nodemap) => !isShut(nodemap)),
    path,
  );
  if (opener) throw alreadyOpen(object, path, opener);
}

/** The refusal to show or to open a path. */
export function alreadyOpen(object: string, path: string, { nodemap, fileset }: Opener): ShareError {
  const isOurs = tenantNodemap.test(nodemap);
  const close = `\`${quote(cli.lctlNodemapFilesetDel(nodemap, fileset).argv)}\` on the MGS (2.16: give it another fileset)`;
  return fault("ALREADY_OPEN", {
    object,
    summary: `nodemap "${nodemap}" opens ${fileset} to clients, and with it ${path}, and no access rule made it do so`,
    fix: isOurs
      ? `it belongs to sharewright on another file system of this MGS, or its record is lost: choose another pathPrefix or shareName, or ${close}`
      : `take the fileset out of it: ${close}; or choose another place`,
  });
}
