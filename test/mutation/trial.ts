// Mutants on trial, in a copy of the tree: the tree itself is never changed.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { type Mutant, mutated } from "./mutants";
import { startWalled, type Walled } from "./walled";
import type { Answer, Order } from "./worker";

/** The test that saw a mutant. */
export interface Kill {
  test: string;
  title: string;
}

/** A test file as it is without any mutant. */
export interface Survey {
  /** What it is left out for: it fails or hangs. */
  problem?: string;
  /** Until the first test, and from the last one on. */
  aroundMs: number;
  /** Functions that run; elsewhere their places in this list. */
  functions: string[];
  /** Outside of its tests. */
  ran: number[];
  cases: { id: string; ms: number; ran: number[] }[];
}

/** Test cases of a file. */
export interface Witness {
  test: string;
  ids: string[];
  ms: number;
}

export interface Trial {
  survey(test: string): Promise<Survey>;
  /** By these in this order; undefined: none of them saw it. */
  judge(mutant: Mutant, text: string, witnesses: readonly Witness[]): Promise<Kill | undefined>;
  end(): void;
}

/** What takes longer hangs; the machine may do other things as well. */
const patienceMs = (usualMs: number) => 20_000 + 4 * usualMs;

export function startTrial(root: string): Trial {
  const directory = copyOf(root);
  const tree = join(directory, "tree");
  const worker = workerIn(directory, root);
  let restored: Order["files"] = [];
  return {
    async survey(test) {
      const look = () => worker.ask({ files: [], test: join(tree, test) }, patienceMs(60_000));
      const first = await look();
      // On a busy machine a test may fail that never does otherwise.
      const answer = first === "hangs" || first.failed !== undefined ? await look() : first;
      const problem = answer === "hangs" ? "it hangs" : answer.failed;
      return surveyOf(answer === "hangs" ? { ms: 0, cases: [] } : answer, problem);
    },
    async judge(mutant, text, witnesses) {
      const path = join(tree, mutant.file);
      const files = [...restored, { path, text: mutated(text, mutant) }];
      restored = [{ path, text }];
      for (const { test, ids, ms } of witnesses) {
        const answer = await worker.ask({ files: files.splice(0), test: join(tree, test), ids }, patienceMs(ms));
        const title = answer === "hangs" ? "(hangs)" : answer.failed;
        if (title !== undefined) return { test, title };
      }
      restored = [...files.slice(0, -1), ...restored];
      return undefined;
    },
    end() {
      worker.end();
      // What ends there may write a little longer.
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function surveyOf({ ms, cases }: Answer, problem: string | undefined): Survey {
  const inTests = cases.reduce((sum, one) => sum + one.ms, 0);
  const places = new Map<string, number>();
  const placesOf = (names: readonly string[]) =>
    [...new Set(names)].map((name) => {
      if (!places.has(name)) places.set(name, places.size);
      return places.get(name) ?? 0;
    });
  const around = placesOf(cases.flatMap(({ ran }) => ran.before));
  const within = cases.map((one) => ({ id: one.id, ms: one.ms, ran: placesOf(one.ran.within) }));
  return {
    ...(problem === undefined ? {} : { problem }),
    aroundMs: Math.max(0, ms - inTests),
    functions: [...places.keys()],
    ran: around,
    cases: within,
  };
}

/** What mutants and tests are in is copied; everything else is a link. */
function copyOf(root: string): string {
  // Not in /tmp, which is another one for the tests.
  const directory = mkdtempSync("/var/tmp/sharewright-mutation-");
  mkdirSync(join(directory, "tmp"));
  const tree = join(directory, "tree");
  mkdirSync(tree);
  for (const name of readdirSync(root)) {
    if (["lib", "src", "test"].includes(name)) cpSync(join(root, name), join(tree, name), { recursive: true });
    else if (!name.startsWith(".")) symlinkSync(join(root, name), join(tree, name));
  }
  return directory;
}

/** A worker that is started anew after a mutant that hangs. */
function workerIn(directory: string, root: string) {
  let running: Walled | undefined;
  const end = () => {
    running?.child.kill("SIGKILL");
    running = undefined;
  };
  const start = async () => {
    const tree = join(directory, "tree");
    const argv = [process.execPath, ...process.execArgv, join(tree, "test/mutation/worker.ts"), tree];
    running = startWalled(directory, root, argv);
    if ((await answerOf(running, 120_000)) === undefined) throw new Error(`vitest does not start: ${running.said()}`);
    return running;
  };
  return {
    end,
    async ask(order: Order, waitMs: number): Promise<Answer | "hangs"> {
      const walled = running ?? (await start());
      const answer = answerOf(walled, waitMs);
      walled.child.send(order);
      const said = await answer;
      if (said === undefined) end();
      return (said as Answer | undefined) ?? "hangs";
    },
  };
}

/** What it says next; undefined when it does not. */
function answerOf({ child, said }: Walled, waitMs: number): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const finish = (answer?: unknown) => {
      clearTimeout(timer);
      child.off("message", finish);
      child.off("exit", dies);
      resolve(answer);
    };
    const dies = () => reject(new Error(`the process with the tests has died: ${said()}`));
    const timer = setTimeout(finish, waitMs);
    child.on("message", finish);
    child.on("exit", dies);
  });
}
