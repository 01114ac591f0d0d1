// From the live nodemaps to the compiled ones, changing only the difference. Pure.
// Order: no address may ever mount what no rule grants it, and an address that moves is between two nodemaps (in `default`) only from its
// `del_range` to the `add_range` right after it.
import { crypto } from "../../../core/crypto";
import type { Step } from "../../../core/plan";
import { compareIntervals, formatInterval, type NidInterval, rangeText, splitRange } from "../../../spec/address";
import * as cli from "../cli";
import type { Site } from "../site";
import type { AccessFeatures, AccessGroup } from "./compiler";
import { overlaps, subtract } from "./intervals";
import { bestPairs, sharedAddresses } from "./match";
import { planBans, type Revoked, type Taken, takenFrom } from "./revocation";
import {
  contentSteps,
  createNodemap,
  dropNodemap,
  isWanted,
  type LiveAccess,
  type LiveNodemap,
  mgs,
  type PrefixNotes,
  prefixNotes,
  type Target,
} from "./steps";

export interface AccessPlan {
  steps: Step[];
  /** Ranges that were added or removed, for the tests of their edges. */
  changed: NidInterval[];
  /** What clients may have mounted and may not mount any more. */
  revoked: Revoked[];
}

export interface Revoking {
  /** What becomes of something that is taken, which may differ from client to client. */
  judge: (taken: Taken) => Revoked[];
  /** Clients whose bans an operator lifts. */
  lifted: readonly NidInterval[];
}

export function planAccess(
  site: Site,
  groups: readonly AccessGroup[],
  live: LiveAccess,
  features: AccessFeatures,
  { judge, lifted }: Revoking,
): AccessPlan {
  const targets = assignNodemaps(site, groups, live, features);
  const kept = new Set(targets.map((target) => target.name));
  const dropped = [...live.registered.keys()].filter((name) => !kept.has(name)).sort();
  const additions = targets
    .flatMap((target) => target.add.map((range) => ({ range, name: target.name })))
    .sort((a, b) => compareIntervals(a.range, b.range));
  const removals = removalsOf(targets, dropped, live);
  const isUnclear = (name: string) => live.nodemaps.get(name)?.unclear === true;
  const contents = new Map(
    targets.flatMap((target): [Target, Step[]][] => {
      const steps = target.isNew ? [] : contentSteps(target, features, live.knows);
      return steps.length > 0 ? [[target, steps]] : [];
    }),
  );
  const changing = [...contents.keys()];
  const mustGoFirst = (removal: Removal) =>
    changing.some((target) => target.name === removal.name) || !additions.some(({ range }) => overlaps(range, [removal.range]));
  const oneByOne = removals.filter(({ name }) => !isUnclear(name));
  const first = oneByOne.filter(mustGoFirst);
  const moving = oneByOne.filter((removal) => !mustGoFirst(removal));
  const revoked = [
    ...removals.flatMap(({ name, range }) => takenFrom(live.nodemaps.get(name) as LiveNodemap, range, groups)),
    ...changing.flatMap(({ live: nodemap, remove, group }) =>
      nodemap.ranges.filter((range) => !remove.includes(range)).flatMap((range) => takenFrom(nodemap, range, [group])),
    ),
  ].flatMap(judge);
  const bans = planBans(site, { groups, targets, live, revoked, lifted });

  const drop = (name: string) => dropNodemap(site, name, live, features);
  const notes = prefixNotes(site, live);
  const steps = [
    ...targets.flatMap(notes.first),
    ...targets.filter((target) => target.isNew).flatMap((target) => createNodemap(target, features, live.knows)),
    ...bans.before,
    ...first.map(deleteRange),
    ...dropped.filter(isUnclear).flatMap(drop),
    ...[...contents.values()].flat(),
    ...moveRanges(additions, moving, notes),
    ...dropped.filter((name) => !isUnclear(name)).flatMap(drop),
    ...bans.after,
    ...targets.flatMap(notes.last),
  ];
  return { steps, revoked, changed: [...additions.map(({ range }) => range), ...removals.map(({ range }) => range)] };
}

// ---- pairing ---------------------------------------------------------------------------------------------------------------

