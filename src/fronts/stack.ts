// A synthesized stack as the commands meet it: what its constructs ask for, joined with the claims that Terraform's state holds.
import { relative } from "node:path";
import { fault } from "../core/errors";
import { defined } from "../spec/defined";
import { type AppliedBlock, type ClaimBlock, type Placed, readStackConfig, type StackConfig } from "./stack-config";
import { resolveTriggers } from "./stack-expressions";
import { readState, type StackState, type StateInstance } from "./stack-state";
import type { System } from "./system";

/** A share, access rule or snapshot that a construct of the stack asks for. */
export type StackObject = Placed & {
  key: string;
  /** Address of its applied resource, for `terraform apply -replace=ADDRESS`. */
  address: string;
  /** Its properties; one that only an apply can know is missing here and named in `unknown`. */
  triggers: Record<string, string>;
  unknown: string[];
  /** Keys of all objects of its kind in the code that are claimed beside it: on one file system, or on clusters of one site. */
  among: readonly string[];
  /** Id of its claim; absent until the first apply. */
  claim?: string;
  /** Random id of the stack; absent until the first apply. */
  stack?: string | undefined;
  /** Properties in which the code differs from what was applied last: Terraform's own plan shows them, too. */
  changed: string[];
  /** Never applied, or its last apply failed. */
  isNew: boolean;
};

/** A claim whose construct has left the code: the next `terraform apply` removes its object. */
export type LeavingObject = Placed & {
  key: string;
  claim: string;
};

export interface Stack {
  /** As it is named in commands for people: from where they are, so that it means the same to whoever has the project, and tells nothing else. */
  directory: string;
  name: string;
  placed: Placed[];
  objects: StackObject[];
  leaving: LeavingObject[];
  /** Its random id; absent until the first apply. */
  id?: string | undefined;
  /** Ids of all claims in the state. */
  claims: ReadonlySet<string>;
  /** terraform or tofu: what mends it through Terraform. */
  binary: string;
  /** What a person should know about how the stack was read. */
  notes: string[];
}

export async function readStack(
  directory: string,
  environment: NodeJS.ProcessEnv,
  systems: readonly System[],
  workingDirectory: string,
): Promise<Stack> {
  const config = readStackConfig(directory, systems);
  const shown = relative(workingDirectory, directory) || ".";
  return { ...joinStack(config, await readState(directory, environment, shown)), directory: shown };
}

/** Pure. */
export function joinStack(config: StackConfig, state: StackState): Stack {
  const blocks = config.claims.map((block) => ({ block, instances: state.instances(block.type, block.name) }));
  return {
    directory: config.directory,
    name: config.name,
    placed: config.placed,
    objects: config.applied.map((block) => objectOf(config, state, block)).sort(byKey),
    leaving: blocks.flatMap(({ block, instances }) => leavingOf(block, instances)).sort(byKey),
    id: state.stackId,
    claims: new Set(blocks.flatMap(({ instances }) => instances.map(({ id }) => id))),
    binary: state.binary,
    notes: [...state.notes, ...orphanNotes(config, state)],
  };
}

/** The block that an applied resource takes its claim's id from: others of the stack may have the same key, on another file system. */
function claimBlockOf({ claims }: StackConfig, { kind, triggers }: AppliedBlock): ClaimBlock | undefined {
  const named = /^\$\{local\.([\w-]+)_ids\[/.exec(triggers["claim"] ?? "")?.[1];
  return claims.find((block) => block.kind === kind && (named === undefined || block.name === named));
}

function byKey(a: { key: string }, b: { key: string }): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

function objectOf(config: StackConfig, state: StackState, block: AppliedBlock): StackObject {
  const claims = claimBlockOf(config, block);
  const instances = claims ? state.instances(claims.type, claims.name) : [];
  const claim = instances.find(({ key }) => key === block.key)?.id;
  const [applied] = state.instances(block.type, block.name);
  const { triggers, unknown, remembered } = resolveTriggers(config, block, applied?.triggers);
  const isNew = applied === undefined || applied.tainted || claim === undefined;
  return {
    ...placeOf(block),
    key: block.key,
    address: `${block.type}.${block.name}`,
    triggers: block.adopt ? { ...triggers, adopt: "true" } : triggers,
    unknown,
    among: claims?.keys ?? [],
    ...defined({ claim }),
    stack: state.stackId,
    changed: isNew ? [] : changedProperties(triggers, applied.triggers, remembered),
    isNew,
  };
}

function changedProperties(
  code: Record<string, string>,
  applied: Record<string, string>,
  remembered: ReadonlySet<string>,
): string[] {
  const names = [...new Set([...Object.keys(code), ...Object.keys(applied)])].sort();
  return names.filter((name) => name !== "claim" && !remembered.has(name) && code[name] !== applied[name]);
}

function leavingOf(block: ClaimBlock, instances: readonly StateInstance[]): LeavingObject[] {
  const kept = new Set(block.keys);
  return instances.flatMap(({ key, id }) => (key === undefined || kept.has(key) ? [] : [{ ...placeOf(block), key, claim: id }]));
}

function placeOf({ kind, place }: Placed): Placed {
  return { kind, place };
}

/** Claims whose whole block has left the code: no hook will run for them. */
function orphanNotes(config: StackConfig, state: StackState): string[] {
  const known = new Set(config.claims.map(({ name }) => name));
  const lost = state.claimBlocks().filter(({ name }) => !known.has(name));
  return lost.map(
    ({ address, keys }) =>
      `${address} (${keys.join(", ")}) has left the code with its file system or clusters: Terraform will forget it without running a hook. Put them back, apply once without shares, then remove them.`,
  );
}

/** @throws where nothing of sharewright is in the stack */
export function requireStorage({ name, placed }: Pick<StackConfig, "name" | "placed">): void {
  if (placed.length > 0) return;
  throw fault("BAD_REQUEST", {
    summary: `the stack ${name} has no Lustre file system and no GlusterFS cluster of sharewright`,
    fix: "name a stack with a LustreFileSystem or a GlusterCluster",
  });
}
