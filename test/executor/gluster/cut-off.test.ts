// Runs that were cut off, and what is found when somebody has done something before the next one: other wishes, other data, other tools.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Around } from "../in-process";
import { expectRefusal, infrastructure, optionsBesides, quotaTraces } from "./expect";
import { cutOffAt, homesOf, markOf } from "./mishaps";
import { type GlusterSite, startGlusterSite } from "./site";
import { replicated } from "./stack";

let site: GlusterSite;
beforeAll(async () => {
  site = await startGlusterSite();
});
afterAll(() => site.remove());
beforeEach(() => site.reset());

/** Throws where anybody but the infrastructure is let into a volume that runs. */
function closedWhile(volume: string): Around {
  return async (_, go) => {
    const result = await go();
    const seen = site.volumes().find(({ name }) => name === volume);
    if (seen?.status === "Started") expect(site.options(volume)["auth.ssl-allow"]).toBe(infrastructure);
    return result;
  };
}

async function cutOff(hook: Parameters<GlusterSite["run"]>[0], isIt: (text: string) => boolean): Promise<void> {
  expectRefusal(await site.run(hook, { around: cutOffAt(isIt) }), 5, "COMMAND_LOST");
}

describe("a share that adopts what is there", () => {
  const adopt = { adopt: "true" } as const;

  test("does not take its own clone, which was not closed yet, for somebody's volume", async () => {
    const stack = site.stack();
    await site.succeed(stack.share("a").apply);
    await site.succeed(stack.rule("a", "cpu", { common_name: "tenant-of-a" }).apply);
    await site.succeed(stack.snapshot("a", "monday").apply);
    const { apply } = stack.share("b", { provisioning: "clone a@monday", ...adopt });
    await cutOff(apply, (text) => text.includes("volume set b "));
    expect(site.options("b")["auth.ssl-allow"]).toContain("tenant-of-a");
    expect(await site.run(apply, { around: closedWhile("b") })).toMatchObject({ exitCode: 0, stderr: "" });
    expect(markOf(site, "b")).toMatchObject({ origin: "clone", state: "ready", claim: "stack-b" });
    expect(site.volume("b")).toMatchObject({ status: "Started", servesTls: true });
    expect(site.state().clusters[0]?.snapshots).toMatchObject([{ isActive: false }]);
  });

  test("does not take the volume that it is making for somebody's", async () => {
    const share = site.stack().share("b", { provisioning: replicated, ...adopt });
    await cutOff(share.apply, (text) => text.includes("volume set b "));
    expect(await site.run(share.apply, { around: closedWhile("b") })).toMatchObject({ exitCode: 0, stderr: "" });
    expect(markOf(site, "b")).toMatchObject({ origin: "made", state: "ready" });
    expect(site.volume("b")).toMatchObject({ status: "Started", servesTls: true });
    await site.succeed(share.destroy);
    expect(existsSync(site.brick("gluster1-1:/bricks/b.stack-b"))).toBe(false);
  });
});

test("a clone outlives its snapshot, though the run that made it could not let the snapshot rest", async () => {
  const stack = site.stack();
  await site.succeed(stack.share("a").apply);
  const snapshot = stack.snapshot("a", "monday");
  await site.succeed(snapshot.apply);
  const share = stack.share("b", { provisioning: "clone a@monday" });
  await cutOff(share.apply, (text) => text.includes("snapshot deactivate"));
  await site.succeed(snapshot.destroy);
  await site.succeed(share.apply);
  expect(site.options("pool-1-1G")["user.sharewright.clone.0"]).toBe("NONE");
  expect(await site.succeed(share.apply)).toContain("nothing to do");
  await site.succeed(share.destroy);
  expect(homesOf(site, "b")).toEqual([]);
});

test.each([
  ["another", "b"],
  ["the same", "a"],
])("the tenants of a share whose mark was taken off by hand are not those of the next one of %s name", async (_, next) => {
  const stack = site.stack();
  await site.succeed(stack.share("a").apply);
  await site.succeed(stack.rule("a", "cpu", { common_name: "old-tenant" }).apply);
  await site.gluster(`volume set pool-1-1G user.sharewright.share NONE auth.ssl-allow ${infrastructure}`);
  expect(await site.run(stack.share(next).apply, { around: closedWhile("pool-1-1G") })).toMatchObject({
    exitCode: 0,
    stderr: "",
  });
  expect(homesOf(site, next)).toEqual(["1:pool-1-1G ready"]);
  expect(site.options("pool-1-1G")["user.sharewright.rule.0"]).toBe("NONE");
  await site.succeed(stack.rule(next, "gpu", { common_name: "new-tenant" }).apply);
  expect(site.options("pool-1-1G")["auth.ssl-allow"]).toBe(`${infrastructure},new-tenant`);
});

