// Executors as Terraform starts them, each a process, on GlusterFS.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { infrastructure } from "./expect";
import { type GlusterSite, startGlusterSite } from "./site";
import { put } from "./storage";

const many = 20;
const timeout = 300_000;

describe("hooks that are processes", { timeout }, () => {
  let site: GlusterSite;
  beforeAll(async () => {
    site = await startGlusterSite({ clusters: 2, resident: true });
  });
  afterAll(() => site.remove());

  const succeed = async (...[hook]: Parameters<GlusterSite["spawn"]>) => {
    const ended = await site.spawn(hook);
    expect(ended).toMatchObject({ exitCode: 0, stderr: "" });
    return ended.stdout;
  };

  test("make, open, close and remove a share that may be on two clusters of one machine", async () => {
    const stack = site.stack({ clusters: [1, 2] });
    const share = stack.share("a");
    const rule = stack.rule("a", "cpu", { common_name: "tenant" });
    expect(await succeed(share.apply)).toMatch(/gluster\.share a: as described after \d+ steps/);
    expect(await succeed(share.apply)).toContain("nothing to do");
    await succeed(rule.apply);
    const [cluster = 0] = [1, 2].filter((number) =>
      (site.options("pool-1-1G", number)["user.sharewright.share"] ?? "").includes("key=a"),
    );
    expect(site.options("pool-1-1G", cluster)["auth.ssl-allow"]).toBe(`${infrastructure},tenant`);
    await succeed(rule.destroy);
    await succeed(share.destroy);
    expect(site.options("pool-1-1G", cluster)["user.sharewright.share"]).toBe("NONE");
  });

  test("end with exit 5 and the fix when glusterd is down", async () => {
    for (const host of ["gluster1-1", "gluster1-2", "gluster1-3"]) await site.sandbox("gluster", "down", host);
    const ended = await site.spawn(site.stack().share("a").apply);
    expect(ended.exitCode).toBe(5);
    expect(ended.stderr).toMatch(/^error GLUSTERD_DOWN /);
    expect(ended.stderr).toMatch(/\n {2}fix +`systemctl status glusterd`/);
    for (const host of ["gluster1-1", "gluster1-2", "gluster1-3"]) await site.sandbox("gluster", "up", host);
  });
});

describe(`${many} executors at once`, { timeout }, () => {
  let site: GlusterSite;
  beforeAll(async () => {
    site = await startGlusterSite();
    for (let number = 4; number <= many + 1; number++) await site.addPoolVolume(`pool-${number}-1G`);
    put(site, "pool-1-1G", "data"); // somebody's
  }, timeout);
  afterAll(() => site.remove());

  const names = Array.from({ length: many }, (_, index) => `share-${index}`);

  test("take volumes of their own, and none that holds data [X-G07]", async () => {
    const stack = site.stack();
    await Promise.all(names.map((name) => site.succeed(stack.share(name, { size: "1 GiB" }).apply)));
    const homes = site.volumes().flatMap(({ name }) => {
      const key = new URLSearchParams(site.options(name)["user.sharewright.share"] ?? "").get("key");
      return key === null ? [] : [{ key, name }];
    });
    expect(homes.map(({ key }) => key).sort()).toEqual([...names].sort());
    expect(homes.map(({ name }) => name)).not.toContain("pool-1-1G");
    expect(site.entries("pool-1-1G")).toEqual(["data"]);
    await Promise.all(names.map((name) => site.succeed(stack.share(name).destroy)));
    const left = site.volumes().map(({ name }) => site.options(name)["user.sharewright.share"] ?? "NONE");
    expect(new Set(left)).toEqual(new Set(["NONE"]));
  });
});
