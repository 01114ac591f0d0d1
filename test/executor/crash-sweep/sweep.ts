// The crash sweep: an executor is killed with SIGKILL at every boundary between two commands (which is after the one and before the
// other), and in the middle of every command that changes something, which then finishes during the next run.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { readState } from "../../../src/sandbox/store";
import { newWatch } from "../../../src/sandbox/watch";
import { countBelow, openedDirectories, violations } from "../../../src/sandbox/watch-rules";
import { describeStorage, readStorage, restoreStorage, type Storage } from "../storage";
import { bundle, type Ended, execute, type Hook, linesOf, type TestSite } from "../support";

export interface Scenario {
  /** The hook that is killed. */
  hook: Hook;
  /** What Terraform runs next. */
  next?: Hook;
}

/**
 * Loaded into the executor: sees every command it starts. A kill is a SIGKILL to itself: nothing of the executor runs after it.
 * `later`: the command sleeps first, with the executor's inherited locks open, and finishes after the executor's death.
 */
const saboteur = `
const child = require("node:child_process");
const fs = require("node:fs");
const { KILL_MODE: mode, KILL_AT: at, KILL_LOG: log, KILL_LATE: lateFile, KILL_DELAY: delay } = process.env;
for (const name of Object.keys(process.env)) if (name.startsWith("KILL_")) delete process.env[name];
const spawn = child.spawn;
const die = () => { for (;;) process.kill(process.pid, "SIGKILL"); };
const inspected = () => { fs.writeSync(3, "?"); fs.readSync(4, Buffer.alloc(1)); };
let count = 0;
child.spawn = (program, args, options) => {
  count += 1;
  fs.appendFileSync(log, JSON.stringify([program, ...args]) + "\\n");
  const hit = count === Number(at);
  if (hit && mode === "before") die();
  if (!hit) return spawn(program, args, options).once("exit", inspected);
  if (mode === "after") return spawn(program, args, options).once("exit", die);
  const late = spawn("sh", ["-c", 'sleep "$0"; "$@"; echo done >> ' + lateFile, delay, program, ...args], options);
  if (late.stdin) late.stdin.once("finish", () => setImmediate(die));
  else die();
  return late;
};
`;

type Mode = "before" | "after" | "later" | "none";

const delaySeconds = 0.8;
const readers =
  /^(lfs (getname|getstripe|quota|project (-d|\/))|lctl (dl|get_param|list_nids|nodemap_test_nid|--list-commands)|stat|find|findmnt|flock)\b/;

function changes(argv: readonly string[]): boolean {
  const text = argv.join(" ");
  return !readers.test(text) || text.includes("-delete");
}

export interface Sweep {
  commands: number;
  /** Boundaries of commands, each one a point to die at. */
  killPoints: number;
  /** Executors killed there: between two looks the storage is that of the points around them. */
  killed: number;
  /** Storages that differ, from each of which the next run went on. */
  recovered: number;
  /** Executors killed while a command went on, which finished during the next run. */
  later: number;
}

/** `prepare` leaves the storage as the killed hook is to find it. */
export async function sweep(site: TestSite, prepare: () => Promise<Scenario>): Promise<Sweep> {
  expect((await site.sandbox("reset")).exitCode).toBe(0);
  const { hook, next = hook } = await prepare();
  const start = readStorage(site.dir);
  const whole = await uninterrupted(site, hook, next);
  const { length } = whole.commands;
  const changing = whole.commands.flatMap((argv, index) => (changes(argv) ? [index + 1] : []));
  const points = pointsAround(changing, length);
  const recovered = new Set<string>();
  for (const at of points) {
    const last = at > length;
    const where = `${last ? "after the last" : "before"} command ${at}: ${(whole.commands[last ? at - 2 : at - 1] ?? []).join(" ")}`;
    await kill(site, start, hook, last ? "after" : "before", last ? at - 1 : at, where);
    const left = describeStorage(site.dir);
    // The executor remembers nothing but the storage: from the same storage the next run is the same.
    if (recovered.has(left)) continue;
    expect({ where, changed: at === 1 || changing.includes(at - 1) }).toEqual({ where, changed: true });
    await recover(site, next, whole.goal, where);
    recovered.add(left);
  }
  for (const at of changing) {
    const where = `while command ${at} goes on: ${whole.commands[at - 1]?.join(" ")}`;
    await kill(site, start, hook, "later", at, where);
    await recover(site, next, whole.goal, where, true);
  }
  return { commands: length, killPoints: length + 1, killed: points.length, recovered: recovered.size, later: changing.length };
}

