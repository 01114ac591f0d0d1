// Disturbs work over SSH: a command on one of the hosts is held up, then the connection is cut or the executor killed, then the
// command goes on; at once, or while the next run is waiting for it. Executors that are killed are processes of the bundle, for only that can
// be; all others are within the test. What none of them shows without sshd: what a real server, and the shells that it has started, do with a
// command, its locks and its connection when the other side is gone.
import { existsSync } from "node:fs";
import { hostname } from "node:os";
import { expect } from "vitest";
import { type Role, roles } from "../../sshd/hosts";
import { until } from "../../sshd/processes";
import type { Ended, Hook, TestSite } from "../support";
import { type Disturbance, disturb, expectLoss } from "./disturb";
import { changes, inspector } from "./invariants";
import { sampled } from "./points";
import { areFree, locksOf, type Running, type SpiedHosts, startExecutor, startWithin } from "./spied-hosts";
import type { Hold, SpiedEvent, Spy } from "./spy";
import { type Point, type Saboteur, wantsAll } from "./sweep";

export interface SshPoint extends Point, Hold {
  role: Role;
  by: Disturbance;
}

export interface SshSaboteurOptions {
  /** How many points of each sort, and the how-manieth of samples; with SHAREWRIGHT_SWEEP=all every boundary, cut off there and killed there. */
  sample: { count: number; round: number };
  /** Taken in turn. */
  by: readonly Disturbance[];
}

interface Seen {
  role: Role;
  event: SpiedEvent;
}

export function sshSaboteur(site: TestSite, spied: SpiedHosts, { sample, by }: SshSaboteurOptions): Saboteur<SshPoint> {
  const { hosts, spies } = spied;
  let commands: Seen[] = [];
  let previous: Running | undefined;
  let turn = 0;
  /** Where the run before was ended, if nothing has run since. */
  let struck: SshPoint | undefined;

  /** The invariants are checked after every command that changes something, whatever becomes of the work. */
  const inspected = async <T>(where: string, work: (look: () => void) => Promise<T>): Promise<T> => {
    const { look, broken } = inspector(site);
    const stops = roles.map((role) => spies[role].afterEachChange(look));
    try {
      return await work(look);
    } finally {
      for (const stop of stops) stop();
      expect({ where, broken }).toEqual({ where, broken: [] });
    }
  };
  const start = (hook: Hook, by?: Disturbance): Running => {
    previous = by === "kill" ? startExecutor(site, hook) : startWithin(site, hook);
    return previous;
  };
  /** Nothing is left running, nor held up, when something was not as expected. */
  const orClear = async <T>(run: Running, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      run.kill();
      for (const role of roles) spies[role].letGo();
      throw error;
    }
  };
  const forget = () => {
    for (const role of roles) spies[role].forget();
  };

  return {
    async run(hook, where) {
      struck = undefined;
      forget();
      const ended = await inspected(where, async (look) => {
        const done = await start(hook).ended;
        look();
        return done;
      });
      commands = roles.flatMap((role) =>
        spies[role]
          .events()
          .filter(({ what }) => what === "begin")
          .map((event) => ({ role, event })),
      );
      return ended;
    },
    plan() {
      const ends = new Set(
        roles.flatMap((role) =>
          spies[role].events().flatMap(({ what, pid, number }) => (what === "end" ? [`${pid} ${number}`] : [])),
        ),
      );
      const cuts = by.filter((way) => way !== "kill");
      // Of a shell's end sshd tells only when its command has ended, too.
      const whileItGoesOn = by.filter((way) => way !== "shell");
      const { count, round } = sample;
      const inTurn = (ways: readonly Disturbance[]) => ways[turn++ % ways.length] as Disturbance;
      const pointOf = ({ role, event }: Seen, when: Hold["when"], way: Disturbance, isLate = false): SshPoint => {
        const where = `${way}, ${isLate ? "while it goes on" : when}: ${event.text} (${role} ${event.number})`;
        // What has changed before on the other hosts is not known: not even a look's storage need be an earlier one's.
        return { role, number: event.number, when, by: way, where, isLate, changed: true };
      };
      const late = (one: Seen) => pointOf(one, "before", inTurn(whileItGoesOn), true);
      const cutAndKill = (when: Hold["when"]) => (one: Seen) => [pointOf(one, when, inTurn(cuts)), pointOf(one, when, "kill")];
      const changing = commands.filter(({ event }) => changes(event.text));
      const looking = commands.filter(({ event }) => !changes(event.text));
      const ending = commands.filter(({ event }) => ends.has(`${event.pid} ${event.number}`));
      const points = wantsAll
        ? [...commands.flatMap(cutAndKill("before")), ...ending.flatMap(cutAndKill("after")), ...changing.map(late)]
        : [
            ...sampled(looking, Math.ceil(count / 2), round).map((one) => pointOf(one, "before", inTurn(by))),
            ...sampled(changing, count, round).map((one) => pointOf(one, "after", inTurn(by))),
            ...sampled(changing, count, round + 1).map(late),
          ];
      return { commands: commands.length, boundaries: commands.length + ending.length, points };
    },
    strike: (hook, point) =>
      inspected(point.where, async () => {
        const { role, where, by: disturbance, isLate, number, when } = point;
        forget();
        spies[role].holdUp({ number, when });
        const run = start(hook, disturbance);
        await orClear(run, async () => {
          const held = await spies[role].held(run.ended, where);
          expect({ where, held: held?.number }).toEqual({ where, held: number });
          const isAnyLocked = roles.some((one) => isLockedAt(spies[one]));
          await disturb(disturbance, hosts, role, run);
          // sshd tells of a shell's end when nobody has its output any more.
          if (disturbance === "shell") spies[role].letGo();
          expectDisturbed(await run.ended, disturbance, isAnyLocked, where);
          await until(() => roles.every((one) => hosts.sshd[one].connections().length === 0), `sshd to notice (${where})`);
        });
        const ended = await run.ended;
        struck = isLate || ended.exitCode === 0 ? undefined : point;
        if (!isLate) spies[role].letGo();
        return ended;
      }),
    runBeside: (hook, { role, number, where }) =>
      inspected(where, async () => {
        const spy = spies[role];
        const earlier = spy.events();
        // A lock that was taken on the host of the command is held as long as the command goes on.
        const isLocked = isLockedAt(spy, number);
        const holder = `held by "stack" on ${hostname()} (process ${previous?.pid}) since `;
        const run = start(hook);
        await orClear(run, async () => {
          if (!isLocked) return;
          await until(() => run.said().includes("waiting for the lock") || run.isOver(), `a run that waits (${where})`);
          expect({ where, said: run.said() }).toEqual({ where, said: expect.stringContaining(holder) });
          const meanwhile = spy.events().slice(earlier.length);
          expect({ where, meanwhile: meanwhile.filter(({ text }) => changes(text)) }).toEqual({ where, meanwhile: [] });
        });
        spy.letGo();
        return run.ended;
      }),
    async rest(where) {
      await until(() => roles.every((role) => hosts.sshd[role].commands().length === 0), `the end of all commands (${where})`);
      await until(() => areFree(locksOf(site)), `all locks to be free (${where})`);
      if (struck) expectStopped(spies[struck.role], struck);
      // Only a shell that is killed may leave the directory that it has just made.
      const leftovers = struck?.by === "shell" ? [] : roles.flatMap((role) => spies[role].leftovers());
      expect({ where, leftovers }).toEqual({ where, leftovers: [] });
    },
  };
}

