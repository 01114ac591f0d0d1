// Create, mount, fill up to the limit, grow.
import assert from "node:assert/strict";
import { limitsOf, ownerOf, projectOf } from "../looks";
import type { Step } from "../run";
import { until } from "../until";
import type { World } from "../world";
import { exportOf, limits, mounted, noTenant, readWrite, shareA, shareB, visitorOf } from "./shares";

export const life: Step<World>[] = [
  {
    title: "create: two shares with their limits, owners, layouts and access; then nothing is left to do",
    isNeeded: true,
    run: async (world) => {
      await world.deploy({ a: shareA(world), b: shareB() });
      const planned = await world.stack.plan();
      assert.equal(planned.exitCode, 0);
      assert.deepEqual(await planned.actions(), {}, "Terraform wants to change something");
      await world.sharewright([0], "status", world.stack.dir);
      const { id } = await lookAt(world, "a", { hardKib: limits.a * 1024, softKib: 0, hardFiles: 0, softFiles: 0 }, "770");
      const other = await lookAt(world, "b", { hardKib: 131_072, softKib: 98_304, hardFiles: 8192, softFiles: 4096 }, "750");
      assert.notEqual(id, other.id, "two shares have one project id");
      const layout = await world.hands.must("client", "lfs", "getstripe", "-d", world.place("b"));
      assert.match(layout, /stripe_count: +1 stripe_size: +1048576 /);
      return `project ids ${id} and ${other.id}`;
    },
  },
  {
    title:
      "a tenant's client mounts exactly the export location, sees its share and the size of it, and nothing that it was not given",
    unless: noTenant,
    run: async (world) => {
      const { tenant, user } = visitorOf(world);
      await mounted(tenant, await exportOf(world, "a"), async () => {
        assert.deepEqual(await tenant.entries(user), [], "a new share is not empty");
        assert.equal(await tenant.write("data", 8, user), "");
        assert.deepEqual(await tenant.entries(user), ["data"]);
        await until("df to show the limit", async () => (Math.round(await tenant.sizeMib()) === limits.a ? true : undefined));
      });
      if (world.setting.lustreVersion !== "2.16")
        assert.notEqual(
          (await tenant.mount(await exportOf(world, "b"))).exit,
          0,
          "a share that is not open to the tenant can be mounted",
        );
      return undefined;
    },
  },
  {
    title: "the limit holds",
    unless: noTenant,
    run: async (world) => {
      const { tenant, user } = visitorOf(world);
      await mounted(tenant, await exportOf(world, "a"), async () => {
        assert.equal(await tenant.write("much", 4 * limits.a, user), "EDQUOT");
      });
      const { id } = await projectOf(world.hands, world.place("a"));
      const { usedKib } = await limitsOf(world.hands, world.setting.mountPoint, id);
      assert.ok(usedKib < 2 * limits.a * 1024, `${usedKib} KiB are in use, of ${limits.a} MiB`);
      return `${Math.round(usedKib / 1024)} MiB of ${limits.a} MiB in use when writing was refused`;
    },
  },
  {
    title: "grow: more can be written, and it is the same directory with the same data",
    run: async (world) => {
      const inode = async () => world.hands.must("client", "stat", "-c", "%i", world.place("a"));
      const before = await inode();
      await world.deploy({ a: shareA(world, readWrite(world), limits.aGrown), b: shareB() });
      assert.equal(await inode(), before);
      if (noTenant(world)) return "not written to: there is no tenant's client";
      const { tenant, user } = visitorOf(world);
      await mounted(tenant, await exportOf(world, "a"), async () => {
        assert.ok((await tenant.entries(user)).includes("data"), "data is gone");
        // Servers may hold on to the old limit for a while.
        await until("the grown limit to let write", async () =>
          (await tenant.write("much", 2 * limits.a, user)) === "" ? true : undefined,
        );
      });
      return undefined;
    },
  },
];

/** What the storage itself says of a share. */
async function lookAt(
  world: World,
  name: string,
  wanted: Record<"hardKib" | "softKib" | "hardFiles" | "softFiles", number>,
  mode: string,
): Promise<{ id: number }> {
  const { hands, setting, user = { uid: 1000, gid: 1000 } } = world;
  const { id, inherit } = await projectOf(hands, world.place(name));
  assert.ok(id >= setting.projectIds.start && id <= setting.projectIds.end, `${name} has project id ${id}`);
  assert.ok(inherit, `new files of ${name} do not inherit its project id`);
  const { usedKib: _, files: __, ...found } = await limitsOf(hands, setting.mountPoint, id);
  assert.deepEqual(found, wanted);
  assert.equal(await ownerOf(hands, world.place(name)), `${user.uid}:${user.gid} ${mode} directory`);
  return { id };
}
