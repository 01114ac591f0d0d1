// What all constructs of an app say about each Lustre file system: shares, access rules and project ids are global to it.
import type { IConstruct } from "constructs";
import { type FileSystemSpec, fileSystemName } from "../../../src/spec/lustre";
import { declaredTwice } from "../errors";
import type { ShareSynthesisError } from "../synthesis-error";
import { type AccessClaim, accessConflicts } from "./access-conflicts";
import * as errors from "./errors";
import { type Described, inCommon } from "./same-file-system";

interface ProjectIds {
  readonly start: number;
  readonly end: number;
}

interface DeclaredShare {
  readonly path: string;
  readonly construct: IConstruct;
}

const registries = new WeakMap<IConstruct, FileSystemRegistry[]>();

/** Of one file system as one stack has it. Those of other stacks that are of the same file system are related: what is refused in one is in all. */
export class FileSystemRegistry {
  /** @throws ShareSynthesisError when it turns out that what is declared already contradicts what another stack declares. */
  static of(described: Described): FileSystemRegistry {
    const { root } = described.construct.node;
    const all = registries.get(root) ?? [];
    registries.set(root, all);
    const found = all.find((one) => one.first.stack === described.stack && isCalledAs(one.first.spec, described.spec));
    const registry = found ?? new FileSystemRegistry(described);
    if (!found) all.push(registry);
    registry.descriptions.push(described);
    for (const other of all) registry.relateTo(other, described);
    return registry;
  }

  private readonly descriptions: Described[] = [];
  /** With what shows that they are of one file system, as errors tell it. */
  private readonly related = new Map<FileSystemRegistry, string>([[this, ""]]);
  private readonly ranges: { construct: IConstruct; ids: ProjectIds }[] = [];
  private readonly keys = new Map<string, { construct: IConstruct; property: string }>();
  private readonly shares = new Map<string, DeclaredShare>();
  /** Some share below each directory that holds one. */
  private readonly directories = new Map<string, DeclaredShare>();
  private readonly rules: AccessClaim[] = [];

  private constructor(private readonly first: Described) {}

  /** @throws ShareSynthesisError when the range overlaps another one without being equal to it. */
  addProjectIds(construct: IConstruct, ids: ProjectIds): void {
    for (const [registry, why] of this.related) registry.refuseRange(construct, ids, why);
    this.ranges.push({ construct, ids });
  }

  /** @throws ShareSynthesisError when the share is declared already, or its directory lies in or around another share's. */
  addShare(construct: IConstruct, key: string, path: string, property: "shareName" | "adopt.path"): void {
    this.addKey(construct, "shareName", key);
    for (const [registry, why] of this.related) registry.refusePath(construct, path, property, why);
    const share = { path, construct };
    this.shares.set(path, share);
    for (const directory of parents(path)) this.directories.set(directory, share);
  }

  /** @throws ShareSynthesisError when the rule is declared already. */
  addRule(key: string, rule: AccessClaim): void {
    this.addKey(rule.construct, "ruleName", key);
    this.rules.push(rule);
  }

  /** Contradictions between access rules of which at least one lies below `scope`. */
  accessProblems(scope: IConstruct): ShareSynthesisError[] {
    const rules = [...this.related.keys()].flatMap((registry) => registry.rules);
    return accessConflicts(rules, (rule) => rule.construct.node.scopes.includes(scope));
  }

  private relateTo(other: FileSystemRegistry, mine: Described): void {
    if (this.related.has(other)) return;
    for (const theirs of other.descriptions) {
      const common = inCommon(theirs, mine);
      if (common === undefined) continue;
      const why = `, on the same file system: ${mine.construct.node.path} and ${theirs.construct.node.path} have ${common}`;
      for (const { construct, ids } of this.ranges) other.refuseRange(construct, ids, why);
      for (const [key, { construct, property }] of this.keys) other.refuseKey(construct, property, key, why);
      for (const { construct, path } of this.shares.values()) other.refusePath(construct, path, "shareName", why);
      this.related.set(other, why);
      other.related.set(this, why);
      return;
    }
  }

  private addKey(construct: IConstruct, property: string, key: string): void {
    for (const [registry, why] of this.related) registry.refuseKey(construct, property, key, why);
    this.keys.set(key, { construct, property });
  }

  private refuseRange(construct: IConstruct, ids: ProjectIds, why: string): void {
    const isEqual = (range: ProjectIds) => range.start === ids.start && range.end === ids.end;
    const other = this.ranges.find((range) => range.ids.start <= ids.end && ids.start <= range.ids.end);
    if (!other || isEqual(other.ids)) return;
    throw errors.projectIdsOverlap(construct.node.path, rangeText(ids), other.construct.node.path, rangeText(other.ids), why);
  }

  private refuseKey(construct: IConstruct, property: string, key: string, why: string): void {
    const other = this.keys.get(key);
    if (other) throw declaredTwice(construct.node.path, property, key, other.construct.node.path, why);
  }

  private refusePath(construct: IConstruct, path: string, property: "shareName" | "adopt.path", why: string): void {
    const other = this.nested(path);
    if (other) throw errors.sharesNest(construct.node.path, property, path, other.construct.node.path, other.path, why);
  }

  private nested(path: string): DeclaredShare | undefined {
    const around = parents(path).find((directory) => this.shares.has(directory));
    return this.shares.get(around ?? path) ?? this.directories.get(path);
  }
}

function isCalledAs(a: FileSystemSpec, b: FileSystemSpec): boolean {
  return fileSystemName(a) === fileSystemName(b);
}

// "/a/b/c" lies in "/a/b" and "/a".
function parents(path: string): string[] {
  const parts = path.split("/").slice(1, -1);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join("/")}`);
}

function rangeText({ start, end }: ProjectIds): string {
  return `${start} to ${end}`;
}
