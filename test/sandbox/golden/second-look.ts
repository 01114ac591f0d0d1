// Replays transcripts of the second look at a real Lustre (y*): the command line as it was typed, by a real shell, its stand-ins answered
// from within this process. Each domain has a test file of its own, which says what is left out and why.
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { HostName } from "../../../src/sandbox/hosts";
import { serveResident } from "../../../src/sandbox/resident";
import type { State } from "../../../src/sandbox/state";
import { type Answer, makeSandbox, type TestSandbox } from "../sandbox";
import type { Between } from "./between";
import type { LeftOut } from "./left-out";
import { type Transcript, transcripts } from "./transcript";

export interface Rule {
  cases: RegExp;
  rule: (text: string) => string;
  why: string;
}

export interface SecondLook {
  /** Words behind the numbers in the transcripts' names, in the order of the measurement: "inh" of y000-inh-active.txt. */
  groups: readonly string[];
  /** What was done before a case, and what the sandbox has to be told to be the measured system. */
  between?: readonly Between[];
  /** By id ("y012"). */
  leftOut?: readonly LeftOut[];
  /** What may differ, and nothing else. */
  rules?: readonly Rule[];
  /** Paths of the measured system besides the mount, and where they are in the sandbox's directory. */
  paths?: Readonly<Record<string, string>>;
}

/** "inh" of y000-inh-active.txt. */
export function groupOf({ file }: Pick<Transcript, "file">): string {
  return /^y\d+-([a-z]+\d*[a-z]*)-/.exec(file)?.[1] ?? "";
}

const measuredMount = "/mnt/lustre";
/** As it says when its time is over; hanging cases were given 15 to 40 s there. */
const timedOut = 124;
const hangMs = 700;
const boundMs = 30_000;

export function replaySecondLook({ groups, between = [], leftOut = [], rules = [], paths = {} }: SecondLook): void {
  const all = transcripts().filter((transcript) => groups.includes(groupOf(transcript)));
  const isLeftOut = ({ id }: Transcript) => leftOut.some(({ cases }) => cases.test(id));

  describe(`golden lustre, second look: ${groups.join(", ")}`, () => {
    let site: ReplaySite;
    beforeAll(() => {
      site = startReplay(paths);
    });
    afterAll(() => site.remove());

    for (const transcript of all) {
      if (isLeftOut(transcript)) continue;
      it(`${transcript.file.replace(".txt", "")}: ${transcript.command.slice(0, 100)}`, async () => {
        const step = between.find(({ before }) => before === transcript.id);
        if (step?.change) site.sandbox.change(step.change);
        for (const line of step?.lines ?? []) expect(await site.run("all", 0, line)).toMatchObject({ exit: 0 });
        const { exit, stdout, stderr } = transcript;
        const host = transcript.host === "lustre-client" ? "client" : "all";
        const bound = exit === timedOut ? hangMs : boundMs;
        const normal = (answer: Answer) => normalise(transcript, rules, answer);
        expect(normal(await site.run(host, transcript.uid, transcript.command, bound))).toEqual(normal({ exit, stdout, stderr }));
      });
    }
  });

  it("golden lustre, second look: every case is replayed or left out for a reason", () => {
    const counts = leftOut.map(({ reason, cases }) => ({ reason, count: all.filter(({ id }) => cases.test(id)).length }));
    const count = all.filter(isLeftOut).length;
    const reasons = counts.map((each) => `${each.count} ${each.reason}`).join("; ");
    console.log(`golden lustre ${groups.join(", ")}: ${all.length - count} replayed, ${count} left out (${reasons})`);
    expect(counts.filter((each) => each.count === 0)).toEqual([]);
    expect(groups.filter((group) => !all.some((transcript) => groupOf(transcript) === group))).toEqual([]);
  });
}

