// Access is compiled, not edited: all rules of a file system become one disjoint partition of addresses, each part with what it may mount
// and as whom. Pure. Why a partition: a NID is in exactly one nodemap, and overlap of any kind is refused (golden d042 to d046).
import { compareIntervals, formatInterval, type NidInterval, sameNetwork } from "../../../spec/address";
import { type AccessRuleSpec, formatSquash, type Squash } from "../../../spec/lustre";
import { rbacOrder, withAlways } from "./nodemap-properties";

/** A rule that can be compiled: its clients as intervals. */
export interface CompilableRule {
  key: string;
  spec: AccessRuleSpec;
  intervals: NidInterval[];
}

/** Clients with the same grants and identity: one nodemap. */
export interface AccessGroup {
  /** Path to "read-only is advisory" of each fileset, sorted by path. */
  filesets: Map<string, boolean>;
  properties: ReadonlyMap<string, string>;
  /** Disjoint, sorted; neighbours joined where the same rules let them in, so that a rule that goes takes nobody else's range along. */
  intervals: NidInterval[];
}

export interface AccessConflict {
  rules: [string, string];
  clients: NidInterval;
  why: string;
}

/** What a Lustre version can express. */
export interface AccessFeatures {
  /** Several filesets in a nodemap (2.17). */
  alternateFilesets: boolean;
  /** Cutting mounted clients off (2.17). */
  banlist: boolean;
  ipv6: boolean;
  /** Roles that the rbac property knows. */
  rbacRoles: readonly string[];
}

export interface CompiledAccess {
  groups: AccessGroup[];
  conflicts: AccessConflict[];
}

export function compileAccess(rules: readonly CompilableRule[], features: AccessFeatures): CompiledAccess {
  const groups = new Map<string, AccessGroup>();
  const identities = new Map<string, Identity>();
  const conflicts = new Map<string, AccessConflict>();
  const lastRules = new Map<AccessGroup, readonly CompilableRule[]>();
  for (const { interval, rules: inForce } of segments(rules)) {
    const conflict = findConflict(inForce, interval, features);
    if (conflict) {
      const name = conflict.rules.join("\n");
      if (!conflicts.has(name)) conflicts.set(name, conflict);
      continue;
    }
    const filesets = filesetsOf(inForce);
    const { properties, number } = identityOf(inForce, features, identities);
    const signature = `${number} ${JSON.stringify([...filesets])}`;
    const group = groups.get(signature) ?? { filesets, properties, intervals: [] };
    groups.set(signature, group);
    append(group.intervals, interval, haveSame(lastRules.get(group), inForce));
    lastRules.set(group, inForce);
  }
  return { groups: [...groups.values()], conflicts: [...conflicts.values()] };
}

interface Segment {
  interval: NidInterval;
  rules: CompilableRule[];
}

interface Claim {
  interval: NidInterval;
  rule: CompilableRule;
}

/** The disjoint parts of all rules' addresses, in their order, each with the rules that cover it. */
function segments(rules: readonly CompilableRule[]): Segment[] {
  const claims = rules
    .flatMap((rule) => rule.intervals.map((interval) => ({ interval, rule })))
    .sort((a, b) => compareIntervals(a.interval, b.interval));
  return clusters(claims).flatMap(([first, ...more]) =>
    more.length === 0 ? [{ interval: { ...first.interval }, rules: [first.rule] }] : swept([first, ...more]),
  );
}

type Cluster = [Claim, ...Claim[]];

/** What overlaps, directly or by what lies between. Most rules have their addresses for themselves. */
function clusters(sorted: readonly Claim[]): Cluster[] {
  const found: Cluster[] = [];
  let [last, end]: [Cluster | undefined, bigint] = [undefined, 0n];
  for (const claim of sorted) {
    const { interval } = claim;
    if (last && sameNetwork(last[0].interval, interval) && interval.start <= end) {
      last.push(claim);
      if (interval.end > end) end = interval.end;
    } else {
      last = [claim];
      end = interval.end;
      found.push(last);
    }
  }
  return found;
}

/** A sweep over the borders. */
function swept(cluster: Cluster): Segment[] {
  const borders = cluster
    .flatMap(({ interval, rule }) => [
      { at: interval.start, opens: true, rule },
      { at: interval.end + 1n, opens: false, rule },
    ])
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  const found: Segment[] = [];
  const open = new Map<CompilableRule, number>();
  for (const [index, { at, opens, rule }] of borders.entries()) {
    const depth = (open.get(rule) ?? 0) + (opens ? 1 : -1);
    if (depth > 0) open.set(rule, depth);
    else open.delete(rule);
    const next = borders[index + 1];
    if (!next || open.size === 0 || next.at === at) continue;
    found.push({
      interval: { ...cluster[0].interval, start: at, end: next.at - 1n },
      rules: [...open.keys()].sort((a, b) => (a.key < b.key ? -1 : 1)),
    });
  }
  return found;
}

/** Borders within an IPv6 network would take it to pieces: dozens of prefixes. */
function append(intervals: NidInterval[], interval: NidInterval, isOfSameRules: boolean): void {
  const last = intervals.at(-1);
  const isNeighbour = last && sameNetwork(last, interval) && last.end + 1n === interval.start;
  if (isNeighbour && (isOfSameRules || interval.family === 6)) last.end = interval.end;
  else intervals.push({ ...interval });
}

function haveSame(some: readonly CompilableRule[] | undefined, others: readonly CompilableRule[]): boolean {
  return some?.length === others.length && some.every((rule, index) => rule === others[index]);
}

