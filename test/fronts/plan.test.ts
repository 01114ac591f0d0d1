// plan, status and repair against a sandbox: what is new, what has drifted by attribute, what mends it.
import { chmodSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stackOf } from "../executor/support";
import { type Bench, type Document, stable, startBench } from "./support";

const objectOf = (document: Document, key: string): Document => document.objects.find((object: Document) => object.key === key);
const nodemapOf = async (bench: Bench, nid: string) => (await bench.admin("lctl", "nodemap_test_nid", nid)).trim();

describe("a stack that was never applied", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench();
    bench.write([
      bench.stack.share("a"),
      bench.stack.share("b", { size: "1 GiB" }),
      bench.stack.rule("a", "cpu", { clients: "10.1.0.0/24" }),
    ]);
  });
  afterAll(() => bench.remove());

  test("plan shows the steps of an apply, exits 9 and changes nothing", async () => {
    const { stdout, exitCode } = await bench.sharewright("plan");
    expect(exitCode).toBe(9);
    expect(stable(bench, stdout)).toMatchInlineSnapshot(`
      "note: there is no Terraform state: nothing of this stack has been applied yet

      shares/a  lustre.share  not applied yet
        + claim project id 10000
        + make MOUNT/.sharewright/staging/shares:a
        + set project 10000 on MOUNT/.sharewright/staging/shares:a
        + give MOUNT/.sharewright/staging/shares:a to 1000:1000
        + set mode 0770 on MOUNT/.sharewright/staging/shares:a
        + limit project 10000 to 10 TiB
        + show it as MOUNT/shares/a

      shares/b  lustre.share  not applied yet
        + claim project id 10001
        + make MOUNT/.sharewright/staging/shares:b
        + set project 10001 on MOUNT/.sharewright/staging/shares:b
        + give MOUNT/.sharewright/staging/shares:b to 1000:1000
        + set mode 0770 on MOUNT/.sharewright/staging/shares:b
        + limit project 10001 to 1 GiB
        + show it as MOUNT/shares/b

      shares/a#cpu  lustre.access-rule  not applied yet

      access as a whole (an apply of any rule does all of it)
        + make nodemap sw_vtsg7dgpi4l4
        + set readonly_mount=0 map_mode=all squash_uid=65534 squash_gid=65534 squash_projid=65534 admin=0 trusted=1 deny_unknown=0 forbid_encryption=0 audit_mode=1 rbac=file_perms,fscrypt_admin,server_upcall child_raise_privileges=none capabilities=off deny_mount=0 on nodemap sw_vtsg7dgpi4l4
        + open /shares/a to nodemap sw_vtsg7dgpi4l4
        + put 10.1.0.[0-255]@tcp into nodemap sw_vtsg7dgpi4l4

      next  terraform -chdir=cdktf.out/stacks/stack apply

      stack: 3 new, 0 as described
      "
    `);
    expect(await bench.admin("ls", "-A", bench.mount)).toBe("");
  });

  test("status shows that nothing is there", async () => {
    const { stdout, exitCode } = await bench.sharewright("status");
    expect(exitCode).toBe(9);
    expect(stdout).toMatchInlineSnapshot(`
      "note: there is no Terraform state: nothing of this stack has been applied yet

      SHARE     CHECK    SIZE  USED  USE  INODES  PROJECT  STATE   REMOVAL  PATH
      shares/a  new    10 TiB     -    -       -        -  absent  retain   /shares/a
      shares/b  new     1 GiB     -    -       -        -  absent  retain   /shares/b

      ACCESS RULE   CHECK  LEVEL  IN FORCE  CLIENTS      NODEMAP
      shares/a#cpu  new    rw     no        10.1.0.0/24  -

      \`sharewright plan\` shows what an apply would do
      "
    `);
  });

  test("repair leaves it to Terraform", async () => {
    const { stdout, exitCode } = await bench.sharewright("repair");
    expect(exitCode).toBe(9);
    expect(stdout).toContain("shares/a: not applied yet");
    expect(await bench.admin("ls", "-A", bench.mount)).toBe("");
  });
});

