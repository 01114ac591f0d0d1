// From the live nodemaps to the compiled ones, changing only the difference. Pure.
// Order: no address may ever mount what no rule grants it, and an address that moves is between two nodemaps (in `default`) only from its
// `del_range` to the `add_range` right after it, which the MGS does in one go. Whose grants stay the same moves only where its range has to be split.
import { crypto } from "../../../core/crypto";
import type { Step } from "../../../core/plan";
import { compareIntervals, formatInterval, type NidInterval, splitRange } from "../../../spec/address";
import type { Fileset } from "../parse";
import type { Site } from "../site";
import type { AccessFeatures, AccessGroup } from "./compiler";
import { overlaps, subtract } from "./intervals";
import { bestPairs, sharedAddresses } from "./match";
import { deleteRange, moveRanges, movesOf, type Placed } from "./moves";
import { planBans, type Revoked, type Taken, takenFrom } from "./revocation";
import {
  contentSteps,
  createNodemap,
  differingProperties,
  dropNodemap,
  isWanted,
  type LiveAccess,
  type LiveNodemap,
  prefixNotes,
  type Target,
} from "./steps";
import type { Change } from "./touched";

export interface AccessPlan {
  steps: Step[];
  /** Ranges that were added or removed, for the tests of their edges. */
  changed: NidInterval[];
  /** What clients may have mounted and may not mount any more. */
  revoked: Revoked[];
  /** What tells whose clients are touched. */
  change: Change;
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
  const assigned = assignNodemaps(site, groups, live, features);
  const kept = new Set(assigned.map((target) => target.name));
  const dropped = [...live.registered.keys()].filter((name) => !kept.has(name)).sort();
  const removals = removalsOf(assigned, dropped, live);
  const isUnclear = (name: string) => live.nodemaps.get(name)?.unclear === true;
  const contents = new Map(
    assigned.flatMap((target): [Target, Step[]][] => {
      const steps = target.isNew ? [] : contentSteps(target, features, live.knows);
      return steps.length > 0 ? [[target, steps]] : [];
    }),
  );
  const changing = [...contents.keys()];
  const isChanging = ({ name }: Placed) => changing.some((target) => target.name === name);
  // What stands in the way goes with its nodemap; and who is banned is banned anew in the next one only at the end.
  const waitedFor = [...dropped.filter(isUnclear).flatMap((name) => live.nodemaps.get(name)?.ranges ?? []), ...live.ourBans];
  const { gone, early, parted, late } = movesOf(
    removals.filter(({ name }) => !isUnclear(name)),
    additionsOf(assigned),
    { isChanging, mustWait: (addition) => isChanging(addition) || overlaps(addition.range, waitedFor) },
  );
  // As they are added, which may be in more pieces.
  const additions = [...early, ...parted, ...late].flatMap(({ into }) => into);
  const targets = assigned.map((target) => ({
    ...target,
    add: additions.filter(({ name }) => name === target.name).map(({ range }) => range),
  }));
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
    ...[...gone, ...parted.flatMap(({ out }) => out)].map(deleteRange),
    ...early.flatMap((move) => moveRanges(move, notes)),
    ...dropped.filter(isUnclear).flatMap(drop),
    ...[...contents.values()].flat(),
    ...[...parted.map(({ into }) => ({ out: [], into })), ...late].flatMap((move) => moveRanges(move, notes)),
    ...dropped.filter((name) => !isUnclear(name)).flatMap(drop),
    ...bans.after,
    ...targets.flatMap(notes.last),
  ];
  const [coming, going] = [additions, removals].map((some) => some.map(({ range }) => range)) as [NidInterval[], NidInterval[]];
  const nodemaps = [...live.registered.keys()].flatMap((name) => live.nodemaps.get(name) ?? []);
  const rewritten = changing.flatMap(({ live: { ranges } }) => ranges);
  const change = { removed: going, changed: [...coming, ...rewritten], nodemaps, targets };
  return { steps, revoked, changed: [...coming, ...going], change };
}

// ---- pairing ---------------------------------------------------------------------------------------------------------------

export function assignNodemaps(
  site: Site,
  groups: readonly AccessGroup[],
  live: LiveAccess,
  features: AccessFeatures,
  settledIn = settledPairs,
): Target[] {
  const ours = [...live.registered.keys()].flatMap((name) => live.nodemaps.get(name) ?? []);
  // Nothing that others hold is added over; of an IPv6 prefix of theirs the first address is all that is known, and the same prefix is refused (golden y561).
  const foreign = [...live.nodemaps.values()].filter(({ name }) => !live.registered.has(name)).flatMap(({ ranges }) => ranges);
  // Whose grants stay the same comes before all others, however many they are.
  const isSame: Suits = (nodemap, group) => isAlready(nodemap, group, features, live.knows);
  const settled = settledIn(ours, groups, isSame);
  const [others, unsettled] = unpaired(ours, groups, settled);
  const pairs = new Map([...settled, ...paired(others, unsettled, isSame)]);
  const changing: Suits = (nodemap, group) => canBecome(nodemap, group, features);
  for (const [group, nodemap] of paired(...unpaired(ours, groups, pairs), changing)) pairs.set(group, nodemap);
  const taken = new Set([...pairs.values()].map(({ name }) => name));
  return groups.map((group) => {
    const held = settled.get(group);
    if (held) return { name: held.name, group, live: held, isNew: false, add: [], remove: [] };
    const name = pairs.get(group)?.name ?? newName(site, group, live, taken);
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
      add: subtract(group.intervals, [...staying, ...foreign]).flatMap(splitRange),
      remove: ranges.filter((range) => !staying.includes(range)),
    };
  });
}

