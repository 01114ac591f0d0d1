// S-07: who may write in a parent of a share, or where the records lie, puts something else in their place. Seen at every look.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { applyRule } from "../../../src/backends/lustre/access/apply";
import { destroyRule } from "../../../src/backends/lustre/access/destroy";
import { readInventory } from "../../../src/backends/lustre/inspect";
import { applyShare } from "../../../src/backends/lustre/share/apply";
import { destroyShare } from "../../../src/backends/lustre/share/destroy";
import { releaseShare } from "../../../src/backends/lustre/share/release";
import { purge, readTrashEntries, restore } from "../../../src/backends/lustre/share/trash";
import { ShareError } from "../../../src/core/errors";
import type { RemovalPolicy } from "../../../src/spec/removal-policy";
import { type SandboxSite, sandboxSite } from "./sandbox-site";

let world: SandboxSite;
beforeEach(() => {
  world = sandboxSite();
});
afterEach(() => world.sandbox.remove());

const tenant = "6000";
const inMount = (...parts: string[]) => join(world.sandbox.mount, ...parts);
const tool = async (...argv: string[]) => expect((await world.sandbox.run(argv)).exit).toBe(0);
const give = (path: string, uid = tenant) => tool("chown", `${uid}:${uid}`, inMount(path));

interface Wish {
  path?: string;
  removalPolicy?: RemovalPolicy;
  adopt?: boolean;
  mode?: number;
}
const apply = (name: string, { path = `/shares/${name}`, removalPolicy = "destroy", adopt = false, mode = 0o770 }: Wish = {}) =>
  applyShare(world.site, {
    key: `shares/${name}`,
    claim: name,
    spec: { fileset: path, size: 1024n ** 3n, owner: { uid: 1000, gid: 1000 }, mode, removalPolicy, adopt },
  });
const destroy = (name: string) => destroyShare(world.site, `shares/${name}`, name);
const grant = (name: string, path = `/shares/${name}`) =>
  applyRule(world.site, {
    key: `shares/${name}#r`,
    claim: "r",
    spec: {
      share: `shares/${name}`,
      fileset: path,
      clients: ["10.1.0.1"],
      level: "rw",
      squash: { kind: "root" },
      advisoryReadOnly: false,
      adopt: false,
    },
  });

async function codeOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => "nothing was refused",
    (reason: unknown) => reason,
  );
  return ShareError.isShareError(error) ? error.code : String(error);
}

describe.each([
  ["belongs to a tenant", (path: string) => give(path)],
  ["may be written to by a group", (path: string) => tool("chmod", "00775", inMount(path))],
  ["may be written to by everybody", (path: string) => tool("chmod", "01777", inMount(path))],
])("S-07 a directory that %s", (_, spoil) => {
  test("is no prefix: apply, destroy, grant and restore are refused, and nothing is changed", async () => {
    await apply("a");
    await apply("b", { removalPolicy: "trash" });
    await destroy("b");
    const [{ name = "" } = {}] = await readTrashEntries(world.site);
    await spoil("shares");
    const before = JSON.stringify(world.sandbox.state());
    expect([
      await codeOf(apply("a", { mode: 0o755 })),
      await codeOf(apply("new")),
      await codeOf(destroy("a")),
      await codeOf(grant("a")),
      await codeOf(restore(world.site, name, undefined)),
    ]).toEqual(Array(5).fill("PARENT_UNSAFE"));
    expect(JSON.stringify(world.sandbox.state())).toBe(before);
    expect(readdirSync(inMount("shares"))).toEqual(["a"]);
  });
  test("holds no records: nobody's rule is read from there", async () => {
    await apply("a");
    await grant("a");
    await spoil(".sharewright/rules");
    const codes = [
      await codeOf(grant("a")),
      await codeOf(readInventory(world.site)),
      await codeOf(destroyRule(world.site, "shares/a#r", "r")),
    ];
    // The first finds itself in force, and reads no other's.
    expect(codes.slice(1)).toEqual(["PARENT_UNSAFE", "PARENT_UNSAFE"]);
    await tool("chmod", "00700", inMount(".sharewright/rules"));
    await give(".sharewright/rules", "0");
    await spoil(".");
    expect(await codeOf(readInventory(world.site))).toBe("PARENT_UNSAFE");
    await tool("chmod", "00755", inMount("."));
    await give(".", "0");
    await spoil(".sharewright");
    for (const work of [apply("a"), destroy("a"), releaseShare(world.site, "shares/a", new Set(["a"]))])
      expect(["PARENT_UNSAFE", "PREFLIGHT"]).toContain(await codeOf(work));
  });
  test("is no parent of an adopted share", async () => {
    mkdirSync(inMount("projects/x/climate"), { recursive: true });
    await tool("lfs", "project", "-p", "777", "-s", inMount("projects/x/climate"));
    await spoil("projects/x");
    expect(await codeOf(apply("climate", { path: "/projects/x/climate", adopt: true }))).toBe("PARENT_UNSAFE");
  });
});

