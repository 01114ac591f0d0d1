// Who gets at what: attempts to get out of a share, a second share for one client, read-only, and access that is taken away.
import assert from "node:assert/strict";
import { type LustreShare, Revocation } from "../../../lib";
import { liftBan } from "../leftovers";
import { fidOf, limitsOf, nodemapOf, nodemapsLike, ownerOf, projectOf } from "../looks";
import type { Step } from "../run";
import type { Tenant, User } from "../tenant";
import { until } from "../until";
import type { World } from "../world";
import {
  exportOf, isShutOut, limits, mounted, nobody, noTenant, only217, readWrite, shareA, shareB, visitorOf, withoutTenant,
} from "./shares"; // biome-ignore format: a list of words

const grown = (world: World, rules = readWrite(world)) => shareA(world, rules, limits.aGrown);

export const access: Step<World>[] = [
  {
    title: "a tenant's client cannot get out of its share: by other exports",
    unless: noTenant,
    run: async (world) => {
      const { tenant, user } = visitorOf(world);
      const { pathPrefix, fsName } = world.setting;
      const exported = await exportOf(world, "a");
      const own = await mounted(tenant, exported, () => tenant.entries(user));
      const base = `${exported.slice(0, exported.indexOf(`:/${fsName}`))}:/${fsName}`;
      const ways = [
        "",
        "/",
        `/${pathPrefix}`,
        `/${pathPrefix}/b`,
        `/${pathPrefix}/a/..`,
        `/${pathPrefix}/a/../b`,
        "/.sharewright",
        "/.lustre",
      ];
      for (const way of ways) {
        const { exit } = await tenant.mount(`${base}${way}`);
        if (exit !== 0) continue;
        // Let in: then the share is all there is.
        const seen = await tenant.entries(user).finally(() => tenant.unmount());
        assert.deepEqual(seen, own, `${base}${way} shows something else than the share`);
      }
      return `${ways.length} ways`;
    },
  },
  {
    title: "a tenant's client cannot get out of its share: from within, as root",
    unless: (world) => noTenant(world) ?? (world.tenant?.run ? undefined : "a sandbox's client mounts nothing really"),
    run: async (world) => {
      const { tenant } = visitorOf(world);
      const { hands, place } = world;
      const foreign = await fidOf(hands, place("b"));
      const look = async () => [
        await projectOf(hands, place("a")),
        await projectOf(hands, place("a/data")),
        await ownerOf(hands, place("a/data")),
        await ownerOf(hands, place("a")),
        (await limitsOf(hands, world.setting.mountPoint, (await projectOf(hands, place("a"))).id)).hardKib,
      ];
      const before = await look();
      const { id } = await projectOf(hands, place("a"));
      const attempts = attemptsWith(foreign, id);
      await mounted(tenant, await exportOf(world, "a"), async () => {
        for (const argv of attempts) assert.notEqual((await tenant.run?.(...argv))?.exitCode, 0, `it could: ${argv.join(" ")}`);
      });
      assert.deepEqual(await look(), before, "something was changed, though every attempt was refused");
      return `${attempts.length} attempts`;
    },
  },
  {
    title: "split: a second share for one client of several, while it has the first one mounted",
    unless: only217("2.16 has one share a client"),
    run: async (world) => {
      const { tenant, user } = visitorOf(world);
      await mounted(tenant, await exportOf(world, "a"), async () => {
        await world.deploy({ a: grown(world), b: shareB({ rules: forTenant(tenant) }) });
        assert.equal(await tenant.ability(user), "rw", "the split has disturbed a client");
      });
      await mounted(tenant, await exportOf(world, "b"), async () => assert.equal(await tenant.write("of-b", 1, user), ""));
      const others = await nodemapOf(world.hands, nobody(world).first);
      assert.notEqual(others, await nodemapOf(world.hands, tenant.nid));
      const opened = (await nodemapsLike(world.hands, others)).get(`${others}.fileset`) ?? "";
      assert.deepEqual([opened.includes("/a"), opened.includes("/b")], [true, false], `others are given ${opened}`);
      return undefined;
    },
  },
  {
    title: "read-only: one client of several, and a remount does not help it",
    unless: noTenant,
    run: async (world) => {
      const { tenant, user } = visitorOf(world);
      await world.deploy({ a: grown(world, readOnly(world)), b: shareB() });
      await mounted(tenant, await exportOf(world, "a"), async () => {
        assert.equal(await tenant.write("refused", 1, user), "EROFS");
        assert.equal(await tenant.remountRw(), false, "a remount was let write");
        assert.equal(await tenant.write("refused", 1, user), "EROFS");
      });
      return undefined;
    },
  },
  {
    title: "access taken away, lazily: what is mounted stays, a new mount is refused",
    unless: noTenant,
    run: async (world) => {
      const { tenant, user } = visitorOf(world);
      const exported = await exportOf(world, "a");
      await mounted(tenant, exported, async () => {
        await world.deploy({ a: grown(world, withoutTenant(world)), b: shareB() });
        assert.notEqual(await tenant.ability(user), "cut off");
      });
      assert.ok(await isShutOut({ tenant, user }, exported), "a client that lost its access can mount");
      return undefined;
    },
  },
  {
    title: "cut: access taken away at once from a client that has it mounted, and given again",
    unless: only217("2.16 cannot ban clients"),
    run: async (world) => {
      const { tenant, user } = visitorOf(world);
      const cut = { revocation: Revocation.CUT };
      await world.deploy({ a: grown(world), b: shareB() }, cut);
      const exported = await exportOf(world, "a");
      await mounted(tenant, exported, async () => {
        await isWritable(tenant, user);
        await world.deploy({ a: grown(world, withoutTenant(world)), b: shareB() }, cut);
        await until("the client to be cut off", async () => ((await tenant.ability(user)) === "cut off" ? true : undefined));
      });
      assert.ok(await isShutOut({ tenant, user }, exported), "a client that was cut off can mount");
      await world.deploy({ a: grown(world), b: shareB() });
      await mounted(tenant, exported, () => isWritable(tenant, user));
      return undefined;
    },
  },
  {
    title:
      "ban: a client that loses one share and keeps another is cut off from both, until it has unmounted and is let in again",
    unless: only217("2.16 cannot ban clients"),
    run: async (world) => {
      const { tenant, user } = visitorOf(world);
      const ban = { revocation: Revocation.BAN };
      await world.deploy({ a: grown(world), b: shareB({ rules: forTenant(tenant) }) }, ban);
      const exported = await exportOf(world, "a");
      await mounted(tenant, exported, async () => {
        await isWritable(tenant, user);
        await world.deploy({ a: grown(world), b: shareB() }, ban);
        await until("the client to be cut off", async () => ((await tenant.ability(user)) === "cut off" ? true : undefined));
      });
      assert.ok(await isShutOut({ tenant, user }, exported), "a client that was banned can mount");
      assert.equal((await liftBan(world)).length, 1, "`bans list` does not show it");
      await mounted(tenant, exported, () => isWritable(tenant, user));
      return undefined;
    },
  },
];

const forTenant = (tenant: Tenant) => (share: LustreShare) => void share.grantReadWrite("both", [tenant.nid]);

const readOnly =
  (world: World) =>
  (share: LustreShare): void => {
    withoutTenant(world)(share);
    if (world.tenant) share.grantRead("viz", [world.tenant.nid]);
  };

async function isWritable(tenant: Tenant, user: User): Promise<void> {
  await until("the client to write", async () => ((await tenant.ability(user)) === "rw" ? true : undefined));
}

/** Each has to fail; PLACE is where the share is mounted. */
function attemptsWith(foreign: string, id: number): [string, ...string[]][] {
  return [
    ["ls", "PLACE/.lustre/fid"],
    ["stat", `PLACE/.lustre/fid/${foreign}`],
    ["lfs", "fid2path", "PLACE", foreign],
    ["lfs", "project", "-C", "PLACE/data"],
    ["lfs", "project", "-p", "1", "PLACE/data"],
    ["lfs", "project", "-C", "-r", "PLACE"],
    ["lfs", "setquota", "-p", String(id), "-b", "0", "-B", "0", "-i", "0", "-I", "0", "PLACE"],
    ["chown", "0:0", "PLACE/data"],
    ["chmod", "0777", "PLACE"],
  ];
}
