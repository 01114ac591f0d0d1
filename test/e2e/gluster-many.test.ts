// Shares at once on a real GlusterFS: as many as Terraform starts at once unless it is told otherwise; in a sweep twice as many.
import { expect, test, vi } from "vitest";
import { Size } from "../../lib";
import { describeWithGluster } from "../glusterd/describe";
import { applied, noChanges, timeout } from "./cases";
import { makeGlusterBench, marks } from "./support/gluster";

vi.setConfig({ testTimeout: timeout });

const many = process.env.SHAREWRIGHT_SWEEP === "all" ? 20 : 10;

describeWithGluster("many shares", () => {
  test(`${many} are created at once, each on a volume of its own [X-G07]`, async ({ onTestFinished }) => {
    const gluster = await makeGlusterBench();
    onTestFinished(gluster.stop);
    const names = Array.from({ length: many }, (_, index) => `s${index + 1}`);
    gluster.rig.clusters[0].makePool([...names, "spare"].map((_, index) => ({ name: `many-${index}-1G`, size: "1g" })));
    const stack = gluster.bench.stack("many");
    await applied(stack, (terraformStack) => {
      const cluster = gluster.describe(terraformStack, 0, { volumePattern: "many-\\d+-#{size}G" });
      for (const name of names) cluster.addShare(name, { size: Size.mebibytes(64) });
    });
    const made = Object.entries(marks(gluster.rig));
    expect(made.map(([mark]) => mark).sort()).toEqual(names.map((name) => `${name} ready`).sort());
    expect(new Set(made.map(([, volume]) => volume)).size).toBe(many);
    expect((await stack.plan()).stdout).toContain(noChanges);
  });
});
