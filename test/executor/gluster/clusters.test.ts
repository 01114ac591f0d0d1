// A share that may be on any of several clusters.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Around } from "../in-process";
import { recorded } from "./commands";
import { expectRefusal, optionsBesides, quotaTraces } from "./expect";
import { type GlusterSite, startGlusterSite } from "./site";

let site: GlusterSite;
beforeAll(async () => {
  site = await startGlusterSite({ clusters: 2 });
});
afterAll(() => site.remove());
beforeEach(() => site.reset());

const both = { clusters: [1, 2] } as const;

/** Volumes that are marked for a share, by cluster. */
function homesOf(share: string): string[] {
  return [1, 2].flatMap((cluster) =>
    site.volumes(cluster).flatMap(({ name }) => {
      const mark = new URLSearchParams(site.options(name, cluster)["user.sharewright.share"] ?? "");
      return mark.get("key") === share ? [`${cluster}:${name}`] : [];
    }),
  );
}

/** All servers of a cluster, once a command is about to be run. */
function downAt(cluster: number, isIt: (text: string) => boolean): Around {
  let isDown = false;
  return ({ text }, go) => {
    if (!isDown && isIt(text)) {
      isDown = true;
      setServers(cluster, false);
    }
    return go();
  };
}

function setServers(cluster: number, isUp: boolean): void {
  site.change(({ servers }) => {
    for (const server of servers) server.isUp = isUp;
  }, cluster);
}

