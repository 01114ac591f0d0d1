// The transcripts of the real Lustre, replayed against the sandbox in the order of the measurement: stdout, stderr and exit code.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { State } from "../../src/sandbox/state";
import { between } from "./golden/between";
import { leftOut } from "./golden/left-out";
import { isMountCase, measuredMounts, replayMounts } from "./golden/mounts";
import { normalise } from "./golden/normalise";
import { groupOf } from "./golden/second-look";
import { runLine, type Shell } from "./golden/shell";
import { type Transcript, transcripts } from "./golden/transcript";
import { makeSandbox, type TestSandbox } from "./sandbox";

/** Of the first measurement; the second one is replayed by golden-second.test.ts. */
const all = transcripts().filter(({ id }) => !id.startsWith("y"));
const replayed = all.filter(({ id }) => !leftOut.some(({ cases }) => cases.test(id)));
const is216 = ({ id }: Transcript) => id.startsWith("m216");

/** The measured system, as it was before anybody had touched it. */
function asMeasured(state: State): void {
  state.mountPoint = "/mnt/lustre";
  state.serverNid = "192.168.77.1@tcp";
  // Longer than a busy machine takes for the next command, which still finds the old value (golden q023).
  state.persistDelayMs = 400;
  for (const target of state.targets) {
    Object.assign(target, target.kind === "mdt" ? { kib: 585656, inodes: 419432 } : { kib: 2875092, inodes: 196608 });
  }
}

function replay(title: string, version: State["version"], cases: readonly Transcript[]): void {
  describe(title, () => {
    let sandbox: TestSandbox;
    beforeAll(() => {
      sandbox = makeSandbox({ version, bare: true, fsName: "lfs01" });
      sandbox.change(asMeasured);
    });
    afterAll(() => sandbox.remove());
    for (const transcript of cases) {
      it(`${transcript.file.replace(".txt", "")}: ${transcript.command.slice(0, 100)}`, async () => {
        const shell = (host: Shell["host"], uid: number): Shell => ({ sandbox, mountPoint: "/mnt/lustre", host, uid });
        const step = between.find(({ before }) => before === transcript.id);
        if (step?.change) sandbox.change(step.change);
        for (const line of step?.lines ?? []) await runLine(shell("all", 0), line);
        if (isMountCase(transcript)) {
          expect(replayMounts(sandbox, transcript)).toEqual(measuredMounts(transcript));
          return;
        }
        const answer = await runLine(
          shell(transcript.host === "lustre-client" ? "client" : "all", transcript.uid),
          transcript.command,
        );
        const { exit, stdout, stderr } = transcript;
        expect(normalise(transcript, answer)).toEqual(normalise(transcript, { exit, stdout, stderr }));
      });
    }
  });
}

replay(
  "golden lustre 2.17",
  "2.17.0",
  replayed.filter((transcript) => !is216(transcript)),
);
replay("golden lustre 2.16", "2.16.1", replayed.filter(is216));

it("golden lustre: every case is replayed or left out for a reason", () => {
  const used = leftOut.map(({ reason, cases }) => ({ reason, count: all.filter(({ id }) => cases.test(id)).length }));
  const reasons = used.map(({ reason, count }) => `${count} ${reason}`).join("; ");
  console.log(`golden lustre: ${replayed.length} replayed, ${all.length - replayed.length} left out (${reasons})`);
  expect(used.filter(({ count }) => count === 0)).toEqual([]);
  expect(all.length).toBe(727);
});

it("golden lustre: every group of the second look is replayed by a test file", () => {
  const files = readdirSync(__dirname).filter((name) => /^golden-.*\.test\.ts$/.test(name));
  const texts = files.map((name) => readFileSync(join(__dirname, name), "utf8"));
  const claimed = texts.flatMap((text) =>
    [...text.matchAll(/groups: \[([^\]]*)\]/g)].flatMap(([, list = ""]) => list.match(/\w+/g) ?? []),
  );
  const second = transcripts().filter(({ id }) => id.startsWith("y"));
  expect([...claimed].sort()).toEqual([...new Set(second.map(groupOf))].sort());
  expect(second.length).toBe(693);
});
