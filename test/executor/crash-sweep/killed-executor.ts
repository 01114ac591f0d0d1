// Kills an executor that is a process, with SIGKILL: between two commands (which is after the one and before the other), and in the middle of
// one that changes something, which then finishes during the next run.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { bundle, type Ended, execute, type Hook, linesOf, type TestSite } from "../support";
import { inspector } from "./invariants";
import { type KillPoint, killPoints, spread } from "./points";
import { type Saboteur, wantsAll } from "./sweep";

/**
 * Loaded into the executor: sees every command it starts. A kill is a SIGKILL to itself: nothing of the executor runs after it.
 * `later`: the command sleeps first, with the executor's inherited locks open, and finishes after the executor's death.
 */
const script = `
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

const delaySeconds = 0.8;

export interface KilledExecutor extends Saboteur<KillPoint> {
  /** Of the last run that nobody disturbed. */
  commands(): string[];
}

/** `sample`: how many boundaries, and how many commands that go on. With SHAREWRIGHT_SWEEP=all, all of them. */
export function killedExecutor(site: TestSite, sample: { boundaries: number; late: number }): KilledExecutor {
  const beside = (name: string) => join(site.dir, "..", name);
  const [scriptFile, logFile, lateFile] = [beside("saboteur.cjs"), beside("commands.ndjson"), beside("late")];
  let commands: string[] = [];

  const watched = async (hook: Hook, where: string, mode: KillPoint["mode"] | "none" = "none", at = 0): Promise<Ended> => {
    writeFileSync(scriptFile, script);
    writeFileSync(logFile, "");
    if (mode !== "none") writeFileSync(lateFile, "");
    const { look, broken } = inspector(site);
    const ended = await execute(
      [process.execPath, "--require", scriptFile, bundle, ...hook.args],
      {
        ...site.environment,
        ...hook.environment,
        KILL_MODE: mode,
        KILL_AT: String(at),
        KILL_LOG: logFile,
        KILL_LATE: lateFile,
        KILL_DELAY: String(delaySeconds),
      },
      { afterCommand: look },
    );
    look();
    expect({ where, broken }).toEqual({ where, broken: [] });
    return ended;
  };
  const lateCommandDone = async () => {
    for (let waited = 0; linesOf(lateFile).length === 0; waited += 1) {
      if (waited > 1200) throw new Error("the delayed command never ended");
      await sleep(50);
    }
  };

  return {
    commands: () => commands,
    run: async (hook, where) => {
      const ended = await watched(hook, where);
      commands = linesOf(logFile).map((line) => (JSON.parse(line) as string[]).join(" "));
      return ended;
    },
    plan() {
      const all = killPoints(commands);
      const late = all.filter(({ isLate }) => isLate);
      const boundaries = all.filter(({ isLate, changed }) => changed && !isLate);
      const points = wantsAll ? all : [...spread(boundaries, sample.boundaries), ...spread(late, sample.late)];
      return { commands: commands.length, boundaries: commands.length + 1, points };
    },
    async strike(hook, { where, mode, at }) {
      const ended = await watched(hook, where, mode, at);
      const { signal, stderr } = ended;
      expect({ where, signal, stderr }).toEqual({ where, signal: "SIGKILL", stderr: "" });
      return ended;
    },
    async runBeside(hook, { where }) {
      const [ended] = await Promise.all([watched(hook, where), lateCommandDone()]);
      return ended;
    },
  };
}