type Pairs = ReadonlyMap<AccessGroup, LiveNodemap>;
type Suits = (nodemap: LiveNodemap, group: AccessGroup) => boolean;

/**
 * Groups that a nodemap carries just as they are: nearly all. Nobody else has a share in either, so they are not compared with others. But of IPv6
 * prefixes several nodemaps may have the same addresses.
 */
function settledPairs(ours: readonly LiveNodemap[], groups: readonly AccessGroup[], isSame: Suits): Pairs {
  const startOf = ({ net, start }: NidInterval) => `${start}@${net}`;
  const isPlain = ({ family }: NidInterval) => family !== 6;
  const holders = new Map(
    ours.flatMap((nodemap) => nodemap.ranges.filter(isPlain).map((range) => [startOf(range), nodemap] as const)),
  );
  return new Map(
    groups.flatMap((group): [AccessGroup, LiveNodemap][] => {
      const [first] = group.intervals;
      const nodemap = first && holders.get(startOf(first));
      if (!nodemap || nodemap.ranges.length !== group.intervals.length || !group.intervals.every(isPlain)) return [];
      const ranges = nodemap.ranges.length === 1 ? nodemap.ranges : [...nodemap.ranges].sort(compareIntervals);
      const isWhole = ranges.every((range, index) => compareIntervals(range, group.intervals[index] as NidInterval) === 0);
      return isWhole && isSame(nodemap, group) ? [[group, nodemap]] : [];
    }),
  );
}

function unpaired(ours: readonly LiveNodemap[], groups: readonly AccessGroup[], pairs: Pairs): [LiveNodemap[], AccessGroup[]] {
  const carrying = new Set(pairs.values());
  return [ours.filter((nodemap) => !carrying.has(nodemap)), groups.filter((group) => !pairs.has(group))];
}

/** Groups with the nodemaps that suit them, so that as few addresses as possible change theirs. */
function paired(ours: readonly LiveNodemap[], groups: readonly AccessGroup[], suits: Suits): Pairs {
  const shared = sharedAddresses(
    groups.map(({ intervals }) => intervals),
    ours.map(({ ranges }) => ranges),
  );
  const suited = shared.map(
    (line, row) => new Map([...line].filter(([column]) => suits(ours[column] as LiveNodemap, groups[row] as AccessGroup))),
  );
  return new Map(
    bestPairs(suited).flatMap((column, row): [AccessGroup, LiveNodemap][] =>
      column < 0 ? [] : [[groups[row] as AccessGroup, ours[column] as LiveNodemap]],
    ),
  );
}

const mostPieces = 16;

/** Around a small IPv6 range the rest of its network is dozens of prefixes: then the whole takes its place. */
function crumbles(all: NidInterval, kept: readonly NidInterval[]): boolean {
  if (all.family !== 6) return false;
  return subtract([all], kept).flatMap(splitRange).length > splitRange(all).length + mostPieces;
}

/** Its clients have what the group grants: whoever is in both stays. */
function isAlready(nodemap: LiveNodemap, group: AccessGroup, features: AccessFeatures, knows: ReadonlySet<string>): boolean {
  const isRight = (fileset: Fileset) =>
    features.alternateFilesets ? isWanted(fileset, group) : group.filesets.has(fileset.path);
  return (
    !nodemap.unclear &&
    nodemap.filesets.length === group.filesets.size &&
    nodemap.filesets.every(isRight) &&
    differingProperties(group.properties, nodemap, knows).length === 0
  );
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

function additionsOf(targets: readonly Target[]): Placed[] {
  return targets
    .flatMap((target) => target.add.map((range) => ({ range, name: target.name })))
    .sort((a, b) => compareIntervals(a.range, b.range));
}

function removalsOf(targets: readonly Target[], dropped: readonly string[], live: LiveAccess): Placed[] {
  return [
    ...targets.flatMap((target) => target.remove.map((range) => ({ name: target.name, range }))),
    ...dropped.flatMap((name) => (live.nodemaps.get(name)?.ranges ?? []).map((range) => ({ name, range }))),
  ];
}