/** Who holds no lock may connect again and look again: then all is done in the end, which the sweep judges. */
function expectDisturbed(ended: Ended, by: Disturbance, isLocked: boolean, where: string): void {
  const { exitCode, signal, stderr } = ended;
  if (by === "kill") expect({ where, signal, stderr }).toEqual({ where, signal: "SIGKILL", stderr: "" });
  else if (isLocked || exitCode !== 0) expectLoss(ended, where);
}

const movesRange = (text: string) => /\blctl nodemap_(add|del)_range /.test(text);

/** What had been asked for behind a command is not begun when nobody is there to hear how it ended; but ranges that are moved in one go are all moved. */
function expectStopped(spy: Spy, { where, number: at }: SshPoint): void {
  const changing = spy.events().filter(({ what, text }) => what === "begin" && changes(text));
  const isAmid = movesRange(changing.findLast(({ number }) => number <= at)?.text ?? "");
  const behind = changing.filter(({ number }) => number > at);
  const others = behind.findIndex(({ text }) => !movesRange(text));
  const later = isAmid ? behind.slice(others < 0 ? behind.length : others) : behind;
  expect({ where, later }).toEqual({ where, later: [] });
}

/** Whether a lock was had before a command. Where its directory is missing there is nothing to lock yet. */
function isLockedAt(spy: Spy, number = Number.POSITIVE_INFINITY): boolean {
  return spy
    .events()
    .some(
      ({ what, text, number: at }) =>
        what === "begin" && at < number && text.startsWith("flock ") && existsSync(text.split(" ").at(-1) ?? ""),
    );
}
