// Kills an executor within the test at every boundary between two commands (which is after the one and before the other), and in the middle of
// every command that changes something, which then finishes while the next run waits for it.
import { expect } from "vitest";
import { type Around, type Executor, hookWithin, killWithin, letGo, newExecutor } from "../in-process";
import type { Ended, Hook, TestSite } from "../support";
import { changes, inspector } from "./invariants";
import { type KillPoint, killPoints } from "./points";
import type { Saboteur } from "./sweep";

const killed: Ended = { exitCode: null, signal: "SIGKILL", stdout: "", stderr: "" };

export function killedWithin(site: TestSite): Saboteur<KillPoint> {
  let commands: string[] = [];
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
    run,
    plan: () => ({ commands: commands.length, boundaries: commands.length + 1, points: killPoints(commands) }),
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
