// What has something mounted keeps it when its access is taken away; only a banlist cuts it off, that of the nodemap which its address is in
// (golden f024, f031, f034, f038 to f041, f047). So: what is taken from whom, who keeps it, and who is banned where. Pure.
import type { Step } from "../../../core/plan";
import {
  compareIntervals,
  formatInterval,
  intersect,
  type NidInterval,
  rangeText,
  sameNetwork,
  splitRange,
  union,
} from "../../../spec/address";
import type { AccessLevel, Revocation } from "../../../spec/lustre";
import * as cli from "../cli";
import { writeRecord } from "../records";
import type { Site } from "../site";
import type { AccessGroup } from "./compiler";
import { overlaps, subtract } from "./intervals";
import { type Held, type LiveAccess, type LiveNodemap, mgs, type Target } from "./steps";

/** Something that clients may have mounted and may not mount any more. */
export interface Taken {
  clients: NidInterval;
  path: string;
  /** How they may have mounted it. */
  level: AccessLevel;
  /** Only writing was taken: they may mount it read-only. */
  writing: boolean;
  /** What else they may mount: a ban cuts that off as well. */
  left: string[];
}

/** What is taken, with what is to become of it. */
export interface Revoked extends Taken {
  revocation: Revocation;
}

// ---- what is taken ---------------------------------------------------------------------------------------------------------

/** What the clients of a live range lose when it belongs to these groups instead. */
export function takenFrom(nodemap: LiveNodemap, range: NidInterval, groups: readonly AccessGroup[]): Taken[] {
  const outside = subtract(
    [range],
    groups.flatMap(({ intervals }) => intervals),
  );
  const moved = groups.flatMap((group) =>
    group.intervals.flatMap((interval) => lost(nodemap, intersect(range, interval), group)),
  );
  return [...outside.flatMap((clients) => lost(nodemap, clients, undefined)), ...moved];
}

function lost(nodemap: LiveNodemap, clients: NidInterval | undefined, group: AccessGroup | undefined): Taken[] {
  if (!clients) return [];
  // Without any fileset a nodemap shows the whole tree.
  const open = nodemap.filesets.length > 0 ? nodemap.filesets.map(({ path }) => path) : ["/"];
  const level = levelOf(nodemap.properties);
  return open.flatMap((path) => {
    const now = group?.filesets.has(path) ? levelOf(group.properties) : undefined;
    if (now === "rw" || now === level) return [];
    const left = [...(group?.filesets.keys() ?? [])].filter((other) => other !== path);
    return [{ clients, path, level, writing: now !== undefined, left }];
  });
}

/** A read-only fileset is no boundary: whoever has it mounted may write it (golden k002). */
export function levelOf(properties: ReadonlyMap<string, string>): AccessLevel {
  return properties.get("readonly_mount") === "1" ? "ro" : "rw";
}

// ---- who keeps it ----------------------------------------------------------------------------------------------------------

/** What was taken from clients that may have it mounted, and keep that. */
export interface Kept extends Pick<Revoked, "path" | "writing" | "left" | "revocation"> {
  clients: NidInterval[];
}

export function keptOf(revoked: readonly Revoked[]): Kept[] {
  const kept = new Map<string, Kept>();
  for (const one of revoked) {
    if (isCutOff(one)) continue;
    const { path, writing, left, revocation } = one;
    const name = JSON.stringify([path, writing, left, revocation]);
    const known = kept.get(name)?.clients ?? [];
    kept.set(name, { path, writing, left, revocation, clients: union([...known, one.clients]) });
  }
  return [...kept.values()];
}

function isCutOff({ revocation, left, writing }: Pick<Revoked, "revocation" | "left" | "writing">): boolean {
  return revocation === "ban" || (revocation === "cut" && left.length === 0 && !writing);
}

/** With the addresses and the reason. */
export function keptNote({ revocation, path, writing, left, clients }: Kept, list = allOf): string {
  const policy = `(revocation: ${revocation}): ${list(clients)}`;
  if (writing) return `clients that have ${path} mounted for writing keep that until they mount it again ${policy}`;
  const others = left.join(", ");
  const why = revocation === "cut" ? `, since they still have ${others}, which a ban would cut off as well` : "";
  const more = revocation === "lazy" && left.length > 0 ? `, and still have ${others}` : "";
  return `clients that have ${path} mounted keep it until they unmount${why}${more} ${policy}`;
}

/** For a log, which many addresses would drown; plans have all. */
export function keptNotes(revoked: readonly Revoked[]): string[] {
  return keptOf(revoked).map((one) => keptNote(one, listed));
}

