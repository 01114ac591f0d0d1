// What a plan shows is what an apply then does: the same steps in the same words, whatever is there.
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { applyRule } from "../../../src/backends/gluster/access/apply";
import { destroyRule } from "../../../src/backends/gluster/access/destroy";
import { previewRemoval, previewRule, previewSnapshot } from "../../../src/backends/gluster/preview";
import { applyShare, previewShare } from "../../../src/backends/gluster/share/apply";
import { destroyShare } from "../../../src/backends/gluster/share/destroy";
import type { ShareWish } from "../../../src/backends/gluster/share/steps";
import type { ClusterAccess } from "../../../src/backends/gluster/site";
import { applySnapshot } from "../../../src/backends/gluster/snapshot/apply";
import { destroySnapshot } from "../../../src/backends/gluster/snapshot/destroy";
import { ShareError } from "../../../src/core/errors";
import type { Step } from "../../../src/core/plan";
import { readGlusterRule, readGlusterShare, readGlusterSnapshot } from "../../../src/fronts/gluster/request";
import { env } from "../../../src/spec/request";
import type { Around } from "../in-process";
import type { Managed } from "../support";
import { changes, withoutModes } from "./commands";
import { infrastructure } from "./expect";
import { cutOffAt, markOf } from "./mishaps";
import { type GlusterSite, startGlusterSite } from "./site";
import { type GlusterStack, replicated } from "./stack";
import { put } from "./storage";

let site: GlusterSite;
beforeAll(async () => {
  site = await startGlusterSite();
});
afterAll(() => site.remove());

/** From nothing to a share of each origin; `named`: the volume that is then "a". */
const origins = {
  pool: { named: "pool-1-1G", properties: {} },
  made: { named: "a", properties: { provisioning: replicated } },
  clone: { named: "a", properties: { provisioning: "clone source@monday" } },
  adopted: { named: "a", properties: { adopt: "true", allow_restart: "true" } },
} as const;

const wishes = fc.record(
  {
    size: fc.constantFrom("512 MiB", "1 GiB", "1000 MiB"),
    volume_options: fc.constantFrom("performance.cache-size=64MB", "performance.io-thread-count=8"),
    removal_policy: fc.constantFrom("retain", "trash", "destroy"),
    deletion_protection: fc.constant("true"),
    allow_restart: fc.constant("true"),
  },
  { requiredKeys: [] },
);

/** By hand, to a share that is there. */
const mishaps = fc.constantFrom(
  `volume set VOLUME auth.ssl-allow ${infrastructure},mallory`,
  "volume set VOLUME server.dynamic-auth off",
  "volume set VOLUME client.ssl off",
  "volume quota VOLUME disable",
  "volume quota VOLUME limit-usage / 900MB",
  "volume stop VOLUME force",
);

const histories = fc.record({
  origin: fc.constantFrom("pool", "made", "clone", "adopted"),
  first: wishes,
  /** How many commands that change something the first run gets done; 0: there was none; 99: all. */
  done: fc.oneof(fc.constantFrom(0, 99, 99), fc.nat({ max: 12 })),
  mishaps: fc.array(mishaps, { maxLength: 2 }),
  next: wishes,
});

/** Of the steps, what people are told. */
function told(steps: readonly Step[]): string[] {
  return steps.filter(({ quiet }) => !quiet).map(({ say }) => say);
}

async function outcome(steps: Promise<Step[]>): Promise<string[] | { code: string }> {
  try {
    return told(await steps);
  } catch (error) {
    if (ShareError.isShareError(error)) return { code: error.code };
    throw error;
  }
}

type Accesses = readonly ClusterAccess[];

function askedFor({ key, apply: { environment } }: Managed) {
  return { key, stack: environment[env.stack], text: environment[env.spec] ?? "" };
}

function wishOf(share: Managed): ShareWish {
  const { key, stack, text } = askedFor(share);
  return { key, stack, ...readGlusterShare(text, key) };
}

async function prepare(stack: GlusterStack, origin: keyof typeof origins): Promise<void> {
  if (origin === "clone") {
    await site.succeed(stack.share("source").apply);
    await site.succeed(stack.snapshot("source", "monday").apply);
  }
  if (origin !== "adopted") return;
  await site.addPoolVolume("a");
  await site.gluster(`volume set a auth.ssl-allow ${infrastructure},old-client`);
}

/** A run that is cut off after so many changes. */
function afterChanges(done: number): Around {
  let changed = 0;
  return cutOffAt((text) => changes(text) && withoutModes(text).startsWith("gluster ") && ++changed > done);
}

test("whatever a plan shows of a share, an apply does just that, or is refused just so", { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(histories, async ({ origin, first, done, mishaps, next }) => {
      await site.reset();
      const stack = site.stack();
      await prepare(stack, origin);
      const { named, properties } = origins[origin];
      if (done > 0) await site.run(stack.share("a", { ...properties, ...first }).apply, { around: afterChanges(done) });
      if (done === 99) for (const line of mishaps) await site.gluster(line.replace("VOLUME", named)).catch(() => "");
      const wish = wishOf(stack.share("a", { ...properties, ...next }));
      const before = site.state();
      const shown = await outcome(site.operate(stack, (accesses) => previewShare(accesses, wish)));
      expect(site.state()).toEqual(before);
      const ran = await outcome(site.operate(stack, (accesses) => applyShare(accesses, wish)));
      expect(ran).toEqual(shown);
      if (Array.isArray(ran)) expect(await outcome(site.operate(stack, (accesses) => previewShare(accesses, wish)))).toEqual([]);
    }),
    { numRuns: 15 },
  );
});

