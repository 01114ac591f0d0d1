// What a share from a snapshot is made of, and what becomes of that: the parent, its snapshot, and a volume that has the share's name.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { expectRefusal } from "./expect";
import { cutOffAt, homesOf, markOf } from "./mishaps";
import { type GlusterSite, startGlusterSite } from "./site";

let site: GlusterSite;
beforeAll(async () => {
  site = await startGlusterSite({ clusters: 2 });
});
afterAll(() => site.remove());
beforeEach(() => site.reset());

const provisioning = "clone a@monday";
const parent = "pool-1-1G";

const snapshots = () => site.state().clusters[0]?.snapshots.map(({ origin, isActive }) => ({ origin, isActive })) ?? [];
const resting = [{ origin: parent, isActive: false }];
const names = () => site.volumes().map(({ name }) => name);

/** What is noted on a volume of a clone that is being made of it. */
const noted = (volume: string) => site.options(volume)["user.sharewright.clone.0"] ?? "NONE";

/** A share with data, and a snapshot of it. */
async function prepared() {
  const stack = site.stack();
  await site.succeed(stack.share("a").apply);
  writeFileSync(join(site.data(parent), "data"), "");
  await site.succeed(stack.snapshot("a", "monday").apply);
  return stack;
}

test("a clone of the name of a volume that is somebody's share is refused, and that share stays as it is", async () => {
  const stack = await prepared();
  const others = site.stack({ owner: "other" }).share("c");
  await site.succeed(others.apply);
  expect(homesOf(site, "c")).toEqual(["1:pool-2-1G ready"]);
  writeFileSync(join(site.data("pool-2-1G"), "precious"), "");
  const before = site.volume("pool-2-1G");
  const clone = stack.share("pool-2-1G", { provisioning, size: "900 MiB" });
  expectRefusal(await site.run(clone.apply), 3, "FOREIGN_VOLUME");
  await site.succeed(clone.destroy);
  expect(site.volume("pool-2-1G")).toEqual(before);
  expect(site.entries("pool-2-1G")).toEqual(["precious"]);
  expect(snapshots()).toEqual(resting);
  expect(await site.succeed(others.apply)).toContain("nothing to do");
  await site.succeed(others.destroy);
  expect(homesOf(site, "c")).toEqual([]);
});

test("a clone is made of the share that is ready, not of what was retained under its name and is found first", async () => {
  // Runs go through clusters by the smallest id of their servers.
  const [one = "", two = ""] = site.state().clusters.map(({ servers }) => servers.map(({ uuid }) => uuid).sort()[0]);
  const [old, now] = one < two ? [1, 2] : [2, 1];
  const first = site.stack({ clusters: [old], owner: "first" });
  const retained = first.share("a", { removal_policy: "retain" });
  await site.succeed(retained.apply);
  writeFileSync(join(site.data(parent, old), "old"), "");
  await site.succeed(first.snapshot("a", "monday").apply);
  await site.succeed(retained.destroy);
  await site.succeed(site.stack({ clusters: [now] }).share("a", { claim: "second" }).apply);
  writeFileSync(join(site.data(parent, now), "new"), "");
  const stack = site.stack({ clusters: [1, 2] });
  await site.succeed(stack.snapshot("a", "monday").apply);
  await site.succeed(stack.share("b", { provisioning }).apply);
  expect(homesOf(site, "b")).toEqual([`${now}:b ready`]);
  expect(site.entries("b", now)).toEqual(["new"]);
});

test("a snapshot whose name is another share's by now is not cloned, and nothing is made", async () => {
  const stack = site.stack();
  await site.succeed(stack.share("a").apply);
  writeFileSync(join(site.data(parent), "secret"), "");
  await site.succeed(stack.share("b").apply);
  await site.succeed(stack.snapshot("b", "monday").apply);
  await site.gluster("snapshot delete monday");
  await site.succeed(stack.snapshot("a", "monday").apply);
  const volumes = names();
  const clone = stack.share("c", { provisioning: "clone b@monday" });
  expectRefusal(await site.run(clone.apply), 4, "SNAPSHOT_MISSING");
  expect(snapshots()).toEqual(resting);
  await site.succeed(clone.destroy);
  expect(names()).toEqual(volumes);
  expect(snapshots()).toEqual(resting);
  expect([parent, "pool-2-1G"].map(noted)).toEqual(["NONE", "NONE"]);
});

