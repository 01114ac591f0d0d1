// The crash sweep on GlusterFS: the same work, from the same storage, disturbed at every command that changes something. What runs next has to
// end as if nothing had happened. killed: the executor is dead when the command has ended. goes on: it is dead, and the command ends while the
// next run waits. lost, unheard: glusterd dies before the command, or after it and before it could answer. Every command is disturbed by killed,
// and by the others in turn; by all of them in short work, and with SHAREWRIGHT_SWEEP=all.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import type { Result } from "../../../../src/core/command";
import { wantsAll } from "../../crash-sweep/sweep";
import { type Around, type Executor, killWithin, letGo } from "../../in-process";
import type { Ended, Hook } from "../../support";
import { changes, withoutModes } from "../commands";
import type { GlusterSite } from "../site";
import { describe, restore, save } from "../storage";
import { inspector } from "./invariants";

export interface Scenario {
  /** The hook that is disturbed. */
  hook: Hook;
  /** What Terraform runs next. */
  next?: Hook;
  /** Volumes whose file "data" has to be there at every moment. */
  keeps?: readonly string[];
}

interface Point {
  by: "killed" | "goes on" | "lost" | "unheard";
  /** Number of the command among those that change something, from 1. */
  at: number;
  where: string;
}

export interface Sweep {
  commands: number;
  disturbed: number;
  /** Storages that differ, from each of which the next run went on. */
  recovered: number;
  /** How often a command ended during the next run. */
  later: number;
}

const connectionFailed: Result = {
  exitCode: 1,
  timedOut: false,
  stdout: "Connection failed. Please check if gluster daemon is operational.\n",
  stderr: "",
  ms: 0,
};

/** `prepare` leaves the storage as the disturbed hook is to find it. */
export async function sweep(site: GlusterSite, prepare: () => Promise<Scenario>): Promise<Sweep> {
  await site.reset();
  const { hook, next = hook, keeps = [] } = await prepare();
  save(site);
  const texts: string[] = [];
  expectDone(await run(site, hook, keeps, "undisturbed", texts), "undisturbed");
  if (next !== hook) expectDone(await run(site, next, keeps, "undisturbed"), "undisturbed");
  const goal = describe(site);
  expectDone(await run(site, next, keeps, "once more"), "once more");
  expect(describe(site)).toBe(goal);
  const points = pointsOf(texts);
  const recovered = new Set<string>();
  for (const point of points) {
    const { by, where } = point;
    restore(site);
    if (by === "goes on") await goOn(site, { hook, next, keeps }, point);
    else {
      await (by === "killed" ? kill(site, hook, keeps, point) : takeDown(site, hook, keeps, point));
      const left = describe(site);
      // The executor remembers nothing but the storage: from the same storage the next run is the same.
      if (recovered.has(left)) continue;
      recovered.add(left);
      expectDone(await run(site, next, keeps, where), where);
    }
    expect(`${where}\n${describe(site)}`).toBe(`${where}\n${goal}`);
  }
  expect(locksHeld(site)).toEqual([]);
  return {
    commands: texts.length,
    disturbed: points.length,
    recovered: recovered.size,
    later: points.filter(({ by }) => by === "goes on").length,
  };
}

function pointsOf(texts: readonly string[]): Point[] {
  const isShort = texts.length <= 7;
  let turn = 0;
  return texts.flatMap((text, index) => {
    // What lives on behind a mount has no locks to keep.
    const others = text.startsWith("gluster ") ? (["goes on", "lost", "unheard"] as const) : (["goes on"] as const);
    const isKilledOnly = !/^(gluster|rm|find) /.test(text);
    const chosen = isKilledOnly ? [] : isShort || wantsAll ? others : [others[turn++ % others.length] ?? "goes on"];
    const all: Point["by"][] = ["killed", ...chosen];
    return all.map((by): Point => ({ by, at: index + 1, where: `${by} at ${index + 1}: ${text}` }));
  });
}

function expectDone({ exitCode, stderr }: Ended, where: string): void {
  expect({ where, exitCode, stderr }).toEqual({ where, exitCode: 0, stderr: "" });
}

