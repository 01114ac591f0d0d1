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
import { type Environment, readJson } from "../request";

export function readFileSystem(text: string): FileSystemSpec {
  return readJson(fileSystemSchema, text, env.fileSystem);
}

export function readShare(text: string, key: string) {
  return readJson(shareMessage.triggers, text, env.spec, key);
}

export function readRule(text: string, key: string) {
  return readJson(ruleMessage.triggers, text, env.spec, key);
}

/** What the stack asks of all its rules on the file system, by key; undefined when the request does not say. */
export function ruleIntents(environment: Environment): Map<string, RuleIntent> | undefined {
  const parts = numberedParts(environment, env.rules);
  if (parts.length === 0) return undefined;
  return new Map(parts.flatMap((part) => Object.entries(readJson(ruleIntentsSchema, part, env.rules))));
}
