// What a request about Lustre asks for.
import {
  type FileSystemSpec,
  fileSystemSchema,
  type RuleIntent,
  ruleIntentsSchema,
  ruleMessage,
  shareMessage,
} from "../../spec/lustre";
import { env, numberedParts } from "../../spec/request";
import { type Environment, readerOf, readJson } from "../request";

export function readFileSystem(text: string): FileSystemSpec {
  return readJson(fileSystemSchema, text, env.fileSystem);
}

export const readShare = readerOf(shareMessage.triggers);
export const readRule = readerOf(ruleMessage.triggers);

/** What the stack asks of all its rules on the file system, by key; undefined when the request does not say. */
export function ruleIntents(environment: Environment): Map<string, RuleIntent> | undefined {
  const parts = numberedParts(environment, env.rules);
  if (parts.length === 0) return undefined;
  return new Map(parts.flatMap((part) => Object.entries(readJson(ruleIntentsSchema, part, env.rules))));
}
