// Mounts: who is let in, who is cut and when, and how much they may write (reference: TLS, dynamic-auth, quota).
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { fnmatch } from "../../../src/sandbox/gluster/mounts";
import { type Answer, makeSandbox, type TestSandbox } from "../sandbox";

let sandbox: TestSandbox;
let target: string;
beforeEach(() => {
  sandbox = makeSandbox({ clusters: 1 });
  target = join(sandbox.dir, "volume");
  mkdirSync(target);
});
afterEach(() => sandbox.remove());

const volume = "gluster1-1:/pool-1-1G";

async function gluster(...words: string[]): Promise<Answer> {
  return sandbox.run(["gluster", "--mode=script", ...words], { host: "gluster1-1" });
}

async function must(...words: string[]): Promise<void> {
  const { exit, stderr } = await gluster(...words);
  expect({ words, exit, stderr }).toEqual({ words, exit: 0, stderr: "" });
}

async function withTls(allowed: string): Promise<void> {
  await must("volume", "set", "pool-1-1G", "client.ssl", "on", "server.ssl", "on", "auth.ssl-allow", allowed);
  await must("volume", "stop", "pool-1-1G");
  await must("volume", "start", "pool-1-1G");
}

const mountAs = async (name: string, ...options: string[]) =>
  (await sandbox.operate("mount-as", name, volume, "--json", ...options)).exit;
const clients = async () => JSON.parse((await sandbox.operate("status", "--json")).stdout).gluster.clients;
const onClient = (...command: string[]) => sandbox.run(command, { host: "client" });

describe("TLS", () => {
  it("lets everybody in until the bricks were started with it", async () => {
    expect(await mountAs("mallory", "--authority", "other")).toBe(0);
    await must("volume", "set", "pool-1-1G", "client.ssl", "on", "server.ssl", "on");
    expect(await mountAs("manila-host-1")).toBe(1);
    await must("volume", "stop", "pool-1-1G");
    await must("volume", "start", "pool-1-1G");
    expect(await mountAs("manila-host-1")).toBe(0);
    expect(await mountAs("mallory")).toBe(1);
    expect(await mountAs("manila-host-1", "--authority", "other")).toBe(1);
  });

  it("compares names as fnmatch does, and takes an unset list for everybody", async () => {
    await withTls("ali*,bob");
    expect([await mountAs("alice"), await mountAs("bob"), await mountAs("bobby")]).toEqual([0, 0, 1]);
    await must("volume", "reset", "pool-1-1G", "auth.ssl-allow");
    expect(await mountAs("bobby")).toBe(0);
  });

  it.each([
    ["a*c", "abc", true],
    ["a*c", "abd", false],
    ["a?c", "abc", true],
    ["[ab]x", "bx", true],
    ["[!ab]x", "bx", false],
    ["a.c", "abc", false],
    ["a+", "aa", false],
  ])("fnmatch %s %s: %s", (pattern, text, matches) => {
    expect(fnmatch(pattern, text)).toBe(matches);
  });

  it("cuts a client when its name goes, and nobody when one comes", async () => {
    await withTls("alice,bob");
    await mountAs("alice", "--keep", "a");
    await mountAs("bob", "--keep", "b");
    await must("volume", "set", "pool-1-1G", "auth.ssl-allow", "alice,bob,carol");
    expect(await clients()).toHaveLength(2);
    await must("volume", "set", "pool-1-1G", "auth.ssl-allow", "bob,carol");
    expect(await clients()).toMatchObject([{ commonName: "bob", now: "rw" }]);
  });

  it("without dynamic-auth cuts at the restart only, or when it is set on alone", async () => {
    await withTls("alice,bob");
    await mountAs("alice", "--keep", "a");
    await must("volume", "set", "pool-1-1G", "server.dynamic-auth", "off", "auth.ssl-allow", "bob");
    expect(await clients()).toHaveLength(1);
    await must("volume", "set", "pool-1-1G", "server.dynamic-auth", "on");
    expect(await clients()).toEqual([]);
    await mountAs("bob", "--keep", "b");
    await must("volume", "set", "pool-1-1G", "server.dynamic-auth", "off", "auth.ssl-allow", "carol");
    await must("volume", "stop", "pool-1-1G");
    expect(await clients()).toMatchObject([{ now: "not connected" }]);
    await must("volume", "start", "pool-1-1G");
    expect(await clients()).toEqual([]);
  });
});