describe("with two clusters", () => {
  test("shares are spread, each on one", async () => {
    const stack = site.stack(both);
    for (const name of ["a", "b", "c", "d"]) await site.succeed(stack.share(name).apply);
    const homes = ["a", "b", "c", "d"].map(homesOf);
    expect(homes.map((found) => found.length)).toEqual([1, 1, 1, 1]);
    expect(
      homes
        .flat()
        .map((home) => home[0])
        .sort(),
    ).toEqual(["1", "1", "2", "2"]);
    for (const name of ["a", "b", "c", "d"]) expect(await site.succeed(stack.share(name).apply)).toContain("nothing to do");
  });

  test("a share goes where there is room", async () => {
    for (const name of ["pool-1-1G", "pool-2-1G", "pool-3-2G"]) await site.gluster(`volume stop ${name}`);
    await site.succeed(site.stack(both).share("a").apply);
    expect(homesOf("a")).toEqual(["2:pool-1-1G"]);
  });

  test("rules, snapshots and the removal find the share where it is", async () => {
    for (const name of ["pool-1-1G", "pool-2-1G", "pool-3-2G"]) await site.gluster(`volume stop ${name}`);
    const stack = site.stack(both);
    await site.succeed(stack.share("a").apply);
    const rule = stack.rule("a", "cpu", { common_name: "tenant" });
    await site.succeed(rule.apply);
    expect(site.options("pool-1-1G", 2)["auth.ssl-allow"]).toContain("tenant");
    await site.succeed(stack.snapshot("a", "monday").apply);
    await site.succeed(stack.share("b", { provisioning: "clone a@monday" }).apply);
    expect(homesOf("b")).toEqual(["2:b"]);
    await site.succeed(stack.share("b").destroy);
    await site.succeed(stack.snapshot("a", "monday").destroy);
    await site.succeed(rule.destroy);
    await site.succeed(stack.share("a").destroy);
    expect([...homesOf("a"), ...homesOf("b")]).toEqual([]);
  });

  test("two names of one pool are refused", async () => {
    const stack = site.stack({
      clusters: [1, 2],
      specOf: (spec, number) => ({ ...spec, servers: site.stack().clusters[0]?.servers ?? [], name: `name-${number}` }),
    });
    const before = site.state();
    const ended = await site.run(stack.share("a").apply);
    expectRefusal(ended, 2, "BAD_REQUEST");
    expect(ended.stderr).toContain('the clusters "name-1" and "name-2" are one');
    expect(site.state()).toEqual(before);
  });

  test("one that cannot be looked at may have the share: refused, with the way out", async () => {
    setServers(2, false);
    const before = site.state();
    const ended = await site.run(site.stack(both).share("a").apply);
    expectRefusal(ended, 5, "GLUSTERD_DOWN");
    expect(ended.stderr).toContain('cluster "west" cannot be looked at');
    expect(ended.stderr).toContain('leave "west" out of the share\'s clusters until then');
    expect(site.state()).toEqual(before);
    await site.succeed(site.stack().share("a").apply);
    expect(homesOf("a")).toEqual(["1:pool-1-1G"]);
  });

  test("one that is down keeps nobody from a share that is seen on the other", async () => {
    await site.succeed(site.stack().share("a").apply);
    setServers(2, false);
    const stack = site.stack(both);
    await site.succeed(stack.share("a", { size: "500 MiB" }).apply);
    await site.succeed(stack.rule("a", "cpu", { common_name: "tenant" }).apply);
    await site.succeed(stack.share("a").destroy);
    expect(homesOf("a")).toEqual([]);
    // That the rest of it is nowhere else is not known.
    expectRefusal(await site.run(stack.share("a").destroy), 5, "GLUSTERD_DOWN");
  });

  test.each<[string, (text: string) => boolean]>([
    ["while volumes are looked at", (text) => text.includes(" detail")],
    ["before a volume is marked", (text) => text.includes("volume set") && text.includes("state=taking")],
    ["before its volume is looked into", (text) => text.startsWith("mount -t")],
    ["while its volume is being closed", (text) => text.includes("volume stop")],
    ["before the limit is set", (text) => text.includes("limit-usage")],
  ])("one that goes down %s is left, and the share is made on the other; its mark is given back later", async (_, isIt) => {
    // The first choice is the cluster that has more left.
    await site.addPoolVolume("pool-9-1G", 1);
    const stack = site.stack(both);
    const before = site.volumes(1);
    const ended = await site.run(stack.share("a").apply, { around: downAt(1, isIt) });
    expect(ended).toMatchObject({ exitCode: 0, stderr: "" });
    const [home = "", ...more] = homesOf("a").filter((one) => one.startsWith("2:"));
    expect(more).toEqual([]);
    writeFileSync(join(site.data(home.slice(2), 2), "data"), "");
    expect(await site.succeed(stack.share("a").apply)).toContain("nothing to do");
    setServers(1, true);
    await site.succeed(stack.share("a").apply);
    expect(homesOf("a")).toEqual([home]);
    expect(site.entries(home.slice(2), 2)).toEqual(["data"]);
    const plain = (volumes: typeof before) => volumes.map((volume) => optionsBesides(volume, quotaTraces));
    expect(plain(site.volumes(1))).toEqual(plain(before));
    expect(site.volumes(1).map(({ status }) => status)).toEqual(before.map(({ status }) => status));
  });

  test("two volumes that were both shown as one share are for a person to judge", async () => {
    await site.succeed(site.stack().share("a").apply);
    await site.succeed(site.stack({ clusters: [2] }).share("a").apply);
    const before = site.state();
    expectRefusal(await site.run(site.stack(both).share("a").apply), 4, "RECORD_BROKEN");
    expect(site.state()).toEqual(before);
  });

  test("a name that leads to the other cluster, which has volumes of the same names, is noticed, and nothing is deleted there", async () => {
    const astray = (number: 1 | 2) => ({
      specOf: (spec: ReturnType<typeof site.stack>["clusters"][number]) => ({ ...spec, exportHost: `gluster${number}-1` }),
    });
    await site.succeed(site.stack().share("a").apply);
    for (const cluster of [1, 2]) writeFileSync(join(site.data("pool-1-1G", cluster), `data-${cluster}`), "");
    const ended = await site.run(site.stack(astray(2)).share("a").destroy);
    expectRefusal(ended, 5, "NO_SUCH_ROLE");
    expect(ended.stderr).toContain("cannot be proven to be volume pool-1-1G");
    expect([1, 2].map((cluster) => site.entries("pool-1-1G", cluster))).toEqual([["data-1"], ["data-2"]]);
    await site.succeed(site.stack().share("a").destroy);
    expect([1, 2].map((cluster) => site.entries("pool-1-1G", cluster))).toEqual([[], ["data-2"]]);
    // Nor is it believed to be empty: volumes are only marked while they are tried.
    const { around, changing } = recorded();
    expectRefusal(await site.run(site.stack(astray(2)).share("b").apply, { around }), 4, "NO_FREE_VOLUME");
    expect(changing().filter((text) => !/^gluster volume set \S+( user\.sharewright\.\S+)+$/.test(text))).toEqual([]);
    expect(site.entries("pool-1-1G", 2)).toEqual(["data-2"]);
  });
});
