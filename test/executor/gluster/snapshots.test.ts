// Snapshots of shares, and shares that are made of them.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { optionOf } from "../../../src/sandbox/gluster/state";
import { recorded } from "./commands";
import { expectRefusal, infrastructure } from "./expect";
import { cutOffAt } from "./mishaps";
import { type GlusterSite, startGlusterSite } from "./site";

let site: GlusterSite;
beforeAll(async () => {
  site = await startGlusterSite();
});
afterAll(() => site.remove());
beforeEach(() => site.reset());

const snapshots = () =>
  site.state().clusters[0]?.snapshots.map(({ name, origin, isActive }) => ({ name, origin, isActive })) ?? [];
const names = () => site.volumes().map(({ name }) => name);

/** A share with a client and data. */
async function prepared() {
  const stack = site.stack();
  await site.succeed(stack.share("a").apply);
  await site.succeed(stack.rule("a", "cpu", { common_name: "tenant" }).apply);
  writeFileSync(join(site.data("pool-1-1G"), "data"), "monday");
  return stack;
}

describe("a snapshot", () => {
  test("is made under just its name, noted first, and goes [G-06] [G-67] [G-73] [G-78]", async () => {
    const stack = await prepared();
    const { around, changing } = recorded();
    const snapshot = stack.snapshot("a", "monday");
    expect(await site.run(snapshot.apply, { around })).toMatchObject({ exitCode: 0, stderr: "" });
    expect(snapshots()).toEqual([{ name: "monday", origin: "pool-1-1G", isActive: false }]);
    expect(await site.succeed(snapshot.apply)).toContain("nothing to do");
    await site.run(snapshot.destroy, { around });
    expect(snapshots()).toEqual([]);
    expect(changing()).toEqual([
      "gluster volume set pool-1-1G user.sharewright.snapshot.0",
      "gluster snapshot create monday pool-1-1G no-timestamp",
      "gluster snapshot delete monday",
      "gluster volume set pool-1-1G user.sharewright.snapshot.0",
    ]);
    expect(await site.succeed(snapshot.destroy)).toContain("no record of it on a volume, left alone");
  });

  test.each(["thick", "none"] as const)(
    "is refused where bricks are not on thin LVM (%s), and asked for again later [G-71] [G-72]",
    async (lvm) => {
      const stack = await prepared();
      await site.sandbox("gluster", "lvm", "gluster1", lvm);
      const { apply } = stack.snapshot("a", "monday");
      expectRefusal(await site.run(apply), 3, "SNAPSHOTS_UNSUPPORTED");
      expect(site.options("pool-1-1G")["user.sharewright.snapshot.0"] ?? "NONE").toBe("NONE");
      await site.sandbox("gluster", "lvm", "gluster1", "thin");
      await site.succeed(apply);
      expect(snapshots()).toHaveLength(1);
    },
  );

  test("that is refused stays noted where a run that was cut off may have made it", async () => {
    const stack = await prepared();
    const { apply } = stack.snapshot("a", "monday");
    await site.run(apply, { around: cutOffAt((text) => text.includes("snapshot create")) });
    const noted = site.options("pool-1-1G")["user.sharewright.snapshot.0"];
    expect(noted).toContain("monday");
    await site.sandbox("gluster", "lvm", "gluster1", "thick");
    expectRefusal(await site.run(apply), 3, "SNAPSHOTS_UNSUPPORTED");
    expect(site.options("pool-1-1G")["user.sharewright.snapshot.0"]).toBe(noted);
  });

  test("of a name that somebody else's snapshot has is refused [G-74]", async () => {
    const stack = await prepared();
    await site.gluster("snapshot create monday pool-1-1G no-timestamp");
    const before = site.state();
    expectRefusal(await site.run(stack.snapshot("a", "monday").apply), 4, "MANAGED_ELSEWHERE");
    expect(site.state()).toEqual(before);
    await site.succeed(stack.snapshot("a", "monday").destroy);
    expect(snapshots()).toHaveLength(1);
  });

  test("of another stack is not removed", async () => {
    const stack = await prepared();
    await site.succeed(stack.snapshot("a", "monday").apply);
    expect(await site.succeed(site.stack({ owner: "other" }).snapshot("a", "monday").destroy)).toContain("left alone");
    expect(snapshots()).toHaveLength(1);
  });

  test("keeps its share from being destroyed until it has gone", async () => {
    const stack = await prepared();
    await site.succeed(stack.snapshot("a", "monday").apply);
    const before = site.state();
    const ended = await site.run(stack.share("a").destroy);
    expectRefusal(ended, 3, "SNAPSHOTS_EXIST");
    expect(site.state()).toEqual(before);
    expect(site.entries("pool-1-1G")).toEqual(["data"]);
    await site.succeed(stack.snapshot("a", "monday").destroy);
    await site.succeed(stack.share("a").destroy);
    expect(site.entries("pool-1-1G")).toEqual([]);
  });
});

