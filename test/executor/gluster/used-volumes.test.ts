// What a tenant leaves in a volume besides its files: no other tenant may find it.
import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { adminWithin } from "../in-process";
import { expectRefusal } from "./expect";
import { homesOf, markOf, rightBefore } from "./mishaps";
import { type GlusterSite, startGlusterSite } from "./site";

let site: GlusterSite;
beforeAll(async () => {
  site = await startGlusterSite();
});
afterAll(() => site.remove());
beforeEach(() => site.reset());

const volume = "pool-1-1G";
const root = () => site.data(volume);
const put = (path: string) => {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, "secret of the last tenant");
};
const onBrick = (number: number, name: string) => {
  const { host = "", path = "" } = site.volume(volume).bricks[number - 1] ?? {};
  return join(site.brick(`${host}:${path}`), name);
};
/** What root of a client does, in the volume itself. */
async function asTenant(...argv: string[]): Promise<void> {
  expect(await adminWithin(site.dir, argv, "gluster1-1")).toMatchObject({ exitCode: 0, stderr: "" });
}
const traces = async () => {
  const { stdout: owner } = await adminWithin(site.dir, ["stat", "-c", "%u:%g %a", "--", root()], "gluster1-1");
  const { stdout: names } = await adminWithin(site.dir, ["getfattr", "-h", "-m", "^[us]", "--", root()], "gluster1-1");
  return owner.trim() + names;
};

/** Names that were once passed over, and what else a tenant may have there. */
const hidden: [what: string, leave: () => void][] = [
  ["a file .trashcan", () => put(join(root(), ".trashcan"))],
  ["a file .trashcan/internal_op", () => put(join(root(), ".trashcan/internal_op"))],
  ["files in .trashcan/internal_op", () => put(join(root(), ".trashcan/internal_op/deep/down"))],
  ["a link .trashcan", () => symlinkSync("/etc", join(root(), ".trashcan"))],
  ["a name that only begins so", () => put(join(root(), ".trashcan\n"))],
];