// ---- what cannot be said ---------------------------------------------------------------------------------------------------

function findConflict(
  rules: readonly CompilableRule[],
  clients: NidInterval,
  features: AccessFeatures,
): AccessConflict | undefined {
  const [first] = rules;
  if (!first) return undefined;
  for (const rule of rules) {
    const why = clientProblem(clients, features) ?? (rule === first ? undefined : pairProblem(first, rule, features));
    if (why) return { rules: [first.key, rule.key], clients, why };
  }
  const mixed = levelConflict(rules);
  return mixed && { ...mixed, clients };
}

function clientProblem(clients: NidInterval, features: AccessFeatures): string | undefined {
  return clients.family === 6 && !features.ipv6 ? "IPv6 clients need Lustre 2.17" : undefined;
}

function pairProblem(a: CompilableRule, b: CompilableRule, features: AccessFeatures): string | undefined {
  if (formatSquash(a.spec.squash) !== formatSquash(b.spec.squash))
    return `squash "${formatSquash(a.spec.squash)}" and "${formatSquash(b.spec.squash)}" for one client`;
  if (rolesOf(a.spec) !== rolesOf(b.spec)) return `rbac "${rbacText(a.spec)}" and "${rbacText(b.spec)}" for one client`;
  if (a.spec.fileset !== b.spec.fileset && !features.alternateFilesets) return "several shares for one client need Lustre 2.17";
  return undefined;
}

function rolesOf(spec: AccessRuleSpec): string {
  return rbacOrder(spec.rbac ?? defaultRbac);
}

function rbacText(spec: AccessRuleSpec): string {
  return spec.rbac?.join(",") ?? "(default)";
}

/** rw on one share and ro on another cannot be enforced for one client; on one share the two contradict each other outright. */
function levelConflict(rules: readonly CompilableRule[]): Omit<AccessConflict, "clients"> | undefined {
  const writers = rules.filter((rule) => rule.spec.level === "rw");
  const [writer] = writers;
  if (!writer) return undefined;
  for (const { key, spec } of writers) {
    const same = rules.find((rule) => rule.spec.level === "ro" && rule.spec.fileset === spec.fileset);
    if (same) return { rules: [key, same.key], why: "level rw and ro for one client on one share" };
  }
  const other = rules.find((rule) => rule.spec.level === "ro" && !rule.spec.advisoryReadOnly);
  return (
    other && {
      rules: [writer.key, other.key],
      why: "rw on one share and ro on another cannot be enforced for one client (accept it with advisoryReadOnly)",
    }
  );
}

// ---- what a group is -------------------------------------------------------------------------------------------------------

function filesetsOf(rules: readonly CompilableRule[]): Map<string, boolean> {
  const mixed = isMixed(rules);
  const entries = rules.map((rule): [string, boolean] => [rule.spec.fileset, mixed && rule.spec.level === "ro"]);
  return new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isMixed(rules: readonly CompilableRule[]): boolean {
  return rules.some((rule) => rule.spec.level === "rw");
}

/** Roles a tenant needs; the others would let it change limits, read other tenants' names or escape its project id (golden k007, l001 to l003). */
export const defaultRbac: readonly string[] = ["file_perms", "fscrypt_admin", "server_upcall"];

/** The properties of a nodemap, and a number that no others have. */
interface Identity {
  properties: ReadonlyMap<string, string>;
  number: number;
}

/** Most rules of a file system ask for the same few: each is worked out once. By what is asked, and by what comes of it. */
function identityOf(rules: readonly CompilableRule[], features: AccessFeatures, known: Map<string, Identity>): Identity {
  const [{ spec }] = rules as [CompilableRule, ...CompilableRule[]];
  const asked = JSON.stringify([spec.squash, spec.rbac, isMixed(rules)]);
  const found = known.get(asked);
  if (found) return found;
  const properties = propertiesOf(rules, features);
  const text = JSON.stringify([...properties]);
  const identity = known.get(text) ?? { properties, number: known.size };
  known.set(asked, identity).set(text, identity);
  return identity;
}

/** All properties of a nodemap. The level never changes identity. */
function propertiesOf(rules: readonly CompilableRule[], features: AccessFeatures): Map<string, string> {
  const [rule] = rules as [CompilableRule, ...CompilableRule[]];
  const { squash } = rule.spec;
  const roles = (rule.spec.rbac ?? defaultRbac).filter((role) => features.rbacRoles.includes(role));
  return withAlways({
    ...identity(squash),
    readonly_mount: isMixed(rules) ? "0" : "1",
    rbac: roles.length === 0 ? "none" : rbacOrder(roles),
  });
}

function identity(squash: Squash): Record<string, string> {
  const squashed = squash.kind === "all" ? squash : { uid: 65534, gid: 65534 };
  return {
    // Project ids are not mapped for an untrusted nodemap: they are inherited and enforced as they are.
    map_mode: squash.kind === "all" ? "uid,gid" : "all",
    squash_uid: String(squashed.uid),
    squash_gid: String(squashed.gid),
    admin: squash.kind === "none" ? "1" : "0",
    trusted: squash.kind === "all" ? "0" : "1",
  };
}

export function describeConflict(conflict: AccessConflict): string {
  const [a, b] = conflict.rules;
  const who = formatInterval(conflict.clients);
  return a === b ? `${a}: ${conflict.why} (${who})` : `${a} and ${b}: ${conflict.why} (${who})`;
}