describe("quota", () => {
  const write = async (path: string, size: string) =>
    (await sandbox.operate("mount-as", "alice", volume, "--write", `${path}:${size}`)).exit;

  it("refuses exactly at the limit with both timeouts 0, and late without", async () => {
    await must("volume", "quota", "pool-1-1G", "enable");
    await must("volume", "quota", "pool-1-1G", "limit-usage", "/", "20971520");
    expect([await write("a", "100M"), await write("b", "1")]).toEqual([0, 122]);
    await must("volume", "quota", "pool-1-1G", "limit-usage", "/", "209715200");
    await must("volume", "set", "pool-1-1G", "features.hard-timeout", "0", "features.soft-timeout", "0");
    expect([await write("c", "101M"), await write("c", "100M"), await write("d", "1")]).toEqual([122, 0, 122]);
  });

  it("S-13: binds clients that mount as clients do, and while its attribute is on the brick", async () => {
    await must("volume", "quota", "pool-1-1G", "enable");
    await must("volume", "quota", "pool-1-1G", "limit-usage", "/", "20971520");
    await must("volume", "set", "pool-1-1G", "features.hard-timeout", "0", "features.soft-timeout", "0");
    const asDaemon = ["mount-as", "alice", volume, "--write", "a:100M", "--client-pid", "-1"];
    expect([await write("a", "100M"), (await sandbox.operate(...asDaemon)).exit, await write("b", "1")]).toEqual([122, 0, 122]);
    await sandbox.operate("gluster", "brick", "unlimit", volume, "1");
    expect(await write("b", "100M")).toBe(0);
    expect((await gluster("--xml", "volume", "quota", "pool-1-1G", "list", "/")).stdout).toContain("<hard_limit>N/A<");
    await must("volume", "quota", "pool-1-1G", "limit-usage", "/", "20971520");
    expect(await write("c", "1")).toBe(122);
  });

  it("says what is used and what is over", async () => {
    await must("volume", "quota", "pool-1-1G", "enable");
    await must("volume", "quota", "pool-1-1G", "limit-usage", "/", "20971520");
    await write("a", "17M");
    const { stdout } = await gluster("--xml", "volume", "quota", "pool-1-1G", "list", "/");
    expect(stdout).toContain("<used_space>17825792</used_space>");
    expect(stdout).toContain("<sl_exceeded>Yes</sl_exceeded>\n      <hl_exceeded>No</hl_exceeded>");
  });

  it("forgets the limit with the quota", async () => {
    for (const words of [["enable"], ["limit-usage", "/", "20971520"], ["disable"], ["enable"]])
      await must("volume", "quota", "pool-1-1G", ...words);
    expect((await gluster("--xml", "volume", "quota", "pool-1-1G", "list", "/")).stdout).toContain("<hard_limit>N/A<");
  });
});

describe("a mount on a host", () => {
  it("shows the volume's files, is seen by that host alone, and goes", async () => {
    await sandbox.operate("mount-as", "alice", volume, "--write", "results:1M");
    writeFileSync(join(target, "beneath"), "");
    expect(await onClient("mount", "-t", "glusterfs", volume, target)).toMatchObject({ exit: 0, stderr: "" });
    expect(readdirSync(target)).toContain("results");
    const look = ["findmnt", "-n", "-o", "SOURCE,FSTYPE", "--mountpoint", target];
    expect(await onClient(...look)).toMatchObject({ exit: 0, stdout: `${volume} fuse.glusterfs\n` });
    expect((await sandbox.run(look, { host: "gluster1-1" })).exit).toBe(1);
    expect((await onClient("mount", "-t", "glusterfs", volume, target)).exit).toBe(32);
    expect((await onClient("umount", target)).exit).toBe(0);
    expect(readdirSync(target)).toEqual(["beneath"]);
    expect((await onClient(...look)).exit).toBe(1);
  });

  it("answers nothing while the volume is stopped, and works again after", async () => {
    await onClient("mount", "-t", "glusterfs", volume, target);
    await must("volume", "stop", "pool-1-1G");
    expect(existsSync(target)).toBe(false);
    expect((await onClient("mountpoint", "-q", target)).exit).toBe(0);
    await must("volume", "start", "pool-1-1G");
    expect(readdirSync(target)).toEqual([]);
  });

  it("is bare directory again when its name was taken from the list", async () => {
    await withTls("manila-host-1");
    await onClient("mount", "-t", "glusterfs", volume, target);
    await must("volume", "set", "pool-1-1G", "auth.ssl-allow", "alice");
    expect(readdirSync(target)).toEqual([]);
    expect((await onClient("findmnt", "--mountpoint", target)).exit).toBe(1);
  });

  it.each([
    ["an unknown volume", "gluster1-1:/nosuch"],
    ["an unknown server", "elsewhere:/pool-1-1G"],
  ])("is refused for %s", async (_what, source) => {
    expect(await onClient("mount", "-t", "glusterfs", source, target)).toMatchObject({
      exit: 1,
      stderr: `Mounting glusterfs on ${target} failed.\n`,
    });
  });
});
