// The crash sweep: an executor is killed with SIGKILL at every boundary between two commands (which is after the one and before the
// other), and in the middle of every command that changes something, which then finishes during the next run.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { readState } from "../../../src/sandbox/store";
import { newWatch } from "../../../src/sandbox/watch";
import { violations } from "../../../src/sandbox/watch-rules";
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
const { KILL_MODE: mode, KILL_AT: at, KILL_LOG: log, KILL_DELAY: delay } = process.env;
for (const name of ["KILL_MODE", "KILL_AT", "KILL_LOG", "KILL_DELAY"]) delete process.env[name];
const spawn = child.spawn;
const die = () => { for (;;) process.kill(process.pid, "SIGKILL"); };
let count = 0;
child.spawn = (program, args, options) => {
  count += 1;
  fs.appendFileSync(log, JSON.stringify([program, ...args]) + "\\n");
  const hit = count === Number(at);
  if (hit && mode === "before") die();
  if (!hit) return spawn(program, args, options);
  if (mode === "after") return spawn(program, args, options).once("exit", die);
  const late = spawn("sh", ["-c", 'sleep "$0"; "$@"; echo done >> ' + log + ".late", delay, program, ...args], options);
  if (late.stdin) late.stdin.once("finish", () => setImmediate(die));
  else die();
  return late;
};
`;

const delaySeconds = 0.8;
const readers =
  /^(lfs (getname|getstripe|quota|project (-d|\/))|lctl (dl|get_param|list_nids|nodemap_test_nid|--list-commands)|stat|find|findmnt|flock)\b/;

function changes(argv: readonly string[]): boolean {
  const text = argv.join(" ");
  return !readers.test(text) || text.includes("-delete");
}

export interface Sweep {
  commands: number;
  boundaries: number;
  later: number;
}

/** `prepare` leaves the storage as the killed hook is to find it. */
export async function sweep(site: TestSite, prepare: () => Promise<Scenario>): Promise<Sweep> {
  expect((await site.sandbox("reset")).exitCode).toBe(0);
  const { hook, next = hook } = await prepare();
  const start = readStorage(site.dir);
  const whole = await uninterrupted(site, hook, next);
  const recovered = new Set<string>();
  for (let at = 1; at <= whole.commands.length + 1; at += 1) {
    const last = at > whole.commands.length;
    const where = `${last ? "after the last" : "before"} command: ${(whole.commands[last ? at - 2 : at - 1] ?? []).join(" ")}`;
    await kill(site, start, hook, last ? "after" : "before", last ? at - 1 : at, where);
    const left = describeStorage(site.dir);
    // The executor remembers nothing but the storage: from the same storage the next run is the same.
    if (recovered.has(left)) continue;
    await recover(site, next, whole.goal, where);
    recovered.add(left);
  }
  const changing = whole.commands.flatMap((argv, index) => (changes(argv) ? [index + 1] : []));
  for (const at of changing) {
    const where = `while this command goes on: ${whole.commands[at - 1]?.join(" ")}`;
    await kill(site, start, hook, "later", at, where);
    await recover(site, next, whole.goal, where, true);
  }
  return { commands: whole.commands.length, boundaries: whole.commands.length + 1, later: changing.length };
}

/** What the same work ends in when nobody disturbs it, and the commands it takes; the watch looks on. */
async function uninterrupted(site: TestSite, hook: Hook, next: Hook): Promise<{ goal: string; commands: string[][] }> {
  site.watch();
  const done = await sabotaged(site, hook, "none", 0);
  expect(done, done.stderr).toMatchObject({ exitCode: 0 });
  const commands = linesOf(logOf(site)).map((line) => JSON.parse(line) as string[]);
  if (next !== hook) await site.succeed(next);
  expect(site.violations()).toEqual([]);
  return { goal: describeStorage(site.dir), commands };
}

type Mode = "before" | "after" | "later" | "none";

async function kill(site: TestSite, start: Storage, hook: Hook, mode: Mode, at: number, where: string): Promise<void> {
  restoreStorage(site.dir, start);
  const watch = newWatch(readState(site.dir), "sw_", []);
  const ended = await sabotaged(site, hook, mode, at);
  expect({ where, signal: ended.signal, stderr: ended.stderr }).toEqual({ where, signal: "SIGKILL", stderr: "" });
  // Every state between two commands is the state of one kill point: looking here is looking after every command.
  expect({ where, broken: violations(readState(site.dir), site.mount, watch) }).toEqual({ where, broken: [] });
}

async function recover(site: TestSite, next: Hook, goal: string, where: string, isLate = false): Promise<void> {
  site.watch();
  const ended = await site.run(next);
  expect({ where, exitCode: ended.exitCode, stderr: ended.stderr }).toEqual({ where, exitCode: 0, stderr: "" });
  if (isLate) await lateCommandDone(site);
  expect({ where, violations: site.violations() }).toEqual({ where, violations: [] });
  expect(`${where}\n${describeStorage(site.dir)}`).toBe(`${where}\n${goal}`);
}

async function lateCommandDone(site: TestSite): Promise<void> {
  for (let waited = 0; linesOf(`${logOf(site)}.late`).length === 0; waited += 1) {
    if (waited > 600) throw new Error("the delayed command never ended");
    await sleep(50);
  }
}

function logOf(site: TestSite): string {
  return join(site.dir, "..", "commands.ndjson");
}

function sabotaged(site: TestSite, hook: Hook, mode: Mode, at: number): Promise<Ended> {
  const script = join(site.dir, "..", "saboteur.cjs");
  writeFileSync(script, saboteur);
  for (const path of [logOf(site), `${logOf(site)}.late`]) writeFileSync(path, "");
  return execute([process.execPath, "--require", script, bundle, ...hook.args], {
    ...site.environment,
    ...hook.environment,
    KILL_MODE: mode,
    KILL_AT: String(at),
    KILL_LOG: logOf(site),
    KILL_DELAY: String(delaySeconds),
  });
}
