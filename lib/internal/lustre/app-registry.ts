// What all constructs of an app say about each Lustre file system: shares, access rules and project ids are global to it.
import type { IConstruct } from "constructs";
import { declaredTwice } from "../errors";
import type { ShareSynthesisError } from "../synthesis-error";
import { type AccessClaim, accessConflicts } from "./access-conflicts";
import * as errors from "./errors";

interface ProjectIds {
  readonly start: number;
  readonly end: number;
}

interface DeclaredShare {
  readonly path: string;
  readonly construct: IConstruct;
}

const registries = new WeakMap<IConstruct, Map<string, FileSystemRegistry>>();

export class FileSystemRegistry {
  /** The registry of a file system in the app that holds `construct`. */
  static of(construct: IConstruct, fsName: string): FileSystemRegistry {
    const byName = registries.get(construct.node.root) ?? new Map<string, FileSystemRegistry>();
    registries.set(construct.node.root, byName);
    const found = byName.get(fsName) ?? new FileSystemRegistry();
    byName.set(fsName, found);
    return found;
  }

  private readonly ranges: { construct: IConstruct; ids: ProjectIds }[] = [];
  private readonly keys = new Map<string, IConstruct>();
  private readonly shares = new Map<string, DeclaredShare>();
  /** Some share below each directory that holds one. */
  private readonly directories = new Map<string, DeclaredShare>();
  private readonly rules: AccessClaim[] = [];

  /** @throws ShareSynthesisError when the range overlaps another one without being equal to it. */
  addProjectIds(construct: IConstruct, ids: ProjectIds): void {
    const equal = this.ranges.find((range) => range.ids.start === ids.start && range.ids.end === ids.end);
    if (equal) return;
    const other = this.ranges.find((range) => range.ids.start <= ids.end && ids.start <= range.ids.end);
    if (other)
      throw errors.projectIdsOverlap(construct.node.path, rangeText(ids), other.construct.node.path, rangeText(other.ids));
    this.ranges.push({ construct, ids });
  }

  /** @throws ShareSynthesisError when the share is declared already, or its directory lies in or around another share's. */
  addShare(construct: IConstruct, key: string, path: string, property: "shareName" | "adopt.path"): void {
    this.addKey(construct, "shareName", key);
    const other = this.nested(path);
    if (other) throw errors.sharesNest(construct.node.path, property, path, other.construct.node.path, other.path);
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
    return accessConflicts(this.rules, (rule) => rule.construct.node.scopes.includes(scope));
  }

  private addKey(construct: IConstruct, property: string, key: string): void {
    const other = this.keys.get(key);
    if (other) throw declaredTwice(construct.node.path, property, key, other.node.path);
    this.keys.set(key, construct);
  }

  private nested(path: string): DeclaredShare | undefined {
    const around = parents(path).find((directory) => this.shares.has(directory));
    return this.shares.get(around ?? path) ?? this.directories.get(path);
  }
}

// "/a/b/c" lies in "/a/b" and "/a".
function parents(path: string): string[] {
  const parts = path.split("/").slice(1, -1);
  return parts.map((_, index) => `/${parts.slice(0, index + 1).join("/")}`);
}

function rangeText({ start, end }: ProjectIds): string {
  return `${start} to ${end}`;
}