test("what is noted of a rule of another share lets nobody in", async () => {
  const share = site.stack().share("b");
  await site.succeed(share.apply);
  const left = new URLSearchParams({
    key: "a#cpu",
    volume: "pool-1-1G",
    claim: "stack-a-cpu",
    owner: "stack",
    name: "old-tenant",
  });
  await site.gluster(`volume set pool-1-1G user.sharewright.rule.0 ${left}`);
  await site.succeed(share.apply);
  await site.succeed(site.stack().rule("b", "cpu", { common_name: "new-tenant" }).apply);
  expect(site.options("pool-1-1G")["auth.ssl-allow"]).toBe(`${infrastructure},new-tenant`);
});

test("a snapshot is still known as ours after its servers had no LVM for a while", async () => {
  const stack = site.stack();
  await site.succeed(stack.share("a").apply);
  const snapshot = stack.snapshot("a", "monday");
  await site.succeed(snapshot.apply);
  await site.sandbox("gluster", "lvm", "gluster1", "none");
  expectRefusal(await site.run(snapshot.apply), 3, "SNAPSHOTS_UNSUPPORTED");
  await site.sandbox("gluster", "lvm", "gluster1", "thin");
  expect(await site.succeed(snapshot.apply)).toContain("nothing to do");
  await site.succeed(snapshot.destroy);
  expect(site.state().clusters[0]?.snapshots).toEqual([]);
  await site.succeed(stack.share("a").destroy);
});

describe("a share that is asked for larger after it was begun", () => {
  const plain = () => site.volumes().map((volume) => optionsBesides(volume, quotaTraces));
  const begun = () => cutOff(site.stack().share("a").apply, (text) => text.startsWith("mount -t"));

  test("leaves a volume that is too small, not touched yet, for one that is large enough", async () => {
    const untouched = site.options("pool-1-1G");
    await begun();
    await site.succeed(site.stack().share("a", { size: "1536 MiB" }).apply);
    expect(homesOf(site, "a")).toEqual(["1:pool-3-2G ready"]);
    expect(site.options("pool-1-1G")).toEqual({ ...untouched, "user.sharewright.share": "NONE" });
  });

  test("is refused where none is large enough, and keeps none", async () => {
    const untouched = plain();
    await begun();
    expectRefusal(await site.run(site.stack().share("a", { size: "50 TiB" }).apply), 4, "NO_FREE_VOLUME");
    expect(homesOf(site, "a")).toEqual([]);
    expect(plain()).toEqual(untouched);
  });

  test("is refused once its volume was closed, and is not shown with a limit that the bricks cannot hold", async () => {
    const stack = site.stack();
    await cutOff(stack.share("a").apply, (text) => text.includes("quota pool-1-1G enable"));
    expectRefusal(await site.run(stack.share("a", { size: "50 TiB" }).apply), 4, "TOO_LARGE");
    expect(homesOf(site, "a")).toEqual(["1:pool-1-1G taking"]);
    await site.succeed(stack.share("a").apply);
    expect(homesOf(site, "a")).toEqual(["1:pool-1-1G ready"]);
  });
});

describe("a run that is cut off between the options that want TLS and the restart that brings it", () => {
  const share = () => site.stack().share("a");
  const begun = () => cutOff(share().apply, (text) => text.includes("volume stop"));

  test("is gone on with", async () => {
    await begun();
    await site.succeed(share().apply);
    expect(homesOf(site, "a")).toEqual(["1:pool-1-1G ready"]);
    expect(site.volume("pool-1-1G").servesTls).toBe(true);
    expect(await site.succeed(share().apply)).toContain("nothing to do");
  });

  test.each([
    ["at once", false],
    ["after the next run has refused what somebody wrote meanwhile", true],
  ])("is undone with the share's removal, %s, and nothing is deleted", async (_, again) => {
    const before = site.volume("pool-1-1G");
    await begun();
    writeFileSync(join(site.data("pool-1-1G"), "somebodys"), "");
    if (again) {
      const ended = await site.run(share().apply);
      expectRefusal(ended, 3, "VOLUME_NOT_EMPTY");
      expect(ended.stderr).toContain("somebodys");
      expect(homesOf(site, "a")).toEqual(["1:pool-1-1G closed"]);
    }
    await site.succeed(share().destroy);
    expect(homesOf(site, "a")).toEqual([]);
    expect(site.entries("pool-1-1G")).toEqual(["somebodys"]);
    const after = site.volume("pool-1-1G");
    expect(optionsBesides(after, quotaTraces)).toEqual(optionsBesides(before, quotaTraces));
    expect(after).toMatchObject({ status: "Started", servesTls: false });
  });
});

test.each(["volume stop", "volume set pool-1-1G", "volume start"])(
  "a share without TLS is not retained before that is in force, cut off at %s",
  async (at) => {
    const share = site.stack().share("a", { removal_policy: "retain" });
    await site.succeed(share.apply);
    for (const line of ["set pool-1-1G server.ssl off", "stop pool-1-1G", "start pool-1-1G"])
      await site.gluster(`volume ${line}`);
    await cutOff(share.destroy, (text) => text.includes(at));
    await site.succeed(share.destroy);
    expect(homesOf(site, "a")).toEqual(["1:pool-1-1G retained"]);
    const { status, servesTls } = site.volume("pool-1-1G");
    expect(status === "Started" && !servesTls).toBe(false);
  },
);
