// Kills an executor within the test at the boundaries between two commands (which is after the one and before the other), and in the middle of
// commands that change something, which then finish while the next run waits for them.
import { expect } from "vitest";
import { type Around, type Executor, hookWithin, killWithin, letGo, newExecutor } from "../in-process";
import { describeStorage } from "../storage";
import type { Ended, Hook, TestSite } from "../support";
import { changes, inspector } from "./invariants";
import { type KillPoint, killPoints, spread } from "./points";
import { type Saboteur, wantsAll } from "./sweep";

const killed: Ended = { exitCode: null, signal: "SIGKILL", stdout: "", stderr: "" };

/**
 * With SHAREWRIGHT_SWEEP=all it is killed at every boundary; else at one of those that the same storage is at, for the executor remembers nothing
 * else, and in the middle of every other command that changes something.
 */
export function killedWithin(site: TestSite): Saboteur<KillPoint> {
  let commands: string[] = [];
  /** What was there at each boundary of the first run, and that no look has changed it. */
  let storages: string[] | undefined;
  /** A command of the last executor that was killed, which goes on. */
  let late: { executor: Executor; finish: (around: Around) => Promise<unknown> } | undefined;

  /** The invariants are looked at after every command that may have changed something: that no other does, the storages between them show. */
  const watched = async <T>(where: string, work: (around: Around) => Promise<T>): Promise<T> => {
    const { look, broken } = inspector(site);
    const result = await work(async ({ text }, go) => {
      const ended = await go();
      if (changes(text)) look();
      return ended;
    });
    look();
    expect({ where, broken }).toEqual({ where, broken: [] });
    return result;
  };
  const firstRun = async (hook: Hook, where: string): Promise<Ended> => {
    const seen = [describeStorage(site.dir)];
    const ended = await watched(where, async (around) => {
      commands = [];
      const seeing: Around = async (asked, go) => {
        commands.push(asked.text);
        const result = await around(asked, go);
        const storage = describeStorage(site.dir);
        if (!changes(asked.text)) expect(`${asked.text}\n${storage}`).toBe(`${asked.text}\n${seen.at(-1)}`);
        seen.push(storage);
        return result;
      };
      return hookWithin(site.dir, newExecutor({ around: seeing }), hook);
    });
    storages = seen;
    return ended;
  };
  /** `heard`: every command that is about to be run, and every line that is said. */
  const run = (hook: Hook, where: string, heard: (text: string, around: Around) => void = () => {}) =>
    watched(where, async (around) => {
      commands = [];
      const noting: Around = (asked, go) => {
        heard(asked.text, around);
        commands.push(asked.text);
        return around(asked, go);
      };
      return hookWithin(site.dir, newExecutor({ around: noting, onSay: (text) => heard(text, around) }), hook);
    });

  return {
    run: (hook, where) => (storages ? run(hook, where) : firstRun(hook, where)),
    plan() {
      const all = killPoints(commands);
      const boundaries = all.filter(({ isLate }) => !isLate);
      const late = all.filter(({ isLate }) => isLate);
      const differing = boundaries.filter((_, index) => storages?.indexOf(storages[index] ?? "") === index);
      const points = wantsAll ? all : [...differing, ...spread(late, Math.ceil(late.length / 2))];
      return { commands: commands.length, boundaries: boundaries.length, points };
    },
    strike: (hook, { where, mode, at }) =>
      watched(where, async (around) => {
        let count = 0;
        const goingOn: Pick<NonNullable<typeof late>, "finish">[] = [];
        const executor = await killWithin(site.dir, hook, async (asked, go, die) => {
          count += 1;
          if (count !== at) return around(asked, go);
          if (mode === "after") await around(asked, go);
          if (mode === "later") goingOn.push({ finish: (later) => later(asked, go) });
          return die();
        });
        const [one] = goingOn;
        late = one && { executor, ...one };
        if (!late) letGo(executor);
        return killed;
      }),
    async runBeside(hook, { where }) {
      if (!late) throw new Error(`${where}: no command goes on`);
      const { executor, finish } = late;
      const isLocked = executor.connections.some((connection) => connection.isLocked());
      let ending: Promise<void> | undefined;
      let before: string[] = [];
      const end = async (around: Around) => {
        before = commands.filter(changes);
        await finish(around);
        letGo(executor);
      };
      const ended = await run(hook, where, (text, around) => {
        // Nobody waits for what holds no lock: it ends beside the first look.
        if (text.includes("waiting for the lock") || !isLocked) ending ??= end(around);
      });
      expect({ where, hasEnded: ending !== undefined, before }).toEqual({ where, hasEnded: true, before: [] });
      await ending;
      return ended;
    },
  };
}