export function allOf(intervals: readonly NidInterval[]): string {
  return intervals.map(formatInterval).join(", ");
}

const mostListed = 8;

export function listed(intervals: readonly NidInterval[]): string {
  const all = union(intervals).map(formatInterval);
  const more = all.length - mostListed;
  return [...all.slice(0, mostListed), ...(more > 0 ? [`${more} more`] : [])].join(", ");
}

// ---- who is banned ---------------------------------------------------------------------------------------------------------

function heldName({ level, path }: Pick<Taken, "level" | "path">): string {
  return `${level} ${path}`;
}

export function heldFor(name: string): { level: AccessLevel; path: string } {
  return { level: name.startsWith("ro ") ? "ro" : "rw", path: name.slice(3) };
}

function allHeld(held: Held): NidInterval[] {
  return union([...held.values()].flat());
}

interface Banning {
  groups: readonly AccessGroup[];
  targets: readonly Target[];
  live: LiveAccess;
  revoked: readonly Revoked[];
  /** Clients that an operator lets in again. */
  lifted: readonly NidInterval[];
}

/** A nodemap with its banlist: what is on it, and what is to be. */
interface Place {
  name: string;
  banned: readonly NidInterval[];
  /** Of these addresses, those that are in this nodemap at the end, each within one of its ranges (golden d178). */
  within: (clients: readonly NidInterval[]) => NidInterval[];
  isOurs: (ban: NidInterval) => boolean;
}

/**
 * `cut`: whoever loses everything is banned in `default`, where it falls, until it is granted anything again. `ban`: whoever loses anything is
 * banned wherever it is, and wherever it goes, until it has just that again, or an operator lifts it. Intents are recorded before anything
 * is taken, so that a run that is cut off still ends in the ban. What others have put on the banlist of a nodemap of ours stays banned.
 */
export function planBans(site: Site, banning: Banning): { before: Step[]; after: Step[] } {
  const { live } = banning;
  const { held, cut } = wantedBans(banning);
  const heldBefore = allHeld(live.held);
  const ours = union([...allHeld(held), ...cut]);
  const tenants = [...live.registered.keys()].flatMap((name) => live.nodemaps.get(name) ?? []);
  const others = subtract(
    tenants.flatMap(({ banned }) => banned),
    [...heldBefore, ...live.ourBans],
  );
  const places = placesOf(banning).filter(({ banned }) => ours.length + others.length + banned.length > 0);
  const lists = places.map((place) => {
    const foreign = place.banned.filter((ban) => !place.isOurs(ban));
    const mine = subtract(place.within(ours), foreign).flatMap(splitRange);
    const wanted = [...mine, ...subtract(place.within(others), [...foreign, ...mine]).flatMap(splitRange)];
    const lift = place.banned.filter((ban) => place.isOurs(ban) && subtract([ban], wanted).length > 0);
    const stays = place.banned.filter((ban) => place.isOurs(ban) && !lift.includes(ban));
    const add = subtract(wanted, subtract(place.banned, lift)).flatMap(splitRange);
    // As they will stand on the list, piece by piece: of an IPv6 prefix that is all that tells its length.
    return { place, lift, add, mine: [...stays, ...add].filter((ban) => overlaps(ban, mine)) };
  });
  const before = recordText(live.ourBans, live.held);
  const goal = lists.flatMap(({ mine }) => mine).sort(compareIntervals);
  const isNew = subtract(goal, live.ourBans).length > 0 || subtract(allHeld(held), heldBefore).length > 0;
  const writes = (ranges: readonly NidInterval[], names: Held) =>
    recordText(ranges, names) === before ? [] : [writeBans(site, ranges, names)];
  const additions = goal.filter((ban) => !live.ourBans.some((known) => looksAlike(known, ban)));
  // Of two that look alike, one is noted only when the other is off the list.
  const isMixed = goal.some((ban) => live.ourBans.some((known) => looksAlike(known, ban) && known.end !== ban.end));
  const noted = [...live.ourBans, ...additions].sort(compareIntervals);
  return {
    before: [
      ...(isNew ? writes(noted, joined(live.held, held)) : []),
      ...lists.flatMap(({ place, lift }) => lift.map((ban) => liftBan(place.name, ban))),
    ],
    after: [
      ...(isMixed ? writes(goal, held) : []),
      ...lists.flatMap(({ place, add }) => add.map((range) => addBan(place.name, range, held))),
      ...(isNew || isMixed ? [] : writes(goal, held)),
    ],
  };
}

/** One first address is all that is printed of either. */
function looksAlike(a: NidInterval, b: NidInterval): boolean {
  return sameNetwork(a, b) && a.start === b.start && (a.family === 6 || a.end === b.end);
}

