// Shares on volumes that are made for them.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { recorded } from "./commands";
import { expectRefusal, infrastructure } from "./expect";
import { type GlusterSite, startGlusterSite } from "./site";
import { replicated } from "./stack";

let site: GlusterSite;
beforeAll(async () => {
  site = await startGlusterSite();
});
afterAll(() => site.remove());
beforeEach(() => site.reset());

const bricks = [1, 2, 3].map((server) => `gluster1-${server}:/bricks/a.stack-a`);
const share = (properties = {}) => site.stack().share("a", { provisioning: replicated, size: "10 GiB", ...properties });
const isThere = () => bricks.map((brick) => existsSync(site.brick(brick)));

describe("a share whose volume is made for it", () => {
  test("has its options before the volume's first start, and lets in the names of the certificates alone [G-16] [G-17]", async () => {
    const { around, changing } = recorded();
    expect(await site.run(share().apply, { around })).toMatchObject({ exitCode: 0, stderr: "" });
    expect(changing()).toEqual([
      `gluster volume create a replica 3 transport tcp ${bricks.join(" ")}`,
      `gluster volume set a client.ssl on server.ssl on server.dynamic-auth on auth.ssl-allow ${infrastructure} user.sharewright.share`,
      "gluster volume start a",
      "gluster volume quota a enable",
      `gluster volume quota a limit-usage / ${10 * 1024 ** 3}`,
      "gluster volume set a features.hard-timeout 0 features.soft-timeout 0 user.sharewright.share",
    ]);
    expect(site.volume("a")).toMatchObject({ status: "Started", servesTls: true, replica: 3 });
    expect(isThere()).toEqual([true, true, true]);
    expect(await site.succeed(share().apply)).toContain("nothing to do");
  });

  test("goes with its volume and its bricks, whatever is in them", async () => {
    await site.succeed(share().apply);
    await site.succeed(site.stack().rule("a", "cpu", { common_name: "tenant" }).apply);
    await site.mountAs("tenant", "gluster1-1:/a", "--write", "data:1M", "--keep", "client");
    await site.succeed(share().destroy);
    expect(site.volumes().map(({ name }) => name)).not.toContain("a");
    expect(isThere()).toEqual([false, false, false]);
    expect(await site.succeed(share().destroy)).toContain("left alone");
    await site.succeed(share().apply);
    expect(site.entries("a")).toEqual([]);
  });

  test.each(["retain", "trash"])("by the policy %s keeps its volume and its data", async (policy) => {
    await site.succeed(share({ removal_policy: policy }).apply);
    writeFileSync(join(site.data("a"), "data"), "");
    await site.succeed(share({ removal_policy: policy }).destroy);
    expect(site.entries("a")).toEqual(["data"]);
    expect(site.volume("a").status).toBe(policy === "trash" ? "Stopped" : "Started");
    expect(site.options("a")["auth.ssl-allow"]).toBe(infrastructure);
  });

  test("is not made where a volume of its name is somebody's", async () => {
    await site.gluster("volume create a gluster1-1:/bricks/other");
    const before = site.state();
    expectRefusal(await site.run(share().apply), 3, "FOREIGN_VOLUME");
    expect(site.state()).toEqual(before);
    expect(await site.succeed(share().destroy)).toContain("left alone");
    expect(site.state()).toEqual(before);
  });

  test("is not made anew and empty where its bricks hold the data of a volume that glusterd has lost", async () => {
    await site.succeed(share().apply);
    writeFileSync(join(site.data("a"), "thesis.tex"), "");
    site.change((cluster) => {
      cluster.volumes = cluster.volumes.filter(({ name }) => name !== "a");
    });
    const ended = await site.run(share().apply);
    expectRefusal(ended, 3, "VOLUME_MISSING");
    expect(ended.stderr).toContain("thesis.tex");
    expect(readdirSync(site.brick(bricks[0] ?? ""))).toContain("thesis.tex");
    await site.succeed(share().destroy);
    expect(readdirSync(site.brick(bricks[0] ?? ""))).toContain("thesis.tex");
  });

  test("clears away empty bricks of its own claim that a run has left, and no others", async () => {
    for (const brick of bricks) mkdirSync(join(site.brick(brick), ".glusterfs"), { recursive: true });
    const foreign = site.brick("gluster1-1:/bricks/a.other-a");
    mkdirSync(foreign);
    await site.succeed(share().apply);
    expect(site.volume("a").status).toBe("Started");
    expect(existsSync(foreign)).toBe(true);
  });

  test("is refused where the bricks cannot hold it, or are on a server that is not told of, before anything is made", async () => {
    const before = site.state();
    expectRefusal(await site.run(share({ size: "900 PiB" }).apply), 4, "TOO_LARGE");
    const elsewhere = replicated.replace("gluster1-3", "gluster1-9");
    expectRefusal(await site.run(share({ provisioning: elsewhere }).apply), 5, "NO_SUCH_ROLE");
    expect(site.state()).toEqual(before);
    expect(isThere()).toEqual([false, false, false]);
  });

  test("is refused where a certificate cannot be read: its host would be shut out", async () => {
    const before = site.state();
    const ended = await site.run(share().apply, {
      around: async ({ host, text }, go) =>
        host === "gluster1-3" && text.startsWith("cat ") && text.endsWith(".pem")
          ? { exitCode: 1, timedOut: false, ms: 0, stdout: "", stderr: "cat: No such file or directory" }
          : go(),
    });
    expectRefusal(ended, 3, "PREFLIGHT");
    expect(site.state()).toEqual(before);
  });
});
