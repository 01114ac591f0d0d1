// Ranges that leave nodemaps and ranges that come into them: what belongs together goes out as one, so that nobody waits in between for longer than the
// MGS takes, whatever becomes of us. Pure.
import type { Step } from "../../../core/plan";
import { formatInterval, intersect, type NidInterval, rangeText, sameNetwork, splitRange } from "../../../spec/address";
import * as cli from "../cli";
import { overlaps, subtract } from "./intervals";
import { mgs, type PrefixNotes } from "./steps";

/** A range of a nodemap, as it is or as it is to be. */
export interface Placed {
  name: string;
  range: NidInterval;
}

/** Ranges that go with the ranges that come in their place, or that come by themselves. */
interface Move {
  out: readonly Placed[];
  into: readonly Placed[];
}

interface Order {
  /** It leaves a nodemap whose rights change, so it has to go before they do. */
  isChanging: (removal: Placed) => boolean;
  /** Where it comes into has not its rights yet, or what stands in its way goes otherwise. */
  mustWait: (addition: Placed) => boolean;
}

export interface Moves {
  /** What nobody gets again. */
  gone: Placed[];
  /** Before rights change. */
  early: Move[];
  /** Its ranges go before rights change and come after. */
  parted: Move[];
  /** After rights have changed. */
  late: Move[];
}

export function movesOf(removals: readonly Placed[], additions: readonly Placed[], { isChanging, mustWait }: Order): Moves {
  const { gone, moves } = together(removals, additions);
  const goesFirst = ({ out }: Move) => out.some(isChanging);
  const comesLast = ({ into }: Move) => into.some(mustWait);
  const isTorn = (move: Move) => goesFirst(move) && comesLast(move);
  // Only the ranges themselves: who has no part in that must not wait along.
  const apart = moves.flatMap((move) => (isTorn(move) ? together(move.out, atBorders(move)).moves : [move]));
  return {
    gone,
    early: apart.filter((move) => goesFirst(move) && !comesLast(move)),
    parted: apart.filter(isTorn),
    late: apart.filter((move) => !goesFirst(move)),
  };
}

/** What meets each other, directly or by what it meets. */
function together(removals: readonly Placed[], additions: readonly Placed[]): { gone: Placed[]; moves: Move[] } {
  if (removals.length === 0) return { gone: [], moves: additions.map((one) => ({ out: [], into: [one] })) };
  const moves: Move[] = [];
  let waiting = removals;
  let coming = additions;
  for (let [first] = coming; first; [first] = coming) {
    const out: Placed[] = [];
    const into = [first];
    coming = coming.slice(1);
    for (let size = 0; size < out.length + into.length; ) {
      size = out.length + into.length;
      const [leaving, kept] = split(waiting, into);
      out.push(...leaving);
      const [entering, later] = split(coming, out);
      into.push(...entering);
      [waiting, coming] = [kept, later];
    }
    moves.push({ out, into });
  }
  return { gone: [...waiting], moves };
}

function split(some: readonly Placed[], meeting: readonly Placed[]): [met: Placed[], others: Placed[]] {
  const ranges = meeting.map(({ range }) => range);
  const isMet = ({ range }: Placed) => overlaps(range, ranges);
  return [some.filter(isMet), some.filter((one) => !isMet(one))];
}

/** What comes, cut where what goes ends; but an IPv6 prefix is noted as it is. */
function atBorders({ out, into }: Move): Placed[] {
  const ranges = out.map(({ range }) => range);
  return into.flatMap(({ name, range }) => {
    const parts = [...ranges.flatMap((one) => intersect(range, one) ?? []), ...subtract([range], ranges)];
    return range.family === 6 ? [{ name, range }] : parts.flatMap(splitRange).map((part) => ({ name, range: part }));
  });
}

// ---- steps -----------------------------------------------------------------------------------------------------------------

export function deleteRange({ name, range }: Placed): Step {
  return mgs(
    "remove-range",
    `take ${formatInterval(range)} out of nodemap ${name}`,
    cli.lctlNodemapDelRange(name, rangeText(range)),
  );
}

function addRange({ name, range }: Placed): Step {
  return mgs("add-range", `put ${formatInterval(range)} into nodemap ${name}`, cli.lctlNodemapAddRange(name, rangeText(range)));
}

/** More would be too much to be handed over as one. */
const mostJoined = 400;

/** Adds every range, each right after the live ranges that stand in its way have gone; first what stays in the nodemap that it was in. */
export function moveRanges({ out, into }: Move, notes: PrefixNotes): Step[] {
  const waiting = new Set(out);
  const isBack = ({ name, range }: Placed) => out.some((one) => one.name === name && overlaps(range, [one.range]));
  // A record is written before what looks like a prefix that goes: whoever need not wait for that does not.
  const looksAlike = ({ range }: Placed) =>
    range.family === 6 && out.some((one) => sameNetwork(one.range, range) && one.range.start === range.start);
  const rank = (one: Placed) => (looksAlike(one) ? 2 : isBack(one) ? 0 : 1);
  const ordered = [...into].sort((a, b) => rank(a) - rank(b));
  const steps = ordered.flatMap((addition) => {
    const inTheWay = [...waiting].filter((removal) => overlaps(removal.range, [addition.range]));
    for (const removal of inTheWay) waiting.delete(removal);
    return [...inTheWay.map(deleteRange), ...notes.before(addition.name, addition.range), addRange(addition)];
  });
  if (out.length === 0) return steps;
  const isAmid = (index: number) => index % mostJoined > 0 && steps[index - 1]?.on === "mgs";
  return steps.map((step, index) => (step.on === "mgs" && isAmid(index) ? joined(step) : step));
}

/** Goes out with the step before it, as one. */
function joined(step: Step): Step {
  return { ...step, commands: step.commands.map((command) => ({ ...command, joined: true as const })) };
}