describe("S-11: what has a name of GlusterFS's own", () => {
  test.each(hidden)("is content when a volume is picked: %s", async (_, leave) => {
    leave();
    expect(await site.succeed(site.stack().share("a").apply)).toContain(`volume ${volume} is not empty (`);
    expect(homesOf(site, "a")).toEqual(["1:pool-2-1G ready"]);
  });

  test.each(hidden)("goes with the share: %s", async (_, leave) => {
    const share = site.stack().share("a");
    await site.succeed(share.apply);
    leave();
    await site.succeed(share.destroy);
    // Its own directories stay, empty.
    const left = readdirSync(root(), { recursive: true, withFileTypes: true });
    expect(left.filter((entry) => !entry.isDirectory() || ![".trashcan", "internal_op"].includes(entry.name))).toEqual([]);
  });

  test("is no content while it is an empty directory of its own", async () => {
    mkdirSync(join(root(), ".trashcan/internal_op"), { recursive: true });
    await site.succeed(site.stack().share("a").apply);
    expect(homesOf(site, "a")).toEqual([`1:${volume} ready`]);
  });

  /** Where a mount shows nothing of it. */
  const onBricks = [
    ".glusterfs/unlink/0bd2a0f5-b8f7-4643-bba4-6f1efa86aad0",
    ".glusterfs/landfill/5/file",
    ".glusterfs/0b/d2/0bd2a0f5-b8f7-4643-bba4-6f1efa86aad0",
    ".glusterfs-anonymous-inode-ID/file",
    ".glusterfs-anonymous-inode-of-somebody/file",
    ".shard/0bd2a0f5-b8f7-4643-bba4-6f1efa86aad0.1",
    "never-healed",
  ];

  test.each(onBricks)("is looked for on bricks when a volume is picked: %s", async (name) => {
    put(onBrick(2, name.replace("-ID/", `-${site.volume(volume).id}/`)));
    const said = await site.succeed(site.stack().share("a").apply);
    expect(said).toMatch(/volume pool-1-1G is not empty \(gluster1-2:.*, which a mount does not show\)/);
    expect(homesOf(site, "a")).toEqual(["1:pool-2-1G ready"]);
  });

  test.each(onBricks)("keeps a volume from being given back: %s", async (name) => {
    const share = site.stack().share("a");
    await site.succeed(share.apply);
    put(onBrick(3, name.replace("-ID/", `-${site.volume(volume).id}/`)));
    expectRefusal(await site.run(share.destroy), 3, "VOLUME_NOT_EMPTY");
    expect(markOf(site, volume)).toMatchObject({ state: "cut" });
  });

  test("is said to be unseen on a brick to which no connection leads", async () => {
    const stack = site.stack({ specOf: (spec) => ({ ...spec, servers: spec.servers.slice(0, 2) }) });
    const agreed = [...(site.state().clusters[0]?.servers ?? [])].sort((a, b) => (a.uuid < b.uuid ? -1 : 1))[0]?.host;
    // The locks are on a server to which a connection leads.
    if (agreed === "gluster1-3")
      site.change(({ servers }) => {
        for (const server of servers) server.uuid = `${server.host === agreed ? "f" : "0"}${server.uuid.slice(1)}`;
      });
    const share = stack.share("a");
    const note = `gluster1-3:/bricks/${volume} of volume ${volume} cannot be looked at from here`;
    expect(await site.succeed(share.apply)).toContain(note);
    expect(await site.succeed(share.destroy)).toContain(note);
  });

  test("of a brick of ours is not taken for a leftover of a run", async () => {
    const share = site.stack().share("made", {
      provisioning: "create replica 3 transport tcp bricks gluster1-1:/bricks gluster1-2:/bricks gluster1-3:/bricks",
    });
    put(site.brick("gluster1-2:/bricks/made.stack-made/.trashcan"));
    expectRefusal(await site.run(share.apply), 3, "VOLUME_MISSING");
  });

  test("is not hidden by shards", async () => {
    const share = site.stack().share("a", { volume_options: "features.shard=on" });
    await site.succeed(share.apply);
    let sharding: string | undefined;
    const around = rightBefore(
      (text) => text.startsWith("find") && text.includes("-delete -print"),
      () => {
        sharding = site.options(volume)["features.shard"];
      },
    );
    put(join(root(), "file"));
    expect(await site.run(share.destroy, { around })).toMatchObject({ exitCode: 0, stderr: "" });
    expect(sharding ?? "off").toBe("off");
  });

  test("is not hidden by shards of the volume's own, which gets them back", async () => {
    await site.gluster(`volume set ${volume} features.shard on`);
    const share = site.stack().share("a");
    await site.succeed(share.apply);
    expect(await site.succeed(share.destroy)).not.toContain("nothing");
    expect(site.options(volume)["features.shard"]).toBe("on");
  });
});

/** Each is what root of a client can do to the root of its volume. */
const marks: [what: string, problem: RegExp, leave: () => void | Promise<void>][] = [
  ["an owner", /belongs to 1234:0, not 0:0/, () => asTenant("chown", "1234", root())],
  ["a group", /belongs to 0:5678, not 0:0/, () => asTenant("chown", ":5678", root())],
  ["mode 2777", /has mode 2777, not 755/, () => chmodSync(root(), 0o2777)],
  ["the sticky bit", /has mode 1755, not 755/, () => chmodSync(root(), 0o1755)],
  [
    "an access ACL",
    /has system.posix_acl_access/,
    () => asTenant("setfattr", "-n", "system.posix_acl_access", "-v", "x", root()),
  ],
  [
    "a default ACL",
    /has system.posix_acl_default/,
    () => asTenant("setfattr", "-n", "system.posix_acl_default", "-v", "x", root()),
  ],
  ["user.*", /has user.secret/, () => asTenant("setfattr", "-n", "user.secret", "-v", "x", root())],
  [
    "user.* with a name of its own",
    /has user.a\\134b\\012c/,
    () => asTenant("setfattr", "-n", "user.a\\b\nc", "-v", "x", root()),
  ],
  ["trusted.*", /has trusted.secret/, () => asTenant("setfattr", "-n", "trusted.secret", "-v", "x", root())],
  [
    "trusted.glusterfs.*",
    /has trusted.glusterfs.mine/,
    () => asTenant("setfattr", "-n", "trusted.glusterfs.mine", "-v", "x", root()),
  ],
  ["security.*", /has security.secret/, () => asTenant("setfattr", "-n", "security.secret", "-v", "x", root())],
  [
    "attributes of GlusterFS's own directory",
    /its .trashcan has user.secret/,
    async () => {
      mkdirSync(join(root(), ".trashcan"));
      await asTenant("setfattr", "-n", "user.secret", "-v", "x", join(root(), ".trashcan"));
    },
  ],
];