test("S-07 a parent that was swapped for a link after the adoption: neither given to the tenant nor deleted", async () => {
  mkdirSync(inMount("projects/x/climate"), { recursive: true });
  await tool("lfs", "project", "-p", "777", "-s", inMount("projects/x/climate"));
  const adopted = { path: "/projects/x/climate", adopt: true };
  await apply("climate", adopted);
  mkdirSync(inMount("others/climate"), { recursive: true });
  writeFileSync(inMount("others/climate/data"), "another tenant's");
  renameSync(inMount("projects/x"), inMount("projects/y"));
  symlinkSync(inMount("others"), inMount("projects/x"));
  expect([await codeOf(apply("climate", { ...adopted, mode: 0o777 })), await codeOf(destroy("climate"))]).toEqual([
    "FOREIGN_DIRECTORY",
    "FOREIGN_DIRECTORY",
  ]);
  expect(readFileSync(inMount("others/climate/data"), "utf8")).toBe("another tenant's");
});

test("S-07 records that are a link: nothing is made behind it", async () => {
  mkdirSync(inMount("elsewhere"));
  symlinkSync(inMount("elsewhere"), inMount(".sharewright"));
  expect(await codeOf(apply("a"))).toBe("FOREIGN_DIRECTORY");
  expect(readdirSync(inMount("elsewhere"))).toEqual([]);
});

describe("S-07 whose a directory is, its project id tells", () => {
  test("one with the id of another share is not touched", async () => {
    await apply("a");
    await apply("b");
    rmSync(inMount("shares/a"), { recursive: true });
    renameSync(inMount("shares/b"), inMount("shares/a"));
    const before = JSON.stringify(world.sandbox.state());
    expect([await codeOf(apply("a", { mode: 0o777 })), await codeOf(destroy("a"))]).toEqual([
      "FOREIGN_DIRECTORY",
      "FOREIGN_DIRECTORY",
    ]);
    const { nodemaps, quotas } = JSON.parse(before);
    expect(world.sandbox.state()).toMatchObject({ nodemaps, quotas });
    expect(existsSync(inMount("shares/a"))).toBe(true);
  });
  test.each(["a purge", "a removal that was cut off"])(
    "what lies in the trash in its place is not deleted by %s",
    async (how) => {
      await apply("a", { removalPolicy: "trash" });
      await apply("b");
      await destroy("a");
      const [{ name = "" } = {}] = await readTrashEntries(world.site);
      const place = inMount(".sharewright/trash", name);
      if (how === "a removal that was cut off") {
        const record = JSON.parse(readFileSync(`${place}.json`, "utf8"));
        writeFileSync(
          inMount(".sharewright/shares/shares:a.json"),
          `${JSON.stringify({ ...record, claim: "a", state: "deleting" })}\n`,
        );
        rmSync(`${place}.json`);
      }
      rmSync(place, { recursive: true });
      renameSync(inMount("shares/b"), place);
      writeFileSync(join(place, "data"), "another tenant's");
      expect(await codeOf(how === "a purge" ? purge(world.site, name) : destroy("a"))).toBe("FOREIGN_DIRECTORY");
      expect(readFileSync(join(place, "data"), "utf8")).toBe("another tenant's");
    },
  );
});
