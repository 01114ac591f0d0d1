// Runs that are killed, and an OST that is away.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { RemovalPolicy } from "../../../lib";
import { ended } from "../../e2e/support/terraform";
import { exists } from "../looks";
import type { Step } from "../run";
import { until } from "../until";
import { type Shares, saidBy, type World } from "../world";
import {
  exportOf,
  isShutOut,
  limits,
  mounted,
  nobody,
  noTenant,
  readWrite,
  shareA,
  shareB,
  visitorOf,
  withoutTenant,
} from "./shares";

const grown = (world: World, rules = readWrite(world)) => shareA(world, rules, limits.aGrown);

/** Loaded into the executor: dies by SIGKILL as soon as a command has ended whose words hold these. */
const killer = `
const fs = require("node:fs");
const { appendFileSync } = fs;
const { SHAREWRIGHT_RECORD: folder, KILL_AFTER: words } = process.env;
fs.appendFileSync = (file, text, options) => {
  appendFileSync(file, text, options);
  if (!folder || !String(file).startsWith(folder)) return;
  while (JSON.parse(text).argv.join(" ").includes(words)) process.kill(process.pid, "SIGKILL");
};
`;

async function killedAfter(world: World, words: string, shares: Shares): Promise<void> {
  const { env, dir } = world.bench;
  const script = join(dir, "killer.cjs");
  writeFileSync(script, killer);
  const { NODE_OPTIONS: before } = env;
  Object.assign(env, { NODE_OPTIONS: `${before ?? ""} --require ${script}`.trim(), KILL_AFTER: words });
  try {
    const done = await world.apply(shares);
    assert.notEqual(done.exitCode, 0, `no hook was killed after "${words}"`);
    assert.match(done.stdout + done.stderr, /signal: killed/, `ended otherwise than killed after "${words}": ${saidBy(done)}`);
  } finally {
    env["NODE_OPTIONS"] = before;
    delete env["KILL_AFTER"];
  }
}

/** In the order of the work, so that each run gets further than the one before. */
const whileMade = ["lfs setstripe", "lfs setquota", "nodemap_add", "nodemap_add_range"];
const whileRemoved = ["nodemap_del_range", "lfs setquota"];

export const trouble: Step<World>[] = [
  {
    title: "killed in the middle of a create and of a removal: the next run goes on, and nothing is left in between",
    run: async (world) => {
      const a = grown(world);
      const both = { a, c: shareC(world) };
      await world.deploy({ a });
      for (const words of whileMade) await killedAfter(world, words, both);
      await world.deploy(both);
      for (const words of whileRemoved) await killedAfter(world, words, { a });
      await world.deploy({ a });
      assert.equal(await exists(world.hands, world.place("c")), false, "what was to be removed is still there");
      const left = (await world.json([0], "list", world.stack.dir, "--unclaimed")).unclaimed as { kind: string; name: string }[];
      assert.deepEqual(
        left.filter(({ kind, name }) => kind !== "trash" && name.includes(world.setting.pathPrefix)),
        [],
        "something is left in between",
      );
      return `killed after ${[...whileMade, ...whileRemoved].map((words) => `"${words}"`).join(", ")}`;
    },
  },
  {
    title: "an OST down: commands answer, access is taken away and given, nothing hangs; and it comes back",
    unless: ({ setting }) => (setting.ost ? undefined : "SHAREWRIGHT_LUSTRE_OST_DOWN and _UP say no command that stops an OST"),
    run: async (world) => {
      const { setting, stack } = world;
      await world.deploy({ a: grown(world) });
      await shell(world, setting.ost?.down);
      try {
        await until("an OST to be missed", async () => ((await ostsAnswer(world)) ? undefined : true));
        await world.sharewright([0], "plan", stack.dir);
        await world.sharewright([0], "status", stack.dir);
        await world.sharewright([0], "capacity", stack.dir);
        await world.sharewright([0, 3], "doctor", stack.dir);
        await world.deploy({ a: grown(world, withoutTenant(world)) });
        if (!noTenant(world))
          assert.ok(await isShutOut(visitorOf(world), await exportOf(world, "a")), "a client that lost its access can mount");
        await world.deploy({ a: grown(world), c: shareC(world) });
        if (!noTenant(world)) await mounted(visitorOf(world).tenant, await exportOf(world, "a"), async () => {});
        const removed = await world.apply({ a: grown(world) });
        // Data on a target that is away cannot be deleted; but it is closed, and gone from where it was.
        if (removed.exitCode !== 0) assert.match(saidBy(removed), /TARGET_DOWN/);
        assert.equal(await exists(world.hands, world.place("c")), false, "what was to be removed is still there");
      } finally {
        await shell(world, setting.ost?.up);
        await until("all OSTs to answer", async () => ((await ostsAnswer(world)) ? true : undefined));
      }
      await world.deploy({ a: grown(world) });
      return undefined;
    },
  },
];

/** With a layout, so that it is made with it; opened to the last of the addresses that nobody has. */
function shareC(world: World): Shares[string] {
  const { description: _, ...properties } = shareB({ removalPolicy: RemovalPolicy.DESTROY });
  return { ...properties, rules: (share) => void share.grantReadWrite("cpu", [nobody(world).last]) };
}

/** A target that is away is an error on stderr, whatever the exit code. */
async function ostsAnswer({ hands }: World): Promise<boolean> {
  const { exitCode, stderr } = await hands.ask("client", "lfs", "check", "osts");
  return exitCode === 0 && stderr === "";
}

async function shell({ bench }: World, line = "false"): Promise<void> {
  const done = await ended("sh", ["-c", line], bench.dir, bench.env);
  if (done.exitCode !== 0) throw new Error(`${line}: ${saidBy(done)}`);
}
