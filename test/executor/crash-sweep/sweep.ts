// The crash sweep: the same work, from the same storage, disturbed at one point after the other. What runs next has to end as if
// nothing had happened. How it is disturbed is the saboteur's affair.
import { expect } from "vitest";
import { describeStorage, readStorage, restoreStorage } from "../storage";
import type { Ended, Hook, TestSite } from "../support";

export interface Scenario {
  /** The hook that is disturbed. */
  hook: Hook;
  /** What Terraform runs next. */
  next?: Hook;
}

export interface Point {
  /** For messages. */
  where: string;
  /** A command has changed something since the point before. */
  changed: boolean;
  /** A command goes on, and ends during the next run. */
  isLate: boolean;
}

export interface Saboteur<P extends Point> {
  /** Runs a hook to its end; the invariants are checked after every command that changes something. */
  run(hook: Hook, where: string): Promise<Ended>;
  /** Of the last run that nobody disturbed. */
  plan(): { commands: number; boundaries: number; points: P[] };
  /** Runs a hook and disturbs it; judges how it ended. */
  strike(hook: Hook, point: P): Promise<Ended>;
  /** Runs a hook to its end while a command of the one before goes on, which then ends, too. */
  runBeside(hook: Hook, point: P): Promise<Ended>;
  /** Nothing runs any more, and no lock is held. */
  rest?(where: string): Promise<void>;
}

export interface Sweep {
  commands: number;
  /** Boundaries of commands, each one a point to be disturbed at. */
  boundaries: number;
  /** Where it was disturbed: between two looks the storage is that of the points around them. */
  disturbed: number;
  /** Storages that differ, from each of which the next run went on. */
  recovered: number;
  /** Disturbed while a command went on, which finished during the next run. */
  later: number;
}

/** `prepare` leaves the storage as the disturbed hook is to find it. */
export async function sweep<P extends Point>(
  site: TestSite,
  { run, plan, strike, runBeside, rest }: Saboteur<P>,
  prepare: () => Promise<Scenario>,
): Promise<Sweep> {
  expect((await site.sandbox("reset")).exitCode).toBe(0);
  const { hook, next = hook } = await prepare();
  const start = readStorage(site.dir);
  expectDone(await run(hook, "undisturbed"), "undisturbed");
  const { commands, boundaries, points } = plan();
  if (next !== hook) expectDone(await run(next, "undisturbed"), "undisturbed");
  const goal = describeStorage(site.dir);
  expectDone(await run(next, "once more"), "once more");
  expect(describeStorage(site.dir)).toBe(goal);
  const recovered = new Set<string>();
  for (const point of points) {
    const { where, changed, isLate } = point;
    restoreStorage(site.dir, start);
    const struck = await strike(hook, point);
    if (!isLate) {
      await rest?.(where);
      const left = describeStorage(site.dir);
      if (struck.exitCode === 0 && next === hook) expect(`${where}\n${left}`).toBe(`${where}\n${goal}`);
      // The executor remembers nothing but the storage: from the same storage the next run is the same.
      if (recovered.has(left)) continue;
      expect({ where, changed }).toEqual({ where, changed: true });
      recovered.add(left);
    }
    expectDone(await (isLate ? runBeside(next, point) : run(next, where)), where);
    await rest?.(where);
    expect(`${where}\n${describeStorage(site.dir)}`).toBe(`${where}\n${goal}`);
  }
  return { commands, boundaries, disturbed: points.length, recovered: recovered.size, later: points.filter(isLatePoint).length };
}

/** Whether every boundary is to be a point, not only those around commands that change something. */
export const wantsAll = process.env["SHAREWRIGHT_SWEEP"] === "all";

function isLatePoint({ isLate }: Point): boolean {
  return isLate;
}

export function expectDone({ exitCode, stderr }: Ended, where: string): void {
  expect({ where, exitCode, stderr }).toEqual({ where, exitCode: 0, stderr: "" });
}
