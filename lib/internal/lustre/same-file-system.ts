// Several LustreFileSystem constructs of one stack may describe one file system (say, one a prefix); then they must agree, since its
// claims are one block and a destroy hook has one description of the file system.
import type { IConstruct } from "constructs";
import type { FileSystemSpec } from "../../../src/spec/lustre";
import { fileSystemsDiffer } from "./errors";

interface Described {
  readonly construct: IConstruct;
  readonly spec: FileSystemSpec;
  readonly carrier: string;
}

const described = new WeakMap<IConstruct, Map<string, Described>>();
const free: readonly string[] = ["pathPrefix", "projectIds", "exportNids"];

/** @throws ShareSynthesisError naming the first property that differs from an earlier description in the same stack. */
export function requireSameDescription(stack: IConstruct, mine: Described): void {
  const byName = described.get(stack) ?? new Map<string, Described>();
  described.set(stack, byName);
  const first = byName.get(mine.spec.fsName);
  if (!first) {
    byName.set(mine.spec.fsName, mine);
    return;
  }
  const [a, b] = [properties(first), properties(mine)];
  const different = Object.keys({ ...b, ...a }).find(
    (name) => !free.includes(name) && JSON.stringify(a[name]) !== JSON.stringify(b[name]),
  );
  if (different === undefined) return;
  throw fileSystemsDiffer(mine.construct.node.path, different, b[different], first.construct.node.path, a[different]);
}

function properties({ spec, carrier }: Described): Record<string, unknown> {
  return { ...spec, carrier };
}
