// Which file systems of a stack a command is about.
import type { Site } from "../../backends/lustre/site";
import { fault } from "../../core/errors";
import type { Log } from "../../core/log";
import type { FileSystemSpec } from "../../spec/lustre";
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
    if (fileSystems.findIndex(({ fsName }) => fsName === fileSystem.fsName) !== index) continue;
    results.push(await withSite(fileSystem, log, work));
  }
  return results;
}

/** The file system that a command is about: the only one of the stack, or the one that is named. */
export function chooseFileSystem(config: Pick<StackConfig, "name" | "placed">, fsName: string | undefined): FileSystemSpec {
  const { name } = config;
  const fileSystems = fileSystemsIn(config);
  const names = [...new Set(fileSystems.map((spec) => spec.fsName))];
  if (fsName === undefined && names.length > 1) {
    throw fault("BAD_REQUEST", {
      summary: `the stack ${name} has several file systems`,
      fix: `say which one: --file-system ${names.join(" | ")}`,
    });
  }
  const chosen = fileSystems.find((spec) => spec.fsName === (fsName ?? names[0]));
  if (chosen) return chosen;
  if (names.length === 0) throw noFileSystem(name);
  throw fault("BAD_REQUEST", { summary: `the stack ${name} has no file system "${fsName}"`, fix: `it has: ${names.join(", ")}` });
}

function noFileSystem(name: string) {
  return fault("BAD_REQUEST", {
    summary: `the stack ${name} has no Lustre file system of sharewright`,
    fix: "name a stack with a LustreFileSystem",
  });
}

/** The file system that an object's key lies in: the longest path prefix of the stack that it begins with. */
export function fileSystemOfKey(
  config: Pick<StackConfig, "name" | "placed">,
  key: string,
  fsName: string | undefined,
): FileSystemSpec {
  const candidates = fileSystemsIn(config).filter(
    (spec) => (fsName ?? spec.fsName) === spec.fsName && key.startsWith(`${spec.pathPrefix}/`),
  );
  const [longest] = candidates.sort((a, b) => b.pathPrefix.length - a.pathPrefix.length);
  return longest ?? chooseFileSystem(config, fsName);
}
