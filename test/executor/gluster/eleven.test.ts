// What is another in GlusterFS 11: options that glusterd forgets when it starts, how it refuses snapshots, and where it looks for certificates.
import { mkdirSync, renameSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { hostRoot } from "../../../src/sandbox/gluster/files";
import { expectRefusal, infrastructure } from "./expect";
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

// Debian 12 built GlusterFS 10 to look in /usr/lib/ssl, Debian 13 built 11 to look in /etc/ssl, as the sandbox does.
describe("certificates that lie where an older build looked", () => {
  const servers = ["gluster1-1", "gluster1-2", "gluster1-3"];
  function move(from: string, to: string): void {
    for (const server of servers) {
      const root = hostRoot(site.dir, server);
      mkdirSync(join(root, to), { recursive: true });
      for (const suffix of ["pem", "key", "ca"])
        renameSync(join(root, from, `glusterfs.${suffix}`), join(root, to, `glusterfs.${suffix}`));
    }
  }

  test("R-13: keep a share from being limited, which is said with what helps; then the next apply goes on", async () => {
    move("etc/ssl", "usr/lib/ssl");
    const share = site.stack().share("a");
    const refused = await site.run(share.apply);
    expectRefusal(refused, 3, "SERVER_CANNOT_MOUNT");
    expect(refused.stderr).toMatch(/fix .*\/etc\/ssl, in Debian 12 \/usr\/lib\/ssl/);
    move("usr/lib/ssl", "etc/ssl");
    await site.succeed(share.apply);
    expect(site.volume("pool-1-1G").limit).toBeDefined();
  });

  test("R-13: keep nobody from being shut out", async () => {
    const stack = site.stack();
    await site.succeed(stack.share("a").apply);
    const rule = stack.rule("a", "cpu", { common_name: "tenant" });
    await site.succeed(rule.apply);
    move("etc/ssl", "usr/lib/ssl");
    await site.succeed(rule.destroy);
    expect(site.options("pool-1-1G")["auth.ssl-allow"]).toBe(infrastructure);
  });
});
