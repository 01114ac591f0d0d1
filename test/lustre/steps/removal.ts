// What becomes of data: trash, restore, purge, adoption, retention.
import assert from "node:assert/strict";
import { RemovalPolicy, Size } from "../../../lib";
import { foundDirectory, inventory, removePrefix } from "../leftovers";
import { exists, limitsOf, projectOf } from "../looks";
import type { Step } from "../run";
import type { Shares, World } from "../world";
import { limits, readWrite, shareA, shareB } from "./shares";

const inodeOf = ({ hands }: World, path: string) => hands.must("client", "stat", "-c", "%i", path);

export const removal: Step<World>[] = [
  {
    title: "trash: a share that leaves the code is kept with its limit, comes back with its data, and is deleted for good",
    run: async (world) => {
      const { hands, place, setting } = world;
      const a = shareA(world, readWrite(world), limits.aGrown);
      await world.deploy({ a, b: shareB() });
      const before = await inodeOf(world, place("b"));
      const { id } = await projectOf(hands, place("b"));
      await world.deploy({ a });
      const { trash } = await inventory(world);
      assert.equal(trash.length, 1, "it is not in the trash");
      assert.equal(await exists(hands, place("b")), false, "it is still where it was");
      assert.equal((await limitsOf(hands, setting.mountPoint, id)).hardKib, 131_072, "its limit is gone");
      const name = trash[0]?.name ?? "";
      await world.sharewright([0], "trash", "restore", name, "--stack", world.stack.dir);
      assert.equal(await inodeOf(world, place("b")), before, "another directory came back");
      await world.deploy({ a, b: shareB({ adopt: true }) });
      assert.equal(await inodeOf(world, place("b")), before);
      await world.deploy({ a });
      await world.sharewright([0], "trash", "purge", name, "--stack", world.stack.dir);
      assert.deepEqual((await inventory(world)).trash, []);
      assert.equal((await limitsOf(hands, setting.mountPoint, id)).hardKib, 0, "its limit is still there");
      return undefined;
    },
  },
  {
    title: "adopt: a directory with data becomes a share where it is, is retained when it leaves the code, and taken back",
    run: async (world) => {
      const { hands, setting } = world;
      const path = foundDirectory(world);
      const directory = `${setting.mountPoint}${path}`;
      const id = setting.projectIds.end;
      await makeFound(world, directory, id);
      const before = await inodeOf(world, `${directory}/kept`);
      const isKept = async () => {
        assert.deepEqual(await projectOf(hands, directory), { id, inherit: true });
        assert.equal(await inodeOf(world, `${directory}/kept`), before);
        assert.equal((await limitsOf(hands, setting.mountPoint, id)).hardKib, 64 * 1024);
      };
      const a = shareA(world, readWrite(world), limits.aGrown);
      const found = (removalPolicy: RemovalPolicy): Shares => ({
        a,
        found: { adopt: { path }, size: Size.mebibytes(64), removalPolicy },
      });
      await world.deploy(found(RemovalPolicy.RETAIN));
      await isKept();
      await world.deploy({ a });
      await isKept();
      await world.deploy(found(RemovalPolicy.DESTROY));
      await isKept();
      await world.deploy({ a });
      assert.equal(await exists(hands, directory), false, "a share of the policy destroy is still there");
      return undefined;
    },
  },
];

async function makeFound({ hands }: World, directory: string, id: number): Promise<void> {
  await hands.must("client", "mkdir", directory);
  await hands.must("client", "lfs", "project", "-p", String(id), "-s", "-r", directory);
  await hands.must("client", "touch", `${directory}/kept`);
}

/** Of all that the suite has made nothing is left. */
export const finish: Step<World>[] = [
  {
    title: "destroy: nothing of it is left, neither on the file system nor on the MGS",
    run: async (world) => {
      const { hands, stack, place } = world;
      await world.tenant?.unmount();
      const { exitCode, stdout, stderr } = await stack.destroy();
      assert.equal(exitCode, 0, `${stdout}${stderr}`);
      const { shares, rules, trash } = await inventory(world);
      assert.deepEqual([shares, rules], [[], []]);
      for (const { name } of trash) await world.sharewright([0], "trash", "purge", name, "--stack", stack.dir);
      for (const name of ["a", "b", "c"]) assert.equal(await exists(hands, place(name)), false, `${place(name)} is still there`);
      await removePrefix(world);
      return trash.length > 0 ? `purged from the trash: ${trash.map(({ name }) => name).join(", ")}` : undefined;
    },
  },
];