describe("a snapshot that was activated for a clone rests again", () => {
  test("as soon as the clone is made, also where the share is refused then", async () => {
    const stack = await prepared();
    expectRefusal(await site.run(stack.share("b", { provisioning, size: "900 GiB" }).apply), 4, "TOO_LARGE");
    expect(names()).toContain("b");
    expect(snapshots()).toEqual(resting);
    await site.succeed(stack.share("b", { provisioning }).apply);
    expect(homesOf(site, "b")).toEqual(["1:b ready"]);
    expect(snapshots()).toEqual(resting);
  });

  test("where a run was cut off before that, and the share is not to be a clone any more", async () => {
    const stack = await prepared();
    const around = cutOffAt((text) => text.includes("snapshot deactivate"));
    expectRefusal(await site.run(stack.share("b", { provisioning }).apply, { around }), 5, "COMMAND_LOST");
    expect(snapshots()).toMatchObject([{ isActive: true }]);
    await site.succeed(stack.share("b").apply);
    expect(snapshots()).toEqual(resting);
    expect(noted(parent)).toBe("NONE");
  });

  test("where a run was cut off before the clone, and the share comes with another claim", async () => {
    const stack = await prepared();
    const around = cutOffAt((text) => text.includes("snapshot clone"));
    expectRefusal(await site.run(stack.share("b", { provisioning }).apply, { around }), 5, "COMMAND_LOST");
    expect(snapshots()).toMatchObject([{ isActive: true }]);
    await site.succeed(stack.share("b", { provisioning, claim: "second" }).apply);
    expect(homesOf(site, "b")).toEqual(["1:b ready"]);
    expect(snapshots()).toEqual(resting);
    expect(noted(parent)).toBe("NONE");
  });
});

test.each([
  ["removed", "volume set b ", "destroy"],
  ["done", "user.sharewright.clone.0 NONE", "apply"],
] as const)("a share of which a clone is being made is not destroyed before the clone is %s", async (_, at, how) => {
  const stack = await prepared();
  const clone = stack.share("b", { provisioning });
  const around = cutOffAt((text) => text.includes(at));
  expectRefusal(await site.run(clone.apply, { around }), 5, "COMMAND_LOST");
  await site.succeed(stack.snapshot("a", "monday").destroy);
  const before = site.volume(parent);
  expectRefusal(await site.run(stack.share("a").destroy), 3, "SNAPSHOTS_EXIST");
  expect(site.volume(parent)).toEqual(before);
  expect(site.entries(parent)).toEqual(["data"]);
  await site.succeed(clone[how]);
  expect(noted(parent)).toBe("NONE");
  await site.succeed(stack.share("a").destroy);
  expect(homesOf(site, "a")).toEqual([]);
  expect(names().includes("b")).toBe(how === "apply");
});

test("a clone whose parent's NFS was switched on by hand is never started with it", async () => {
  const stack = site.stack();
  await site.succeed(stack.share("a").apply);
  await site.gluster(`volume set ${parent} nfs.disable off`);
  await site.succeed(stack.snapshot("a", "monday").apply);
  const seen = new Set<string | undefined>();
  const ended = await site.run(stack.share("b", { provisioning }).apply, {
    around: async (_, go) => {
      const result = await go();
      const clone = site.volumes().find(({ name }) => name === "b");
      if (clone?.status === "Started") seen.add(site.options("b")["nfs.disable"]);
      return result;
    },
  });
  expect(ended).toMatchObject({ exitCode: 0, stderr: "" });
  expect(markOf(site, "b")).toMatchObject({ state: "ready" });
  expect([...seen]).toEqual(["on"]);
});
