// list, release and trash against a sandbox: what is managed, what nobody manages, and how things come and go by hand.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bench, type Document, startBench } from "./support";

async function projectsWithLimits(bench: Bench): Promise<number> {
  const lines = (await bench.admin("lfs", "quota", "-a", "-q", "-p", bench.mount)).trim().split("\n");
  return lines.filter((line) => /^\d+$/.test(line.trim().split(/\s+/)[4] ?? "") && Number(line.trim().split(/\s+/)[4]) > 0)
    .length;
}

describe("list", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench();
  });
  afterAll(() => bench.remove());

  test("of a file system that sharewright never changed is empty", async () => {
    bench.write([bench.stack.share("a")]);
    const listed = await bench.sharewright("list");
    expect([listed.stdout, listed.exitCode]).toEqual(["sharewright manages nothing on scratch\n", 0]);
    expect((await bench.json("list", "--unclaimed")).document.unclaimed).toEqual([]);
  });

  test("shows the records of all owners", async () => {
    await bench.deploy(bench.stack.share("a"), bench.stack.rule("a", "cpu", { clients: "10.1.0.0/24" }));
    await bench.hook(bench.stack.share("theirs", { claim: "of another state" }).apply);
    expect((await bench.sharewright("list")).stdout).toMatchInlineSnapshot(`
      "SHARE          STATE    SIZE  PROJECT  REMOVAL  OWNER  PATH
      shares/a       ready  10 TiB    10000  retain   stack  /shares/a
      shares/theirs  ready  10 TiB    10001  retain   stack  /shares/theirs

      ACCESS RULE   STATE     LEVEL  CLIENTS          OWNER
      shares/a#cpu  in force  rw     10.1.0.0/24@tcp  stack
      "
    `);
    const { document } = await bench.json("list");
    expect(document.fileSystems[0].shares[0]).toMatchObject({
      key: "shares/a",
      state: "ready",
      managedBy: "stack",
      claim: "stack shares/a",
      size: "10 TiB",
      owner: "1000:1000",
    });
  });

  test("--unclaimed shows all that no claim of this stack explains", async () => {
    const records = join(bench.mount, ".sharewright");
    await bench.admin(
      "mkdir",
      join(bench.mount, "shares/foreign"),
      join(records, "trash/shares:lost.7"),
      join(records, "staging/shares:begun"),
    );
    await bench.admin("ln", "-s", "shares/ghost", join(records, "projects/777"));
    await bench.admin("lctl", "nodemap_add", "sw_abcdefghijkl");
    await bench.admin("lctl", "nodemap_add", "slurm");
    const { document, exitCode } = await bench.json("list", "--unclaimed");
    expect(exitCode).toBe(0);
    expect(document.unclaimed.map(({ kind, name }: Document) => `${kind} ${name.replace(bench.mount, "")}`)).toEqual([
      "share shares/theirs",
      "directory /shares/foreign",
      "project id 777",
      "trash shares:lost.7",
      "staging shares:begun",
      "nodemap sw_abcdefghijkl",
    ]);
  });
});

describe("release", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench();
    await bench.deploy(bench.stack.share("a"), bench.stack.rule("a", "cpu", { clients: "10.1.0.0/24" }));
  });
  afterAll(() => bench.remove());

  test("is refused while rules open the share, and names them", async () => {
    const { document, exitCode } = await bench.json("release", "shares/a");
    expect(exitCode).toBe(3);
    expect(document.error).toMatchObject({ code: "STILL_OPEN", summary: expect.stringContaining("shares/a#cpu") });
  });

  test("is refused for an access rule, and for what there is no record of", async () => {
    expect((await bench.sharewright("release", "shares/a#cpu")).exitCode).toBe(2);
    expect((await bench.sharewright("release", "shares/nowhere")).exitCode).toBe(2);
  });

  test("is refused for a share of another stack", async () => {
    await bench.hook(bench.stack.share("theirs", { claim: "of another state" }).apply);
    expect((await bench.json("release", "shares/theirs")).document.error).toMatchObject({ code: "MANAGED_ELSEWHERE" });
  });

  test("forgets the owner and touches nothing else: data, limits, project id and record stay, L-96", async () => {
    await bench.hook(bench.stack.rule("a", "cpu", { clients: "10.1.0.0/24" }).destroy);
    writeFileSync(join(bench.mount, "shares/a/data"), "kept");
    const before = await projectsWithLimits(bench);
    const { exitCode, stdout } = await bench.sharewright("release", "shares/a");
    expect(exitCode, stdout).toBe(0);
    expect(readFileSync(join(bench.mount, "shares/a/data"), "utf8")).toBe("kept");
    expect(await projectsWithLimits(bench)).toBe(before);
    const { document } = await bench.json("list");
    expect(document.fileSystems[0].shares[0]).toMatchObject({ key: "shares/a", state: "unowned", projectId: expect.any(Number) });
    expect(document.fileSystems[0].shares[0].claim).toBeUndefined();
  });

  test("a second time has nothing to do, and the destroy hook leaves the share alone", async () => {
    expect((await bench.json("release", "shares/a")).document).toMatchObject({ steps: [] });
    await bench.hook(bench.stack.share("a").destroy);
    expect(existsSync(join(bench.mount, "shares/a/data"))).toBe(true);
  });
});

