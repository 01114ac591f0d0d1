// What glusterd does to its store and its pool, and what a snapshot or a clone is.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hostRoot } from "../../../src/sandbox/gluster/files";
import type { GlusterHost } from "../../../src/sandbox/hosts";
import { makeSandbox, type TestSandbox } from "../sandbox";

let sandbox: TestSandbox;
beforeEach(() => {
  sandbox = makeSandbox({ clusters: 2 });
});
afterEach(() => sandbox.remove());

const on = (host: GlusterHost, ...words: string[]) => sandbox.run(["gluster", "--mode=script", ...words], { host });
const gluster = (...words: string[]) => on("gluster1-1", ...words);
const names = async () => (await gluster("volume", "list")).stdout.trim().split("\n");
const option = async (volume: string, name: string) =>
  (await gluster("volume", "get", volume, name)).stdout.split("\n")[2]?.slice(41).trim();

describe("glusterd", () => {
  it("is one pool for its servers, and another for another cluster's", async () => {
    await on("gluster1-2", "volume", "set", "pool-1-1G", "user.x", "mine");
    expect(await option("pool-1-1G", "user.x")).toBe("mine");
    expect((await on("gluster2-1", "volume", "get", "pool-1-1G", "user.x")).exit).toBe(2);
  });

  it("of no name takes every volume's configuration with it", async () => {
    expect((await gluster("volume", "create", "", "gluster1-1:/bricks/x", "force")).exit).toBe(0);
    expect((await gluster("volume", "list")).stdout).toBe("\npool-1-1G\npool-2-1G\npool-3-2G\n");
    expect((await gluster("volume", "delete", "")).exit).toBe(0);
    expect((await gluster("volume", "list")).stdout).toBe("No volumes present in cluster\n");
  });

  it("dies of name and value longer than 4090 bytes together, and the option is not set", async () => {
    const fits = "x".repeat(4090 - "user.y".length);
    expect((await gluster("volume", "set", "pool-1-1G", "user.y", fits)).exit).toBe(0);
    expect(await gluster("volume", "set", "pool-1-1G", "user.z", `${fits}x`)).toMatchObject({ exit: 1 });
    expect((await gluster("volume", "list")).stdout).toMatch(/^Connection failed/);
    await sandbox.operate("gluster", "up", "gluster1-1");
    expect((await gluster("volume", "get", "pool-1-1G", "user.z")).exit).toBe(2);
  });

  it("does not come back after a newline in a value", async () => {
    await gluster("volume", "set", "pool-1-1G", "user.x", "a\nb");
    await sandbox.operate("gluster", "down", "gluster1-2");
    expect((await sandbox.operate("gluster", "up", "gluster1-2")).exit).toBe(1);
  });

  it("takes blanks out of values, and keeps user options until it gets others", async () => {
    await gluster("volume", "set", "pool-1-1G", "user.x", "a b");
    expect(await option("pool-1-1G", "user.x")).toBe("ab");
    expect((await gluster("volume", "reset", "pool-1-1G", "user.x")).exit).toBe(1);
    expect(await option("pool-1-1G", "user.x")).toBe("ab");
  });

  it("sets all of a line or nothing", async () => {
    expect((await gluster("volume", "set", "pool-1-1G", "user.x", "1", "no.such", "2")).exit).toBe(1);
    expect((await gluster("volume", "get", "pool-1-1G", "user.x")).exit).toBe(2);
  });

  it.each([
    [["volume", "set", "pool-1-1G", "user.x", "y"], "Another transaction is in progress for pool-1-1G."],
    [["volume", "stop", "pool-1-1G"], "Another transaction is in progress."],
    [["volume", "quota", "pool-1-1G", "enable"], "Another transaction is in progress for pool-1-1G."],
    [["volume", "create", "new", "gluster1-1:/bricks/new"], "Another transaction is in progress for new."],
  ])("meets another transaction in %j, as often as it was told", async (words, says) => {
    await sandbox.operate("gluster", "busy", "gluster1", "2");
    expect(await gluster(...words)).toMatchObject({ exit: 1, stderr: expect.stringContaining(says) });
    expect(await gluster("--xml", ...words)).toMatchObject({ exit: 0, stdout: expect.stringContaining("<opErrno>30802<") });
    expect(await gluster(...words)).toMatchObject({ exit: 0 });
  });

  it("that is down leaves bricks to clients and peers that ask others", async () => {
    await sandbox.operate("gluster", "down", "gluster1-1");
    expect((await gluster("volume", "list")).exit).toBe(1);
    expect((await on("gluster1-2", "volume", "list")).exit).toBe(0);
    expect((await sandbox.operate("mount-as", "alice", "gluster1-2:/pool-1-1G")).exit).toBe(0);
    expect((await sandbox.operate("mount-as", "alice", "gluster1-1:/pool-1-1G")).exit).toBe(1);
  });
});

