// What a request about Lustre asks for.
import {
  type FileSystemSpec,
  fileSystemSchema,
  ruleFromWire,
  ruleWireSchema,
  shareFromWire,
  shareWireSchema,
} from "../spec/lustre";
import { env } from "../spec/request";
import { type Environment, readJson, required } from "./request";

export function readFileSystem(text: string, name: string = env.fileSystem): FileSystemSpec {
  return readJson(fileSystemSchema, text, name);
}

export function fileSystemOf(environment: Environment): FileSystemSpec {
  return readFileSystem(required(environment, env.fileSystem));
}

export function readShare(text: string, key: string) {
  return shareFromWire(readJson(shareWireSchema, text, env.spec, key));
}

export function readRule(text: string, key: string) {
  return ruleFromWire(readJson(ruleWireSchema, text, env.spec, key));
}
