// what works with OSTs down, what is told as not known, and how records of an earlier version come onto the MDT.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { applyRule } from "../../../src/backends/lustre/access/apply";
import { destroyRule } from "../../../src/backends/lustre/access/destroy";
import { readCapacity } from "../../../src/backends/lustre/capacity";
import { readInventory } from "../../../src/backends/lustre/inspect";
import { checkRecords } from "../../../src/backends/lustre/record-folders";
import { applyShare } from "../../../src/backends/lustre/share/apply";
import { destroyShare } from "../../../src/backends/lustre/share/destroy";
import { observeShare } from "../../../src/backends/lustre/share/observe";
import { purge } from "../../../src/backends/lustre/share/trash";
import { ShareError } from "../../../src/core/errors";
import type { AccessRuleSpec, ShareSpec } from "../../../src/spec/lustre";
import { ended } from "../../core/fake-host";
import { type SandboxSite, sandboxSite, shareSpec } from "./sandbox-site";

const GiB = 1024n ** 3n;
let world: SandboxSite;
beforeEach(() => {
  world = sandboxSite();
});
afterEach(() => world.sandbox.remove());

const spec = (name: string, more: Partial<ShareSpec> = {}) =>
  shareSpec(name, { owner: { uid: 0, gid: 0 }, mode: 0o750, ...more });
const apply = (name: string, more: Partial<ShareSpec> = {}) =>
  applyShare(world.site, { key: `shares/${name}`, claim: `c-${name}`, spec: spec(name, more) });
const destroy = (name: string) => destroyShare(world.site, `shares/${name}`, `c-${name}`);
const rule = (clients: string[]): AccessRuleSpec => ({
  share: "shares/a",
  fileset: "/shares/a",
  clients,
  level: "rw",
  squash: { kind: "root" },
  advisoryReadOnly: false,
  adopt: false,
});
const open = (clients: string[]) => applyRule(world.site, { key: "shares/a#cpu", claim: "c-rule", spec: rule(clients) });
const turn = (direction: "down" | "up", ...targets: string[]) => world.sandbox.operate("target", direction, ...targets);
const all = ["OST0000", "OST0001"];
const refusal = (work: Promise<unknown>): Promise<ShareError> =>
  work.then(
    () => Promise.reject(new Error("nothing was refused")),
    (error: unknown) => {
      if (ShareError.isShareError(error)) return error;
      throw error;
    },
  );
const inMount = (...parts: string[]) => join(world.sandbox.mount, ...parts);
const records = (...parts: string[]) => inMount(".sharewright", ...parts);
const opened = () => world.sandbox.state().nodemaps.flatMap(({ filesets }) => filesets.map(({ path }) => path));

/** As an earlier version left it: folders and records without a layout. */
async function asEarlier(): Promise<void> {
  const { sandbox } = world;
  sandbox.change((state) => {
    for (const inode of Object.values(state.inodes)) delete inode.layout;
  });
  await sandbox.run(["mv", "-T", "--", records("on-mdt"), inMount("gone")]);
}

describe("R-02: with every OST down", () => {
  beforeEach(async () => {
    await apply("a");
    await open(["10.0.9.1@tcp"]);
    await turn("down", ...all);
  });

  test("access is revoked", async () => {
    expect(opened()).toContain("/shares/a");
    await destroyRule(world.site, "shares/a#cpu", "c-rule");
    expect(opened()).not.toContain("/shares/a");
    expect(existsSync(records("rules", "shares:a#cpu.json"))).toBe(false);
  });

  test("access is given, and a rule changes", async () => {
    await open(["10.0.9.[1-8]@tcp"]);
    expect((await readInventory(world.site)).rules[0]?.live?.clients).toBe("10.0.9.[1-8]@tcp");
  });

  test.each(["retain", "trash"] as const)("a share whose policy is %s goes", async (removalPolicy) => {
    await apply("b", { removalPolicy });
    await destroy("b");
    expect(existsSync(inMount("shares/b"))).toBe(removalPolicy === "retain");
  });

  test("a share is made, on an id that is proven unused by itself, and a limit is raised", async () => {
    await apply("b");
    await apply("a", { size: 20n * GiB });
    const seen = await observeShare(world.site, "shares/b", spec("b"));
    expect(seen.quota).toMatchObject({ blockHard: 10n * GiB, reliable: false });
  });

  test("an id that has inodes or limits is not taken, although no list tells of it", async () => {
    mkdirSync(inMount("foreign"));
    await world.sandbox.run(["lfs", "project", "-p", "10001", "-s", inMount("foreign")]);
    await world.sandbox.run(["lfs", "setquota", "-p", "10002", "-B", "1G", world.sandbox.mount]);
    await apply("b");
    expect((await observeShare(world.site, "shares/b", spec("b"))).record?.projectId).toBe(10003);
  });

  test("fails to choose an id where default limits hide whether one has its own", async () => {
    await world.sandbox.run(["lfs", "setquota", "-P", "-B", "10G", world.sandbox.mount]);
    expect(await refusal(apply("b"))).toMatchObject({ code: "TARGET_DOWN", summary: expect.stringContaining("no project id") });
  });

  test("a limit is not lowered: its use is not known", async () => {
    expect((await refusal(apply("a", { size: 5n * GiB }))).code).toBe("USE_UNKNOWN");
  });

  test("capacity tells what answers, and what does not", async () => {
    await turn("up", "OST0000");
    const seen = await readCapacity(world.site);
    expect(seen).toMatchObject({ source: "lfs df", degraded: [{ name: "scratch-OST0001" }], shares: 1, promised: 10n * GiB });
    expect(seen.bytes?.total).toBe(100n * 1024n ** 4n);
    expect(seen.notes).toEqual([expect.stringContaining("the total is that of the targets that answer")]);
  });

  test("nor does capacity wait for records that are on an OST: what limits promise is not known then", async () => {
    world.intercept(({ argv }) =>
      argv[0] === "find" && argv.includes("-exec") ? ended(null, "", "", { timedOut: true }) : undefined,
    );
    const seen = await readCapacity(world.site);
    expect(seen).not.toHaveProperty("promised");
    expect(seen.notes).toContainEqual(expect.stringContaining("what limits promise is not known"));
  });
});

