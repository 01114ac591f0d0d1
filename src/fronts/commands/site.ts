// From a command's arguments to the stack, its file systems and its clusters.
import type { Site } from "../../backends/lustre/site";
import { fault } from "../../core/errors";
import { type Log, silentLog, textLog } from "../../core/log";
import type { FileSystemSpec } from "../../spec/lustre";
import { withSite } from "../site";
import { chooseFileSystem, readStack, requireStorage, type Stack } from "../stack";
import { findStack, readStackConfig, type StackConfig } from "../stack-config";
import { type CommonFlags, type Context, environmentOf } from "./answer";

/** A stack is named by --stack; commands that take nothing else take it as an argument, too, as earlier versions did. */
export function stackNamed({ stack }: CommonFlags, directory: string | undefined): string | undefined {
  if (stack !== undefined && directory !== undefined && stack !== directory)
    throw fault("BAD_REQUEST", { summary: `two stacks are named: ${stack} and ${directory}`, fix: "name one, by --stack" });
  return stack ?? directory;
}

/** The stack with its state: what knows claims. */
export async function openStack(context: Context, named: string | undefined): Promise<Stack> {
  const directory = findStack(named, context.workingDirectory);
  context.terminal.progress("reading the state");
  return readStack(directory, environmentOf(context));
}

/** The stack as synthesized: what knows its file systems. Needs no Terraform. */
export function openConfig(context: Context, named: string | undefined): StackConfig {
  return readStackConfig(findStack(named, context.workingDirectory));
}

/** Steps are told as they happen, except to machines. */
export function logOf(context: Context, json: boolean | undefined): Log {
  return json ? silentLog() : textLog(context.terminal, context.process.env["SHAREWRIGHT_LOG"] === "debug");
}

/**
 * Work on each file system of a stack, one after the other; several path prefixes of one file system count once. A stack without any has to have
 * clusters.
 */
export async function eachFileSystem<T>(
  context: Context,
  stack: Pick<Stack, "name" | "fileSystems" | "clusters">,
  json: boolean | undefined,
  work: (site: Site) => Promise<T>,
): Promise<T[]> {
  requireStorage(stack);
  const results: T[] = [];
  for (const [index, fileSystem] of stack.fileSystems.entries()) {
    if (stack.fileSystems.findIndex(({ fsName }) => fsName === fileSystem.fsName) !== index) continue;
    results.push(await withSite(fileSystem, logOf(context, json), work));
  }
  return results;
}

/** Work on the one file system that a command is about. */
export async function onFileSystem<T>(
  context: Context,
  stack: Pick<Stack, "name" | "fileSystems">,
  flags: { json?: boolean; fileSystem?: string },
  work: (site: Site) => Promise<T>,
): Promise<T> {
  return withSite(chooseFileSystem(stack, flags.fileSystem), logOf(context, flags.json), work);
}

/** The file system that an object's key lies in: the longest path prefix of the stack that it begins with. */
export function fileSystemOfKey(
  stack: Pick<Stack, "name" | "fileSystems">,
  key: string,
  fsName: string | undefined,
): FileSystemSpec {
  const candidates = stack.fileSystems.filter(
    (spec) => (fsName ?? spec.fsName) === spec.fsName && key.startsWith(`${spec.pathPrefix}/`),
  );
  const [longest] = candidates.sort((a, b) => b.pathPrefix.length - a.pathPrefix.length);
  return longest ?? chooseFileSystem(stack, fsName);
}
