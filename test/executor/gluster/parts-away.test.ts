// Clusters of which a part is away: bricks that do not run, servers that do not answer or no longer belong to them.
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Around } from "../in-process";
import { recorded } from "./commands";
import { expectRefusal, infrastructure, optionsBesides, quotaTraces } from "./expect";
import { cutOffAt, homesOf, rightBefore } from "./mishaps";
import { type GlusterSite, startGlusterSite } from "./site";

let site: GlusterSite;
beforeAll(async () => {
  site = await startGlusterSite();
});
afterAll(() => site.remove());
beforeEach(() => site.reset());

const tenant = { common_name: "tenant" };
const put = () => writeFileSync(join(site.data("pool-1-1G"), "data"), "");
const isLookForBricks = (text: string) => text.includes("status pool-1-1G detail");

/** The process of the second brick has died; `start ... force` brings it back, if its directory is there. */
function killBrick(): void {
  site.change(({ volumes }) => {
    const brick = volumes.find(({ name }) => name === "pool-1-1G")?.bricks[1];
    if (brick) brick.isUp = false;
  });
}

const brick = () => site.brick("gluster1-2:/bricks/pool-1-1G");

function takeBrick(): void {
  renameSync(brick(), `${brick()}.away`);
  killBrick();
}

function bringBrick(): void {
  renameSync(`${brick()}.away`, brick());
}

describe("a brick that does not run", () => {
  test("and cannot be started keeps its share from being wiped and given back, until it is there again", async () => {
    const share = site.stack().share("a");
    await site.succeed(share.apply);
    put();
    const deleted: string[] = [];
    const take = rightBefore(isLookForBricks, takeBrick);
    const around: Around = (on, go) => {
      if (on.text.includes("-delete -print")) deleted.push(on.text);
      return take(on, go);
    };
    expectRefusal(await site.run(share.destroy, { around }), 5, "BRICKS_DOWN");
    expectRefusal(await site.run(share.destroy), 5, "BRICKS_DOWN");
    expect(deleted).toEqual([]);
    expect(site.entries("pool-1-1G")).toEqual(["data"]);
    expect(homesOf(site, "a")).toEqual(["1:pool-1-1G cut"]);
    bringBrick();
    await site.succeed(share.destroy);
    expect(homesOf(site, "a")).toEqual([]);
    expect(site.entries("pool-1-1G")).toEqual([]);
  });

  test("is started before the volume is emptied", async () => {
    const share = site.stack().share("a");
    await site.succeed(share.apply);
    put();
    const states: boolean[][] = [];
    const kill = rightBefore(isLookForBricks, killBrick);
    const around: Around = (on, go) => {
      if (on.text.includes("-delete -print")) states.push(site.volume("pool-1-1G").bricks.map(({ isUp }) => isUp));
      return kill(on, go);
    };
    expect(await site.run(share.destroy, { around })).toMatchObject({ exitCode: 0, stderr: "" });
    expect(states).toEqual([[true, true, true]]);
  });

  test("and cannot be started has its volume passed over: what is on it is not seen", async () => {
    const options = site.options("pool-1-1G");
    takeBrick();
    const said = await site.succeed(site.stack().share("a").apply);
    expect(said).toMatch(/volume pool-1-1G cannot be looked into: .*gluster1-2:\/bricks\/pool-1-1G.* does not run/);
    expect(homesOf(site, "a")).toEqual(["1:pool-2-1G ready"]);
    expect(site.options("pool-1-1G")).toEqual({ ...options, "user.sharewright.share": "NONE" });
  });

  test("and cannot be started keeps a volume that was being closed from being shown: it is not proven to be empty", async () => {
    const { apply } = site.stack().share("a");
    await site.run(apply, { around: cutOffAt((text) => text.includes("quota pool-1-1G enable")) });
    takeBrick();
    const { around, changing } = recorded();
    expectRefusal(await site.run(apply, { around }), 5, "BRICKS_DOWN");
    // Nothing but an attempt to start it: a volume that is stopped would not start again without the brick.
    expect(changing()).toEqual(["gluster volume start pool-1-1G force"]);
    expect(homesOf(site, "a")).toEqual(["1:pool-1-1G taking"]);
    bringBrick();
    await site.succeed(apply);
    expect(homesOf(site, "a")).toEqual(["1:pool-1-1G ready"]);
  });
});

test("a brick that dies while its volume is closed keeps it from being shown, and the next run does not start it anew", async () => {
  const { apply } = site.stack().share("a");
  const dies = rightBefore((text) => text.includes("quota pool-1-1G enable"), takeBrick);
  expectRefusal(await site.run(apply, { around: dies }), 5, "BRICKS_DOWN");
  expect(homesOf(site, "a")).toEqual(["1:pool-1-1G closed"]);
  bringBrick();
  const { around, changing } = recorded();
  expect(await site.run(apply, { around })).toMatchObject({ exitCode: 0, stderr: "" });
  expect(homesOf(site, "a")).toEqual(["1:pool-1-1G ready"]);
  expect(changing()).not.toContain("gluster volume stop pool-1-1G force");
});