describe("a fault", () => {
  const set = ["gluster", "--mode=script", "volume", "set", "pool-1-1G", "user.x", "y"];
  const fault = (spec: object) => sandbox.operate("fault", "set", JSON.stringify({ match: set.slice(0, 4).join(" "), ...spec }));

  it.each([
    ["before", ""],
    ["after", "y"],
  ])("strikes gluster %s its work", async (when, left) => {
    await fault({ when, do: "fail", exit: 7, stderr: "struck" });
    expect(await sandbox.run(set, { host: "gluster1-1" })).toEqual({ exit: 7, stdout: "", stderr: "struck\n" });
    await sandbox.operate("fault", "clear");
    expect((await option("pool-1-1G", "user.x")) ?? "").toBe(left);
  });

  it("garbles what gluster says, not what it does", async () => {
    await fault({ do: "garble" });
    expect((await sandbox.run(set, { host: "gluster1-1" })).stdout).not.toContain("success");
    await sandbox.operate("fault", "clear");
    expect(await option("pool-1-1G", "user.x")).toBe("y");
  });
});

describe("a snapshot", () => {
  const create = (...words: string[]) => gluster("snapshot", "create", "s1", "pool-1-1G", "no-timestamp", ...words);
  const entries = async (volume: string) =>
    JSON.parse((await sandbox.operate("mount-as", "manila-host-1", `gluster1-1:/${volume}`, "--json")).stdout).entries;

  it.each([
    ["thick", "30815"],
    ["none", "30800"],
  ])("is refused on %s", async (kind, errno) => {
    await sandbox.operate("gluster", "lvm", "gluster1", kind);
    expect((await gluster("--xml", "snapshot", "create", "s1", "pool-1-1G")).stdout).toContain(`<opErrno>${errno}<`);
  });

  it("holds the files as they were; its clone has them, and every option of the volume, but no quota", async () => {
    await sandbox.operate("mount-as", "alice", "gluster1-1:/pool-1-1G", "--write", "before:1M");
    await gluster("volume", "set", "pool-1-1G", "user.sharewright.share", "mark");
    await gluster("volume", "quota", "pool-1-1G", "enable");
    await create();
    await sandbox.operate("mount-as", "alice", "gluster1-1:/pool-1-1G", "--write", "after:1M");
    await gluster("snapshot", "activate", "s1");
    expect((await gluster("snapshot", "clone", "c1", "s1")).exit).toBe(0);
    expect(await option("c1", "user.sharewright.share")).toBe("mark");
    expect(await option("c1", "auth.ssl-allow")).toContain("manila-host-1");
    expect(await option("c1", "features.quota")).toBe("off");
    await gluster("volume", "start", "c1");
    expect(await entries("c1")).toEqual(["before"]);
    expect(await entries("pool-1-1G")).toEqual(["after", "before"]);
  });

  it("may go before its clone, which has to stop before it goes", async () => {
    await create();
    await gluster("snapshot", "activate", "s1");
    await gluster("snapshot", "clone", "c1", "s1");
    await gluster("volume", "start", "c1");
    expect((await gluster("snapshot", "delete", "s1")).exit).toBe(0);
    expect(await entries("c1")).toEqual([]);
    expect((await gluster("volume", "delete", "c1")).exit).toBe(1);
    await gluster("volume", "stop", "c1");
    expect((await gluster("volume", "delete", "c1")).exit).toBe(0);
    expect(await names()).toEqual(["pool-1-1G", "pool-2-1G", "pool-3-2G"]);
  });
});

it("resets to its pool volumes, mounts ended", async () => {
  await sandbox.operate("mount-as", "alice", "gluster1-1:/pool-1-1G", "--write", "mine:1M", "--keep", "a");
  await gluster("volume", "create", "new", "gluster1-1:/bricks/new");
  await sandbox.operate("reset");
  expect(await names()).toEqual(["pool-1-1G", "pool-2-1G", "pool-3-2G"]);
  const { clients, volumes } = JSON.parse((await sandbox.operate("status", "--json")).stdout).gluster;
  expect(clients).toEqual([]);
  expect(volumes.map(({ usedKib }: { usedKib: number }) => usedKib)).toEqual([0, 0, 0, 0, 0, 0]);
  expect(existsSync(join(hostRoot(sandbox.dir, "gluster1-1"), "bricks/new"))).toBe(false);
});
