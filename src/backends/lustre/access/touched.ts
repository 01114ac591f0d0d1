// What a change of access does for whom. Access is compiled as a whole, so that a run does things for rules of others as well. Pure.

import { intersect, type NidInterval, union } from "../../../spec/address";
import { subtract } from "./intervals";
import { allOf, levelOf } from "./revocation";
import type { LiveNodemap, Target } from "./steps";

/** A rule, with all clients that it has or is to have. */
export interface OwnedRule {
  key: string;
  owner: string;
  fileset: string;
  intervals: readonly NidInterval[];
}

const effects = {
  in: "let in",
  out: "shut out",
  rw: "may write from now on",
  ro: "may only read from now on",
  split: "out of their nodemap for a moment, in one go with what puts them back: Lustre splits a range only by taking it out",
  moved: "moved to another nodemap, in one go: what else they may mount has changed",
};
export type Effect = keyof typeof effects;

/** What is done for clients of a rule. */
export interface Touched {
  key: string;
  owner: string;
  effect: Effect;
  clients: NidInterval[];
}

export interface Change {
  /** Ranges that go. */
  removed: readonly NidInterval[];
  /** Ranges that come, and those of nodemaps whose rights change. */
  changed: readonly NidInterval[];
  nodemaps: readonly LiveNodemap[];
  targets: readonly Target[];
}

export function touchedBy(rules: readonly OwnedRule[], { removed, changed, nodemaps, targets }: Change): Touched[] {
  const ranges = union([...removed, ...changed]);
  const goals = targets.map((target) => ({ target, ranges: target.group.intervals }));
  return rules.flatMap(({ key, owner, fileset, intervals }) => {
    const found = new Map<Effect, NidInterval[]>();
    for (const [was, clients] of partition(meet(union(intervals), ranges), nodemaps)) {
      for (const [goal, both] of partition(clients, goals)) {
        const effect = effectOn(fileset, was, goal?.target);
        const touched = effect === "split" ? meet(both, removed) : both;
        if (effect && touched.length > 0) found.set(effect, union([...(found.get(effect) ?? []), ...touched]));
      }
    }
    return [...found].map(([effect, clients]) => ({ key, owner, effect, clients }));
  });
}

function effectOn(path: string, was: LiveNodemap | undefined, target: Target | undefined): Effect | undefined {
  const isOpen = was?.filesets.length === 0 || was?.filesets.some((one) => one.path === path);
  const before = was && isOpen ? levelOf(was.properties) : undefined;
  const after = target?.group.filesets.has(path) ? levelOf(target.group.properties) : undefined;
  if (before !== after) return before === undefined ? "in" : (after ?? "out");
  if (before === undefined) return undefined;
  return was?.name === target?.name ? "split" : "moved";
}

/** Addresses by which of several disjoint sets they are in; undefined for those in none. Of most rules none are asked for. */
function partition<Part extends { ranges: readonly NidInterval[] }>(
  clients: readonly NidInterval[],
  parts: readonly Part[],
): [Part | undefined, NidInterval[]][] {
  if (clients.length === 0) return [];
  const inside = parts
    .map((part): [Part, NidInterval[]] => [part, meet(clients, part.ranges)])
    .filter(([, some]) => some.length > 0);
  const outside = subtract(
    clients,
    inside.flatMap(([, some]) => some),
  );
  return [...inside, [undefined, outside]];
}

function meet(some: readonly NidInterval[], others: readonly NidInterval[]): NidInterval[] {
  return some.flatMap((one) => others.flatMap((other) => intersect(one, other) ?? []));
}

/** For people: whose clients they are, and what is done. */
export function touchedNote({ key, owner, effect, clients }: Touched, list = allOf): string {
  return `for rule ${key} of "${owner}": ${list(clients)} ${effects[effect]}`;
}
