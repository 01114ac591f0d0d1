// One scenario of each verb and kind with executors that are processes, as Terraform starts them: what the sweep within the test takes for
// granted. A process that is killed leaves no more than its commands did, whatever it has open or buffered; a command that it has started goes
// on with the locks that it inherited, and the next run waits for it; and an executor within the test gives the same commands, and the same end.
// With SHAREWRIGHT_SWEEP=all every scenario is swept so, at every boundary.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { succeeded } from "../../../src/core/command";
import { hookWithin, newExecutor } from "../in-process";
import { describeStorage, readStorage, restoreStorage } from "../storage";
import { startSite, type TestSite } from "../support";
import { killedExecutor } from "./killed-executor";
import * as scenarios from "./scenarios";
import { expectDone, type Scenario, sweep, wantsAll } from "./sweep";

const sample = { boundaries: 4, late: 2 };

const chosen = [
  "the first share of a file system, X-L13",
  "shrink, X-L17",
  "by the policy destroy, with data in it and a client let in, X-L14",
  "the first grant",
  "level, squash and clients at once",
  "revoke, clients cut off",
];

const { create, update, destroy, access } = scenarios;
const swept = Object.entries({ ...create, ...update, ...destroy, ...access }).filter(
  ([name]) => wantsAll || chosen.includes(name),
);

describe("crash sweep of processes", () => {
  let site: TestSite;
  beforeAll(async () => {
    site = await startSite({ resident: true });
  });
  afterAll(() => site.remove());

  test.each(swept)("%s", { timeout: wantsAll ? 1_800_000 : 600_000 }, async (name, prepare) => {
    const executor = killedExecutor(site, sample);
    const counts = await sweep(site, executor, () => prepare(site));
    console.log(`crash sweep of processes, ${name}: ${JSON.stringify(counts)}`);
    expect(counts.later).toBeGreaterThanOrEqual(sample.late);
  });

  test.each(swept)("%s: an executor within the test gives the same commands, and the same end", async (name, prepare) => {
    expect((await site.sandbox("reset")).exitCode).toBe(0);
    const { hook }: Scenario = await prepare(site);
    const start = readStorage(site.dir);
    const process = killedExecutor(site, sample);
    expectDone(await process.run(hook, name), name);
    const end = describeStorage(site.dir);
    restoreStorage(site.dir, start);
    const commands: string[] = [];
    const executor = newExecutor({
      around: async ({ text }, run) => {
        const result = await run();
        // Nothing is started for a lock that has no directory yet.
        if (!text.startsWith("flock ") || succeeded(result)) commands.push(text);
        return result;
      },
    });
    expectDone(await hookWithin(site.dir, executor, hook), name);
    expect(commands.flatMap(withoutLock)).toEqual(process.commands().flatMap(withoutLock));
    expect(describeStorage(site.dir)).toBe(end);
  });
});

/** A process locks an open file by its number, and notes its name by a command; what is joined is one process, whose words follow its text. */
function withoutLock(text: string): string[] {
  const [, joined] = /^sh -c trap .* sh (lctl .*)$/s.exec(text) ?? [];
  if (joined) return [joined.replaceAll(" lctl ", " && lctl ")];
  return /^tee .*~holder$/.test(text) ? [] : [text.replace(/^flock .*/, "flock")];
}