describe("S-12: what the root of a volume keeps", () => {
  test.each(marks)("is seen when a volume is picked: %s", async (_, problem, leave) => {
    await leave();
    const said = await site.succeed(site.stack().share("a").apply);
    expect(said).toContain(`volume ${volume} is not as nobody had it: its `);
    expect(said).toMatch(problem);
    expect(homesOf(site, "a")).toEqual(["1:pool-2-1G ready"]);
  });

  test.each(marks)("is put back when a volume is given back: %s", async (_, __, leave) => {
    const share = site.stack().share("a");
    await site.succeed(share.apply);
    await leave();
    expect(await site.succeed(share.destroy)).toContain("put owner, mode and attributes of the root");
    expect(await traces()).toBe("0:0 755");
    await site.succeed(site.stack({ owner: "next" }).share("b").apply);
    expect(homesOf(site, "b")).toEqual([`1:${volume} ready`]);
  });

  test("all at once, twice: the second run goes on where the first was cut off", async () => {
    const share = site.stack().share("a");
    await site.succeed(share.apply);
    for (const [, , leave] of marks) await leave();
    let count = 0;
    const around = async ({ text }: { text: string }, go: () => Promise<never>) =>
      text.startsWith("setfattr") && ++count === 2 ? { exitCode: null, timedOut: false, ms: 0, stdout: "", stderr: "" } : go();
    expect((await site.run(share.destroy, { around: around as never })).exitCode).not.toBe(0);
    expect(markOf(site, volume)).toMatchObject({ state: "cut" });
    await site.succeed(share.destroy);
    expect(await traces()).toBe("0:0 755");
  });

  test("is the owner that the volume asks for, and no longer the share's", async () => {
    await site.gluster(`volume set ${volume} storage.owner-gid 7`);
    const share = site.stack().share("a", { volume_options: "storage.owner-uid=1000 storage.owner-gid=1000" });
    await site.succeed(share.apply);
    expect(await traces()).toBe("1000:1000 755");
    await site.succeed(share.destroy);
    expect(await traces()).toBe("0:7 755");
    await site.succeed(site.stack().share("b").apply);
    expect(homesOf(site, "b")).toEqual([`1:${volume} ready`]);
  });

  test("may be closed to more people than usual", async () => {
    chmodSync(root(), 0o700);
    await site.succeed(site.stack().share("a").apply);
    expect(homesOf(site, "a")).toEqual([`1:${volume} ready`]);
  });

  test("that no command can name keeps the volume from being given back, and the error says what to do by hand", async () => {
    const share = site.stack().share("a");
    await site.succeed(share.apply);
    await asTenant("setfattr", "-n", "user.secret", "-v", "x", root());
    const noSuch = { exitCode: 1, timedOut: false, ms: 0, stdout: "", stderr: "setfattr: No such attribute" };
    const ended = await site.run(share.destroy, {
      around: ({ text }, go) => (text.startsWith("setfattr") ? Promise.resolve(noSuch) : go()),
    });
    expectRefusal(ended, 6, "COMMAND_FAILED");
    expect(ended.stderr).toContain("setfattr -x NAME DIRECTORY");
    expect(markOf(site, volume)).toMatchObject({ state: "cut" });
    await site.succeed(share.destroy);
  });

  test("that cannot be taken off keeps the volume from being given back, and is named", async () => {
    const share = site.stack().share("a");
    await site.succeed(share.apply);
    await asTenant("setfattr", "-n", "user.secret", "-v", "x", root());
    const around = async ({ text }: { text: string }, go: () => Promise<never>) =>
      text.startsWith("setfattr") ? { exitCode: 0, timedOut: false, ms: 0, stdout: "", stderr: "" } : go();
    const ended = await site.run(share.destroy, { around: around as never });
    expectRefusal(ended, 3, "VOLUME_NOT_EMPTY");
    expect(ended.stderr).toContain("user.secret");
  });
});