/** Before and after each command that changes something: that no look changes anything is thereby seen, too. All of them on request. */
function pointsAround(changing: readonly number[], length: number): number[] {
  if (process.env["SHAREWRIGHT_SWEEP"] === "all") return Array.from({ length: length + 1 }, (_, index) => index + 1);
  return [...new Set([1, ...changing.flatMap((at) => [at, at + 1]), length + 1])].sort((a, b) => a - b);
}

/** What the same work ends in when nobody disturbs it, and the commands it takes. */
async function uninterrupted(site: TestSite, hook: Hook, next: Hook): Promise<{ goal: string; commands: string[][] }> {
  const done = await watched(site, hook, "undisturbed");
  expect(done, done.stderr).toMatchObject({ exitCode: 0 });
  const commands = linesOf(logOf(site)).map((line) => JSON.parse(line) as string[]);
  if (next !== hook) expect(await watched(site, next, "undisturbed")).toMatchObject({ exitCode: 0 });
  return { goal: describeStorage(site.dir), commands };
}

async function kill(site: TestSite, start: Storage, hook: Hook, mode: Mode, at: number, where: string): Promise<void> {
  restoreStorage(site.dir, start);
  const ended = await watched(site, hook, where, mode, at);
  expect({ where, signal: ended.signal, stderr: ended.stderr }).toEqual({ where, signal: "SIGKILL", stderr: "" });
}

async function recover(site: TestSite, next: Hook, goal: string, where: string, isLate = false): Promise<void> {
  // The file that tells of the late command's end was made by the run before.
  const late = isLate ? lateCommandDone(site) : Promise.resolve();
  const ended = await watched(site, next, where);
  expect({ where, exitCode: ended.exitCode, stderr: ended.stderr }).toEqual({ where, exitCode: 0, stderr: "" });
  await late;
  expect(`${where}\n${describeStorage(site.dir)}`).toBe(`${where}\n${goal}`);
}

async function lateCommandDone(site: TestSite): Promise<void> {
  for (let waited = 0; linesOf(lateOf(site)).length === 0; waited += 1) {
    if (waited > 1200) throw new Error("the delayed command never ended");
    await sleep(50);
  }
}

function logOf(site: TestSite): string {
  return join(site.dir, "..", "commands.ndjson");
}

function lateOf(site: TestSite): string {
  return join(site.dir, "..", "late");
}

/** Runs a hook; after every single command the invariants are checked, while the executor waits. */
async function watched(site: TestSite, hook: Hook, where: string, mode: Mode = "none", at = 0): Promise<Ended> {
  const script = join(site.dir, "..", "saboteur.cjs");
  writeFileSync(script, saboteur);
  writeFileSync(logOf(site), "");
  if (mode !== "none") writeFileSync(lateOf(site), "");
  const inspect = inspector(site);
  const ended = await execute(
    [process.execPath, "--require", script, bundle, ...hook.args],
    {
      ...site.environment,
      ...hook.environment,
      KILL_MODE: mode,
      KILL_AT: String(at),
      KILL_LOG: logOf(site),
      KILL_LATE: lateOf(site),
      KILL_DELAY: String(delaySeconds),
    },
    { afterCommand: inspect.look },
  );
  inspect.look();
  expect({ where, broken: inspect.broken }).toEqual({ where, broken: [] });
  return ended;
}

/** The invariants of the sandbox's watch, looked at from outside. */
function inspector(site: TestSite): { look: () => void; broken: string[] } {
  const watch = newWatch(readState(site.dir), "sw_", []);
  const broken: string[] = [];
  const opened = () => openedDirectories(readState(site.dir), site.mount).map((path) => ({ path, count: countBelow(path) }));
  let before = opened();
  const look = () => {
    broken.push(...violations(readState(site.dir), site.mount, watch).map(({ detail }) => detail));
    const removed = before.filter(({ path, count }) => countBelow(path) < count);
    broken.push(...removed.map(({ path }) => `data was removed from ${path} while a nodemap opened it`));
    before = opened();
  };
  return { look, broken };
}