describe("a stack that was applied", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench();
    const { stack } = bench;
    await bench.deploy(
      stack.share("a", { inodes: "2000", layout: "-c 2 -S 4M" }),
      stack.share("b", { size: "1 GiB" }),
      stack.rule("a", "cpu", { clients: "10.1.0.0/24" }),
      stack.rule("b", "viz", { clients: "10.2.0.7", level: "ro" }),
    );
  });
  afterAll(() => bench.remove());

  test("is as described: nothing to do, exit 0, L-83", async () => {
    const { stdout, exitCode } = await bench.sharewright("plan");
    expect(stdout).toBe("stack: 4 objects as described, nothing to do\n");
    expect(exitCode).toBe(0);
  });

  test("status shows use, limits, project and access, L-82", async () => {
    const { stdout, exitCode } = await bench.sharewright("status");
    expect(exitCode).toBe(0);
    expect(stdout.replace(/sw_[a-z2-7]{12}/g, "sw_............")).toMatchInlineSnapshot(`
      "SHARE     CHECK    SIZE   USED   USE     INODES  PROJECT  STATE  REMOVAL  PATH
      shares/a  ok     10 TiB  4 KiB  <1 %  1 of 2000    10000  ready  retain   /shares/a
      shares/b  ok      1 GiB  4 KiB  <1 %          1    10001  ready  retain   /shares/b

      ACCESS RULE   CHECK  LEVEL  IN FORCE  CLIENTS      NODEMAP
      shares/a#cpu  ok     rw     yes       10.1.0.0/24  sw_............
      shares/b#viz  ok     ro     yes       10.2.0.7     sw_............
      "
    `);
  });

  test("the documents of plan and status keep their fields", async () => {
    const { document: plan } = await bench.json("plan");
    expect(Object.keys(plan)).toEqual(["format", "command", "stack", "notes", "objects", "accessSteps", "kept", "touched"]);
    expect(Object.keys(plan.objects[0])).toEqual([
      "kind",
      "key",
      "verdict",
      "address",
      "claim",
      "changed",
      "unknown",
      "differences",
      "steps",
    ]);
    const { document: status } = await bench.json("status");
    expect(Object.keys(status)).toEqual([
      "format",
      "command",
      "stack",
      "notes",
      "shares",
      "rules",
      "snapshots",
      "kept",
      "touched",
    ]);
    expect(status.shares[0]).toMatchObject({
      key: "shares/a",
      size: "10995116277760",
      inodes: "2000",
      projectId: expect.any(Number),
      state: "ready",
      useIsReliable: true,
    });
    expect(status.rules[0]).toMatchObject({
      clients: ["10.1.0.0/24"],
      level: "rw",
      inForce: true,
      nodemaps: [expect.stringMatching(/^sw_/)],
    });
  });

  const drifts: [what: string, key: string, attribute: string, spoil: () => Promise<unknown>][] = [
    [
      "a limit",
      "shares/b",
      "size",
      async () => bench.admin("lfs", "setquota", "-p", String(await projectOf("b")), "-B", "5G", bench.mount),
    ],
    [
      "an inode limit",
      "shares/a",
      "inodes",
      async () => bench.admin("lfs", "setquota", "-p", String(await projectOf("a")), "-I", "9000", bench.mount),
    ],
    ["a mode", "shares/a", "mode", async () => chmodSync(join(bench.mount, "shares/a"), 0o777)],
    ["an owner", "shares/b", "owner", () => bench.admin("chown", "3000:3000", join(bench.mount, "shares/b"))],
    [
      "the inheritance of a project id",
      "shares/b",
      "project",
      () => bench.admin("lfs", "project", "-C", "-k", join(bench.mount, "shares/b")),
    ],
    ["a layout", "shares/a", "layout", () => bench.admin("lfs", "setstripe", "-c", "1", join(bench.mount, "shares/a"))],
    [
      "a range of clients",
      "shares/b#viz",
      "clients",
      async () =>
        bench.admin("lctl", "nodemap_del_range", "--name", await nodemapOf(bench, "10.2.0.7@tcp"), "--range", "10.2.0.7@tcp"),
    ],
    [
      "a level",
      "shares/a#cpu",
      "level",
      async () =>
        bench.admin(
          "lctl",
          "nodemap_modify",
          "--name",
          await nodemapOf(bench, "10.1.0.7@tcp"),
          "--property",
          "readonly_mount",
          "--value",
          "1",
        ),
    ],
    [
      "an identity",
      "shares/a#cpu",
      "admin",
      async () =>
        bench.admin(
          "lctl",
          "nodemap_modify",
          "--name",
          await nodemapOf(bench, "10.1.0.7@tcp"),
          "--property",
          "admin",
          "--value",
          "1",
        ),
    ],
    [
      "an open share",
      "shares/a#cpu",
      "fileset",
      async () =>
        bench.admin("lctl", "nodemap_fileset_del", "--name", await nodemapOf(bench, "10.1.0.7@tcp"), "--fileset", "/shares/a"),
    ],
  ];

  async function projectOf(name: string): Promise<number> {
    return Number(/^\s*(\d+)/.exec(await bench.admin("lfs", "project", "-d", join(bench.mount, "shares", name)))?.[1]);
  }

  describe("in which somebody changed all of that by hand", () => {
    let plan: { document: Document; exitCode: number | null };
    beforeAll(async () => {
      for (const [, , , spoil] of drifts) await spoil();
      plan = await bench.json("plan");
    });

    test("plan exits 9, L-84", () => expect(plan.exitCode).toBe(9));

    test.each(drifts)("%s is shown with the line that mends it, fit for posting, L-84 U-12", (_, key, attribute) => {
      const object = objectOf(plan.document, key);
      const mend = expect.stringMatching(`/terraform -chdir=cdktf.out/stacks/stack apply -replace=${object.address}$`);
      expect(object).toMatchObject({ verdict: "drifted", mend });
      expect(object.differences.map((difference: Document) => difference.attribute)).toContain(attribute);
    });

    test("what a level is made of is told once, as the level", () => {
      const { differences } = objectOf(plan.document, "shares/a#cpu");
      expect(differences.map(({ attribute }: Document) => attribute).sort()).toEqual(["admin", "fileset", "level"]);
    });

    test("status marks the rules as not in force", async () => {
      const { document, exitCode } = await bench.json("status");
      expect(exitCode).toBe(9);
      expect(document.rules.map((rule: Document) => rule.inForce)).toEqual([false, false]);
    });

    test("repair mends all of it", async () => {
      const { stdout, exitCode } = await bench.sharewright("repair");
      expect(exitCode, stdout).toBe(0);
      expect(stdout).toContain("4 objects repaired");
      expect((await bench.sharewright("plan")).exitCode).toBe(0);
    });
  });

  test("repair with nothing to do says so", async () => {
    const { stdout, exitCode } = await bench.sharewright("repair");
    expect([stdout, exitCode]).toEqual(["everything is as described, nothing to repair\n", 0]);
  });

  test("fails for a key that the stack does not have", async () => {
    const { document, exitCode } = await bench.json("repair", "shares/nowhere");
    expect(exitCode).toBe(2);
    expect(document.error).toMatchObject({ code: "BAD_REQUEST", fix: expect.stringContaining("shares/a") });
  });

  test("a directory that is gone is that share's refusal alone, and comes back only where it is named, L-85", async () => {
    rmSync(join(bench.mount, "shares/b"), { recursive: true });
    const { document, exitCode } = await bench.json("plan");
    expect(exitCode).toBe(9);
    expect(objectOf(document, "shares/b")).toMatchObject({
      verdict: "refused",
      refusal: { code: "SHARE_MISSING" },
      differences: [{ attribute: "directory", found: "gone" }],
    });
    expect(objectOf(document, "shares/a")).toMatchObject({ verdict: "good" });
    expect((await bench.sharewright("status")).stdout).toMatch(/shares\/b +refused .* missing /);
    expect((await bench.sharewright("repair")).exitCode).toBe(9);
    expect(await bench.admin("ls", join(bench.mount, "shares"))).toBe("a\n");
    expect((await bench.sharewright("repair", "--recreate", "shares/b")).exitCode).toBe(0);
    expect((await bench.sharewright("plan")).exitCode).toBe(0);
  });

  test("a change in the code is Terraform's to apply: no -replace, and repair does not run ahead", async () => {
    const { stack } = bench;
    const applied = [
      stack.share("a", { inodes: "2000", layout: "-c 2 -S 4M" }),
      stack.share("b", { size: "1 GiB" }),
      stack.rule("a", "cpu", { clients: "10.1.0.0/24" }),
      stack.rule("b", "viz", { clients: "10.2.0.7", level: "ro" }),
    ];
    bench.write(applied, applied, { "shares/b": { size: "2 GiB" } });
    const { stdout } = await bench.sharewright("plan");
    expect(stdout).toContain("~ size  1 GiB -> 2 GiB");
    expect(stdout).not.toContain("-replace");
    expect((await bench.json("repair")).document).toMatchObject({
      repaired: [],
      left: [{ key: "shares/b", verdict: "changed" }],
    });
    bench.write(applied, applied);
  });

  test("what is in no construct any more is shown as leaving, with how it goes", async () => {
    const { stack } = bench;
    const applied = [
      stack.share("a", { inodes: "2000", layout: "-c 2 -S 4M" }),
      stack.share("b", { size: "1 GiB" }),
      stack.rule("a", "cpu", { clients: "10.1.0.0/24" }),
      stack.rule("b", "viz", { clients: "10.2.0.7", level: "ro" }),
    ];
    bench.write(
      [applied[0], applied[2]].flatMap((object) => object ?? []),
      applied,
    );
    const { document, exitCode } = await bench.json("plan");
    expect(exitCode).toBe(9);
    expect(objectOf(document, "shares/b")).toMatchObject({ verdict: "leaving", steps: [{ id: "retain" }] });
    expect(objectOf(document, "shares/b#viz")).toMatchObject({ verdict: "leaving" });
    expect(document.accessSteps.map((step: Document) => step.id)).toEqual(["remove-range", "remove-nodemap"]);
  });
});

