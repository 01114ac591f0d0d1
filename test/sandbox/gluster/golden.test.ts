// The transcripts of the real gluster, replayed against the stand-in: stdout, stderr and exit code.
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hostRoot, makeBrick } from "../../../src/sandbox/gluster/files";
import { type Cluster, type Gluster, newCluster } from "../../../src/sandbox/gluster/state";
import type { GlusterHost } from "../../../src/sandbox/hosts";
import { makeSandbox, type TestSandbox } from "../sandbox";
import { leftOut } from "./left-out";
import { normalise, sortNodes } from "./normalise";
import { bricks, four, type Scene, scenes, server } from "./one-server";
import { snapshotPlay } from "./snapshots";
import { servers, threePlay } from "./three-servers";
import { type Transcript, transcripts } from "./transcripts";

const one = transcripts("gluster");
const three = transcripts("gluster-three");
const all = [...one, ...three];
const leftOutOf = (folder: keyof typeof leftOut, from: readonly Transcript[]) =>
  leftOut[folder].map(({ reason, cases }) => ({ reason, found: from.filter(({ name }) => cases.test(name)) }));
const excused = [...leftOutOf("gluster", one), ...leftOutOf("gluster-three", three)];
const isLeftOut = (transcript: Transcript) => excused.some(({ found }) => found.includes(transcript));
const caseOf = (step: string) => step.replace(/\.(plain|xml)$/, "");
const played = new Set(snapshotPlay.map(caseOf));
const alone = one.filter((transcript) => !isLeftOut(transcript) && !played.has(transcript.name));
const replayed: Transcript[] = [];

let sandbox: TestSandbox;
/** Of the first server. */
let root: string;
beforeAll(() => {
  sandbox = makeSandbox();
  root = hostRoot(sandbox.dir, "gluster1-1");
});
afterAll(() => sandbox.remove());

/** What a scene comes to, made once. */
const prepared = new Map<string, Gluster>();

async function beginScene({ before = [], gone = [], ...scene }: Scene): Promise<void> {
  const names = ["vol1", "vol2", "vol3", "vol4", "tt", "names", "other"];
  begin([server], [...names.map((name) => `${bricks}/${name}`), "/srv"]);
  const lines = [...four, ...before];
  const known = prepared.get(lines.join("\n"));
  if (known) {
    sandbox.change((state) => {
      state.gluster = structuredClone(known);
    });
    const made = known.clusters.flatMap(({ volumes }) => volumes.flatMap((volume) => volume.bricks));
    for (const brick of made) makeBrick(join(root, brick.path));
    if (scene.leaves !== undefined) makeBrick(join(root, scene.leaves));
  } else {
    for (const line of lines) await prepare(line);
    const { gluster: made } = sandbox.state();
    if (made) prepared.set(lines.join("\n"), made);
  }
  for (const path of gone) rmSync(join(root, path), { recursive: true });
  change((cluster) => {
    cluster.onRoot = scene.onRoot ?? false;
    cluster.lvm = scene.lvm ?? "thin";
    for (const one of cluster.servers) one.isUp = !scene.isDown;
  });
}

/** A new cluster whose servers have the directories that bricks are made in. */
function begin(hosts: readonly string[], directories: readonly string[]): void {
  hosts.forEach((_, index) => {
    const root = hostRoot(sandbox.dir, `gluster1-${index + 1}`);
    rmSync(root, { recursive: true, force: true });
    for (const directory of directories) mkdirSync(join(root, directory), { recursive: true });
  });
  sandbox.change((state) => {
    state.gluster = { clusters: [newCluster("gluster1", hosts)], mounts: [] };
  });
}

function change(work: (cluster: Cluster) => void): void {
  sandbox.change(({ gluster }) => {
    for (const cluster of gluster?.clusters ?? []) work(cluster);
  });
}

const gluster = (words: readonly string[], number = 1) =>
  sandbox.run(["gluster", ...words], { host: `gluster1-${number}` as GlusterHost });

async function prepare(line: string): Promise<void> {
  const { exit, stderr } = await gluster(line.split(" "));
  expect({ line, exit, stderr }).toEqual({ line, exit: 0, stderr: "" });
}

async function replay(transcript: Transcript, number = 1): Promise<void> {
  replayed.push(transcript);
  const { rc: exit, stdout, stderr } = transcript;
  const [measured, answered] = [normalise({ exit, stdout, stderr }), normalise(await gluster(transcript.argv.slice(1), number))];
  const sorted = (answer: typeof measured) => ({ ...answer, stdout: sortNodes(answer.stdout) });
  expect(sorted(answered)).toEqual(sorted(measured));
}

describe("golden gluster, one server", () => {
  for (const transcript of alone) {
    it(`${transcript.name}.${transcript.mode}`, async () => {
      await beginScene(scenes.find(({ cases }) => cases.test(transcript.name)) ?? { cases: /./ });
      // with --xml the case was met again, its bricks made before
      if (transcript.name === "create-replica2" && transcript.mode === "xml") {
        await prepare(transcript.argv.slice(2).join(" "));
        await prepare("--mode=script volume delete tt2");
      }
      await replay(transcript);
    });
  }
});

async function step(from: readonly Transcript[], text: string): Promise<void> {
  const [word, first, second, third] = text.split(" ");
  if (word === "thin" || word === "thick")
    return change((cluster) => {
      cluster.lvm = word;
    });
  if (word === "server")
    return change((cluster) => {
      const one = cluster.servers[Number(first) - 1];
      if (one) one.isUp = second === "up";
    });
  if (word === "brick")
    return change((cluster) => {
      const brick = cluster.volumes.find(({ name }) => name === first)?.bricks[Number(second) - 1];
      if (brick) brick.isUp = third === "up";
    });
  if (first !== undefined) return prepare(text);
  const cases = from.filter(({ name, mode }) => text === name || text === `${name}.${mode}`);
  expect({ text, found: cases.length > 0 }).toEqual({ text, found: true });
  for (const transcript of cases.sort((a, b) => a.mode.localeCompare(b.mode)))
    await replay(transcript, text === "three-peer-status" ? 2 : 1);
}

function play(
  title: string,
  hosts: readonly string[],
  directories: readonly string[],
  steps: readonly string[],
  from: readonly Transcript[],
): void {
  describe(title, () => {
    beforeAll(() => begin(hosts, directories));
    steps.forEach((text, index) => {
      it(`${index + 1}: ${text}`, () => step(from, text));
    });
  });
}

play("golden gluster, snapshots", [server], ["/bricks/rootvol", "/bricks/thick", "/bricks/b1", "/bricks/b2"], snapshotPlay, one);
play("golden gluster, three servers", servers, ["/srv/gluster/b"], threePlay, three);

it("golden gluster: every transcript is replayed or left out for a reason", () => {
  const reasons = excused.map(({ reason, found }) => `${found.length} ${reason}`).join("; ");
  console.log(`golden gluster: ${replayed.length} replayed, ${all.length - replayed.length} left out (${reasons})`);
  expect(excused.filter(({ found }) => found.length === 0)).toEqual([]);
  const missed = all.filter((transcript) => !isLeftOut(transcript) && !replayed.includes(transcript));
  expect(missed.map(({ name, mode }) => `${name}.${mode}`)).toEqual([]);
});
