// Reads cdk.tf.json: every hook of ours in it, whichever resource carries it.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { fault } from "../core/errors";
import type { ClusterSpec } from "../spec/gluster";
import { type GlusterKind, isGlusterKind, isKind, type Kind, type LustreKind } from "../spec/kinds";
import type { FileSystemSpec } from "../spec/lustre";
import { env } from "../spec/request";
import { readClusters } from "./request-gluster";
import { readFileSystem } from "./request-lustre";

export interface OnLustre {
  kind: LustreKind;
  fileSystem: FileSystemSpec;
}

export interface OnGluster {
  kind: GlusterKind;
  /** It may be on any of them. */
  clusters: ClusterSpec[];
}

/** Where the objects of a hook are. */
export type Placed = OnLustre | OnGluster;

export function isOnGluster<T extends Placed>(placed: T): placed is T & OnGluster {
  return isGlusterKind(placed.kind);
}

export function isOnLustre<T extends Placed>(placed: T): placed is T & OnLustre {
  return !isGlusterKind(placed.kind);
}

/** An applied resource: one share, access rule or snapshot. */
export type AppliedBlock = Placed & {
  type: string;
  name: string;
  key: string;
  /** As written, expressions and all. */
  triggers: Record<string, string>;
};

/** A `for_each` block of claims. */
export type ClaimBlock = Placed & {
  type: string;
  name: string;
  keys: string[];
};

export interface StackConfig {
  directory: string;
  name: string;
  applied: AppliedBlock[];
  claims: ClaimBlock[];
  /** One for each path prefix. */
  fileSystems: FileSystemSpec[];
  clusters: ClusterSpec[];
}

/** The argument that holds the triggers, by the carrier's resource type. */
export const triggerArguments: Readonly<Record<string, string>> = {
  null_resource: "triggers",
  terraform_data: "triggers_replace",
};

const file = "cdk.tf.json";

/** The folder of a synthesized stack: the one that is named, by path or by name, else the only one there is. */
export function findStack(named: string | undefined, workingDirectory: string): string {
  const stacks = join(workingDirectory, "cdktf.out", "stacks");
  const names = existsSync(stacks) ? readdirSync(stacks).filter((name) => existsSync(join(stacks, name, file))) : [];
  if (named !== undefined) {
    const candidates = [resolve(workingDirectory, named), join(stacks, named)];
    const found = candidates.find((candidate) => existsSync(join(candidate, file)));
    if (found) return found;
    throw fault("BAD_REQUEST", { summary: `there is no synthesized stack at ${candidates[0]}`, fix: adviceFor(names) });
  }
  const [only, ...others] = names;
  if (only !== undefined && others.length === 0) return join(stacks, only);
  const summary =
    only === undefined ? `there is no synthesized stack below ${stacks}` : `there are ${names.length} stacks below ${stacks}`;
  throw fault("BAD_REQUEST", { summary, fix: adviceFor(names) });
}

function adviceFor(names: readonly string[]): string {
  return names.length === 0
    ? "run `cdktf synth` first, or name the folder that holds cdk.tf.json"
    : `name one by --stack: ${names.map((name) => `cdktf.out/stacks/${name}`).join(", ")}`;
}

export function readStackConfig(directory: string): StackConfig {
  const path = join(directory, file);
  let document: unknown;
  try {
    document = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw fault("BAD_REQUEST", { summary: `${path} is not JSON`, fix: "synthesize the stack again (`cdktf synth`)", cause });
  }
  return parseStackConfig(document, directory);
}

/** Pure. */
export function parseStackConfig(document: unknown, directory: string): StackConfig {
  const applied: AppliedBlock[] = [];
  const claims: ClaimBlock[] = [];
  for (const [type, argument] of Object.entries(triggerArguments)) {
    for (const [name, block] of Object.entries(objectAt(document, "resource", type))) {
      const hook = hookOf(block);
      if (!hook) continue;
      const { action, key, placed } = hook;
      if (action === "apply")
        applied.push({ type, name, ...placed, key, triggers: objectAt(block, argument) as Record<string, string> });
      else claims.push({ type, name, ...placed, keys: Object.keys(objectAt(document, "locals", name)) });
    }
  }
  const metadata = objectAt(document, "//", "metadata");
  const name = typeof metadata["stackName"] === "string" ? metadata["stackName"] : basename(directory);
  const placed: Placed[] = [...applied, ...claims];
  return {
    directory,
    name,
    applied,
    claims,
    fileSystems: distinct(placed.filter(isOnLustre).map(({ fileSystem }) => fileSystem)),
    clusters: distinct(placed.filter(isOnGluster).flatMap(({ clusters }) => clusters)),
  };
}

function distinct<T>(specs: readonly T[]): T[] {
  return [...new Map(specs.map((spec) => [JSON.stringify(spec), spec])).values()];
}

function objectAt(value: unknown, ...path: string[]): Record<string, unknown> {
  const found = path.reduce<unknown>((at, key) => (isObject(at) ? at[key] : undefined), value);
  return isObject(found) ? found : {};
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

interface Hook {
  action: string;
  key: string;
  placed: Placed;
}

/** Our hook of a resource: `node EXECUTOR hook KIND ACTION` with the key as its command. */
function hookOf(block: unknown): Hook | undefined {
  const provisioners = isObject(block) && Array.isArray(block["provisioner"]) ? (block["provisioner"] as unknown[]) : [];
  for (const provisioner of provisioners) {
    const { interpreter, command, environment } = objectAt(provisioner, "local-exec");
    if (!Array.isArray(interpreter) || typeof command !== "string" || !isObject(environment)) continue;
    const [, , word, kind, action] = interpreter as string[];
    if (word !== "hook" || !isKind(kind) || action === undefined) continue;
    const placed = placeOf(kind, environment);
    if (placed) return { action, key: command, placed };
  }
  return undefined;
}

function placeOf(kind: Kind, environment: Record<string, unknown>): Placed | undefined {
  const text = environment[isGlusterKind(kind) ? env.clusters : env.fileSystem];
  if (typeof text !== "string") return undefined;
  return isGlusterKind(kind)
    ? { kind, clusters: readClusters(literalText(text)) }
    : { kind, fileSystem: readFileSystem(literalText(text)) };
}

/** Text of a Terraform string without expressions: "$${" stands for "${". */
export function literalText(text: string): string {
  return text.replaceAll("$${", "${").replaceAll("%%{", "%{");
}