function assignNodemaps(site: Site, groups: readonly AccessGroup[], live: LiveAccess, features: AccessFeatures): Target[] {
  const ours = [...live.registered.keys()].flatMap((name) => live.nodemaps.get(name) ?? []);
  // Nothing that others hold is added over; of an IPv6 prefix of theirs the first address is all that is known, and the same prefix is refused (golden y561).
  const others = [...live.nodemaps.values()].filter(({ name }) => !live.registered.has(name)).flatMap(({ ranges }) => ranges);
  const shared = sharedAddresses(
    groups.map(({ intervals }) => intervals),
    ours.map(({ ranges }) => ranges),
  );
  const canPair = (row: number, column: number) => canBecome(ours[column] as LiveNodemap, groups[row] as AccessGroup, features);
  const pairs = bestPairs(shared.map((line, row) => new Map([...line].filter(([column]) => canPair(row, column)))));
  const taken = new Set(pairs.flatMap((column) => (column < 0 ? [] : [(ours[column] as LiveNodemap).name])));
  return groups.map((group, index) => {
    const paired = ours[pairs[index] ?? -1];
    const name = paired?.name ?? newName(site, group, live, taken);
    taken.add(name);
    const nodemap = live.nodemaps.get(name);
    const ranges = nodemap?.ranges ?? [];
    // A range that is wanted stays as it is, also where it could be joined with a new neighbour: whoever is in it must not leave it.
    const wanted = ranges.filter((range) => subtract([range], group.intervals).length === 0);
    const staying = wanted.filter((range) => !group.intervals.some((all) => overlaps(range, [all]) && crumbles(all, wanted)));
    return {
      name,
      group,
      live: nodemap ?? { name, ranges: [], filesets: [], properties: new Map(), banned: [] },
      isNew: nodemap === undefined,
      add: subtract(group.intervals, [...staying, ...others]).flatMap(splitRange),
      remove: ranges.filter((range) => !staying.includes(range)),
    };
  });
}

const mostPieces = 16;

/** Around a small IPv6 range the rest of its network is dozens of prefixes: then the whole takes its place. */
function crumbles(all: NidInterval, kept: readonly NidInterval[]): boolean {
  if (all.family !== 6) return false;
  return subtract([all], kept).flatMap(splitRange).length > splitRange(all).length + mostPieces;
}

/**
 * A nodemap without any fileset shows the whole tree, so one that has clients may only change into a group with which it shares a fileset:
 * there is one to close last and one to open first.
 */
function canBecome({ filesets, unclear }: LiveNodemap, group: AccessGroup, features: AccessFeatures): boolean {
  if (unclear) return false;
  if (filesets.length === 0) return true;
  // 2.16 has one fileset, which it replaces at once; but the level is set before or after.
  return filesets.some((fileset) => (features.alternateFilesets ? isWanted(fileset, group) : group.filesets.has(fileset.path)));
}

const base32 = "abcdefghijklmnopqrstuvwxyz234567";

/**
 * "sw_" and 12 letters: nodemap names hold 16 characters of [A-Za-z0-9_] (golden d012, d013). 60 bits: with 1,000 nodemaps the odds of a
 * clash are below one in a million million, and a clash is seen here. A name from an unfinished run of ours is used again.
 */
function newName(site: Site, group: AccessGroup, live: LiveAccess, taken: ReadonlySet<string>): string {
  for (let salt = 0; ; salt += 1) {
    const text = [site.fileSystem.fsName, ...group.filesets.keys(), ...group.intervals.map(formatInterval), salt].join("\n");
    const digest = crypto().createHash("sha256").update(text).digest();
    const name = `sw_${[...digest.subarray(0, 12)].map((byte) => base32[byte % 32]).join("")}`;
    const existing = live.nodemaps.get(name);
    const free = !existing || (live.registered.has(name) && existing.ranges.length === 0);
    if (free && !taken.has(name)) return name;
  }
}

// ---- ranges ----------------------------------------------------------------------------------------------------------------

interface Removal {
  name: string;
  range: NidInterval;
}

function removalsOf(targets: readonly Target[], dropped: readonly string[], live: LiveAccess): Removal[] {
  return [
    ...targets.flatMap((target) => target.remove.map((range) => ({ name: target.name, range }))),
    ...dropped.flatMap((name) => (live.nodemaps.get(name)?.ranges ?? []).map((range) => ({ name, range }))),
  ];
}

function deleteRange({ name, range }: Removal): Step {
  return mgs(
    "remove-range",
    `take ${formatInterval(range)} out of nodemap ${name}`,
    cli.lctlNodemapDelRange(name, rangeText(range)),
  );
}

function addRange({ name, range }: Removal): Step {
  return mgs("add-range", `put ${formatInterval(range)} into nodemap ${name}`, cli.lctlNodemapAddRange(name, rangeText(range)));
}

/** Adds every range, each right after the live ranges that stand in its way have gone. */
function moveRanges(additions: readonly Removal[], moving: readonly Removal[], notes: PrefixNotes): Step[] {
  const waiting = new Set(moving);
  return additions.flatMap((addition) => {
    const inTheWay = [...waiting].filter((removal) => overlaps(removal.range, [addition.range]));
    for (const removal of inTheWay) waiting.delete(removal);
    return [...inTheWay.map(deleteRange), ...notes.before(addition.name, addition.range), addRange(addition)];
  });
}
