// Hooks of one system, one operation after the other: commands and the hook's own CPU, the least of some rounds.
import type { Hook } from "../executor/processes";
import { asProcess, type Cost, costLine, floorLines, newFloorMeter, newMeter } from "./cpu";
import type { Line } from "./report";

/** Says on standard error how far it is. */
export type Tell = (text: string) => void;

/** `round` numbers the objects of operations that cannot be repeated on the same one. */
export interface Operation {
  what: string;
  hook(round: number): Hook;
  /** Not measured. */
  before?(round: number): Hook;
}

export interface HookSite {
  environment: Record<string, string>;
  succeed(hook: Hook): Promise<string>;
}

/** `more`: what else is counted of a hook's programs. */
export async function measureHooks(
  site: HookSite,
  operations: readonly Operation[],
  rounds: number,
  tell: Tell,
  more: (cost: Cost) => Record<string, number> = () => ({}),
): Promise<Line[]> {
  const meter = newMeter();
  try {
    const floors = newFloorMeter(meter);
    const least = new Map<string, Cost>();
    for (let round = 0; round < rounds; round += 1) {
      await floors.measure();
      for (const { what, hook, before } of operations) {
        tell(`round ${round + 1} of ${rounds}: ${what}`);
        if (before) await site.succeed(before(round));
        const cost = await meter.measure(asProcess(site, hook(round)));
        least.set(what, leastOf(least.get(what), cost));
      }
    }
    const floor = floors.floor();
    return [...floorLines(floor), ...[...least].map(([what, cost]) => costLine(what, cost, floor, more(cost)))];
  } finally {
    meter.remove();
  }
}

function leastOf(one: Cost | undefined, other: Cost): Cost {
  if (!one) return other;
  const { programs } = sum(one) <= sum(other) ? one : other;
  return { cpuMs: Math.min(one.cpuMs, other.cpuMs), programs };
}

const sum = ({ programs }: Cost) => Object.values(programs).reduce((all, count) => all + count, 0);
