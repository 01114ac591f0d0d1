// Where an executor on one machine is killed: at the boundaries between its commands, and in the middle of those that change something.
import { changes } from "./invariants";
import type { Point } from "./sweep";

export interface KillPoint extends Point {
  mode: "before" | "after" | "later";
  /** Number of the command, from 1. */
  at: number;
}

/** `commands`: of a run that nobody disturbed. */
export function killPoints(commands: readonly string[]): KillPoint[] {
  const { length } = commands;
  const changing = commands.flatMap((text, index) => (changes(text) ? [index + 1] : []));
  const boundary = (at: number): KillPoint => {
    const changed = at === 1 || changing.includes(at - 1);
    if (at > length)
      return {
        mode: "after",
        at: length,
        where: `after the last command ${length}: ${commands[length - 1]}`,
        changed,
        isLate: false,
      };
    return { mode: "before", at, where: `before command ${at}: ${commands[at - 1]}`, changed, isLate: false };
  };
  const late = (at: number): KillPoint => ({
    mode: "later",
    at,
    where: `while command ${at} goes on: ${commands[at - 1]}`,
    changed: true,
    isLate: true,
  });
  return [...Array.from({ length: length + 1 }, (_, index) => boundary(index + 1)), ...changing.map(late)];
}

/** So many of a list, evenly spread, the first and the last included. */
export function spread<T>(all: readonly T[], count: number): T[] {
  if (all.length <= count) return [...all];
  return Array.from({ length: count }, (_, index) => all[Math.round((index * (all.length - 1)) / (count - 1))] as T);
}

/**
 * So many of a list, one of each of as many equal parts. `round`: which sample of lists like this it is; each takes another place in its parts, so
 * that a few of them together come near every place.
 */
export function sampled<T>(all: readonly T[], count: number, round: number): T[] {
  const place = (round * 0.618) % 1;
  const size = Math.min(count, all.length);
  return Array.from({ length: size }, (_, index) => all[Math.floor(((index + place) * all.length) / size)] as T);
}
