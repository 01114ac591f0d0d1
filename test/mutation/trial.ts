// Mutants on trial, in a copy of the tree: the tree itself is never changed.
import { type ChildProcess, fork } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Mutant, mutated } from "./mutants";
import type { Answer, Order } from "./worker";

/** The test that saw a mutant. */
export interface Kill {
  test: string;
  title: string;
}

export interface Trial {
  /** Of these tests the nearest that pass without any mutant and do not take too long, those first that end soon. */
  witnesses(tests: readonly string[]): Promise<string[]>;
  /** Undefined: none of the tests saw it. */
  judge(mutant: Mutant, text: string, tests: readonly string[]): Promise<Kill | undefined>;
  end(): void;
}

/** Tests that take so long together are enough for one module. */
const enoughMs = 25_000;
/** What takes longer hangs; the machine may do other things as well. */
const patienceMs = (usualMs: number) => Math.max(30_000, 6 * usualMs);

export function startTrial(root: string, say: (line: string) => void): Trial {
  const copy = copyOf(root);
  const worker = workerIn(copy);
  const usual = new Map<string, number | undefined>();
  let files: Order["files"] = [];
  const run = async (test: string, waitMs: number): Promise<Answer | "hangs"> => {
    const order = { files, test: join(copy, test) };
    files = [];
    return worker.ask(order, waitMs);
  };
  const usualMs = async (test: string): Promise<number | undefined> => {
    if (usual.has(test)) return usual.get(test);
    const answer = await run(test, patienceMs(60_000));
    const failed = answer === "hangs" ? "it hangs" : answer.failed;
    if (failed !== undefined) say(`${test} is left out, since it fails without any mutant: ${failed}`);
    usual.set(test, answer === "hangs" || answer.failed !== undefined ? undefined : answer.ms);
    return usual.get(test);
  };
  return {
    async witnesses(tests) {
      const chosen: [test: string, ms: number][] = [];
      let ms = 0;
      for (const test of tests) {
        if (ms >= enoughMs) break;
        const one = await usualMs(test);
        if (one === undefined) continue;
        chosen.push([test, one]);
        ms += one;
      }
      return chosen.sort(([, a], [, b]) => a - b).map(([test]) => test);
    },
    async judge(mutant, text, tests) {
      const path = join(copy, mutant.file);
      files = [...files, { path, text: mutated(text, mutant) }];
      try {
        for (const test of tests) {
          const answer = await run(test, patienceMs(usual.get(test) ?? 0));
          const title = answer === "hangs" ? "(hangs)" : answer.failed;
          if (title !== undefined) return { test, title };
        }
        return undefined;
      } finally {
        files = [{ path, text }];
      }
    },
    end() {
      worker.end();
      rmSync(copy, { recursive: true, force: true });
    },
  };
}

/** What mutants and tests are in is copied; everything else is a link. */
function copyOf(root: string): string {
  const copy = mkdtempSync(join(tmpdir(), "sharewright-mutation-"));
  for (const name of readdirSync(root)) {
    if (["lib", "src", "test"].includes(name)) cpSync(join(root, name), join(copy, name), { recursive: true });
    else if (!name.startsWith(".")) symlinkSync(join(root, name), join(copy, name));
  }
  return copy;
}

/** A worker that is started anew after a mutant that hangs. */
function workerIn(copy: string) {
  let running: Promise<ChildProcess> | undefined;
  let latest: ChildProcess | undefined;
  const end = () => {
    running = undefined;
    // With all that tests have started.
    if (latest?.pid && latest.exitCode === null) process.kill(-latest.pid, "SIGKILL");
    latest = undefined;
  };
  const start = async () => {
    latest = fork(join(__dirname, "worker.ts"), [copy], {
      detached: true,
      execArgv: process.execArgv,
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    const child = latest;
    await answerOf(child, 120_000);
    return child;
  };
  return {
    end,
    async ask(order: Order, waitMs: number): Promise<Answer | "hangs"> {
      running ??= start();
      const child = await running;
      const answer = answerOf(child, waitMs);
      child.send(order);
      const said = await answer;
      if (said === undefined) end();
      return (said as Answer | undefined) ?? "hangs";
    },
  };
}

/** What it says next; undefined when it does not. */
function answerOf(child: ChildProcess, waitMs: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const finish = (answer?: unknown) => {
      clearTimeout(timer);
      child.off("message", finish);
      child.off("exit", dies);
      resolve(answer);
    };
    const dies = () => reject(new Error("the process with the tests has died"));
    const timer = setTimeout(finish, waitMs);
    child.on("message", finish);
    child.on("exit", dies);
  });
}
