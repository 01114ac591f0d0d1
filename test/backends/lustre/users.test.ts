// Users without an account on the MDS: told by apply and doctor, asked about only when it matters.
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { applyRule } from "../../../src/backends/lustre/access/apply";
import { applyShare } from "../../../src/backends/lustre/share/apply";
import { checkUsers, ownersIn } from "../../../src/backends/lustre/users";
import type { AccessRuleSpec, ShareSpec } from "../../../src/spec/lustre";
import { ended } from "../../core/fake-host";
import { type SandboxSite, type Setting, sandboxSite } from "./sandbox-site";

let world: SandboxSite;
afterEach(() => world.sandbox.remove());

/** A site that looks users up on its MDS, as a fresh one does. */
async function looking(setting: Setting = {}): Promise<void> {
  world = sandboxSite(setting);
  await world.sandbox.operate("param", "mdt.scratch-MDT*.identity_upcall=/usr/sbin/l_getidentity");
}
const share: ShareSpec = {
  fileset: "/shares/a",
  size: 1024n ** 3n,
  owner: { uid: 6000, gid: 6000 },
  mode: 0o770,
  removalPolicy: "retain",
  adopt: false,
};
const apply = (more: Partial<ShareSpec> = {}) =>
  applyShare(world.site, { key: "shares/a", claim: "a", spec: { ...share, ...more } });
const grant = (squash: AccessRuleSpec["squash"], client = "10.1.0.1") =>
  applyRule(world.site, {
    key: "shares/a#cpu",
    claim: "cpu",
    spec: {
      share: "shares/a",
      fileset: "/shares/a",
      clients: [client],
      level: "rw",
      squash,
      advisoryReadOnly: false,
      adopt: false,
    },
  });
const addAccount = (uid: number) => appendFileSync(join(world.sandbox.dir, "etc/passwd"), `u${uid}:x:${uid}:${uid}::/:/bin/sh\n`);
const asked = () => world.commands.filter((line) => line.includes("getent")).map((line) => line.replace(/^\w+: /, ""));
const told = () => world.notes.filter((line) => line.startsWith("users known to the MDS"));

describe("R-07: an owner whom the MDS does not know", () => {
  test("is told of when the share is made and when the owner changes, with what to do, and not otherwise", async () => {
    await looking();
    await apply();
    expect(asked()).toEqual(["getent passwd 6000"]);
    expect(told()).toEqual([
      expect.stringMatching(
        /^users known to the MDS: uid 6000 has no account on .*, which asks \/usr\/sbin\/l_getidentity: .* \(give them accounts on every MDS .*identity_upcall=NONE on the MGS/,
      ),
    ]);
    await apply();
    await apply({ size: 2n * 1024n ** 3n });
    expect(asked()).toHaveLength(1);
    addAccount(7000);
    await apply({ owner: { uid: 7000, gid: 6000 } });
    expect(asked()).toEqual(["getent passwd 6000", "getent passwd 7000"]);
    expect(told()).toHaveLength(1);
  });
  test("is nobody's business where the MDT believes clients, nor root", async () => {
    world = sandboxSite();
    await apply();
    expect([asked(), told()]).toEqual([[], []]);
    world.sandbox.remove();
    await looking();
    await apply({ owner: { uid: 0, gid: 6000 } });
    expect(world.commands.filter((line) => line.includes("identity_upcall"))).toEqual([]);
  });
  test("on an MDS of its own", async () => {
    await looking({ hosts: { client: "client", mds: "mds", mgs: "mgs" } });
    await apply();
    expect(world.commands.filter((line) => line.includes("getent"))).toEqual(["mds: getent passwd 6000"]);
    expect(told()).toHaveLength(1);
  });
  test("is not verified where sudo or a directory service says nothing, and stops nobody", async () => {
    await looking();
    world.intercept(({ argv }) => (argv[0] === "getent" ? ended(1, "", "sudo: a password is required") : undefined));
    await apply();
    expect(world.notes).toContainEqual(
      expect.stringMatching(/^not verified: users known to the MDS: the accounts of .* cannot be asked for/),
    );
  });
  test("is asked about for a rule that squashes everybody to it, once", async () => {
    await looking();
    await apply({ owner: { uid: 0, gid: 6000 } });
    await grant({ kind: "root" });
    expect(asked()).toEqual([]);
    await grant({ kind: "all", uid: 6000, gid: 6000 });
    await grant({ kind: "all", uid: 6000, gid: 6000 });
    await grant({ kind: "all", uid: 6000, gid: 6000 }, "10.1.0.2");
    expect(asked()).toEqual(["getent passwd 6000"]);
    expect(told()).toHaveLength(1);
  });
  test("several: who is missing is named, in a check of doctor that keeps nobody from going on", async () => {
    await looking();
    expect(await checkUsers(world.site, [])).toMatchObject({
      verdict: "good",
      found: expect.stringContaining("need an account"),
    });
    addAccount(7000);
    expect(await checkUsers(world.site, [7000, 9000, 0, 8000, 9000])).toMatchObject({
      verdict: "warning",
      found: expect.stringContaining("uid 8000, 9000 have no account"),
      fix: expect.stringContaining("server_upcall"),
    });
    expect(await checkUsers(world.site, [7000])).toMatchObject({ verdict: "good" });
    writeFileSync(join(world.sandbox.dir, "etc/passwd"), "");
    expect(await checkUsers(world.site, [65534])).toMatchObject({ verdict: "warning" });
  });
  test("owners are those of shares, and those whom rules make of everybody", () => {
    const rule = { format: 1, kind: "lustre.access-rule", key: "k", owner: "o" } as const;
    const live = { share: "s/a", fileset: "/s/a", clients: "", level: "rw", squash: "all 5:6" } as const;
    expect(
      ownersIn({
        shares: [{ format: 1, kind: "lustre.share", key: "s/a", owner: "o", state: "ready", spec: { owner: "7:8" } as never }],
        rules: [
          { ...rule, live },
          { ...rule, live: { ...live, squash: "root" } },
        ],
      }),
    ).toEqual([7, 5]);
  });
});