describe("a share from a snapshot", () => {
  const provisioning = "clone a@monday";

  async function withSnapshot() {
    const stack = await prepared();
    await site.succeed(stack.snapshot("a", "monday").apply);
    writeFileSync(join(site.data("pool-1-1G"), "later"), "tuesday");
    return stack;
  }

  test("holds what the snapshot holds, is closed before its first start, and the snapshot rests again [G-03] [G-28] [G-75]", async () => {
    const stack = await withSnapshot();
    const { around, changing } = recorded();
    expect(await site.run(stack.share("b", { provisioning }).apply, { around })).toMatchObject({ exitCode: 0, stderr: "" });
    const changed = changing();
    expect(changed.slice(0, 7)).toEqual([
      "gluster volume set pool-1-1G user.sharewright.clone.0",
      "gluster snapshot activate monday force",
      "gluster snapshot clone b monday",
      `gluster volume set b client.ssl on server.ssl on server.dynamic-auth on auth.ssl-allow ${infrastructure} user.sharewright.rule.0 user.sharewright.share user.sharewright.snapshot.0`,
      "gluster volume start b",
      "gluster snapshot deactivate monday",
      "gluster volume set pool-1-1G user.sharewright.clone.0",
    ]);
    expect(snapshots()).toEqual([{ name: "monday", origin: "pool-1-1G", isActive: false }]);
    expect(site.entries("b")).toEqual(["data"]);
    expect(site.volume("b")).toMatchObject({ status: "Started", servesTls: true, limit: String(1024 ** 3) });
    expect(await site.succeed(stack.share("b", { provisioning }).apply)).toContain("nothing to do");
    // Whose list it was made of is not touched.
    expect(site.options("pool-1-1G")["auth.ssl-allow"]).toBe(`${infrastructure},tenant`);
  });

  test("can be mounted by no tenant of its parent at any moment [X-G06]", async () => {
    const stack = await withSnapshot();
    const seen: string[] = [];
    await site.run(stack.share("b", { provisioning }).apply, {
      around: async (_, go) => {
        const result = await go();
        const clone = site.volumes().find(({ name }) => name === "b");
        if (clone?.status === "Started") {
          expect(optionOf(clone, "auth.ssl-allow")).toBe(infrastructure);
          seen.push(String((await site.mountAs("tenant", "gluster1-1:/b")).exit));
        }
        return result;
      },
    });
    expect(seen.length).toBeGreaterThan(5);
    expect(new Set(seen)).toEqual(new Set(["1"]));
  });

  test("goes with its volume, and nothing of its parent's goes [G-64] [X-G04]", async () => {
    const stack = await withSnapshot();
    await site.succeed(stack.share("b", { provisioning }).apply);
    const { around, changing } = recorded();
    await site.run(stack.share("b").destroy, { around });
    expect(names()).not.toContain("b");
    expect(changing().slice(-2)).toEqual(["gluster volume set b user.sharewright.share", "gluster volume delete b"]);
    expect(site.entries("pool-1-1G").sort()).toEqual(["data", "later"]);
    expect(snapshots()).toHaveLength(1);
  });

  test("whose deletion gluster only says to have done is not gone [X-G04]", async () => {
    const stack = await withSnapshot();
    await site.succeed(stack.share("b", { provisioning }).apply);
    const ended = await site.run(stack.share("b").destroy, {
      around: async ({ text }, go) =>
        text.includes("volume delete")
          ? { exitCode: 0, timedOut: false, ms: 0, stderr: "", stdout: "<cliOutput><opRet>0</opRet></cliOutput>" }
          : go(),
    });
    expectRefusal(ended, 1, "NOT_CONVERGED");
    await site.succeed(stack.share("b").destroy);
    expect(names()).not.toContain("b");
  });

  test("leaves a snapshot active that somebody had activated", async () => {
    const stack = await withSnapshot();
    await site.gluster("snapshot activate monday");
    await site.succeed(stack.share("b", { provisioning }).apply);
    expect(snapshots()).toEqual([{ name: "monday", origin: "pool-1-1G", isActive: true }]);
  });

  test("of which there is no snapshot, or a volume of the name, is refused with nothing changed [G-05]", async () => {
    const stack = await prepared();
    const before = site.state();
    expectRefusal(await site.run(stack.share("b", { provisioning }).apply), 4, "SNAPSHOT_MISSING");
    expect(site.state()).toEqual(before);
    await site.succeed(stack.snapshot("a", "monday").apply);
    await site.gluster("volume create b gluster1-1:/bricks/other");
    const then = site.state();
    expectRefusal(await site.run(stack.share("b", { provisioning }).apply), 3, "FOREIGN_VOLUME");
    expect(site.state()).toEqual(then);
  });

  test("is found when its parent's tenants are granted it: its rules are its own", async () => {
    const stack = await withSnapshot();
    await site.succeed(stack.share("b", { provisioning }).apply);
    await site.succeed(stack.rule("b", "cpu", { common_name: "other" }).apply);
    expect(site.options("b")["auth.ssl-allow"]).toBe(`${infrastructure},other`);
    expect((await site.mountAs("tenant", "gluster1-1:/b")).exit).not.toBe(0);
    expect(await site.mountAs("other", "gluster1-1:/b")).toMatchObject({ exit: 0, entries: ["data"] });
    expect((await site.mountAs("other", "gluster1-1:/pool-1-1G")).exit).not.toBe(0);
  });
});
