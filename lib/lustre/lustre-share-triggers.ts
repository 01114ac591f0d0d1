// The properties of a share as triggers of its applied resource: checked, and spelled as plans show them. Not exported.
import { layoutProblem } from "../../src/spec/layout";
import { formatMode, limitDoubts, maxId, maxInodes, minInodes, minShareSize } from "../../src/spec/lustre";
import { filesetPathRule, isFilesetPath, recordsDirectory } from "../../src/spec/name";
import { removalPolicies } from "../../src/spec/removal-policy";
import type { Checks } from "../internal/checks";
import type { ShareTriggers } from "../internal/lustre/bound-file-system";
import { badAdoptPath, badLayout } from "../internal/lustre/errors";
import { permissionBits } from "../internal/lustre/mode";
import type { Read } from "../internal/property-kinds";
import { isToken, numberText } from "../internal/tokens";
import type { LustreLayout } from "./lustre-layout";
import type { LustreShareOptions, LustreShareOwner } from "./lustre-share";

const maxDescription = 1024;

export const defaultMode = 0o770;

type PropertyTriggers = Omit<ShareTriggers, "fileset" | "path" | "export_location" | "mount_command" | "fstab_entry">;

export function propertyTriggers(check: Checks, options: Read<LustreShareOptions>): PropertyTriggers {
  const { softSize, inodes, softInodes, layout, adopt, description } = options;
  const triggers: PropertyTriggers = {
    size: check.sizeInKib("size", options.size._inspect(), minShareSize),
    ...(softSize ? { soft_size: check.sizeInKib("softSize", softSize._inspect(), minShareSize) } : {}),
    ...(inodes === undefined ? {} : { inodes: inodeText(check, "inodes", inodes) }),
    ...(softInodes === undefined ? {} : { soft_inodes: inodeText(check, "softInodes", softInodes) }),
    owner: ownerText(check, options.owner),
    mode: formatMode(permissionBits(check, options.mode ?? defaultMode)),
    ...(layout ? { layout: layoutText(check, layout) } : {}),
    removal_policy: check.oneOf("removalPolicy", options.removalPolicy ?? "retain", removalPolicies),
    ...(adopt ? { adopt: "true" } : {}),
    ...(description === undefined ? {} : { description: descriptionText(check, description) }),
  };
  check.softLimit("softSize", softSize?._inspect(), "size", options.size._inspect());
  check.softLimit("softInodes", inodeLimit(softInodes), "inodes", inodeLimit(inodes));
  const known = { size: options.size._inspect().exact, inodes: inodeLimit(inodes)?.exact };
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

function inodeText(check: Checks, property: string, inodes: number): string {
  return String(check.integer(property, inodes, Number(minInodes), Number(maxInodes)));
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

function descriptionText(check: Checks, description: string): string {
  if (isToken(description)) return description;
  return check.text("description", description, (text) => text.length <= maxDescription, `at most ${maxDescription} characters`);
}
