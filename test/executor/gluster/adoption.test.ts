// Volumes that were there before, filled and opened by hand or by Manila: which of them become shares, and what holds when they have.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { expectRefusal } from "./expect";
import { homesOf, markOf } from "./mishaps";
import { type GlusterSite, startGlusterSite } from "./site";

let site: GlusterSite;
beforeAll(async () => {
  site = await startGlusterSite({ clusters: 2 });
});
afterAll(() => site.remove());
beforeEach(() => site.reset());

const consented = { adopt: "true", allow_restart: "true" } as const;

/** A volume "data", whose bricks have not been started since TLS was asked for. */
async function byHand(cluster = 1) {
  await site.addPoolVolume("data", cluster);
  await site.gluster("volume set data client.ssl on server.ssl on", cluster);
}

test("a volume of Manila's is not adopted, and stays as it is", async () => {
  await byHand();
  await site.gluster("volume set data user.manila-share 0b1c");
  const before = site.state();
  expectRefusal(await site.run(site.stack().share("data", consented).apply), 3, "FOREIGN_VOLUME");
  expect(site.state()).toEqual(before);
});

test("a volume that Manila has let go of is adopted", async () => {
  await byHand();
  await site.gluster("volume set data user.manila-share NONE");
  await site.succeed(site.stack().share("data", consented).apply);
  expect(homesOf(site, "data")).toEqual(["1:data ready"]);
});

test("of two volumes of the share's name none is adopted, until the stack says which cluster's", async () => {
  for (const cluster of [1, 2]) await byHand(cluster);
  const before = site.state();
  const ended = await site.run(site.stack({ clusters: [1, 2] }).share("data", consented).apply);
  expectRefusal(ended, 3, "FOREIGN_VOLUME");
  for (const name of ["east", "west"]) expect(ended.stderr).toContain(name);
  expect(site.state()).toEqual(before);
  await site.succeed(site.stack({ clusters: [2] }).share("data", consented).apply);
  expect(homesOf(site, "data")).toEqual(["2:data ready"]);
});

describe("a volume whose options say TLS, and whose bricks were started before", () => {
  test("is not adopted without consent to the restart that it takes: whoever has it mounted keeps it", async () => {
    await site.addPoolVolume("data");
    expect(await site.mountAs("stranger", "gluster1-1:/data", "--keep", "user")).toMatchObject({ exit: 0 });
    await site.gluster("volume set data client.ssl on server.ssl on");
    expectRefusal(await site.run(site.stack().share("data", { adopt: "true" }).apply), 3, "RESTART_NEEDED");
    expect(markOf(site, "data")["state"]).not.toBe("ready");
    expect(site.volume("data")).toMatchObject({ status: "Started", servesTls: false });
    expect(site.state().mounts.map(({ id }) => id)).toEqual(["user"]);
  });

  test("lets in nobody without a certificate of its list once it is adopted", async () => {
    await byHand();
    await site.succeed(site.stack().share("data", consented).apply);
    expect(site.volume("data")).toMatchObject({ status: "Started", servesTls: true });
    expect(await site.mountAs("manila-host-1", "gluster1-1:/data")).toMatchObject({ exit: 0 });
    expect((await site.mountAs("stranger", "gluster1-1:/data")).exit).not.toBe(0);
    expect(markOf(site, "data")["state"]).toBe("ready");
  });

  test("is not said to be adopted by a run after one that was refused", async () => {
    await byHand();
    const { apply } = site.stack().share("data", { adopt: "true" });
    for (const _ of ["first", "second"]) expectRefusal(await site.run(apply), 3, "RESTART_NEEDED");
    expect(site.volume("data").servesTls).toBe(false);
    await site.succeed(site.stack().share("data", consented).apply);
    expect(site.volume("data").servesTls).toBe(true);
  });
});