describe("trash", () => {
  let bench: Bench;
  const names: Record<string, string> = {};
  beforeAll(async () => {
    bench = await startBench();
    bench.write([bench.stack.share("other")]);
    for (const name of ["a", "b", "c"]) {
      const share = bench.stack.share(name, { removal_policy: "trash" });
      await bench.hook(share.apply);
      writeFileSync(join(bench.mount, "shares", name, "data"), name);
      await bench.hook(share.destroy);
    }
    for (const { name, key } of (await bench.json("trash", "list")).document.trash) names[key] = name;
  });
  afterAll(() => bench.remove());
  const nameOf = (key: string) => names[key] ?? "";

  test("list shows since when, and the limit that is still reserved", async () => {
    const { document } = await bench.json("trash", "list");
    expect(document.trash[0]).toMatchObject({
      key: "shares/a",
      managedBy: "stack",
      size: "10 TiB",
      since: expect.stringMatching(/^20\d\d-/),
    });
    expect(document.trash).toHaveLength(3);
    expect(await projectsWithLimits(bench)).toBe(3);
    expect((await bench.json("capacity")).document.fileSystems[0]).toMatchObject({ promised: String(30n * 1024n ** 4n) });
  });

  test("restore puts a share back, unowned; a construct of its key goes on with it", async () => {
    const { document, exitCode } = await bench.json("trash", "restore", nameOf("shares/a"));
    expect([exitCode, document.key]).toEqual([0, "shares/a"]);
    expect(readFileSync(join(bench.mount, "shares/a/data"), "utf8")).toBe("a");
    await bench.hook(bench.stack.share("a").apply);
    expect((await bench.json("list")).document.fileSystems[0].shares[0]).toMatchObject({ key: "shares/a", state: "ready" });
  });

  test("restore is refused where the place is taken, and possible under another name", async () => {
    expect((await bench.json("trash", "restore", nameOf("shares/b"), "--as", "a")).document.error).toMatchObject({
      code: "FOREIGN_DIRECTORY",
    });
    expect((await bench.sharewright("trash", "restore", nameOf("shares/b"), "--as", "../b")).exitCode).toBe(2);
    expect((await bench.sharewright("trash", "restore", nameOf("shares/b"), "--as", "b2")).exitCode).toBe(0);
    expect(readFileSync(join(bench.mount, "shares/b2/data"), "utf8")).toBe("b");
  });

  test("purge wants to be told what, and deletes data, limits and project id", async () => {
    expect((await bench.sharewright("trash", "purge")).exitCode).toBe(2);
    expect((await bench.json("trash", "purge", "--older-than", "1")).document).toMatchObject({ purged: [] });
    const before = await projectsWithLimits(bench);
    const { document } = await bench.json("trash", "purge", nameOf("shares/c"));
    expect(document.purged[0].steps.map(({ id }: Document) => id)).toEqual(["delete-data", "clear-limits", "free-id"]);
    expect(await projectsWithLimits(bench)).toBe(before - 1);
    expect((await bench.sharewright("trash", "list")).stdout).toBe("the trash is empty\n");
    expect((await bench.sharewright("trash", "purge", nameOf("shares/c"))).exitCode).toBe(2);
  });

  test("what was cut off between its steps goes on: a restore after its move, a purge after its data", async () => {
    const share = bench.stack.share("d", { removal_policy: "trash" });
    await bench.hook(share.apply);
    await bench.hook(share.destroy);
    const [{ name }] = (await bench.json("trash", "list")).document.trash;
    await bench.admin("mv", "-T", join(bench.mount, ".sharewright/trash", name), join(bench.mount, "shares/d"));
    expect((await bench.sharewright("trash", "restore", name)).exitCode).toBe(0);
    const again = bench.stack.share("d", { removal_policy: "trash", adopt: "true" });
    await bench.hook(again.apply);
    await bench.hook(again.destroy);
    await bench.admin("rm", "-r", join(bench.mount, ".sharewright/trash", name));
    expect((await bench.json("trash", "restore", name)).document.error).toMatchObject({ code: "SHARE_MISSING" });
    expect((await bench.sharewright("trash", "purge", "--older-than", "0")).stdout).toContain("1 share deleted for good");
    expect((await bench.json("list", "--unclaimed")).document.unclaimed.map(({ kind }: Document) => kind)).not.toContain(
      "project id",
    );
  });
});
