// A synthesized stack as the commands meet it: what its constructs ask for, joined with the claims that Terraform's state holds.
import { fault } from "../core/errors";
import type { ClusterSpec } from "../spec/gluster";
import type { Kind } from "../spec/kinds";
import type { FileSystemSpec } from "../spec/lustre";
import { type AppliedBlock, type ClaimBlock, isOnGluster, type Placed, readStackConfig, type StackConfig } from "./stack-config";
import { resolveTriggers } from "./stack-expressions";
import { readState, type StackState, type StateInstance } from "./stack-state";

/** A share, access rule or snapshot that a construct of the stack asks for. */
export type StackObject = Placed & {
  key: string;
  /** Address of its applied resource, for `terraform apply -replace=ADDRESS`. */
  address: string;
  /** Its properties; one that only an apply can know is missing here and named in `unknown`. */
  triggers: Record<string, string>;
  unknown: string[];
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
  directory: string;
  name: string;
  fileSystems: FileSystemSpec[];
  clusters: ClusterSpec[];
  objects: StackObject[];
  leaving: LeavingObject[];
  /** Keys of all Lustre access rules of the stack: what a rule's hook is told. */
  ruleKeys: string[];
  /** Its random id; absent until the first apply. */
  id?: string | undefined;
  /** Ids of all claims in the state. */
  claims: ReadonlySet<string>;
  /** terraform or tofu: what mends it through Terraform. */
  binary: string;
  /** What a person should know about how the stack was read. */
  notes: string[];
}

export async function readStack(directory: string, environment: NodeJS.ProcessEnv): Promise<Stack> {
  const config = readStackConfig(directory);
  return joinStack(config, await readState(directory, environment));
}

/** Pure. */
export function joinStack(config: StackConfig, state: StackState): Stack {
  const blocks = config.claims.map((block) => ({ block, instances: state.instances(block.type, block.name) }));
  const claimOf = (kind: Kind, key: string) =>
    blocks
      .filter(({ block }) => block.kind === kind)
      .flatMap(({ instances }) => instances.filter((instance) => instance.key === key))[0]?.id;
  return {
    directory: config.directory,
    name: config.name,
    fileSystems: config.fileSystems,
    clusters: config.clusters,
    objects: config.applied.map((block) => objectOf(config, state, block, claimOf(block.kind, block.key))).sort(byKey),
    leaving: blocks.flatMap(({ block, instances }) => leavingOf(block, instances)).sort(byKey),
    id: state.stackId,
    ruleKeys: config.claims.filter(({ kind }) => kind === "lustre.access-rule").flatMap(({ keys }) => keys),
    claims: new Set(blocks.flatMap(({ instances }) => instances.map(({ id }) => id))),
    binary: state.binary,
    notes: [...state.notes, ...orphanNotes(config, state)],
  };
}

function byKey(a: { key: string }, b: { key: string }): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

function objectOf(config: StackConfig, state: StackState, block: AppliedBlock, claim: string | undefined): StackObject {
  const [applied] = state.instances(block.type, block.name);
  const { triggers, unknown, remembered } = resolveTriggers(config, block, applied?.triggers);
  const isNew = applied === undefined || applied.tainted || claim === undefined;
  return {
    ...placeOf(block),
    key: block.key,
    address: `${block.type}.${block.name}`,
    triggers,
    unknown,
    ...(claim === undefined ? {} : { claim }),
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

function placeOf(block: Placed): Placed {
  return isOnGluster(block) ? { kind: block.kind, clusters: block.clusters } : { kind: block.kind, fileSystem: block.fileSystem };
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

/** The file system that a command is about: the only one of the stack, or the one that is named. */
export function chooseFileSystem(
  { name, fileSystems }: Pick<Stack, "name" | "fileSystems">,
  fsName: string | undefined,
): FileSystemSpec {
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

/** The clusters that a command is about: all of the stack, or the one that is named. */
export function chooseClusters({ name, clusters }: Pick<Stack, "name" | "clusters">, named: string | undefined): ClusterSpec[] {
  const chosen = clusters.filter((spec) => named === undefined || spec.name === named);
  if (chosen.length > 0) return chosen;
  const names = [...new Set(clusters.map((spec) => spec.name))];
  throw fault("BAD_REQUEST", {
    summary: `the stack ${name} has no GlusterFS cluster${named === undefined ? "" : ` "${named}"`} of sharewright`,
    fix: names.length === 0 ? "name a stack with a GlusterCluster" : `it has: ${names.join(", ")}`,
  });
}

/** @throws where nothing of sharewright is in the stack */
export function requireStorage({ name, fileSystems, clusters }: Pick<Stack, "name" | "fileSystems" | "clusters">): void {
  if (fileSystems.length + clusters.length > 0) return;
  throw fault("BAD_REQUEST", {
    summary: `the stack ${name} has no Lustre file system and no GlusterFS cluster of sharewright`,
    fix: "name a stack with a LustreFileSystem or a GlusterCluster",
  });
}
