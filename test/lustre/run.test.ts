// How the acceptance suite runs its steps and tells of them.
import { expect, test } from "vitest";
import { fault } from "../faults";
import { durationText, type Outcome, outcomeText, runSteps, Skip, type Step, summaryText } from "./run";
import { until } from "./until";

const passes = (title: string): Step<string[]> => ({
  title,
  run: async (done) => {
    done.push(title);
    return undefined;
  },
});
const fails = (title: string, error: Error): Step<string[]> => ({ title, run: () => Promise.reject(error) });

async function run(steps: Step<string[]>[], isInterrupted?: () => boolean) {
  const done: string[] = [];
  const told: Outcome[] = [];
  const outcomes = await runSteps(steps, done, (outcome) => told.push(outcome), isInterrupted);
  expect(told).toEqual(outcomes);
  return { done, outcomes: outcomes.map(({ verdict, note }) => (note === undefined ? verdict : `${verdict}: ${note}`)) };
}

test("R-12: a step that fails is told of, and the next ones are run", async () => {
  const { done, outcomes } = await run([passes("a"), fails("b", new Error("broken")), passes("c")]);
  expect(done).toEqual(["a", "c"]);
  expect(outcomes).toEqual(["passed", "FAILED: broken", "passed"]);
});

test("R-12: what cannot be run is skipped with its reason, whoever finds it out", async () => {
  const refused = fault("SUDO_REFUSED", { command: ["chown", "0", "/a"] });
  const { outcomes } = await run([
    { ...passes("a"), unless: () => "there is no client" },
    fails("b", new Skip("no such property here")),
    fails("c", refused),
  ]);
  expect(outcomes).toEqual([
    "skipped: there is no client",
    "skipped: no such property here",
    "skipped: sudo refuses `chown 0 /a`, which the suite runs by itself: see SHAREWRIGHT_LUSTRE_ROOT_CLIENT",
  ]);
});

test("R-12: behind a step without which nothing makes sense nothing is run", async () => {
  const { done, outcomes } = await run([{ ...fails("doctor", new Error("bad")), isNeeded: true }, passes("create")]);
  expect(done).toEqual([]);
  expect(outcomes).toEqual(["FAILED: bad", 'skipped: "doctor" has not passed']);
});

test("R-12: a run that is interrupted ends before its next step", async () => {
  let steps = 0;
  const { done, outcomes } = await run([passes("a"), passes("b")], () => steps++ > 0);
  expect(done).toEqual(["a"]);
  expect(outcomes).toEqual(["passed", "skipped: the run was interrupted"]);
});

test("R-12: the report has verdict, duration, title, and notes below", () => {
  const outcomes: Outcome[] = [
    { title: "create", verdict: "passed", ms: 12_340 },
    { title: "cut", verdict: "skipped", note: "2.16 cannot ban clients", ms: 0 },
    { title: "grow", verdict: "FAILED", note: "one\ntwo\n", ms: 600_000 },
  ];
  expect(outcomes.map(outcomeText).join("\n")).toBe(`passed     12.3 s  create
skipped            cut
                     2.16 cannot ban clients
FAILED   10.0 min  grow
                     one
                     two`);
  expect(summaryText(outcomes)).toBe("1 passed, 1 skipped, 1 failed, in 10.2 min");
  expect(durationText(99_940)).toBe("99.9 s");
});

test("R-12: a wait ends when what is waited for has come, and says in vain for what when it never does", async () => {
  let looks = 0;
  expect(await until("the third look", async () => (++looks === 3 ? looks : undefined))).toBe(3);
  await expect(until("the moon", async () => undefined, 0)).rejects.toThrow("in vain: the moon");
});
