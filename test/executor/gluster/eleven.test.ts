// What is another in GlusterFS 11: options that glusterd forgets when it starts, and how it refuses snapshots.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { expectRefusal } from "./expect";
import { type GlusterSite, startGlusterSite } from "./site";

let site: GlusterSite;
beforeAll(async () => {
  site = await startGlusterSite();
});
beforeEach(() => site.reset());
afterAll(() => site?.remove());

const upgrade = () => site.sandbox("gluster", "release", "gluster1", "11.1");
const marked = () =>
  site.volumes().filter(({ options }) => options.some(([name, value]) => /^user\./.test(name) && value !== "NONE"));

describe("a volume of the pool", () => {
  test.each([
    ["that glusterd 11 made, and forgot nfs.disable of", "on", async () => {}],
    ["that glusterd 10 made", "on", upgrade],
    ["that was exported by the NFS server of glusterd 10", "off", upgrade],
  ])("R-13: %s is given back", async (_, before, meanwhile) => {
    if (meanwhile !== upgrade) await upgrade();
    for (const name of ["pool-2-1G", "pool-3-2G"]) {
      await site.gluster(`volume stop ${name}`);
      await site.gluster(`volume delete ${name}`);
    }
    await site.addPoolVolume("pool-4-2G");
    if (before === "off") await site.gluster("volume set pool-4-2G nfs.disable off");
    const share = site.stack().share("a", { size: "2 GiB" });
    await site.succeed(share.apply);
    expect(site.options("pool-4-2G")).toMatchObject({ "nfs.disable": "on", "client.ssl": "on" });
    await meanwhile();
    for (const what of ["down", "up"]) await site.sandbox("gluster", what, "gluster1-1");
    expect(site.options("pool-4-2G")).not.toHaveProperty(["nfs.disable"]);
    expect(await site.succeed(share.apply)).toContain("nothing to do");
    await site.succeed(share.destroy);
    expect(site.options("pool-4-2G")).not.toHaveProperty(["client.ssl"]);
    expect(marked()).toEqual([]);
    expect(site.volume("pool-4-2G").status).toBe("Started");
  });
});

describe("a snapshot", () => {
  test.each(["thick", "none"])(
    "R-13: is refused where bricks are not on thin LVM (%s), and asked for again later",
    async (lvm) => {
      await upgrade();
      const stack = site.stack();
      await site.succeed(stack.share("a").apply);
      await site.sandbox("gluster", "lvm", "gluster1", lvm);
      const { apply } = stack.snapshot("a", "monday");
      const refused = await site.run(apply);
      expectRefusal(refused, 3, "SNAPSHOTS_UNSUPPORTED");
      expect(refused.stderr).toContain("Snapshots not supported for all bricks in volume pool-1-1G.");
      expect(site.options("pool-1-1G")["user.sharewright.snapshot.0"] ?? "NONE").toBe("NONE");
      await site.sandbox("gluster", "lvm", "gluster1", "thin");
      await site.succeed(apply);
      expect(site.state().clusters[0]?.snapshots).toHaveLength(1);
    },
  );
});
