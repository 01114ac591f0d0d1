// Layouts with data on the MDT through the whole backend: what converges, and what is refused before anything is changed.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { applyShare } from "../../../src/backends/lustre/share/apply";
import { ShareError } from "../../../src/core/errors";
import { parseLayout } from "../../../src/spec/layout";
import type { ShareSpec } from "../../../src/spec/lustre";
import { type SandboxSite, sandboxSite } from "./sandbox-site";

const MiB = 1024n ** 2n;
let world: SandboxSite;
beforeEach(() => {
  world = sandboxSite();
});
afterEach(() => world.sandbox.remove());

const spec = (layout: string): ShareSpec => {
  const parsed = parseLayout(layout);
  if (!parsed) throw new Error(`${layout} is no layout`);
  return {
    fileset: "/shares/a",
    size: 64n * MiB,
    owner: { uid: 0, gid: 0 },
    mode: 0o750,
    removalPolicy: "retain",
    adopt: false,
    layout: parsed,
  };
};
const apply = (layout: string) => applyShare(world.site, { key: "shares/a", claim: "c1", spec: spec(layout) });
const layoutSet = async () =>
  (await world.sandbox.run(["lfs", "getstripe", "-d", "--raw", `${world.sandbox.mount}/shares/a`])).stdout;
const refusal = (work: Promise<unknown>): Promise<ShareError> =>
  work.then(
    () => Promise.reject(new Error("nothing was refused")),
    (error: unknown) => {
      if (ShareError.isShareError(error)) return error;
      throw error;
    },
  );
const allow = (bytes: number) => world.sandbox.operate("param", `lod.scratch-MDT0000-mdtlov.dom_stripesize=${bytes}`);
/** As on a site whose servers cannot be asked. */
const hideServers = () =>
  world.intercept(({ argv }) =>
    argv.join(" ").startsWith("lctl get_param lod.")
      ? { exitCode: 2, timedOut: false, stdout: "", stderr: "error: get_param: param_path 'lod/...'\n", ms: 0 }
      : undefined,
  );
const changing = () => world.commands.filter((line) => /setstripe|mkdir|mv |setquota|project -p|dd of/.test(line));

describe("R-03: a Data-on-MDT layout", () => {
  test.each(["-E 64K -L mdt -E -1 -c 1", "-E 1M -L mdt -E -1", "-E 1M -L mdt -E 1G -c 1 -E -1 -c -1 -S 4M"])(
    "%s converges, and a second apply has nothing to do",
    async (layout) => {
      await apply(layout);
      expect((await apply(layout)).done).toEqual([]);
    },
  );

  test.each([
    ["4 MiB on an MDT that takes 1 MiB", "-E 4M -L mdt -E -1", 1048576, "ask for at most 1 MiB"],
    ["256 KiB on one that takes 128", "-E 256K -L mdt -E -1 -c 2", 131072, "ask for at most 128 KiB"],
    ["64 KiB on one that takes none", "-E 64K -L mdt -E -1", 0, "leave out LustreLayout.dataOnMdt"],
  ])("fails for %s, before anything is changed", async (_, layout, limit, fix) => {
    await allow(limit);
    expect(await refusal(apply(layout))).toMatchObject({
      code: "LAYOUT_CUT",
      object: "shares/a",
      fix: expect.stringContaining(fix),
    });
    expect(changing()).toEqual([]);
  });

  test("fails for what an MDT that is filling up does not take", async () => {
    await world.sandbox.operate("param", "lod.scratch-MDT0000-mdtlov.dom_stripesize_cur_kb=256");
    expect(await refusal(apply("-E 512K -L mdt -E -1"))).toMatchObject({
      code: "LAYOUT_CUT",
      summary: "the layout asks for 512 KiB of each file on the MDT, which takes 256 KiB",
    });
  });

  test.each([
    ["cut", "-E 4M -L mdt -E -1", 1048576, "set in staging it became: -E 1M -L mdt -E -1"],
    ["left out", "-E 64K -L mdt -E -1 -c 2", 0, "set in staging it became: -E -1 -c 2"],
  ])(
    "that would be %s fails by a try in staging where the servers cannot be asked; nobody sees it",
    async (_, layout, limit, said) => {
      await allow(limit);
      hideServers();
      const before = changing().length;
      expect(await refusal(apply(layout))).toMatchObject({
        code: "LAYOUT_CUT",
        said: expect.stringContaining(said.slice(0, 24)),
      });
      expect(
        changing()
          .slice(before)
          .filter((line) => /mv |setquota|project -p|dd of/.test(line)),
      ).toEqual([]);
      expect(
        (await world.sandbox.run(["lfs", "find", `${world.sandbox.mount}/.sharewright/staging`])).stdout.trim().split("\n"),
      ).toHaveLength(1);
      await apply("-E 64K -c 1 -E -1 -c 2");
    },
  );

  test("is tried in the folder that a run has left in staging, which stays there until the share is made of it", async () => {
    const noLimit = { exitCode: 1, timedOut: false, stdout: "", stderr: "setquota: it is not the day\n", ms: 0 };
    world.intercept(({ argv }) => (argv[1] === "setquota" ? noLimit : undefined));
    await refusal(apply("-E 1M -L mdt -E -1"));
    hideServers();
    await apply("-E 512K -L mdt -E -1");
    expect(await layoutSet()).toContain("lcme_extent.e_end:   524288");
  });

  test("of a share that is in use fails the same way, and its layout stays as it was", async () => {
    await apply("-E 1M -L mdt -E -1");
    hideServers();
    const before = await layoutSet();
    expect((await refusal(apply("-E 2M -L mdt -E -1"))).code).toBe("LAYOUT_CUT");
    expect(await layoutSet()).toBe(before);
    await apply("-E 512K -L mdt -E -1");
    expect(await layoutSet()).toContain("lcme_extent.e_end:   524288");
  });

  test("that is in force is not asked about again when something else changes", async () => {
    await apply("-E 1M -L mdt -E -1");
    await allow(0);
    await applyShare(world.site, { key: "shares/a", claim: "c1", spec: { ...spec("-E 1M -L mdt -E -1"), size: 128n * MiB } });
    expect(world.commands.filter((line) => line.includes("lod."))).toHaveLength(1);
  });
});