/** Looks at the invariants around every command that changes something, and lets `strike` act in its place. */
function watched(
  site: GlusterSite,
  keeps: readonly string[],
  texts: string[],
  strike: (at: number, host: string, go: () => Promise<Result>) => Promise<Result>,
) {
  const { look, beforeDeletion, broken } = inspector(site, keeps);
  // Those that are missing are made by the first run alone.
  const runDirectories = join(site.dir, "run");
  const around: Around = async ({ host, text }, go) => {
    if (!changes(text) || text.includes(runDirectories)) return go();
    texts.push(withoutModes(text));
    if (/^rm |-delete/.test(text)) beforeDeletion(text);
    const result = await strike(texts.length, host, go);
    look();
    return result;
  };
  return { around, broken };
}

async function run(
  site: GlusterSite,
  hook: Hook,
  keeps: readonly string[],
  where: string,
  texts: string[] = [],
  onSay: (text: string) => void = () => {},
): Promise<Ended> {
  const { around, broken } = watched(site, keeps, texts, (_, _host, go) => go());
  const ended = await site.run(hook, { around, onSay });
  expect({ where, broken }).toEqual({ where, broken: [] });
  return ended;
}

async function kill(site: GlusterSite, hook: Hook, keeps: readonly string[], point: Point): Promise<void> {
  const executor = await untilKilled(site, hook, keeps, point, async (go) => {
    await go();
  });
  letGo(executor);
}

/** Returns the dead executor, which still holds its locks. */
async function untilKilled(
  site: GlusterSite,
  hook: Hook,
  keeps: readonly string[],
  { at, where }: Point,
  last: (go: () => Promise<Result>, host: string) => Promise<void>,
): Promise<Executor> {
  let dying: (() => Promise<never>) | undefined;
  const { around, broken } = watched(site, keeps, [], async (number, host, go) => {
    if (number !== at || !dying) return go();
    await last(go, host);
    return dying();
  });
  const executor = await killWithin(site.dir, hook, (asked, go, die) => {
    dying = die;
    return around(asked, go);
  });
  expect({ where, broken }).toEqual({ where, broken: [] });
  return executor;
}

async function goOn(site: GlusterSite, { hook, next, keeps }: Required<Scenario>, point: Point): Promise<void> {
  const { where } = point;
  let late: { go: () => Promise<Result>; host: string } | undefined;
  const executor = await untilKilled(site, hook, keeps, point, async (go, host) => {
    late = { go, host };
  });
  // A command inherits the locks of its host.
  letGo(executor, (host) => host !== late?.host);
  let finished: Promise<void> | undefined;
  const finish = async () => {
    await late?.go();
    letGo(executor);
  };
  const ended = await run(site, next, keeps, where, [], (text) => {
    if (text.includes("waiting for the lock")) finished ??= finish();
  });
  // On a brick's server no lock is inherited, and none is needed: what is to go there goes, whoever deletes it.
  if (where.includes(": rm ")) finished ??= finish();
  expect({ where, waited: finished !== undefined }).toEqual({ where, waited: true });
  await finished;
  expectDone(ended, where);
}

/** All servers, and up again when the run has ended. */
async function takeDown(site: GlusterSite, hook: Hook, keeps: readonly string[], { by, at, where }: Point): Promise<void> {
  const setUp = (isUp: boolean) =>
    site.change(({ servers }) => {
      for (const server of servers) server.isUp = isUp;
    });
  const { around, broken } = watched(site, keeps, [], async (number, _, go) => {
    if (number !== at) return go();
    if (by === "unheard") await go();
    setUp(false);
    return connectionFailed;
  });
  const ended = await site.run(hook, { around });
  setUp(true);
  expect({ where, broken }).toEqual({ where, broken: [] });
  expect({ where, ...ended }).toMatchObject({ where, exitCode: 5, stderr: expect.stringMatching(/^error GLUSTERD_DOWN/) });
}

/** Everything has ended: a lock that is still held would be held for ever. */
function locksHeld(site: GlusterSite): string[] {
  const run = join(site.dir, "run");
  const files = existsSync(run) ? readdirSync(run, { recursive: true, encoding: "utf8" }) : [];
  return files.filter(
    (name) => name.endsWith(".lock") && spawnSync("/usr/bin/flock", ["-n", join(run, name), "true"]).status !== 0,
  );
}
