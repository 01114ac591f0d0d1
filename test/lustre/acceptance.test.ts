// The acceptance suite itself, run on bare sandboxes: what `npm run test:lustre` does on a site works, is told, and leaves nothing behind.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { readState } from "../../src/sandbox/store";
import { readTranscript } from "../sandbox/golden/transcript";
import { accept } from "./accept";
import { runSteps } from "./run";
import { type BareSite, bareSite, failures, verdicts } from "./sandbox-site";
import { prepare } from "./steps/prepare";
import { shareA, shareB } from "./steps/shares";
import { withWorld } from "./world";

const timeout = 1_800_000;
let site: BareSite;

beforeEach(async () => {
  site = await bareSite();
  vi.stubEnv("SHAREWRIGHT_RUN_DIR", join(site.dir, "run"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await site.stop();
});

test("R-12: the whole life passes, is told step by step, recorded, and leaves nothing", { timeout }, async () => {
  const { workDir, parent } = site;
  const record = join(parent, "record");
  const lines: string[] = [];
  const setting = { ...site.setting({ SHAREWRIGHT_LUSTRE_RECORD: record }), within: true };
  const outcomes = await accept({ setting, workDir, told: (line) => lines.push(line) });
  expect(failures(outcomes)).toEqual([]);
  expect(outcomes.filter(({ verdict }) => verdict === "skipped")).toMatchObject([
    { title: expect.stringContaining("from within"), note: "a sandbox's client mounts nothing really" },
  ]);
  expect(lines.join("\n")).toContain("1000:1000 (alice, by `getent passwd`");
  expect(lines.at(-1)).toMatch(/^\d+ passed, 1 skipped, 0 failed, in /);
  expect(readFileSync(join(record, "REPORT.txt"), "utf8")).toBe(`${lines.join("\n")}\n`);
  const index = readFileSync(join(record, "INDEX.tsv"), "utf8").trimEnd().split("\n");
  const kept = index.map((line) => readTranscript(line.split("\t")[0] ?? "", record));
  const tools = new Set(kept.map(({ command }) => command.split(" ").slice(0, 2).join(" ")));
  // Of the executor, and of the suite's own hands.
  expect([...tools]).toEqual(expect.arrayContaining(["lfs setquota", "lctl nodemap_add", "lfs getstripe", "getent passwd"]));
  site.expectNothingLeft();
  expect(existsSync(workDir)).toBe(false);
  expect(process.env["SHAREWRIGHT_RECORD"]).toBeUndefined();
});

test("R-12: what a run that was killed has left is found without its state, and removed by the next", { timeout }, async () => {
  const setting = { ...site.setting(), within: true };
  await withWorld(setting, join(site.parent, "lost"), async (world) => {
    await runSteps(prepare, world, () => {});
    await world.deploy({ a: shareA(world), b: shareB() });
    await world.deploy({ a: shareA(world) });
    await world.hands.must("client", "mkdir", join(setting.mountPoint, "sharewright-test-found"));
  });
  const outcomes = await accept({ setting: { ...setting, only: [] }, workDir: site.workDir });
  expect(failures(outcomes)).toEqual([]);
  const { note = "" } = outcomes.find(({ title }) => title.includes("earlier run")) ?? {};
  expect(note.split("\n")).toEqual([
    "sharewright-test/a",
    "sharewright-test/a#cpu",
    expect.stringMatching(/^sharewright-test:b\.90000[01] in the trash$/),
    join(setting.mountPoint, "sharewright-test-found"),
    join(setting.mountPoint, "sharewright-test"),
  ]);
  site.expectNothingLeft();
});

test("R-12: a site that is not prepared is left as it is, unless it may be changed", { timeout }, async () => {
  const before = readState(site.dir);
  const setting = site.setting({ SHAREWRIGHT_LUSTRE_BOOTSTRAP: "no" });
  const outcomes = await accept({ setting, workDir: site.workDir });
  expect(verdicts(outcomes)).toEqual(["passed", "FAILED", "skipped", "skipped"]);
  expect(outcomes[1]?.note).toContain("would shut out clients that are in no nodemap");
  expect(readState(site.dir)).toEqual(before);
  expect(readdirSync(join(site.dir, "mnt"))).toEqual([]);
});