describe("what an apply would be refused", () => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await startBench();
  });
  afterAll(() => bench.remove());

  test("is that object's result, with its code and its fix", async () => {
    const other = stackOf(bench.stack.fileSystem, "others").share("taken");
    await bench.hook(bench.stack.share("ours").apply);
    await bench.hook(other.apply);
    await bench.admin("mkdir", join(bench.mount, "shares/foreign"));
    await bench.admin("lctl", "nodemap_add", "slurm");
    await bench.admin("lctl", "nodemap_add_range", "--name", "slurm", "--range", "10.5.0.[0-255]@tcp");
    const [ours, rule] = [bench.stack.share("ours"), bench.stack.rule("ours", "cpu", { clients: "10.5.0.3" })];
    bench.write([ours, rule, bench.stack.share("foreign"), bench.stack.share("taken")], [ours]);
    const { document, exitCode } = await bench.json("plan");
    expect(exitCode).toBe(9);
    expect(objectOf(document, "shares/ours")).toMatchObject({ verdict: "good" });
    expect(objectOf(document, "shares/foreign")).toMatchObject({ verdict: "refused", refusal: { code: "FOREIGN_DIRECTORY" } });
    expect(objectOf(document, "shares/taken")).toMatchObject({ verdict: "refused", refusal: { code: "MANAGED_ELSEWHERE" } });
    expect(objectOf(document, "shares/ours#cpu")).toMatchObject({ verdict: "refused", refusal: { code: "NID_TAKEN" } });
  });

  test("U-10 the removal of a protected share is, and status and list say that it is protected", async () => {
    const share = bench.stack.share("safe", { removal_policy: "destroy", deletion_protection: "true" });
    await bench.hook(share.apply);
    bench.write([share], [share]);
    expect((await bench.json("status")).document.shares).toMatchObject([{ key: "shares/safe", deletionProtection: true }]);
    for (const command of ["status", "list"])
      expect((await bench.sharewright(command)).stdout, command).toContain("destroy, protected");
    bench.write([], [share]);
    const { document, exitCode } = await bench.json("plan");
    expect([exitCode, objectOf(document, "shares/safe")]).toEqual([
      9,
      expect.objectContaining({ verdict: "refused", refusal: expect.objectContaining({ code: "DELETION_PROTECTED" }) }),
    ]);
  });
});

test("plan says what would keep an apply from its first change, and foresees it all the same", async () => {
  const bench = await startBench({ bare: true });
  try {
    bench.write([bench.stack.share("a"), bench.stack.rule("a", "cpu", { clients: "10.1.0.0/24" })]);
    const { document, exitCode } = await bench.json("plan");
    expect(exitCode).toBe(9);
    expect(document.notes).toContain("nodemaps in force: nodemap.active is 0: every client sees everything");
    expect(document.notes.at(-1)).toContain("would be refused");
    expect(document.objects.map(({ verdict }: Document) => verdict)).toEqual(["new", "new"]);
    expect(document.accessSteps.length).toBeGreaterThan(0);
  } finally {
    bench.remove();
  }
});