function normalise({ id }: Transcript, rules: readonly Rule[], { exit, stdout, stderr }: Answer): Answer {
  const apply = (text: string) =>
    rules.filter(({ cases }) => cases.test(id)).reduce((result, { rule }) => rule(result), everywhere(text));
  return { exit, stdout: apply(stdout), stderr: apply(stderr) };
}

function everywhere(text: string): string {
  return text
    .replace(/\b0x[0-9a-f]+:0x[0-9a-f]+:0x0\b/g, "FID")
    .replace(/ffff[0-9a-f]{12}/g, "INSTANCE")
    .replace(/\d+\.\d+ secs\.nsecs/g, "TIME secs.nsecs");
}

interface ReplaySite {
  sandbox: TestSandbox;
  run: (host: HostName, uid: number, line: string, boundMs?: number) => Promise<Answer>;
  remove: () => void;
}

/** Times that the measured system needed: here nothing takes longer. */
const nap = `#!/bin/sh\nexec ${execFileSync("which", ["sleep"], { encoding: "utf8" }).trim()} 0.3\n`;

/** The mount's name is as long as the measured one: columns hang on it. */
function startReplay(paths: Readonly<Record<string, string>>): ReplaySite {
  const sandbox = makeSandbox({ bare: true, fsName: "lfs01" });
  const mount = mkdtempSync("/tmp/");
  rmSync(mount, { recursive: true });
  symlinkSync(sandbox.mount, mount);
  sandbox.change((state) => asMeasured(state, mount));
  const server = serveResident(sandbox.dir, "exit 127");
  for (const bin of ["bin", "hosts/client/bin"]) writeFileSync(join(sandbox.dir, bin, "sleep"), nap, { mode: 0o755 });
  const names = Object.entries({ ...paths }).map(([path, place]): [string, string] => [path, join(sandbox.dir, place)]);
  for (const [, place] of names) mkdirSync(join(place, ".."), { recursive: true });
  const there: [string, string][] = [[measuredMount, mount], ...names];
  const translate = (text: string, pairs: readonly (readonly [string, string])[]) =>
    pairs.reduce((result, [from, to]) => result.replaceAll(from, to), text);
  const back = there.map(([from, to]) => [to, from] as const);
  return {
    sandbox,
    run: async (host, uid, line, bound = boundMs) => {
      const bin = host === "all" ? join(sandbox.dir, "bin") : join(sandbox.dir, "hosts", host, "bin");
      const environment = {
        PATH: `${bin}:${process.env["PATH"] ?? ""}`,
        LC_ALL: "C.UTF-8",
        SHAREWRIGHT_SANDBOX_UID: String(uid),
      };
      const answer = await shell(translate(line, there), environment, sandbox.dir, bound);
      return { ...answer, stdout: translate(answer.stdout, back), stderr: translate(answer.stderr, back) };
    },
    remove: () => {
      server.close();
      rmSync(mount);
      sandbox.remove();
    },
  };
}

/** The measured system, as it was before anybody had touched it. */
function asMeasured(state: State, mount: string): void {
  state.mountPoint = mount;
  state.serverNid = "10.77.0.1@tcp";
  state.persistDelayMs = 100;
  for (const target of state.targets) {
    Object.assign(target, target.kind === "mdt" ? { kib: 585656, inodes: 419432 } : { kib: 2875092, inodes: 196608 });
  }
}

/** What was set for good arrives after seconds there, after a tenth of one here. */
const shortSleep = "sleep() { command sleep 0.3; }";

function shell(line: string, env: NodeJS.ProcessEnv, cwd: string, bound: number): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = spawn("bash", ["-c", `${shortSleep}\n${line}`], {
      env,
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    const answer: Answer = { exit: 0, stdout: "", stderr: "" };
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      answer.stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      answer.stderr += text;
    });
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    }, bound);
    child.once("error", reject);
    child.once("close", (exit) => {
      clearTimeout(timer);
      resolve({ ...answer, exit: late ? timedOut : (exit ?? 1) });
    });
  });
}
