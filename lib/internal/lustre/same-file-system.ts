// Which file system a description is of: its name, and the MGS that clients mount it from. Several constructs of one stack may describe one file system
// (say, one a prefix); then they must agree, since its claims are one block and a destroy hook has one description of the file system.
import type { IConstruct } from "constructs";
import { formatNid, normalNet, parseNid } from "../../../src/spec/address";
import type { FileSystemSpec } from "../../../src/spec/lustre";
import { machinesOf, thisMachine } from "../machines";
import { fileSystemsDiffer, needsSite } from "./errors";

export interface Described {
  readonly construct: IConstruct;
  /** What the stack has of ours once. */
  readonly stack: IConstruct;
  readonly spec: FileSystemSpec;
  readonly carrier: string;
}

/**
 * What shows that two descriptions are of one file system; undefined where nothing does. A NID in common does, a mount point of one machine and an MGS on
 * one machine; of the machine that runs Terraform only within a stack. In other stacks another `site` says that it is another one.
 */
export function inCommon(one: Described, other: Described): string | undefined {
  const [a, b] = [one.spec, other.spec];
  const isOneStack = one.stack === other.stack;
  if (a.fsName !== b.fsName || (!isOneStack && a.site !== b.site)) return undefined;
  const common = (mine: readonly string[], others: readonly string[]) => mine.find((text) => others.includes(text));
  const machines = (mine: readonly string[], others: readonly string[]) =>
    common(isOneStack ? mine : mine.filter((machine) => machine !== thisMachine), others);
  const nid = common(nidsOf(a), nidsOf(b));
  if (nid !== undefined) return `the NID ${nid}`;
  if (a.mountPoint === b.mountPoint && machines(machinesOf(a.client), machinesOf(b.client)))
    return `the mount point ${a.mountPoint} of one client`;
  return machines(mgsOf(a), mgsOf(b)) && "one machine as their MGS";
}

function nidsOf({ exportNids }: FileSystemSpec): string[] {
  return exportNids.flatMap((host) => host.split(",")).map(normalNid);
}

/** Two ways to write one NID are one text; a name stays a name. */
function normalNid(text: string): string {
  const nid = parseNid(text);
  if (nid) return formatNid(nid, nid.start);
  const [host = "", net = ""] = text.split("@");
  return `${host.toLowerCase()}@${normalNet(net) ?? net}`;
}

/** Where `mgs` is left out it is the client's connection, which says nothing of the MGS. */
function mgsOf({ client, mgs }: FileSystemSpec): string[] {
  return JSON.stringify(client) === JSON.stringify(mgs) ? [] : machinesOf(mgs);
}

const described = new WeakMap<IConstruct, Described[]>();
const free: readonly string[] = ["pathPrefix", "projectIds", "exportNids"];

/** @throws ShareSynthesisError naming what differs from another description of the same file system in the stack, or that another one has its name. */
export function requireSameDescription(mine: Described): void {
  const all = described.get(mine.stack) ?? [];
  described.set(mine.stack, all);
  for (const other of all.filter(({ spec }) => spec.fsName === mine.spec.fsName)) {
    const common = inCommon(other, mine);
    if (common !== undefined) requireAlike(other, mine, common);
    else if (other.spec.site === mine.spec.site)
      throw needsSite(mine.construct.node.path, mine.spec.fsName, mine.spec.site, other.construct.node.path);
  }
  all.push(mine);
}

function requireAlike(first: Described, mine: Described, common: string): void {
  const [a, b] = [properties(first), properties(mine)];
  const different = Object.keys({ ...b, ...a }).find(
    (name) => !free.includes(name) && JSON.stringify(a[name]) !== JSON.stringify(b[name]),
  );
  if (different === undefined) return;
  throw fileSystemsDiffer(mine.construct.node.path, different, b[different], first.construct.node.path, a[different], common);
}

function properties({ spec, carrier }: Described): Record<string, unknown> {
  return { ...spec, carrier };
}
