// One stack on two clusters of real glusterds: where its shares go, and what happens when one of them is away.
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { GlusterShare, RemovalPolicy, Size } from "../../lib";
import { describeWithGluster } from "../glusterd/describe";
import { applied, noChanges, timeout } from "./cases";
import { type GlusterBench, limitOf, makeGlusterBench, marks } from "./support/gluster";
import { type Saboteur, sabotage } from "./support/sabotage";
import type { BuildStack, StackBench } from "./support/terraform";

vi.setConfig({ testTimeout: timeout });

describeWithGluster("shares that may be on either of two clusters", () => {
  let gluster: GlusterBench;
  let stack: StackBench;
  let saboteur: Saboteur;
  beforeAll(async () => {
    gluster = await makeGlusterBench({ nodes: [1, 1] });
    const small = ["pool-1-1G", "pool-2-1G"].map((name) => ({ name, size: "1g" }));
    tank().makePool([...small, { name: "pool-3-4G", size: "4g" }]);
    pond().makePool([...small, { name: "pool-3-2G", size: "2g" }]);
    saboteur = sabotage(pond().nodes[0]);
    stack = gluster.bench.stack();
  }, timeout);
  afterAll(() => gluster?.stop());

  const tank = () => gluster.rig.clusters[0];
  const pond = () => gluster.rig.clusters[1] ?? tank();
  const onTank = () => marks(gluster.rig, 0);
  const onPond = () => marks(gluster.rig, 1);

  const sizes: Record<string, number> = { a: 64, b: 64, c: 64, d: 64 };
  const describing =
    (clusterIndexes = [0, 1]): BuildStack =>
    (terraformStack) => {
      const clusters = clusterIndexes.map((index) => gluster.describe(terraformStack, index));
      for (const [shareName, mebibytes] of Object.entries(sizes))
        new GlusterShare(terraformStack, shareName, {
          clusters,
          size: Size.mebibytes(mebibytes),
          removalPolicy: RemovalPolicy.DESTROY,
        });
    };

  test("they are spread, though both have volumes of the same names; a second plan changes nothing", async () => {
    await applied(stack, describing());
    const small = ["pool-1-1G", "pool-2-1G"];
    expect([Object.values(onTank()).sort(), Object.values(onPond()).sort()]).toEqual([small, small]);
    expect(Object.keys({ ...onTank(), ...onPond() }).sort()).toEqual(["a ready", "b ready", "c ready", "d ready"]);
    expect((await stack.plan()).stdout).toContain(noChanges);
  });

  test("one goes where there is room for it; when that cluster dies under it, to the other one", async () => {
    saboteur.prepare({ match: "volume set pool-3-2G user.sharewright.share", victim: "glusterd", when: "after" });
    sizes["e"] = 1500;
    const done = await applied(stack, describing());
    expect(saboteur.rest()).toBeDefined();
    expect(done.stdout).toContain('cluster "pond" does not answer any more (glusterd does not answer on the server)');
    expect(onTank()).toHaveProperty(["e ready"], "pool-3-4G");
  });

  test("while a cluster is down none is made, since it may be there already, and the error says what helps; shares of the other are changed", async () => {
    const [key = ""] = Object.keys(onTank()).map((mark) => mark.replace(" ready", ""));
    const volume = onTank()[`${key} ready`] ?? "";
    const before = sizes[key] ?? 0;
    sizes[key] = before + 36;
    sizes["f"] = 500;
    const refused = await stack.apply(describing());
    expect(refused.exitCode).toBe(1);
    expect(refused.stdout).toMatch(
      /error GLUSTERD_DOWN +cluster "pond" cannot be looked at .*and f may be there\n[\s\S]*leave "pond" out of the share's clusters until then/,
    );
    expect(limitOf(gluster.rig, volume)).toBe((before + 36) * 2 ** 20);
  });

  test("when it is back, what had been begun there is given back", async () => {
    await pond().nodes[0].start();
    expect(onPond()).toHaveProperty(["e taking"], "pool-3-2G");
    delete sizes["f"];
    sizes["e"] = 1600;
    await applied(stack, describing());
    expect(onTank()).toHaveProperty(["e ready"], "pool-3-4G");
    expect(Object.values(onPond())).not.toContain("pool-3-2G");
  });
});
