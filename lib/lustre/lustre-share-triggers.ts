// The properties of a share as triggers of its applied resource: checked, and spelled as plans show them. Not exported.
import { layoutProblem } from "../../src/spec/layout";
import { formatMode, limitDoubts, maxId, shareMessage } from "../../src/spec/lustre";
import { filesetPathRule, isFilesetPath, recordsDirectory } from "../../src/spec/name";
import type { Checks } from "../internal/checks";
import { badAdoptPath, badLayout } from "../internal/lustre/errors";
import { permissionBits } from "../internal/lustre/mode";
import type { Read } from "../internal/property-kinds";
import { numberText } from "../internal/tokens";
import { triggersOf } from "../message-triggers";
import type { LustreLayout } from "./lustre-layout";
import type { LustreShareOptions, LustreShareOwner } from "./lustre-share-options";

export const defaultMode = 0o770;

export function propertyTriggers(check: Checks, options: Read<LustreShareOptions>) {
  const { size, softSize, inodes, softInodes } = options;
  const triggers = triggersOf(check, shareMessage.table, options, {
    owner: (owner) => ownerText(check, owner),
    mode: (mode = defaultMode) => formatMode(permissionBits(check, mode)),
    layout: (layout) => layout && layoutText(check, layout),
  });
  check.softLimit("softSize", softSize?._inspect(), "size", size._inspect());
  check.softLimit("softInodes", inodeLimit(softInodes), "inodes", inodeLimit(inodes));
  const known = { size: size._inspect().exact, inodes: inodeLimit(inodes)?.exact };
  for (const { property, found, fix } of limitDoubts(known)) check.warn(property, found, fix);
  return triggers;
}

/** @throws ShareSynthesisError for a path that no fileset can name, the root, or the directory of our records */
export function checkAdoptedPath(check: Checks, path: string): string {
  check.literal("adopt.path", path);
  // A hidden name such as that of the records is no fileset path either.
  if (typeof path !== "string" || !isFilesetPath(path))
    throw badAdoptPath(check.path, path, `${filesetPathRule} (nor in /${recordsDirectory})`);
  return path;
}

function inodeLimit(inodes: number | undefined) {
  return inodes === undefined ? undefined : { exact: BigInt(inodes), text: String(inodes) };
}

function ownerText(check: Checks, { uid, gid }: LustreShareOwner): string {
  return [check.integerOrToken("owner.uid", uid, 0, maxId), check.integerOrToken("owner.gid", gid, 0, maxId)]
    .map(numberText)
    .join(":");
}

function layoutText(check: Checks, layout: LustreLayout): string {
  const problem = layoutProblem(layout.toSpec());
  if (problem) throw badLayout(check.path, layout.toString(), problem);
  return layout.toString();
}
