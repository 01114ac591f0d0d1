// Drift: every property is changed behind the product's back; it has to be noticed, and mended to the very same.
import assert from "node:assert/strict";
import type { Command } from "../../../src/core/command";
import { parseClient, rangeTexts } from "../../../src/spec/address";
import { limitsOf, nodemapOf, nodemapsLike, ownerOf, projectOf, type RoleName } from "../looks";
import type { Step } from "../run";
import { netOf } from "../setting";
import type { World } from "../world";
import { limits, nobody, readWrite, shareA, shareB } from "./shares";

const open = 9;

interface Drift {
  /** What `sharewright plan` calls it; of nodemaps: what lctl calls it. */
  property: string;
  on: RoleName;
  argv: Command["argv"];
}

export const drift: Step<World>[] = [
  {
    title: "drift of a share: size, inodes, both soft limits, owner, mode, project id, its inheritance, layout",
    run: async (world) => {
      const { hands, place, setting } = world;
      await world.deploy({ a: shareA(world, readWrite(world), limits.aGrown), b: shareB() });
      const { id } = await projectOf(hands, place("b"));
      const look = async () => {
        const { usedKib: _, files: __, ...quota } = await limitsOf(hands, setting.mountPoint, id);
        const owner = await ownerOf(hands, place("b"));
        const layout = await hands.must("client", "lfs", "getstripe", "-d", place("b"));
        return { ...quota, owner, layout, project: await projectOf(hands, place("b")) };
      };
      const drifts = driftsOfShare(world, id);
      await mendedAfter(world, look, async () => {
        for (const { on, argv } of drifts) await hands.must(on, ...argv);
        const noticed = await attributesOf(world, "b");
        const missed = drifts.map(({ property }) => property).filter((property) => !noticed.includes(property));
        assert.deepEqual(missed, [], "`sharewright plan` has not noticed them");
      });
      return undefined;
    },
  },
  {
    title: "drift of access: every property of a nodemap, its filesets and its ranges",
    run: async (world) => {
      const { hands } = world;
      await world.deploy({ a: shareA(world, readWrite(world), limits.aGrown), b: shareB() });
      const { first } = nobody(world);
      const look = async () => withoutName(await nodemapsLike(hands, await nodemapOf(hands, first)));
      const name = await nodemapOf(hands, first);
      const before = await look();
      const drifts = driftsOfNodemap(world, name).filter(({ property }) => property in before);
      await mendedAfter(world, look, async () => {
        for (const { on, argv } of drifts) await hands.must(on, ...argv);
        const changed = withoutName(await nodemapsLike(hands, name));
        const same = drifts.map(({ property }) => property).filter((property) => changed[property] === before[property]);
        assert.deepEqual(same, [], "could not be changed, so nothing is shown of them");
        await world.sharewright([open], "plan", world.stack.dir);
      });
      const left = driftsOfNodemap(world, name).filter(({ property }) => !(property in before));
      return left.length > 0 ? `not here: ${left.map(({ property }) => property).join(", ")}` : undefined;
    },
  },
];

/** Whatever goes wrong, nothing is left drifted to the steps behind. */
async function mendedAfter(world: World, look: () => Promise<object>, change: () => Promise<void>): Promise<void> {
  const before = await look();
  const repair = () => world.sharewright([0], "repair", "--stack", world.stack.dir);
  try {
    await change();
  } catch (error) {
    await repair();
    throw error;
  }
  await repair();
  assert.deepEqual(await look(), before, "repair has not brought back what was there");
  await world.sharewright([0], "plan", world.stack.dir);
}

function driftsOfShare({ place, setting, user = { uid: 1000, gid: 1000 } }: World, id: number): Drift[] {
  const mount = setting.mds?.mountPoint ?? setting.mountPoint;
  const quota = (property: string, ...limit: string[]): Drift => ({
    property,
    on: "mds",
    argv: ["lfs", "setquota", "-p", String(id), ...limit, mount],
  });
  const client = (property: string, ...argv: Command["argv"]): Drift => ({ property, on: "client", argv });
  return [
    quota("size", "-B", "1G"),
    quota("soft_size", "-b", "0"),
    quota("inodes", "-I", "20000"),
    quota("soft_inodes", "-i", "10000"),
    client("owner", "chown", `0:${user.gid}`, place("b")),
    client("mode", "chmod", "0711", place("b")),
    client("layout", "lfs", "setstripe", "-c", "1", "-S", "4M", place("b")),
    client("project", "lfs", "project", "-C", place("b")),
  ];
}

/** Of nodemaps of addresses that nobody has: nothing is opened to anybody meanwhile. */
function driftsOfNodemap(world: World, name: string): Drift[] {
  const nodemap = (property: string, command: string, ...rest: string[]): Drift => ({
    property,
    on: "mgs",
    argv: ["lctl", `nodemap_${command}`, "--name", name, ...rest],
  });
  const modify = (property: string, value: string, shown = property) =>
    nodemap(shown, "modify", "--property", property, "--value", value);
  const { pathPrefix } = world.setting;
  const [range = ""] = rangeTexts(parseClient(nobody(world).most, netOf(world.setting)));
  return [
    modify("admin", "1", "admin_nodemap"),
    modify("trusted", "0", "trusted_nodemap"),
    modify("squash_uid", "12345"),
    modify("squash_gid", "12345"),
    modify("squash_projid", "12345"),
    modify("deny_unknown", "1"),
    modify("audit_mode", "0"),
    modify("forbid_encryption", "1"),
    modify("readonly_mount", "1"),
    modify("deny_mount", "1"),
    modify("map_mode", "uid"),
    modify("rbac", "quota_ops"),
    modify("child_raise_privileges", "all"),
    nodemap("enable_cap_mask", "set_cap", "--caps", "cap_chown", "--type", "mask"),
    // 2.16 has no command that takes one away.
    ...(world.setting.lustreVersion === "2.16" ? [] : [nodemap("fileset", "fileset_del", "--fileset", `/${pathPrefix}/a`)]),
    nodemap("ranges", "del_range", "--range", range),
  ];
}

async function attributesOf(world: World, share: string): Promise<string[]> {
  const { objects } = await world.json([open], "plan", world.stack.dir);
  const found = (objects as { key: string; differences: { attribute: string }[] }[]).find(
    ({ key }) => key === `${world.setting.pathPrefix}/${share}`,
  );
  return (found?.differences ?? []).map(({ attribute }) => attribute);
}

/** The nodemap may have been made anew under another name. */
function withoutName(found: ReadonlyMap<string, string>): Record<string, string> {
  return Object.fromEntries([...found].map(([name, value]) => [name.slice(name.indexOf(".") + 1), value]).sort());
}
