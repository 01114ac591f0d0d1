// Which file systems of a stack a command is about.
import type { Site } from "../../backends/lustre/site";
import { fault } from "../../core/errors";
import type { Log } from "../../core/log";
import { type FileSystemSpec, fileSystemName } from "../../spec/lustre";
import type { Stack } from "../stack";
import { distinct, type Placed, type StackConfig } from "../stack-config";
import { hasKind } from "../system";
import { lustre } from "./hooks";
import { withSite } from "./site";

export interface OnLustre {
  place: FileSystemSpec;
}

export function isOnLustre<T extends Placed>(placed: T): placed is T & OnLustre {
  return hasKind(lustre, placed.kind);
}

/** One for each path prefix. */
export function fileSystemsIn({ placed }: Pick<StackConfig, "placed">): FileSystemSpec[] {
  return distinct(placed.filter(isOnLustre).map(({ place }) => place));
}

/** Work on each file system of a stack, one after the other; several path prefixes of one file system count once. */
export async function eachFileSystem<T>(
  config: Pick<StackConfig, "placed">,
  log: Log,
  work: (site: Site) => Promise<T>,
): Promise<T[]> {
  const results: T[] = [];
  const fileSystems = fileSystemsIn(config);
  for (const [index, fileSystem] of fileSystems.entries()) {
    if (fileSystems.findIndex((other) => isSame(other, fileSystem)) !== index) continue;
    results.push(await withSite(fileSystem, log, work));
  }
  return results;
}

/** Descriptions in one stack: whatever else they say, the constructs have seen to it that these two tell file systems apart. */
export function isSame(one: FileSystemSpec, other: FileSystemSpec): boolean {
  return fileSystemName(one) === fileSystemName(other);
}

/** The file system that a command is about: the only one of the stack, or the one that is named. */
export function chooseFileSystem(config: Pick<StackConfig, "name" | "placed">, named: string | undefined): FileSystemSpec {
  const { name } = config;
  const fileSystems = fileSystemsIn(config);
  const names = [...new Set(fileSystems.map(fileSystemName))];
  if (named === undefined && names.length > 1) {
    throw fault("BAD_REQUEST", {
      summary: `the stack ${name} has several file systems`,
      fix: `say which one: --file-system ${names.join(" | ")}`,
    });
  }
  const chosen = fileSystems.find((spec) => fileSystemName(spec) === (named ?? names[0]));
  if (chosen) return chosen;
  if (names.length === 0) throw noFileSystem(name);
  throw fault("BAD_REQUEST", { summary: `the stack ${name} has no file system "${named}"`, fix: `it has: ${names.join(", ")}` });
}

function noFileSystem(name: string) {
  return fault("BAD_REQUEST", {
    summary: `the stack ${name} has no Lustre file system of sharewright`,
    fix: "name a stack with a LustreFileSystem",
  });
}

/** The file system that an object's key lies in: the longest path prefix of the stack that it begins with, and there, where several have it, that of its claim. */
export function fileSystemOfKey(
  stack: Pick<Stack, "name" | "placed" | "objects" | "leaving">,
  key: string,
  named: string | undefined,
): FileSystemSpec {
  const candidates = fileSystemsIn(stack).filter(
    (spec) => (named ?? fileSystemName(spec)) === fileSystemName(spec) && key.startsWith(`${spec.pathPrefix}/`),
  );
  const length = Math.max(...candidates.map(({ pathPrefix }) => pathPrefix.length));
  const longest = candidates.filter(({ pathPrefix }) => pathPrefix.length === length);
  const claimed = [...stack.objects, ...stack.leaving].filter(isOnLustre).filter((object) => object.key === key);
  const own = longest.filter((spec) => claimed.some(({ place }) => isSame(place, spec)));
  const [first, ...others] = own.length > 0 ? own : longest;
  return first && others.every((other) => isSame(other, first)) ? first : chooseFileSystem(stack, named);
}
