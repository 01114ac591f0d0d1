// Which tools hooks start on hosts of GlusterFS: `doctor` looks for them, and hosts of the real sandbox have them as their own.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mounterTools, serverTools } from "../../../src/backends/gluster/preflight-hosts";
import { realTools } from "../../../src/sandbox/gluster/real";
import { adminWithin } from "../in-process";
import { type GlusterSite, startGlusterSite } from "./site";
import { replicated } from "./stack";

let site: GlusterSite;
beforeAll(async () => {
  site = await startGlusterSite();
});
afterAll(() => site.remove());

/** Of mounts: `doctor` has checks of their own for these. */
const checkedApart = ["mount.glusterfs", "id"];

test("are known to doctor, and are tools of the real sandbox's hosts", async () => {
  const [servers, mounters] = [new Set<string>(), new Set<string>()];
  const around = (
    { host, command: { argv } }: { host: string; command: { argv: readonly string[] } },
    go: () => Promise<never>,
  ) => {
    (host.startsWith("gluster") ? servers : mounters).add(argv[0] as string);
    return go();
  };
  const run = async (hook: Parameters<GlusterSite["run"]>[0]) =>
    expect(await site.run(hook, { around: around as never })).toMatchObject({ exitCode: 0, stderr: "" });
  const [share, made] = [site.stack().share("a"), site.stack().share("made", { provisioning: replicated })];
  await run(share.apply);
  // Full, and with all that is put back.
  site.change(({ volumes }) => {
    for (const volume of volumes) if (volume.name === "pool-1-1G") volume.limit = "1";
  });
  const root = site.data("pool-1-1G");
  writeFileSync(join(root, "file"), "x");
  await adminWithin(site.dir, ["setfattr", "-n", "user.secret", "-v", "x", root], "gluster1-1");
  await adminWithin(site.dir, ["chown", "1:1", root], "gluster1-1");
  await adminWithin(site.dir, ["chmod", "2777", root], "gluster1-1");
  await run(share.destroy);
  await run(made.apply);
  await run(made.destroy);
  expect([...servers].filter((tool) => !(serverTools as readonly string[]).includes(tool))).toEqual([]);
  expect([...mounters].filter((tool) => ![...mounterTools, ...checkedApart].includes(tool))).toEqual([]);
  expect([...serverTools, ...mounterTools].filter((tool) => !realTools.includes(tool))).toEqual([]);
  const said = readFileSync(join(__dirname, "../../../src/fronts/gluster/sudoers.ts"), "utf8");
  const [, told = ""] = /Run there: (gluster.*?)\. Allow/.exec(said) ?? [];
  expect([...serverTools, ...mounterTools].filter((tool) => !told.split(/[^a-z.]+/).includes(tool))).toEqual([]);
});