const removals = fc.record({
  origin: fc.constantFrom("pool", "made", "clone", "adopted"),
  policy: fc.constantFrom("retain", "trash", "destroy"),
  isProtected: fc.boolean(),
  volume_options: fc.constantFrom(undefined, "features.shard=on", "performance.cache-size=64MB"),
  /** How many commands that change something an earlier removal got done. */
  done: fc.oneof(fc.constant(0), fc.nat({ max: 8 })),
});

test("whatever a plan shows of a share with data that leaves, a removal does just that", { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(removals, async ({ origin, policy, isProtected, volume_options, done }) => {
      await site.reset();
      const stack = site.stack();
      await prepare(stack, origin);
      const { named, properties } = origins[origin];
      const options = volume_options === undefined ? {} : { volume_options };
      const share = stack.share("a", {
        ...{ ...properties, ...options, removal_policy: policy },
        ...(isProtected ? { deletion_protection: "true" as const } : {}),
      });
      await site.succeed(share.apply);
      put(site, named, "data");
      if (done > 0) await site.run(share.destroy, { around: afterChanges(done) });
      if (!isLeftWithData(named)) return;
      const claim = "stack-a";
      const before = site.state();
      const shown = await outcome(site.operate(stack, (accesses) => previewRemoval(accesses, "gluster.share", "a", claim)));
      expect(site.state()).toEqual(before);
      expect(await outcome(site.operate(stack, (accesses) => destroyShare(accesses, "a", claim)))).toEqual(shown);
    }),
    { numRuns: 12 },
  );
});

/** A removal that was cut off when its data had gone already has less to do than can be seen without a mount. */
function isLeftWithData(volume: string): boolean {
  const { key, state } = site.volumes().some(({ name }) => name === volume) ? markOf(site, volume) : {};
  return key === "a" && state !== "wiped" && site.entries(volume).includes("data");
}

const openings = fc.record({
  /** Rules and a snapshot that are there already. */
  there: fc.subarray(["cpu", "gpu", "monday"]),
  mishap: fc.constantFrom(undefined, `auth.ssl-allow ${infrastructure},mallory`, "server.dynamic-auth off", "client.ssl off"),
  kind: fc.constantFrom("rule", "snapshot"),
  commonName: fc.constantFrom("tenant-cpu", "tenant", "glusterfs-server-1"),
  leaves: fc.boolean(),
});

test("whatever a plan shows of rules and snapshots, they come and go just so", { timeout: 120_000 }, async () => {
  await site.reset();
  const stack = site.stack();
  const cpu = (commonName: string) => stack.rule("a", "cpu", { common_name: commonName });
  const managed = {
    cpu: cpu("tenant-cpu"),
    gpu: stack.rule("a", "gpu", { common_name: "tenant-gpu" }),
    monday: stack.snapshot("a", "monday"),
  };
  const works = {
    rule: (commonName: string) => {
      const { key, ...asked } = askedFor(cpu(commonName));
      const wish = { ...asked, key, ...readGlusterRule(asked.text, key) };
      return {
        preview: (on: Accesses) => previewRule(on, wish),
        apply: (on: Accesses) => applyRule(on, wish),
        previewLeaving: (on: Accesses) => previewRemoval(on, "gluster.access-rule", key, wish.claim),
        leave: (on: Accesses) => destroyRule(on, key, wish.claim),
      };
    },
    snapshot: () => {
      const { key, ...asked } = askedFor(managed.monday);
      const wish = { ...asked, key, ...readGlusterSnapshot(asked.text, key) };
      return {
        preview: (on: Accesses) => previewSnapshot(on, wish),
        apply: (on: Accesses) => applySnapshot(on, wish),
        previewLeaving: (on: Accesses) => previewRemoval(on, "gluster.snapshot", key, wish.claim),
        leave: (on: Accesses) => destroySnapshot(on, key, wish.claim),
      };
    },
  };
  await fc.assert(
    fc.asyncProperty(openings, async ({ there, mishap, kind, commonName, leaves }) => {
      await site.succeed(stack.share("a", { allow_restart: "true" }).apply);
      for (const one of ["cpu", "gpu", "monday"] as const) {
        const { apply, destroy } = managed[one];
        await site.succeed(there.includes(one) ? apply : destroy);
      }
      if (mishap !== undefined) await site.gluster(`volume set pool-1-1G ${mishap}`);
      const { preview, apply, previewLeaving, leave } = works[kind](commonName);
      const before = site.state();
      const shown = await outcome(site.operate(stack, leaves ? previewLeaving : preview));
      expect(site.state()).toEqual(before);
      expect(await outcome(site.operate(stack, leaves ? leave : apply))).toEqual(shown);
    }),
    { numRuns: 12 },
  );
});

test.each([
  ["gluster.access-rule", "shut tenant-cpu out of volume pool-1-1G"],
  ["gluster.snapshot", "delete snapshot monday"],
] as const)("a removal of %s is shown for what it is", async (kind, shown) => {
  await site.reset();
  const stack = site.stack();
  const rule = stack.rule("a", "cpu", { common_name: "tenant-cpu" });
  const snapshot = stack.snapshot("a", "monday");
  for (const { apply } of [stack.share("a"), rule, snapshot]) await site.succeed(apply);
  const { key, destroy } = kind === "gluster.snapshot" ? snapshot : rule;
  const claim = destroy.environment[env.claim] ?? "";
  expect(await outcome(site.operate(stack, (accesses) => previewRemoval(accesses, kind, key, claim)))).toEqual([shown]);
});