test("R-02: data is not begun to be deleted while a target is down; it is closed and out of sight, and the next run goes on", async () => {
  await apply("b", { removalPolicy: "destroy" });
  writeFileSync(inMount("shares/b/data"), "x");
  await turn("down", "OST0001");
  expect((await refusal(destroy("b"))).code).toBe("TARGET_DOWN");
  expect(existsSync(inMount("shares/b"))).toBe(false);
  expect(world.commands.some((line) => line.includes("-delete"))).toBe(false);
  await turn("up", "OST0001");
  await destroy("b");
  expect((await readInventory(world.site)).shares).toEqual([]);
  expect(readdirSync(records("trash"))).toEqual([]);
});

test("R-02: nor by a purge of the trash", async () => {
  await apply("b", { removalPolicy: "trash" });
  await destroy("b");
  await turn("down", "OST0001");
  expect((await refusal(purge(world.site, "shares:b.10000"))).code).toBe("TARGET_DOWN");
  await turn("up", "OST0001");
  await purge(world.site, "shares:b.10000");
  expect(readdirSync(records("trash"))).toEqual([]);
});

describe("R-02: records lie on the MDT", () => {
  const layoutOf = async (path: string) => (await world.sandbox.run(["lfs", "getstripe", "-d", "--raw", path])).stdout;

  test("by the layout of their folders, read back when they are made; a share inherits nothing of it", async () => {
    await apply("a", { removalPolicy: "trash" });
    for (const folder of ["locks", "nodemaps", "rules", "shares", "trash"])
      expect(await layoutOf(records(folder))).toMatch(/e_end: +65536\n.*pattern: +mdt/);
    for (const path of [records("staging"), inMount("shares/a")]) expect(await layoutOf(path)).toContain("pattern:       0");
    expect(await checkRecords(world.site)).toMatchObject({ verdict: "good", found: expect.stringContaining("every OST down") });
    await destroy("a");
    expect(await layoutOf(records("trash", "shares:a.10000"))).toContain("pattern:       0");
  });

  test("also those of an earlier version, after the next apply, byte for byte and with their times", async () => {
    await apply("a");
    await apply("b", { removalPolicy: "trash" });
    await open(["10.0.9.1@tcp"]);
    await destroy("b");
    await asEarlier();
    const old = new Date("2020-01-01T00:00:00Z");
    utimesSync(records("trash", "shares:b.10000.json".replace("10000", "10001")), old, old);
    const before = readFileSync(records("rules", "shares:a#cpu.json"), "utf8");
    expect(await checkRecords(world.site)).toMatchObject({
      verdict: "unknown",
      found: expect.stringContaining("the next apply"),
    });
    await apply("a");
    expect(await checkRecords(world.site)).toMatchObject({ verdict: "good" });
    expect(existsSync(records("on-mdt"))).toBe(true);
    expect(readFileSync(records("rules", "shares:a#cpu.json"), "utf8")).toBe(before);
    expect(statSync(records("trash", "shares:b.10001.json")).mtime).toEqual(old);
    await turn("down", ...all);
    await destroyRule(world.site, "shares/a#cpu", "c-rule");
    expect(opened()).not.toContain("/shares/a");
  });

  test("fails, before they are moved, with an error that tells what to do", async () => {
    await apply("a");
    await open(["10.0.9.1@tcp"]);
    await asEarlier();
    await turn("down", ...all);
    expect(await refusal(destroyRule(world.site, "shares/a#cpu", "c-rule"))).toMatchObject({
      code: "DEADLINE",
      fix: expect.stringContaining("bring the target back"),
    });
  });

  test("not where the MDT takes no data: everything works as before, and doctor says what that means", async () => {
    await world.sandbox.operate("param", "lod.scratch-MDT0000-mdtlov.dom_stripesize=0");
    await apply("a");
    await open(["10.0.9.1@tcp"]);
    expect(await layoutOf(records("shares"))).toContain("pattern:       0");
    expect(existsSync(records("on-mdt"))).toBe(false);
    expect(await checkRecords(world.site)).toMatchObject({
      verdict: "unknown",
      found: expect.stringContaining("dom_stripesize_max_kb"),
    });
    await destroyRule(world.site, "shares/a#cpu", "c-rule");
    await world.sandbox.operate("param", "lod.scratch-MDT0000-mdtlov.dom_stripesize=1048576");
    await apply("a");
    expect(await checkRecords(world.site)).toMatchObject({ verdict: "good" });
  });

  test("fails for a rule whose record would not fit there, before anything is changed", async () => {
    await apply("a");
    const many = Array.from({ length: 2500 }, (_, index) => `10.${1 + (index >> 8)}.${index & 255}.7@tcp`);
    const before = world.commands.length;
    expect(await refusal(open(many))).toMatchObject({ code: "BAD_REQUEST", fix: expect.stringContaining("prefixes and ranges") });
    expect(world.commands.slice(before).filter((line) => /dd of|nodemap_add/.test(line))).toEqual([]);
  });
});
