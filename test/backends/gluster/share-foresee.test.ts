// What is foreseen of a share is what a volume that does what commands say then has.
import fc from "fast-check";
import { expect, test } from "vitest";
import { shareMark, slotMark } from "../../../src/backends/gluster/records";
import { planApply } from "../../../src/backends/gluster/share/apply";
import { afterStep } from "../../../src/backends/gluster/share/foresee";
import { planShare } from "../../../src/backends/gluster/share/plan";
import type { Seen, SeenMarked } from "../../../src/backends/gluster/share/seen";
import { foretell } from "../../../src/core/engine";
import type { Step } from "../../../src/core/plan";
import { fakeCluster } from "./fake-cluster";
import { closed, gibibyte, recordOf, seenOf, servers, wishOf } from "./shares";
import { volume } from "./volume";
import { type Model, perform, seenIn } from "./volume-model";

const access = fakeCluster({ servers: { s1: {} } });
const cluster = { ...access, server: access.servers[0] as (typeof access.servers)[number], id: "id-0" };

const options = fc.record(
  {
    "client.ssl": fc.constantFrom("on", "off"),
    "server.dynamic-auth": fc.constantFrom("on", "off"),
    "auth.ssl-allow": fc.constantFrom(servers.join(","), `${servers.join(",")},mallory`),
    "features.quota": fc.constantFrom("on", "off"),
    "features.hard-timeout": fc.constantFrom("0", "5"),
    "performance.cache-size": fc.constantFrom("1", "9"),
  },
  { requiredKeys: ["auth.ssl-allow"] },
);
const states = fc.record({
  options: fc.oneof(
    options,
    options.map((some) => ({ ...closed, ...some })),
  ),
  status: fc.constantFrom("started" as const, "stopped" as const),
  state: fc.constantFrom("taking" as const, "closed" as const, "ready" as const, "retained" as const, "leaving" as const),
  asked: fc.dictionary(fc.constantFrom("performance.cache-size", "cluster.nufa"), fc.constantFrom("1", "2"), { maxKeys: 2 }),
  size: fc.constantFrom(gibibyte, 2n * gibibyte),
});

test("step by step", () => {
  fc.assert(
    fc.property(states, ({ options, status, state, asked, size }) => {
      const wish = wishOf({ volumeOptions: asked, size, allowRestart: true });
      const { volume: start, quota } = seenOf(recordOf({ state }), { options, status });
      let model: Model = { volume: start ?? volume(""), quota };
      let seen: Seen = { cluster, ...seenIn(model) };
      for (let round = 0; round < 12; round += 1) {
        const steps: Step[] = planShare(wish, seen);
        if (steps.length === 0) return;
        for (const step of steps) {
          seen = afterStep(seen, step) as SeenMarked;
          model = step.commands.reduce(perform, model);
          const { cluster: _, ...foreseen } = seen;
          expect(foreseen).toMatchObject(seenIn(model));
        }
      }
      throw new Error("no end");
    }),
  );
});

test("a volume of the pool: taken, closed, limited and shown, without a look in between", async () => {
  const free = volume("pool-1", { options: { "auth.ssl-allow": servers.join(",") } });
  const wish = wishOf();
  const begin: Seen = { from: "pool", cluster, volume: free, infrastructure: servers, bricks: [] };
  const steps = await foretell<Seen>({
    object: "a",
    observe: async (expected) => expected?.seen ?? begin,
    plan: (seen) => planApply(wish, seen),
    after: afterStep,
  });
  expect(steps.map(({ id }) => id)).toEqual(["take", "set-options", "stop", "start", "enable-quota", "set-limit", "ready"]);
  expect(steps.every(({ on }) => on === cluster.server)).toBe(true);
});

test("a clone: noted, made of the snapshot, closed before its first start, and tidied up after, without a look in between", async () => {
  const snapshot = { key: "a@monday", volume: "pool-1", claim: "claim", owner: "stack", name: "monday" };
  const share = volume("pool-1", { snapshots: 1, options: { ...closed, ...shareMark(recordOf()) } });
  const parent = { ...share, options: { ...share.options, ...slotMark(share, "snapshot", snapshot) } };
  const wish = { ...wishOf({ share: "b", provisioning: { kind: "clone", snapshot: "a@monday" } }), key: "b" };
  const steps = await foretell<Seen>({
    object: "b",
    observe: async (expected) => expected?.seen ?? { from: "clone", cluster, parent, snapshot: "monday", active: false },
    plan: (seen) => planApply(wish, seen),
    after: afterStep,
  });
  expect(steps.map(({ id }) => id)).toEqual([
    ...["note-clone", "activate", "clone", "set-options", "start", "deactivate", "forget-clone"],
    ...["enable-quota", "set-limit", "ready"],
  ]);
});

test.each<[what: string, seen: Partial<SeenMarked>, size: bigint, code: string]>([
  ["bricks that are too small", { bricks: [] }, 2n * gibibyte, "TOO_LARGE"],
  ["a quota daemon that is down", { countsUse: false }, gibibyte / 2n, "USE_UNKNOWN"],
])("%s refuse another size, from what was seen alone", (_, more, size, code) => {
  const seen = { cluster, ...seenOf(recordOf()), ...more };
  expect(() => planApply(wishOf({ size }), seen)).toThrow(expect.objectContaining({ code }));
});
