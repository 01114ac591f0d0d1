// Shares on volumes of the pool: taken, changed and given back.
import { truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { releaseShare } from "../../../src/backends/gluster/share/release";
import { purgeTrash, restoreFromTrash } from "../../../src/backends/gluster/share/trash";
import type { Executor } from "../in-process";
import { recorded } from "./commands";
import { expectRefusal, infrastructure, optionsBesides, quotaTraces } from "./expect";
import { cutOffAt } from "./mishaps";
import { type GlusterSite, startGlusterSite } from "./site";

const mebibyte = 1024 ** 2;
/** Marks are options that cannot be taken away: they say NONE. */
const ownMark = /^user\.sharewright\./;
const EDQUOT = 122;

let site: GlusterSite;
beforeAll(async () => {
  site = await startGlusterSite();
});
afterAll(() => site.remove());
beforeEach(() => site.reset());

const taken = () => site.volumes().flatMap(({ name }) => (markOf(name) === undefined ? [] : [name]));

function markOf(volume: string): Record<string, string> | undefined {
  const text = site.options(volume)["user.sharewright.share"] ?? "NONE";
  return text === "NONE" ? undefined : Object.fromEntries(new URLSearchParams(text));
}

/** Written by a client of whom nobody asks for a certificate. */
function put(volume: string, name: string, bytes = 1): void {
  const file = join(site.data(volume), name);
  writeFileSync(file, "");
  truncateSync(file, bytes);
}

describe("a share of the pool", () => {
  test("takes the smallest volume that is large enough, marks it before all else, closes it and limits it [G-02] [G-27] [G-48] [G-61] [G-82] [G-93]", async () => {
    const { around, changing } = recorded();
    const ended = await site.run(site.stack().share("a", { size: "900 MiB" }).apply, { around });
    expect(ended).toMatchObject({ exitCode: 0, stderr: "" });
    expect(taken()).toEqual(["pool-1-1G"]);
    expect(changing()).toEqual([
      "gluster volume set pool-1-1G user.sharewright.share",
      "gluster volume set pool-1-1G client.ssl on server.ssl on server.dynamic-auth on user.sharewright.share",
      "gluster volume stop pool-1-1G force",
      "gluster volume start pool-1-1G",
      "gluster volume quota pool-1-1G enable",
      `gluster volume quota pool-1-1G limit-usage / ${900 * mebibyte}`,
      "gluster volume set pool-1-1G features.hard-timeout 0 features.soft-timeout 0 user.sharewright.share",
    ]);
    expect(site.volume("pool-1-1G")).toMatchObject({ status: "Started", servesTls: true, limit: String(900 * mebibyte) });
    expect(site.options("pool-1-1G")["auth.ssl-allow"]).toBe(infrastructure);
    expect(markOf("pool-1-1G")).toMatchObject({ key: "a", claim: "stack-a", state: "ready", owner: "stack" });
  });

  test("applied again is left as it is [G-47]", async () => {
    const share = site.stack().share("a");
    await site.succeed(share.apply);
    const before = site.state();
    expect(await site.succeed(share.apply)).toMatch(/^gluster\.share a: nothing to do/);
    expect(site.state()).toEqual(before);
  });

  test("works where gluster has no NFS server, and closes that of one that has [X-G05] [G-63]", async () => {
    await site.gluster("volume set pool-1-1G nfs.disable off");
    await site.gluster("volume reset pool-2-1G nfs.disable");
    const stack = site.stack();
    for (const name of ["a", "b"]) await site.succeed(stack.share(name).apply);
    expect(site.options("pool-1-1G")["nfs.disable"]).toBe("on");
    expect(site.options("pool-2-1G")).not.toHaveProperty(["nfs.disable"]);
    for (const name of ["a", "b"]) await site.succeed(stack.share(name).destroy);
    expect(site.options("pool-1-1G")["nfs.disable"]).toBe("off");
    expect(site.options("pool-2-1G")).not.toHaveProperty(["nfs.disable"]);
  });

  test("of a size between takes the next one, and of one that none has none [G-53] [G-62]", async () => {
    const stack = site.stack();
    await site.succeed(stack.share("a", { size: "1536 MiB" }).apply);
    expect(taken()).toEqual(["pool-3-2G"]);
    const ended = await site.run(stack.share("b", { size: "3 GiB" }).apply);
    expectRefusal(ended, 4, "NO_FREE_VOLUME");
    expect(ended.stderr).toContain("east:pool-1-1G is of 1 GiB");
  });

  test("gets a volume that names no size only when no other is left, whatever it asks for [G-50] [G-51] [G-52] [G-54]", async () => {
    await site.addPoolVolume("pool-9-xG");
    const stack = site.stack({ spec: { volumePattern: "pool-\\d+-(#{size}|x)G" } });
    for (const name of ["a", "b", "c"]) await site.succeed(stack.share(name).apply);
    expect(taken()).not.toContain("pool-9-xG");
    await site.succeed(stack.share("d", { size: "20 GiB" }).apply);
    expect(markOf("pool-9-xG")).toMatchObject({ key: "d" });
    const ended = await site.run(stack.share("e").apply);
    expectRefusal(ended, 4, "NO_FREE_VOLUME");
    expect(ended.stderr).toContain('east:pool-9-xG is share d of "stack"');
  });

  test("is not put where the bricks are smaller than the name says [W-G08]", async () => {
    site.change((cluster) => {
      for (const brick of cluster.volumes[0]?.bricks ?? []) brick.bytes = String(500 * mebibyte);
    });
    await site.succeed(site.stack().share("a").apply);
    expect(taken()).toEqual(["pool-2-1G"]);
  });

  test.each<[string, () => Promise<unknown> | unknown, RegExp]>([
    [
      "lets everybody in, its list unset [X-G01]",
      () => site.gluster("volume reset pool-1-1G auth.ssl-allow"),
      /auth\.ssl-allow is not set/,
    ],
    ["has a pattern in its list", () => site.gluster("volume set pool-1-1G auth.ssl-allow glusterfs-server-1,*"), /holds "\*"/],
    ["names no server", () => site.gluster("volume set pool-1-1G auth.ssl-allow tenant"), /names no server/],
    [
      "shuts out a server",
      () => site.gluster("volume set pool-1-1G auth.ssl-allow glusterfs-server-1,manila-host-1"),
      /does not let in glusterfs-server-2, glusterfs-server-3/,
    ],
    ["is stopped", () => site.gluster("volume stop pool-1-1G"), /is stopped/],
    ["has a snapshot", () => site.gluster("snapshot create snap pool-1-1G no-timestamp"), /has snapshots/],
    ["is Manila's", () => site.gluster("volume set pool-1-1G user.manila-share 0b1c"), /marked by Manila/],
    ["has data in it", () => put("pool-1-1G", "thesis.tex"), /is not empty \(.*thesis\.tex\)/],
    [
      "has no brick that runs",
      () =>
        site.change((cluster) => {
          for (const brick of cluster.volumes[0]?.bricks ?? []) brick.isUp = false;
        }),
      /its capacity cannot be told: bricks are down/,
    ],
  ])("passes over a volume that %s, and leaves it as it was", async (_, spoil, why) => {
    await spoil();
    const before = site.volume("pool-1-1G");
    const entries = site.entries("pool-1-1G");
    await site.succeed(site.stack().share("a").apply);
    expect(markOf("pool-2-1G")).toMatchObject({ key: "a" });
    const after = site.volume("pool-1-1G");
    expect({ ...after, options: optionsBesides(after, ownMark) }).toEqual({
      ...before,
      options: optionsBesides(before, ownMark),
    });
    expect(site.entries("pool-1-1G")).toEqual(entries);
    // Why it was passed over is said when there is no other.
    await site.gluster("volume stop pool-3-2G");
    const ended = await site.run(site.stack().share("b").apply);
    expectRefusal(ended, 4, "NO_FREE_VOLUME");
    expect(ended.stderr).toMatch(why);
  });

  test("is not looked for behind a mark that cannot be read, which may be its own [G-36]", async () => {
    const stack = site.stack();
    await site.succeed(stack.share("b").apply);
    await site.gluster("volume set pool-3-2G user.sharewright.share garbage");
    const before = site.state();
    const ended = await site.run(stack.share("a").apply);
    expectRefusal(ended, 4, "RECORD_BROKEN");
    expect(ended.stderr).toContain("gluster volume set pool-3-2G user.sharewright.share NONE");
    // The mark of another one is read, and that is all that matters for it.
    expect(await site.succeed(stack.share("b").apply)).toContain("nothing to do");
    expect(site.state()).toEqual(before);
  });
});

describe("the size of a share", () => {
  const use = async (mib: number) => {
    const stack = site.stack();
    await site.succeed(stack.rule("a", "cpu", { common_name: "tenant" }).apply);
    return site.mountAs("tenant", "gluster1-1:/pool-1-1G", "--write", `data:${mib}M`);
  };

  test("stops a client who writes more, and is grown and shrunk in place [X-G12] [G-103] [G-104]", async () => {
    const stack = site.stack();
    await site.succeed(stack.share("a", { size: "100 MiB" }).apply);
    expect(await use(101)).toMatchObject({ write: { errno: EDQUOT } });
    await site.succeed(stack.share("a", { size: "200 MiB" }).apply);
    expect(await use(101)).toMatchObject({ write: { errno: 0 }, df: { kib: 200 * 1024 } });
    await site.succeed(stack.share("a", { size: "110 MiB" }).apply);
    expect(site.volume("pool-1-1G").limit).toBe(String(110 * mebibyte));
  });

  test("is not lowered below what is in use [G-105]", async () => {
    const stack = site.stack();
    await site.succeed(stack.share("a", { size: "200 MiB" }).apply);
    await use(100);
    const before = site.state();
    expectRefusal(await site.run(stack.share("a", { size: "104 MiB" }).apply), 3, "SHRINK_BELOW_USE");
    expect(site.state()).toEqual(before);
  });

  test("is not raised above what the bricks hold", async () => {
    const stack = site.stack();
    await site.succeed(stack.share("a").apply);
    const before = site.state();
    const ended = await site.run(stack.share("a", { size: "2 GiB" }).apply);
    expectRefusal(ended, 4, "TOO_LARGE");
    expect(site.state()).toEqual(before);
  });

  test("is an error when it cannot be set, and the next run sets it [G-84] [G-94] [G-95] [G-106]", async () => {
    const stack = site.stack();
    await site.succeed(stack.share("a", { size: "100 MiB" }).apply);
    const larger = stack.share("a", { size: "200 MiB" }).apply;
    const ended = await site.run(larger, {
      around: async ({ text }, go) => {
        if (!text.includes("limit-usage")) return go();
        return {
          exitCode: 0,
          timedOut: false,
          ms: 0,
          stderr: "",
          stdout: "<cliOutput><opRet>-1</opRet><opErrno>30800</opErrno><opErrstr>no</opErrstr></cliOutput>",
        };
      },
    });
    expectRefusal(ended, 6, "COMMAND_FAILED");
    expect(markOf("pool-1-1G")).toMatchObject({ size: "100 MiB" });
    await site.succeed(larger);
    expect(site.volume("pool-1-1G").limit).toBe(String(200 * mebibyte));
  });
});

describe("what somebody changed by hand", () => {
  test.each<[string, string, () => unknown, unknown]>([
    ["the limit", "volume quota pool-1-1G limit-usage / 5MB", () => site.volume("pool-1-1G").limit, String(1024 * mebibyte)],
    ["the quota itself", "volume quota pool-1-1G disable", () => site.volume("pool-1-1G").limit, String(1024 * mebibyte)],
    [
      "how late a limit is noticed",
      "volume quota pool-1-1G hard-timeout 60",
      () => site.options("pool-1-1G")["features.hard-timeout"],
      "0",
    ],
    ["who is let in", "volume set pool-1-1G auth.ssl-allow *", () => site.options("pool-1-1G")["auth.ssl-allow"], infrastructure],
    [
      "when that takes effect",
      "volume set pool-1-1G server.dynamic-auth off",
      () => site.options("pool-1-1G")["server.dynamic-auth"],
      "on",
    ],
    [
      "an option that was asked for",
      "volume set pool-1-1G performance.cache-size 1MB",
      () => site.options("pool-1-1G")["performance.cache-size"],
      "64MB",
    ],
    ["that it runs", "volume stop pool-1-1G", () => site.volume("pool-1-1G").status, "Started"],
  ])("%s is put right, and the data stays", async (_, command, look, right) => {
    const share = site.stack().share("a", { volume_options: "performance.cache-size=64MB" });
    await site.succeed(share.apply);
    put("pool-1-1G", "data");
    const before = look();
    await site.gluster(command);
    expect(look()).not.toEqual(before);
    await site.succeed(share.apply);
    expect(look()).toEqual(right);
    expect(site.entries("pool-1-1G")).toEqual(["data"]);
    expect(await site.succeed(share.apply)).toContain("nothing to do");
  });

  test("TLS turned off is not turned on again without consent to the restart that it takes [G-11] [G-123]", async () => {
    const stack = site.stack();
    await site.succeed(stack.share("a").apply);
    put("pool-1-1G", "data");
    await site.gluster("volume set pool-1-1G server.ssl off");
    const before = site.state();
    expectRefusal(await site.run(stack.share("a").apply), 3, "RESTART_NEEDED");
    expect(site.state()).toEqual(before);
    const { around, changing } = recorded();
    expect(await site.run(stack.share("a", { allow_restart: "true" }).apply, { around })).toMatchObject({
      exitCode: 0,
      stderr: "",
    });
    const [stop, start] = ["stop pool-1-1G force", "start pool-1-1G"].map((text) => changing().indexOf(`gluster volume ${text}`));
    expect(stop).toBeGreaterThan(0);
    expect(start).toBe((stop ?? 0) + 1);
    expect(site.options("pool-1-1G")["server.ssl"]).toBe("on");
    expect(site.entries("pool-1-1G")).toEqual(["data"]);
  });

  test("a name that no rule explains is shut out, and said", async () => {
    const stack = site.stack();
    await site.succeed(stack.share("a").apply);
    await site.gluster(`volume set pool-1-1G auth.ssl-allow ${infrastructure},mallory`);
    expect(await site.mountAs("mallory", "gluster1-1:/pool-1-1G", "--keep", "m")).toMatchObject({ exit: 0 });
    expect(await site.succeed(stack.share("a").apply)).toContain("shuts out mallory: no access rule explains them");
    expect(site.state().mounts).toEqual([]);
  });
});

describe("a share that is removed", () => {
  test("by destroy gives its volume back as it was, empty and started [G-55] [G-63] [G-99]", async () => {
    await site.gluster("volume set pool-1-1G performance.cache-size 16MB server.dynamic-auth off");
    const before = site.volume("pool-1-1G");
    const stack = site.stack();
    const share = stack.share("a", { volume_options: "performance.cache-size=64MB performance.io-thread-count=8" });
    await site.succeed(share.apply);
    await site.succeed(stack.rule("a", "cpu", { common_name: "tenant" }).apply);
    put("pool-1-1G", "data", mebibyte);
    await site.succeed(share.destroy);
    const after = site.volume("pool-1-1G");
    expect(optionsBesides(after, quotaTraces)).toEqual(optionsBesides(before, quotaTraces));
    expect(after).toMatchObject({ status: "Started", servesTls: false, bricks: before.bricks });
    expect(site.options("pool-1-1G")["features.quota"]).toBe("off");
    expect(after.limit).toBeUndefined();
    expect(site.entries("pool-1-1G")).toEqual([]);
    expect(taken()).toEqual([]);
    // And it is one to be had.
    await site.succeed(site.stack({ owner: "other" }).share("b").apply);
    expect(taken()).toEqual(["pool-1-1G"]);
  });

  test("a second time is not there, and nothing is touched [G-66]", async () => {
    const share = site.stack().share("a");
    await site.succeed(share.apply);
    await site.succeed(share.destroy);
    const before = site.state();
    expect(await site.succeed(share.destroy)).toContain('no volume of "east" is marked for it, left alone');
    expect(site.state()).toEqual(before);
  });

  test("by another claim is left alone", async () => {
    const stack = site.stack();
    await site.succeed(stack.share("a").apply);
    const before = site.state();
    expect(await site.succeed(site.stack({ owner: "other" }).share("a").destroy)).toContain(
      'managed elsewhere, by claim stack-a of "stack", left alone',
    );
    expect(site.state()).toEqual(before);
  });

  test("loses its clients before its data [X-G10]", async () => {
    const stack = site.stack();
    const share = stack.share("a");
    await site.succeed(share.apply);
    await site.succeed(stack.rule("a", "cpu", { common_name: "tenant" }).apply);
    await site.mountAs("tenant", "gluster1-1:/pool-1-1G", "--write", "data:1M", "--keep", "client");
    const mountsAtWipe: string[][] = [];
    const ended = await site.run(share.destroy, {
      around: ({ text }, go) => {
        if (text.startsWith("find") && text.includes("-delete -print"))
          mountsAtWipe.push(site.state().mounts.map(({ id }) => id));
        return go();
      },
    });
    expect(ended.exitCode).toBe(0);
    expect(mountsAtWipe).toHaveLength(1);
    expect(mountsAtWipe[0]).not.toContain("client");
  });

  test("stays closed and marked while its data cannot be deleted, and goes with the next run [G-60] [G-65] [G-100]", async () => {
    const share = site.stack().share("a");
    await site.succeed(share.apply);
    put("pool-1-1G", "data");
    const ended = await site.run(share.destroy, {
      around: async ({ text }, go) =>
        text.includes("-delete -print")
          ? { exitCode: 1, timedOut: false, ms: 0, stdout: "", stderr: "find: cannot delete" }
          : go(),
    });
    expectRefusal(ended, 6, "COMMAND_FAILED");
    expect(markOf("pool-1-1G")).toMatchObject({ state: "cut", claim: "stack-a" });
    expect(site.state().mounts).toEqual([]);
    await site.succeed(share.destroy);
    expect(site.entries("pool-1-1G")).toEqual([]);
    expect(taken()).toEqual([]);
  });

  test("cannot be made again before its removal has ended", async () => {
    const share = site.stack().share("a");
    await site.succeed(share.apply);
    put("pool-1-1G", "data");
    await site.run(share.destroy, {
      around: async ({ text }, go) =>
        text.includes("-delete -print") ? { exitCode: 1, timedOut: false, ms: 0, stdout: "", stderr: "" } : go(),
    });
    expectRefusal(await site.run(share.apply), 4, "MANAGED_ELSEWHERE");
  });

  async function removedWithData(policy: "retain" | "trash") {
    const stack = site.stack();
    const share = stack.share("a", { removal_policy: policy });
    await site.succeed(share.apply);
    put("pool-1-1G", "data");
    await site.succeed(share.destroy);
    return { stack, share };
  }

  test("by retain is closed and nobody's, and taken over with its data by who adopts it", async () => {
    const stack = site.stack();
    const share = stack.share("a", { removal_policy: "retain" });
    await site.succeed(share.apply);
    await site.succeed(stack.rule("a", "cpu", { common_name: "tenant" }).apply);
    put("pool-1-1G", "data");
    await site.succeed(share.destroy);
    expect(site.options("pool-1-1G")["auth.ssl-allow"]).toBe(infrastructure);
    expect(markOf("pool-1-1G")).toMatchObject({ key: "a", state: "retained" });
    const other = site.stack({ owner: "other" });
    expectRefusal(await site.run(other.share("a").apply), 3, "FOREIGN_VOLUME");
    await site.succeed(other.share("a", { adopt: "true" }).apply);
    expect(markOf("pool-1-1G")).toMatchObject({ key: "a", state: "ready", claim: "other-a" });
    expect(site.entries("pool-1-1G")).toEqual(["data"]);
    expect(site.options("pool-1-1G")["auth.ssl-allow"]).toBe(infrastructure);
    await site.succeed(other.share("a").destroy);
    expect(site.entries("pool-1-1G")).toEqual([]);
  });

  test("by trash waits, stopped, until it is restored or purged", async () => {
    const { stack, share } = await removedWithData("trash");
    expect(site.volume("pool-1-1G").status).toBe("Stopped");
    await site.operate(stack, (accesses) => restoreFromTrash(accesses, "a"));
    expect(markOf("pool-1-1G")).toMatchObject({ state: "retained" });
    await site.succeed(stack.share("a", { adopt: "true", removal_policy: "trash" }).apply);
    expect(site.entries("pool-1-1G")).toEqual(["data"]);
    await site.succeed(share.destroy);
    await expect(site.operate(stack, (accesses) => purgeTrash(accesses, "b"))).rejects.toMatchObject({ code: "BAD_REQUEST" });
    await site.operate(stack, (accesses) => purgeTrash(accesses, "a"));
    expect(taken()).toEqual([]);
    expect(site.entries("pool-1-1G")).toEqual([]);
    expect(site.volume("pool-1-1G").status).toBe("Started");
  });

  test("by trash is purged to the end where a purge was cut off", async () => {
    const { stack } = await removedWithData("trash");
    const purge = (more?: Partial<Executor>) => site.operate(stack, (accesses) => purgeTrash(accesses, "a"), more);
    await expect(purge({ around: cutOffAt((text) => text.includes("volume start")) })).rejects.toThrow();
    expect(markOf("pool-1-1G")).toMatchObject({ key: "a", state: "leaving" });
    await purge();
    expect(taken()).toEqual([]);
    expect(site.entries("pool-1-1G")).toEqual([]);
  });

  test("by retain is let go of once more, which changes nothing", async () => {
    const { stack } = await removedWithData("retain");
    const before = site.state();
    await site.operate(stack, (accesses) => releaseShare(accesses, "a", new Set()));
    expect(site.state()).toEqual(before);
  });
});

test("a stack that is moved lets go after the other one has taken over", async () => {
  const [old, next] = [site.stack(), site.stack({ owner: "next" })];
  await site.succeed(old.share("a").apply);
  put("pool-1-1G", "data");
  expectRefusal(await site.run(next.share("a").apply), 4, "MANAGED_ELSEWHERE");
  await site.succeed(next.share("a", { adopt: "true" }).apply);
  await site.succeed(old.share("a").destroy);
  expect(site.entries("pool-1-1G")).toEqual(["data"]);
});
