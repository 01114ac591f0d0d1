// One share, and several volumes that say they are it: data that was let go of, and what a run has begun on a cluster that then went away.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { expectRefusal, infrastructure } from "./expect";
import { connectionFailed, homesOf, rightBefore, setServers } from "./mishaps";
import { type GlusterSite, startGlusterSite } from "./site";

let site: GlusterSite;
beforeAll(async () => {
  site = await startGlusterSite({ clusters: 2 });
});
afterAll(() => site.remove());
beforeEach(() => site.reset());

const both = { clusters: [1, 2] } as const;
const tenant = { common_name: "tenant" };

describe.each([
  [1, 2],
  [2, 1],
] as const)("data that was let go of on cluster %i, and a share of its name on cluster %i", (old, now) => {
  /** Both volumes are pool-1-1G. */
  async function prepare() {
    const share = site.stack({ clusters: [old] }).share("x", { removal_policy: "retain" });
    await site.succeed(share.apply);
    writeFileSync(join(site.data("pool-1-1G", old), "old"), "");
    await site.succeed(share.destroy);
    await site.succeed(site.stack({ clusters: [now] }).share("x", { claim: "second" }).apply);
    writeFileSync(join(site.data("pool-1-1G", now), "new"), "");
    return site.stack(both);
  }

  test("rules and snapshots are given to the share, and taken back from it", async () => {
    const stack = await prepare();
    const retained = site.volume("pool-1-1G", old);
    const [rule, snapshot] = [stack.rule("x", "cpu", tenant), stack.snapshot("x", "monday")];
    for (const { apply } of [rule, snapshot]) await site.succeed(apply);
    expect(site.options("pool-1-1G", now)["auth.ssl-allow"]).toBe(`${infrastructure},tenant`);
    expect(site.state().clusters.map(({ snapshots }) => snapshots.length)[now - 1]).toBe(1);
    for (const { destroy } of [rule, snapshot]) await site.succeed(destroy);
    expect(site.options("pool-1-1G", now)["auth.ssl-allow"]).toBe(infrastructure);
    expect(site.state().clusters.map(({ snapshots }) => snapshots.length)).toEqual([0, 0]);
    expect(site.volume("pool-1-1G", old)).toEqual(retained);
  });

  test("the data is neither in the way of the share nor goes with it", async () => {
    const share = (await prepare()).share("x", { claim: "second" });
    expect(await site.succeed(share.apply)).toContain("nothing to do");
    setServers(site, now, false);
    // What is there must not be taken for the share that is gone already.
    expectRefusal(await site.run(share.destroy), 5, "GLUSTERD_DOWN");
    setServers(site, now, true);
    await site.succeed(share.destroy);
    expect(homesOf(site, "x")).toEqual([`${old}:pool-1-1G retained`]);
    expect([old, now].map((cluster) => site.entries("pool-1-1G", cluster))).toEqual([["old"], []]);
  });
});

describe("a share that was begun on one cluster and made on the other", () => {
  const size = { size: "900 MiB" };

  /** The first one is the choice, since it has more left; it goes away before the volume is looked into. */
  async function prepare() {
    await site.addPoolVolume("pool-9-1G", 1);
    const stack = site.stack(both);
    const around = rightBefore(
      (text) => text.startsWith("mount -t"),
      () => setServers(site, 1, false),
    );
    expect(await site.run(stack.share("a").apply, { around })).toMatchObject({ exitCode: 0, stderr: "" });
    for (const { apply } of [stack.rule("a", "cpu", tenant), stack.snapshot("a", "monday")]) await site.succeed(apply);
    writeFileSync(join(site.data("pool-1-1G", 2), "data"), "");
    setServers(site, 1, true);
    expect(homesOf(site, "a")).toEqual(["1:pool-1-1G taking", "2:pool-1-1G ready"]);
    return stack;
  }

  test("is not gone on with, opened or searched where it was only begun, while the other cannot be looked at", async () => {
    const stack = await prepare();
    setServers(site, 2, false);
    const left = site.state();
    const [cpu, gpu] = [stack.rule("a", "cpu", tenant), stack.rule("a", "gpu", { common_name: "other" })];
    const [monday, tuesday] = [stack.snapshot("a", "monday"), stack.snapshot("a", "tuesday")];
    for (const hook of [stack.share("a", size).apply, cpu.apply, cpu.destroy, gpu.apply, monday.destroy, tuesday.apply])
      expectRefusal(await site.run(hook), 5, "GLUSTERD_DOWN");
    expect(site.state()).toEqual(left);
    setServers(site, 2, true);
    await site.succeed(stack.share("a", size).apply);
    expect(homesOf(site, "a")).toEqual(["2:pool-1-1G ready"]);
    expect(site.options("pool-1-1G", 2)["auth.ssl-allow"]).toBe(`${infrastructure},tenant`);
    expect(site.volume("pool-1-1G", 1)).toMatchObject({ status: "Started", servesTls: false });
    expect(site.options("pool-1-1G", 1)).not.toHaveProperty(["client.ssl"]);
    expect(site.entries("pool-1-1G", 2)).toEqual(["data"]);
  });

  test("is not said to be removed while the other cannot be looked at, and goes from both then", async () => {
    const stack = await prepare();
    setServers(site, 2, false);
    expectRefusal(await site.run(stack.share("a").destroy), 5, "GLUSTERD_DOWN");
    setServers(site, 2, true);
    expect(homesOf(site, "a")).toEqual(["2:pool-1-1G ready"]);
    expect(site.entries("pool-1-1G", 2)).toEqual(["data"]);
    for (const { destroy } of [stack.snapshot("a", "monday"), stack.rule("a", "cpu", tenant), stack.share("a")])
      await site.succeed(destroy);
    expect(homesOf(site, "a")).toEqual([]);
    expect(site.entries("pool-1-1G", 2)).toEqual([]);
  });
});

test("a share that was noted as ready is not made a second time elsewhere, though its cluster went away before it could say so", async () => {
  await site.addPoolVolume("pool-9-1G", 1);
  const share = site.stack(both).share("a");
  let isDown = false;
  const ended = await site.run(share.apply, {
    around: async ({ text }, go) => {
      const result = await go();
      if (isDown || !text.includes("state=ready")) return result;
      isDown = true;
      setServers(site, 1, false);
      return connectionFailed;
    },
  });
  expectRefusal(ended, 5, "GLUSTERD_DOWN");
  expectRefusal(await site.run(share.apply), 5, "GLUSTERD_DOWN");
  setServers(site, 1, true);
  expect(homesOf(site, "a")).toEqual(["1:pool-1-1G ready"]);
  expect(await site.succeed(share.apply)).toContain("nothing to do");
});
