// Which access rules of one file system contradict each other. A client is in exactly one nodemap, so level, squash and rbac are
// properties of the client, not of the share (lctl-nodemap_modify(8)); Lustre 2.16 moreover shows a client one share only.
import type { IConstruct } from "constructs";
import { compareIntervals, formatInterval, intersect, type NidInterval } from "../../../src/spec/address";
import type { ShareSynthesisError } from "../synthesis-error";
import { accessContradicts, tooManyContradictions } from "./errors";

/** What one access rule claims for its clients. */
export interface AccessClaim {
  readonly construct: IConstruct;
  /** Key of the share. */
  readonly share: string;
  readonly level: "rw" | "ro";
  readonly advisoryReadOnly: boolean;
  /** "root", "none", "all UID:GID", or "all" where the ids are not known at synthesis. */
  readonly squash: string;
  readonly rbac: string | undefined;
  readonly lustreVersion: "2.16" | "2.17";
  /** Clients that are known at synthesis. */
  readonly intervals: readonly NidInterval[];
}

interface Span {
  readonly rule: AccessClaim;
  readonly interval: NidInterval;
}

const mostShown = 50;

/**
 * Sweeps over the addresses once. Rules that say the same form one group, and a rule is compared with the groups that are open where
 * it starts: n log n for any number of rules that agree, however much they overlap.
 */
export function accessConflicts(rules: readonly AccessClaim[], concerns: (rule: AccessClaim) => boolean): ShareSynthesisError[] {
  const spans = rules.flatMap((rule) => rule.intervals.map((interval) => ({ rule, interval })));
  const starts = [...spans].sort((a, b) => compareIntervals(a.interval, b.interval));
  const ends = [...spans].sort((a, b) => compareEnds(a.interval, b.interval));
  const open = new OpenSpans();
  const reported = new Map<AccessClaim, Set<AccessClaim>>();
  const problems: ShareSynthesisError[] = [];
  let closed = 0;
  for (const span of starts) {
    for (let end = ends[closed]; end && isBefore(end.interval, span.interval); end = ends[closed]) {
      open.delete(end);
      closed += 1;
    }
    for (const other of open.against(span)) {
      if (!concerns(span.rule) && !concerns(other.rule)) continue;
      const pairs = reported.get(span.rule) ?? new Set();
      if (pairs.has(other.rule) || reported.get(other.rule)?.has(span.rule)) continue;
      reported.set(span.rule, pairs.add(other.rule));
      if (problems.length === mostShown) return [...problems, tooManyContradictions(span.rule.construct.node.path, mostShown)];
      problems.push(describe(other, span));
    }
    open.add(span);
  }
  return problems;
}

function compareEnds(a: NidInterval, b: NidInterval): number {
  return compareIntervals({ ...a, start: a.end }, { ...b, start: b.end });
}

/** True when `a` ends before `b` starts, in the order of `compareIntervals`. */
function isBefore(a: NidInterval, b: NidInterval): boolean {
  return compareIntervals({ ...a, start: a.end, end: a.end }, { ...b, end: b.start }) < 0;
}

// Open spans by what their rules say, and within that by share: two rules of one cell never contradict each other.
class OpenSpans {
  private readonly groups = new Map<string, Map<string, Set<Span>>>();

  add(span: Span): void {
    const shares = this.groups.get(sayings(span.rule)) ?? new Map<string, Set<Span>>();
    this.groups.set(sayings(span.rule), shares);
    const cell = shares.get(span.rule.share) ?? new Set();
    shares.set(span.rule.share, cell.add(span));
  }

  delete(span: Span): void {
    const shares = this.groups.get(sayings(span.rule));
    const cell = shares?.get(span.rule.share);
    cell?.delete(span);
    if (cell?.size === 0) shares?.delete(span.rule.share);
    if (shares?.size === 0) this.groups.delete(sayings(span.rule));
  }

  /** Every open span that contradicts `span`; touches only the cells where one does. */
  *against(span: Span): Generator<Span> {
    for (const shares of this.groups.values()) {
      const same = shares.get(span.rule.share);
      for (const other of same ?? []) {
        if (!contradiction(other.rule, span.rule)) break;
        yield other;
      }
      for (const [share, cell] of shares) {
        if (share === span.rule.share) continue;
        const [sample] = cell;
        if (!sample || !contradiction(sample.rule, span.rule)) break;
        yield* cell;
      }
    }
  }
}

function sayings({ level, advisoryReadOnly, squash, rbac, lustreVersion }: AccessClaim): string {
  return JSON.stringify([level, advisoryReadOnly, squash, rbac ?? null, lustreVersion]);
}

interface Contradiction {
  readonly property: string;
  readonly why: string;
  readonly fix: string;
}

/** Why two rules with a client in common cannot both hold. Depends on what they say, and on whether they open the same share. */
function contradiction(a: AccessClaim, b: AccessClaim): Contradiction | undefined {
  const sameShare = a.share === b.share;
  if (!sameShare && [a, b].some((rule) => rule.lustreVersion === "2.16")) {
    return {
      property: "clients",
      why: "Lustre 2.16 shows a client one share only",
      fix: "give each client one share, or write lustreVersion: LustreVersion.V2_17 if the servers run it",
    };
  }
  if (squashDiffers(a.squash, b.squash)) return ofClient("squash", a.squash, b.squash);
  if (a.rbac !== b.rbac) return ofClient("rbac", a.rbac ?? "(left out)", b.rbac ?? "(left out)");
  if (a.level === b.level) return undefined;
  if (sameShare) {
    return { property: "level", why: `${a.level} against ${b.level} on one share`, fix: "write one level for these clients" };
  }
  if ((a.level === "ro" ? a : b).advisoryReadOnly) return undefined;
  return {
    property: "level",
    why: "rw on one share and ro on another cannot be enforced, a client can remount its read-only share for writing (measured on 2.17.0)",
    fix: "write one level for these clients, or accept that by name with advisoryReadOnly: true on the ro rule",
  };
}

function squashDiffers(a: string, b: string): boolean {
  const unknown = [a, b].includes("all") && a.startsWith("all") && b.startsWith("all");
  return a !== b && !unknown;
}

function ofClient(property: string, a: string, b: string): Contradiction {
  return {
    property,
    why: `"${a}" against "${b}", and a client has one ${property} on all its shares`,
    fix: `write the same ${property} in all rules of these clients`,
  };
}

function describe(first: Span, second: Span): ShareSynthesisError {
  const found = contradiction(first.rule, second.rule);
  const common = intersect(first.interval, second.interval);
  if (!found || !common) throw new Error("a contradiction without cause or clients");
  const [path, otherPath] = [second.rule.construct.node.path, first.rule.construct.node.path];
  return accessContradicts(path, found.property, formatInterval(common), otherPath, found.why, found.fix);
}