/** Who is to be banned at the end: held for something, or cut off altogether. */
function wantedBans({ groups, live, revoked, lifted }: Banning): { held: Held; cut: NidInterval[] } {
  const wanted = groups.flatMap(({ intervals }) => intervals);
  const held = [...joined(live.held, byName(revoked.filter(({ revocation }) => revocation === "ban")))].map(
    ([name, clients]): [string, NidInterval[]] => [name, subtract(clients, [...grantedAgain(name, groups), ...lifted])],
  );
  const lostAll = revoked.filter((one) => one.revocation === "cut" && isCutOff(one)).map(({ clients }) => clients);
  const before = subtract(live.ourBans, allHeld(live.held));
  const cut = subtract(union([...before, ...lostAll]), [...wanted, ...lifted]);
  return { held: new Map(held.filter(([, clients]) => clients.length > 0)), cut };
}

function byName(taken: readonly Taken[]): Map<string, NidInterval[]> {
  const names = new Map<string, NidInterval[]>();
  for (const one of taken) names.set(heldName(one), [...(names.get(heldName(one)) ?? []), one.clients]);
  return names;
}

function joined(a: Held, b: Held): Map<string, NidInterval[]> {
  const names = [...new Set([...a.keys(), ...b.keys()])].sort();
  return new Map(names.map((name) => [name, union([...(a.get(name) ?? []), ...(b.get(name) ?? [])])]));
}

/** Who has again what it was held for, so that its mount of it is no more than it may have. */
function grantedAgain(name: string, groups: readonly AccessGroup[]): NidInterval[] {
  const { level, path } = heldFor(name);
  return groups
    .filter(({ filesets, properties }) => filesets.has(path) && (level === "ro" || levelOf(properties) === "rw"))
    .flatMap(({ intervals }) => intervals);
}

function placesOf({ groups, targets, live }: Banning): Place[] {
  const wanted = groups.flatMap(({ intervals }) => intervals);
  const kept = new Set(targets.map(({ name }) => name));
  const leaving = [...live.registered.keys()].filter((name) => !kept.has(name));
  return [
    {
      name: "default",
      banned: live.banned,
      within: (clients) => subtract(clients, wanted),
      isOurs: (ban) => subtract([ban], live.ourBans).length === 0,
    },
    ...targets.map((target) => ({
      name: target.name,
      banned: target.live.banned,
      within: (clients: readonly NidInterval[]) =>
        [...target.live.ranges.filter((range) => !target.remove.includes(range)), ...target.add].flatMap((range) =>
          clients.flatMap((interval) => intersect(range, interval) ?? []),
        ),
      isOurs: () => true,
    })),
    ...leaving.map((name) => ({
      name,
      banned: live.nodemaps.get(name)?.banned ?? [],
      within: () => [],
      isOurs: () => true,
    })),
  ];
}

function liftBan(nodemap: string, ban: NidInterval): Step {
  const where = nodemap === "default" ? "" : ` (nodemap ${nodemap})`;
  return mgs("lift-ban", `let ${formatInterval(ban)} in again${where}`, cli.lctlBanlistDel(nodemap, rangeText(ban)));
}

function addBan(nodemap: string, range: NidInterval, held: Held): Step {
  const what = [...held].filter(([, clients]) => subtract([range], clients).length === 0).map(([name]) => heldFor(name).path);
  const where = nodemap === "default" ? "" : ` (nodemap ${nodemap})`;
  const why =
    what.length === 0
      ? ""
      : `, from all that it has mounted, until \`sharewright bans lift\`: it may have ${what.join(", ")} mounted`;
  return mgs("ban", `cut ${formatInterval(range)} off${where}${why}`, cli.lctlBanlistAdd(nodemap, rangeText(range)));
}

// ---- the record ------------------------------------------------------------------------------------------------------------

function recordText(ranges: readonly NidInterval[], held: Held): string {
  return JSON.stringify([rangesText(ranges), heldTexts(held)]);
}

function rangesText(ranges: readonly NidInterval[]): string[] {
  return ranges.map(rangeText);
}

function heldTexts(held: Held): Record<string, string[]> {
  return Object.fromEntries([...held].map(([name, clients]) => [name, rangesText(union(clients).flatMap(splitRange))]));
}

function writeBans(site: Site, ranges: readonly NidInterval[], held: Held): Step {
  return writeRecord(site, "nodemaps", {
    format: 1,
    kind: "lustre.bans",
    key: "banlist",
    ranges: rangesText(ranges),
    ...(held.size === 0 ? {} : { held: heldTexts(held) }),
  });
}