describe("a server whose glusterd is down", () => {
  /** Not the agreed one: without that nothing is done at all. */
  function setPeer(isUp: boolean): void {
    site.change(({ servers }) => {
      const most = servers.map(({ uuid }) => uuid).sort()[2];
      for (const server of servers) if (server.uuid === most) server.isUp = isUp;
    });
  }

  test.each(["destroy", "retain", "trash"] as const)(
    "would not hear that a share is closed, so it is not removed by %s",
    async (policy) => {
      const share = site.stack().share("a", { removal_policy: policy });
      await site.succeed(share.apply);
      put();
      setPeer(false);
      const left = site.state();
      expectRefusal(await site.run(share.destroy), 5, "PEER_DOWN");
      expect(site.state()).toEqual(left);
      setPeer(true);
      await site.succeed(share.destroy);
      expect(homesOf(site, "a")).not.toContain("1:pool-1-1G ready");
    },
  );

  test("would not hear that a volume is being closed, so that is not gone on with", async () => {
    const { apply } = site.stack().share("a");
    await site.run(apply, { around: cutOffAt((text) => text.includes("volume stop")) });
    setPeer(false);
    const left = site.state();
    expectRefusal(await site.run(apply), 5, "PEER_DOWN");
    expect(site.state()).toEqual(left);
    setPeer(true);
    await site.succeed(apply);
    expect(homesOf(site, "a")).toEqual(["1:pool-1-1G ready"]);
  });

  test("would not hear it either where it goes away after the first look into the volume", async () => {
    const { apply } = site.stack().share("a");
    const { around, changing } = recorded();
    const goes = rightBefore(
      (text) => text.startsWith("umount"),
      () => setPeer(false),
    );
    expectRefusal(await site.run(apply, { around: (on, go) => goes(on, () => around(on, go)) }), 5, "PEER_DOWN");
    expect(changing()).toEqual(["gluster volume set pool-1-1G user.sharewright.share"]);
    setPeer(true);
    await site.succeed(apply);
    expect(homesOf(site, "a")).toEqual(["1:pool-1-1G ready"]);
  });

  test("keeps all volumes with a brick on it from being taken, and they stay as they are", async () => {
    const plain = () => site.volumes().map((volume) => optionsBesides(volume, quotaTraces));
    const untouched = plain();
    setPeer(false);
    expectRefusal(await site.run(site.stack().share("a").apply), 4, "NO_FREE_VOLUME");
    expect(homesOf(site, "a")).toEqual([]);
    expect(plain()).toEqual(untouched);
  });

  test("does not keep a name from being shut out elsewhere, and it is said that it still lets that in", async () => {
    const stack = site.stack();
    await site.succeed(stack.share("a").apply);
    const rule = stack.rule("a", "cpu", tenant);
    await site.succeed(rule.apply);
    setPeer(false);
    expect(await site.succeed(rule.destroy)).toContain("until it is back, its brick lets in whom it let in before");
    expect(site.options("pool-1-1G")["auth.ssl-allow"]).toBe(infrastructure);
  });
});

test("a server that was detached is not the cluster: what it does not know is not taken for absent", async () => {
  const stack = site.stack();
  const [share, rule, snapshot] = [stack.share("a"), stack.rule("a", "cpu", tenant), stack.snapshot("a", "monday")];
  for (const { apply } of [share, rule, snapshot]) await site.succeed(apply);
  const left = site.state();
  // It is the first one to be asked, and alone in a pool without volumes.
  const detached: Around = async ({ host, text }, go) => {
    const result = await go();
    if (host !== "gluster1-1" || !text.startsWith("gluster ")) return result;
    const peers = /<peer>(?:(?!<\/peer>)[\s\S])*<hostname>(?!localhost)(?:(?!<\/peer>)[\s\S])*<\/peer>/g;
    return { ...result, stdout: result.stdout.replace(peers, "").replace(/<volumes>[\s\S]*<\/volumes>/, "<volumes/>") };
  };
  const { around, changing } = recorded();
  for (const hook of [share, rule, snapshot].flatMap(({ apply, destroy }) => [apply, destroy])) {
    const ended = await site.run(hook, { around: (on, go) => detached(on, () => around(on, go)) });
    expectRefusal(ended, 2, "NO_LOCK_SERVER");
    expect(ended.stderr).toContain("its pool has 1 member");
  }
  expect(changing()).toEqual([]);
  expect(site.state()).toEqual(left);
});
