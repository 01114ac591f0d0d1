// What clients are let in to, see and may do: the facts of golden f* and k*.
import { appendFileSync, chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { LustreVersion } from "../../src/sandbox/state";
import { makeSandbox, type TestSandbox } from "./sandbox";

let sandbox: TestSandbox;
const nid = "10.0.5.7@tcp";
const mgs = "10.0.0.1@tcp:/scratch";

async function lctl(...args: string[]): Promise<void> {
  const { exit, stderr } = await sandbox.run(["lctl", ...args]);
  expect(stderr, args.join(" ")).toBe("");
  expect(exit).toBe(0);
}

async function mount(exported: string, ...options: string[]) {
  const answer = await sandbox.operate("mount-as", nid, exported, "--json", ...options);
  return { ...JSON.parse(answer.stdout), exit: answer.exit };
}

/** Two shares with limits, and the nodemap `tenant` for the client. */
async function setUp(version: LustreVersion): Promise<void> {
  sandbox = makeSandbox({ version });
  for (const [share, id] of [
    ["p1", "1001"],
    ["p2", "1002"],
  ] as const) {
    const path = join(sandbox.mount, "shares", share);
    mkdirSync(join(path, "sub"), { recursive: true });
    await sandbox.run(["lfs", "project", "-p", id, "-s", path]);
    await sandbox.run(["lfs", "setquota", "-p", id, "-B", "100M", sandbox.mount]);
  }
  await lctl("nodemap_add", "tenant");
  if (version === "2.17.0") await lctl("nodemap_modify", "--name", "tenant", "--property", "deny_mount", "--value", "0");
  await lctl("nodemap_modify", "--name", "tenant", "--property", "admin", "--value", "1");
  await lctl("nodemap_modify", "--name", "tenant", "--property", "trusted", "--value", "1");
  await lctl("nodemap_add_range", "--name", "tenant", "--range", nid);
}

afterEach(() => sandbox.remove());

describe("2.17", () => {
  beforeEach(() => setUp("2.17.0"));

  it("lands in the primary fileset, below it, or in it by its full path (f010 to f013)", async () => {
    await lctl("nodemap_fileset_add", "--name", "tenant", "--fileset", "/shares/p1");
    expect(await mount(mgs)).toMatchObject({ exit: 0, root: "/shares/p1", df: { kib: 102400 } });
    expect(await mount(`${mgs}/sub`)).toMatchObject({ exit: 0, root: "/shares/p1/sub" });
    expect(await mount(`${mgs}/shares/p1`)).toMatchObject({ exit: 0, root: "/shares/p1", entries: ["sub"] });
    expect(await mount(`${mgs}/shares/p2`)).toMatchObject({ exit: 2 });
    expect(await mount(`${mgs}/../p2`)).toMatchObject({ exit: 22 });
  });

  it("R-01: refuses who is in a nodemap that inherited deny_mount, until it is set to 0 (y572 to y575)", async () => {
    await lctl("nodemap_del", "tenant");
    await lctl("nodemap_add", "t1");
    await lctl("nodemap_add_range", "--name", "t1", "--range", nid);
    await lctl("nodemap_fileset_add", "--name", "t1", "--fileset", "/shares/p1");
    expect(await mount(mgs)).toMatchObject({ exit: 1, error: expect.stringContaining("Operation not permitted") });
    await lctl("nodemap_modify", "--name", "t1", "--property", "deny_mount", "--value", "0");
    expect(await mount(mgs)).toMatchObject({ exit: 0, root: "/shares/p1" });
  });

  it("enters alternate filesets by their path alone (f016 to f022)", async () => {
    await lctl("nodemap_fileset_add", "--name", "tenant", "--fileset", "/shares/p1", "--alt");
    expect(await mount(mgs)).toMatchObject({ exit: 13 });
    expect(await mount(`${mgs}/shares/p1`)).toMatchObject({ exit: 0, access: "rw", root: "/shares/p1" });
    expect(await mount(`${mgs}/shares/p2`)).toMatchObject({ exit: 13 });
    expect(await mount(`${mgs}/shares/p1/nodir`)).toMatchObject({ exit: 2 });
  });

  it("does not hold a read-only fileset against a remount (f018, f020, k001, k002)", async () => {
    await lctl("nodemap_fileset_add", "--name", "tenant", "--fileset", "/shares/p1", "--alt", "--ro");
    expect(await mount(`${mgs}/shares/p1`, "--write", "w:1M")).toMatchObject({ exit: 30, access: "ro", write: { errno: 30 } });
    expect(await mount(`${mgs}/shares/p1`, "--remount-rw", "--write", "w:1M")).toMatchObject({
      exit: 0,
      access: "rw",
      remountExit: 0,
    });
  });

  it("holds readonly_mount against a remount (f026, f027)", async () => {
    await lctl("nodemap_fileset_add", "--name", "tenant", "--fileset", "/shares/p1");
    await lctl("nodemap_modify", "--name", "tenant", "--property", "readonly_mount", "--value", "1");
    expect(await mount(mgs, "--remount-rw", "--write", "w:1M")).toMatchObject({
      access: "ro",
      remountExit: 30,
      write: { errno: 30 },
    });
  });

  it("keeps a mounted client mounted through everything but the banlist (f024, f031, f034, f039, f047)", async () => {
    const now = async () => JSON.parse((await sandbox.operate("mounts", "--json")).stdout)[0].now;
    await lctl("nodemap_fileset_add", "--name", "tenant", "--fileset", "/shares/p1");
    expect(await mount(mgs, "--keep", "node1")).toMatchObject({ exit: 0 });
    await lctl("nodemap_fileset_del", "--name", "tenant", "--all");
    await lctl("nodemap_modify", "--name", "tenant", "--property", "readonly_mount", "--value", "1");
    await lctl("nodemap_modify", "--name", "tenant", "--property", "deny_mount", "--value", "1");
    expect(await now()).toBe("rw");
    expect(await mount(mgs)).toMatchObject({ exit: 1 });
    await lctl("nodemap_banlist_add", "--name", "tenant", "--range", nid);
    expect(await now()).toBe("cut off (banned)");
    await lctl("nodemap_banlist_del", "--name", "tenant", "--range", nid);
    await lctl("nodemap_del", "tenant");
    expect(await now()).toBe("rw");
  });

  it("shows a live mount among the exports of its nodemap (f006)", async () => {
    await mount(mgs, "--keep", "node1");
    const { stdout } = await sandbox.run(["lctl", "get_param", "-n", "nodemap.tenant.exports"]);
    expect(stdout).toContain(`{ nid: ${nid}, uuid: `);
  });

  it("turns away whom no nodemap names once default is closed (f049), and lets in everyone while nodemaps are off", async () => {
    await lctl("nodemap_del", "tenant");
    expect(await mount(mgs)).toMatchObject({ exit: 1, nodemap: "default" });
    await lctl("nodemap_activate", "0");
    expect(await mount(mgs)).toMatchObject({ exit: 0, root: "/" });
  });

  it("squashes root, and everyone who is not trusted (f004, f043)", async () => {
    await lctl("nodemap_fileset_add", "--name", "tenant", "--fileset", "/shares/p1");
    await sandbox.run(["chown", "1000:1000", join(sandbox.mount, "shares/p1")]);
    await lctl("nodemap_modify", "--name", "tenant", "--property", "admin", "--value", "0");
    expect(await mount(mgs, "--write", "a:1M")).toMatchObject({ exit: 13 });
    await lctl("nodemap_modify", "--name", "tenant", "--property", "squash_uid", "--value", "1000");
    expect(await mount(mgs, "--write", "a:1M")).toMatchObject({ exit: 0 });
    expect((await sandbox.run(["stat", "-c", "%u", join(sandbox.mount, "shares/p1/a")])).stdout).toBe("1000\n");
    await lctl("nodemap_modify", "--name", "tenant", "--property", "trusted", "--value", "0");
    expect(await mount(mgs, "--write", "b:1M", "--uid", "1000")).toMatchObject({
      exit: 0,
      identity: expect.stringContaining("1000:65534"),
    });
  });

  describe("R-05: squash of everyone, as access rules set it", () => {
    const share = () => join(sandbox.mount, "shares/p1");
    const ownerOf = async (name: string) => (await sandbox.run(["stat", "-c", "%u:%g", join(share(), name)])).stdout;

    beforeEach(async () => {
      await lctl("nodemap_fileset_add", "--name", "tenant", "--fileset", "/shares/p1");
      for (const [property, value] of [
        ["map_mode", "uid,gid"],
        ["squash_uid", "6000"],
        ["squash_gid", "6000"],
        ["admin", "0"],
        ["trusted", "0"],
      ] as const)
        await lctl("nodemap_modify", "--name", "tenant", "--property", property, "--value", value);
      await sandbox.run(["chown", "6000:6000", share()]);
    });

    it("the client's own kernel turns away whom the mode does not let in, before the server sees anybody", async () => {
      chmodSync(share(), 0o770);
      expect(await mount(mgs, "--write", "a:1M", "--uid", "5")).toMatchObject({ exit: 13, write: { by: "client" } });
      for (const [name, ...user] of [
        ["root", "--uid", "0"],
        ["owner", "--uid", "6000", "--gid", "5"],
        ["group", "--uid", "5", "--gid", "6000"],
      ] as const) {
        expect(await mount(mgs, "--write", `${name}:1M`, ...user), name).toMatchObject({ exit: 0 });
        expect(await ownerOf(name)).toBe("6000:6000\n");
      }
    });

    it("with mode 0777 anybody makes files, which are the squash user's, and cannot change them afterwards", async () => {
      chmodSync(share(), 0o777);
      expect(await mount(mgs, "--write", "a:1M", "--uid", "5")).toMatchObject({ exit: 0 });
      expect(await ownerOf("a")).toBe("6000:6000\n");
      expect(await mount(mgs, "--write", "a:2M", "--uid", "5")).toMatchObject({ exit: 13, write: { by: "client" } });
      expect(await mount(mgs, "--write", "a:2M", "--uid", "6000")).toMatchObject({ exit: 0 });
    });

    it("the server asks too: what is not the squash user's is refused to it, however the client sees it", async () => {
      await sandbox.run(["chown", "7000:7000", share()]);
      chmodSync(share(), 0o770);
      expect(await mount(mgs, "--write", "a:1M", "--uid", "6000")).toMatchObject({ exit: 13, write: { by: "server" } });
    });

    it("df and df -i show the share's limits, unless project ids are mapped too (f004)", async () => {
      await sandbox.run(["lfs", "setquota", "-p", "1001", "-I", "5000", sandbox.mount]);
      expect(await mount(mgs)).toMatchObject({ df: { kib: 102400, inodes: 5000 } });
      await lctl("nodemap_modify", "--name", "tenant", "--property", "map_mode", "--value", "all");
      const { df } = await mount(mgs);
      expect([df.kib > 102400, df.inodes > 5000]).toEqual([true, true]);
    });
  });

  it("R-07: a user whom the MDS does not know is refused, unless the upcall or the nodemap's roles believe the client (b047)", async () => {
    const write = (name: string) => mount(mgs, "--write", `${name}:1M`, "--uid", "1000");
    await lctl("nodemap_fileset_add", "--name", "tenant", "--fileset", "/shares/p1");
    await sandbox.run(["chown", "1000:1000", join(sandbox.mount, "shares/p1")]);
    expect(await write("a")).toMatchObject({ exit: 0 });
    await sandbox.operate("param", "mdt.scratch-MDT*.identity_upcall=/usr/sbin/l_getidentity");
    expect(await write("b")).toMatchObject({ exit: 13, write: { by: "server" } });
    appendFileSync(join(sandbox.dir, "etc/passwd"), "tester:x:1000:1000::/home/tester:/bin/sh\n");
    expect(await write("c")).toMatchObject({ exit: 0 });
    writeFileSync(join(sandbox.dir, "etc/passwd"), "");
    await lctl("nodemap_modify", "--name", "tenant", "--property", "rbac", "--value", "file_perms");
    expect(await write("d")).toMatchObject({ exit: 0 });
  });

  it("wants an NID of the MGS and the right file system (l011)", async () => {
    expect(await mount("10.0.0.1@tcp:/nofs")).toMatchObject({ exit: 22 });
    expect(await mount("10.0.0.99@tcp:/scratch")).toMatchObject({ exit: 5 });
    expect(await mount("10.0.0.1@tcp,10.0.1.1@o2ib:10.0.0.2@tcp:/scratch")).toMatchObject({ exit: 0 });
  });
});

describe("2.16, from sources", () => {
  beforeEach(() => setUp("2.16.1"));

  it("puts every path below the one fileset", async () => {
    await lctl("nodemap_set_fileset", "--name", "tenant", "--fileset", "/shares/p1");
    expect(await mount(mgs)).toMatchObject({ exit: 0, root: "/shares/p1" });
    expect(await mount(`${mgs}/sub`)).toMatchObject({ exit: 0, root: "/shares/p1/sub" });
    expect(await mount(`${mgs}/shares/p1`)).toMatchObject({ exit: 2 });
  });

  it("shows an empty directory to whom no nodemap names", async () => {
    await lctl("nodemap_del", "tenant");
    expect(await mount(mgs)).toMatchObject({ exit: 0, root: "/.sharewright/closed", entries: [] });
  });

  it("forgets a fileset that was not set for good when the servers restart", async () => {
    await lctl("nodemap_set_fileset", "--name", "tenant", "--fileset", "/shares/p1");
    await sandbox.operate("server", "restart");
    expect((await sandbox.run(["lctl", "get_param", "-n", "nodemap.tenant.fileset"])).stdout).toBe("\n");
    sandbox.change((state) => {
      state.persistDelayMs = 0;
    });
    await lctl("set_param", "-P", "nodemap.tenant.fileset=/shares/p1");
    await sandbox.operate("server", "restart");
    expect((await sandbox.run(["lctl", "get_param", "-n", "nodemap.tenant.fileset"])).stdout).toBe("/shares/p1\n");
  });

  it("knows neither banlist nor deny_mount nor a second fileset", async () => {
    for (const command of ["nodemap_banlist_add", "nodemap_fileset_add"])
      expect((await sandbox.run(["lctl", command, "--name", "tenant"])).exit).toBe(1);
    expect(
      (await sandbox.run(["lctl", "nodemap_modify", "--name", "tenant", "--property", "deny_mount", "--value", "1"])).exit,
    ).toBe(1);
  });
});
