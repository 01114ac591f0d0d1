// Tenants side by side: what each client can reach, judged by the sandbox's own idea of a mount, not by the executor's.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { LustreVersion } from "../../src/spec/lustre";
import { adopting, exportOf, startSite, type TestSite } from "./support";

const timeout = 300_000;
const [EPERM, ENOENT, EACCES, EROFS, EDQUOT] = [1, 2, 13, 30, 122];

async function reset(site: TestSite): Promise<void> {
  expect((await site.sandbox("reset")).exitCode).toBe(0);
}

describe.each<LustreVersion>(["2.17", "2.16"])("two tenants on Lustre %s", (version) => {
  let site: TestSite;
  beforeAll(async () => {
    site = await startSite({ version });
    site.watch();
    const stack = site.stack();
    await site.succeed(stack.share("a", { size: "1 GiB" }).apply);
    await site.succeed(stack.share("b").apply);
    await site.succeed(stack.rule("a", "cpu", { clients: "10.1.0.0/28" }).apply);
    await site.succeed(stack.rule("b", "cpu", { clients: "10.1.0.16/28" }).apply);
  }, timeout);
  afterAll(() => site.remove());

  test("each mounts exactly its own export location, and writes there up to its limit", { timeout }, async () => {
    const a = exportOf("/shares/a", version);
    expect(await site.mountAs("10.1.0.0@tcp", a)).toMatchObject({ exit: 0, root: "/shares/a", access: "rw" });
    expect(await site.mountAs("10.1.0.15@tcp", a, "--write", "data:1G", "--uid", "1000", "--gid", "1000")).toMatchObject({
      write: { errno: EDQUOT },
    });
    expect(await site.mountAs("10.1.0.15@tcp", a, "--write", "data:1000M", "--uid", "1000", "--gid", "1000")).toMatchObject({
      write: { errno: 0 },
    });
    expect(await site.mountAs("10.1.0.16@tcp", exportOf("/shares/b", version))).toMatchObject({ exit: 0, root: "/shares/b" });
  });

  test("neither reaches the other's share, the root or the records", { timeout }, async () => {
    const refused = version === "2.17" ? EACCES : ENOENT;
    for (const path of ["/shares/b", "/shares", "/.sharewright", "/.sharewright/staging", "/shares/a/../b"]) {
      const view = await site.mountAs("10.1.0.5@tcp", `10.0.0.1@tcp:/scratch${path}`);
      expect({ path, root: view.root }).toEqual({ path, root: undefined });
      expect(view.exit).not.toBe(0);
    }
    expect((await site.mountAs("10.1.0.5@tcp", "10.0.0.1@tcp:/scratch/shares/b")).exit).toBe(refused);
    const root = await site.mountAs("10.1.0.5@tcp", "10.0.0.1@tcp:/scratch");
    expect(root).toMatchObject(version === "2.17" ? { exit: EACCES } : { exit: 0, root: "/shares/a" });
  });

  test("a client that no rule names sees nothing", { timeout }, async () => {
    const view = await site.mountAs("10.1.0.32@tcp", exportOf("/shares/a", version));
    if (version === "2.17") expect(view.exit).toBe(EPERM);
    else expect(view).toMatchObject({ exit: 0, root: "/.sharewright/closed", entries: [] });
  });

  test("a client with two shares: works on 2.17, is a clear error on 2.16 that changes nothing, X-L04", { timeout }, async () => {
    const stack = site.stack();
    const before = JSON.stringify(site.state().nodemaps);
    const ended = await site.run(stack.rule("b", "also-a", { clients: "10.1.0.3" }).apply);
    if (version === "2.16") {
      expect(ended.exitCode).toBe(4);
      expect(ended.stderr).toContain("several shares for one client need Lustre 2.17");
      expect(ended.stderr).toContain("shares/a#cpu and shares/b#also-a");
      expect(ended.stderr).toContain("10.1.0.3@tcp");
      expect(JSON.stringify(site.state().nodemaps)).toBe(before);
      expect(Object.keys(site.records("rules"))).not.toContain("shares:b#also-a.json");
      return;
    }
    expect(ended.exitCode).toBe(0);
    expect(await site.mountAs("10.1.0.3@tcp", exportOf("/shares/a"))).toMatchObject({ exit: 0, root: "/shares/a" });
    expect(await site.mountAs("10.1.0.3@tcp", exportOf("/shares/b"))).toMatchObject({ exit: 0, root: "/shares/b" });
    expect((await site.mountAs("10.1.0.4@tcp", exportOf("/shares/b"))).exit).toBe(EACCES);
  });

  test("no invariant was broken by any command", () => {
    expect(site.violations()).toEqual([]);
  });
});

describe("levels, identities and revocation", () => {
  let site: TestSite;
  beforeAll(async () => {
    site = await startSite();
  }, timeout);
  afterAll(() => site.remove());
  beforeEach(async () => {
    await reset(site);
    await site.succeed(site.stack().share("a").apply);
  }, timeout);

  const a = exportOf("/shares/a");
  const asUser = (path: string, uid: number) => ["--write", `${path}:4K`, "--uid", String(uid), "--gid", String(uid)];

  test("level ro is enforced: neither a write nor a remount gets through", { timeout }, async () => {
    await site.succeed(site.stack().rule("a", "viz", { clients: "10.1.0.1", level: "ro" }).apply);
    const view = await site.mountAs("10.1.0.1@tcp", a, "--remount-rw", ...asUser("x", 1000));
    expect(view).toMatchObject({ exit: 0, access: "ro", remountExit: EROFS, write: { errno: EROFS } });
  });

  test("R-05: squash says who a client's users are, once its own kernel has let them through", { timeout }, async () => {
    const stack = site.stack();
    await site.succeed(stack.rule("a", "root", { clients: "10.1.0.1" }).apply);
    await site.succeed(stack.rule("a", "none", { clients: "10.1.0.2", squash: "none" }).apply);
    await site.succeed(stack.rule("a", "all", { clients: "10.1.0.3", squash: "all 1000:1000" }).apply);
    const errno = async (client: string, uid: number) =>
      (await site.mountAs(`${client}@tcp`, a, ...asUser(`f-${client}-${uid}`, uid))).write?.errno;
    expect({
      root: await errno("10.1.0.1", 0),
      user: await errno("10.1.0.1", 1000),
      other: await errno("10.1.0.1", 4242),
    }).toEqual({
      root: EACCES,
      user: 0,
      other: EACCES,
    });
    expect({ root: await errno("10.1.0.2", 0), user: await errno("10.1.0.2", 1000) }).toEqual({ root: 0, user: 0 });
    const all = async () => ({ root: await errno("10.1.0.3", 0), other: await errno("10.1.0.3", 4242) });
    expect(await all()).toEqual({ root: 0, other: EACCES });
    await site.succeed(stack.share("a", { mode: "0777" }).apply);
    expect(await all()).toEqual({ root: 0, other: 0 });
    const owner = (await site.admin("stat", "-c", "%u:%g", join(site.mount, "shares/a/f-10.1.0.3-4242"))).trim();
    expect(owner).toBe("1000:1000");
  });

  test("a tenant's root cannot escape the limit of its share", { timeout }, async () => {
    const stack = site.stack();
    await site.succeed(stack.share("small", { size: "16 MiB" }).apply);
    await site.succeed(stack.rule("small", "none", { clients: "10.1.0.2", squash: "none" }).apply);
    const view = await site.mountAs("10.1.0.2@tcp", exportOf("/shares/small"), "--write", "x:16M", "--uid", "0");
    expect(view.write?.errno).toBe(EDQUOT);
  });

  test("overlapping networks are split: the common client has both shares, the rest one, X-L05", { timeout }, async () => {
    const stack = site.stack();
    await site.succeed(stack.share("b").apply);
    await site.succeed(stack.rule("a", "net", { clients: "10.1.0.0/24" }).apply);
    await site.succeed(stack.rule("b", "one", { clients: "10.1.0.5" }).apply);
    for (const [client, onB] of [
      ["10.1.0.4", EACCES],
      ["10.1.0.5", 0],
      ["10.1.0.6", EACCES],
    ] as const) {
      expect((await site.mountAs(`${client}@tcp`, a)).exit).toBe(0);
      expect((await site.mountAs(`${client}@tcp`, exportOf("/shares/b"))).exit).toBe(onB);
    }
    const mixed = await site.run(stack.rule("a", "reader", { clients: "10.1.0.9", level: "ro" }).apply);
    expect(mixed.exitCode).toBe(4);
    expect(mixed.stderr).toContain(
      "shares/a#net and shares/a#reader: level rw and ro for one client on one share (10.1.0.9@tcp)",
    );
  });

  test("lazy revocation is said to be lazy: the client keeps its mount and cannot mount again", { timeout }, async () => {
    const rule = site.stack().rule("a", "cpu", { clients: "10.1.0.1" });
    await site.succeed(rule.apply);
    await site.mountAs("10.1.0.1@tcp", a, "--keep", "node1");
    expect(await site.succeed(rule.destroy)).toContain("keep it until they unmount (revocation: lazy)");
    expect(await mounts(site)).toEqual({ node1: "rw" });
    expect((await site.mountAs("10.1.0.1@tcp", a)).exit).toBe(EPERM);
  });

  test("cut revocation cuts mounted clients off, those of others not, and a new grant lets them in again", {
    timeout,
  }, async () => {
    const stack = site.stack({ revocation: "cut" });
    const rule = stack.rule("a", "cpu", { clients: "10.1.0.0/30" });
    await site.succeed(rule.apply);
    await site.succeed(stack.rule("a", "other", { clients: "10.1.0.8" }).apply);
    await site.mountAs("10.1.0.1@tcp", a, "--keep", "node1");
    await site.mountAs("10.1.0.8@tcp", a, "--keep", "node8");
    await site.succeed(rule.destroy);
    expect(await mounts(site)).toEqual({ node1: "cut off (banned)", node8: "rw" });
    await site.succeed(rule.apply);
    expect(await mounts(site)).toEqual({ node1: "rw", node8: "rw" });
    expect(await site.mountAs("10.1.0.1@tcp", a)).toMatchObject({ exit: 0, access: "rw" });
    expect(site.state().nodemaps.flatMap(({ banlist }) => banlist)).toEqual([]);
  });

  test("a level change tells that mounted clients keep their level, X-L11", { timeout }, async () => {
    const stack = site.stack();
    await site.succeed(stack.rule("a", "cpu", { clients: "10.1.0.1" }).apply);
    await site.mountAs("10.1.0.1@tcp", a, "--keep", "node1");
    const said = await site.succeed(stack.rule("a", "cpu", { clients: "10.1.0.1", level: "ro" }).apply);
    expect(said).toContain("clients that have /shares/a mounted for writing keep that until they mount it again");
    expect(await site.mountAs("10.1.0.1@tcp", a)).toMatchObject({ exit: 0, access: "ro" });
  });
});

async function mounts(site: TestSite): Promise<Record<string, string>> {
  const listed = JSON.parse((await site.sandbox("mounts", "--json")).stdout) as { id: string; now: string }[];
  return Object.fromEntries(listed.map(({ id, now }) => [id, now]));
}

describe("two stacks with one label", () => {
  let site: TestSite;
  beforeAll(async () => {
    site = await startSite();
  }, timeout);
  beforeEach(() => reset(site));
  afterAll(() => site.remove());
  const location = exportOf("/shares/a");
  const nid = "10.1.0.1@tcp";
  const client = { clients: "10.1.0.1" };
  const twins = () => [site.stack({ owner: "twin" }, "first"), site.stack({ owner: "twin" }, "second")] as const;

  test("S-09: a live rule is neither taken over nor revoked by the other, whatever it asks for", { timeout }, async () => {
    const [first, second] = twins();
    await site.succeed(first.share("a").apply);
    await site.succeed(first.rule("a", "cpu", client).apply);
    for (const properties of [client, { ...client, level: "ro" } as const]) {
      const refused = await site.run(second.rule("a", "cpu", properties).apply);
      expect([refused.exitCode, refused.stderr]).toEqual([4, expect.stringContaining("error MANAGED_ELSEWHERE")]);
    }
    expect(await site.succeed(second.rule("a", "cpu", client).destroy)).toContain("left alone");
    expect(await site.mountAs(nid, location)).toMatchObject({ exit: 0, access: "rw" });
  });

  test("S-09: a rule that contradicts the other's does not put that one aside", { timeout }, async () => {
    const [first, second] = twins();
    await site.succeed(first.share("a").apply);
    await site.succeed(first.rule("a", "cpu", client).apply);
    const own = second.rule("a", "mine", { ...client, level: "ro", keys: ["shares/a#mine"] });
    const refused = await site.run(own.apply);
    expect([refused.exitCode, refused.stderr]).toEqual([4, expect.stringContaining("error ACCESS_CONFLICT")]);
    expect(await site.mountAs(nid, location)).toMatchObject({ exit: 0, access: "rw" });
  });

  test("S-09: a share that one has kept does not become the other's, and lets nobody in; its own stack has it back", {
    timeout,
  }, async () => {
    const [first, second] = twins();
    await site.succeed(first.share("a").apply);
    writeFileSync(join(site.mount, "shares/a/data"), "of the first");
    await site.succeed(first.share("a").destroy);
    const refused = await site.run(second.share("a").apply);
    expect([refused.exitCode, refused.stderr]).toEqual([3, expect.stringContaining("error FOREIGN_DIRECTORY")]);
    expect((await site.run(second.rule("a", "cpu", client).apply)).stderr).toContain("error SHARE_NOT_READY");
    expect((await site.mountAs(nid, location)).exit).not.toBe(0);
    expect(await site.succeed(first.share("a", { claim: "anew" }).apply)).toContain('take it over from "twin", who kept it');
    expect(readFileSync(join(site.mount, "shares/a/data"), "utf8")).toBe("of the first");
  });

  test("S-10: a claim that was replaced without a hook is the stack's own all the same, for shares and rules, to the end", {
    timeout,
  }, async () => {
    const [first] = twins();
    const policy = { removal_policy: "destroy" } as const;
    await site.succeed(first.share("a", policy).apply);
    await site.succeed(first.rule("a", "cpu", client).apply);
    const tainted = [first.share("a", { ...policy, claim: "anew" }), first.rule("a", "cpu", { ...client, claim: "anew-rule" })];
    for (const { apply } of tainted) expect(await site.succeed(apply)).toContain("take it over from claim first shares/a");
    for (const { destroy } of tainted.reverse()) await site.succeed(destroy);
    expect(existsSync(join(site.mount, "shares/a"))).toBe(false);
  });

  test("U-04 S-10: a lost state is named as what may have happened, and leads by adopt to the end; data that stays is told", {
    timeout,
  }, async () => {
    const [before, lost] = twins();
    const policy = { removal_policy: "destroy" } as const;
    for (const { apply } of [before.share("a", policy), before.rule("a", "cpu", client)]) await site.succeed(apply);
    const wishes = [lost.share("a", policy), lost.rule("a", "cpu", client)];
    const asks = expect.stringMatching(/this stack before its state was lost[\s\S]*fix .*set adopt: true/);
    for (const { apply } of wishes) expect(await site.run(apply)).toMatchObject({ exitCode: 4, stderr: asks });
    expect(await site.succeed(lost.share("a", policy).destroy)).toContain("it stays until it is adopted");
    expect(existsSync(join(site.mount, "shares/a"))).toBe(true);
    const said: unknown[] = [];
    for (const { apply } of wishes.map(adopting)) said.push((await site.succeed(apply)).split("\n")[0]?.trim());
    expect(said).toEqual([
      'take it over from claim first shares/a of "twin"',
      'take it over from claim first shares/a#cpu of "twin"',
    ]);
    for (const { apply } of wishes) expect(await site.succeed(apply)).toContain("nothing to do");
    for (const { destroy } of wishes.reverse()) await site.succeed(destroy);
    expect(existsSync(join(site.mount, "shares/a"))).toBe(false);
  });
});

describe("what others have on the file system", () => {
  let site: TestSite;
  beforeAll(async () => {
    site = await startSite();
  }, timeout);
  afterAll(() => site.remove());
  beforeEach(() => reset(site), timeout);

  /** A batch system that an administrator set up by hand: ids from our range, one with a limit, one on a directory alone. */
  async function makeSlurm(): Promise<void> {
    const admin = async (line: string) => site.admin(...line.split(" "));
    mkdirSync(join(site.mount, "slurm/jobs"), { recursive: true });
    await admin(`lfs project -p 10000 -s ${site.mount}/slurm`);
    await admin(`lfs setquota -p 10000 -B 1048576k ${site.mount}`);
    mkdirSync(join(site.mount, "shares/old"), { recursive: true });
    await admin(`lfs project -p 10001 -s ${site.mount}/shares/old`);
    writeFileSync(join(site.mount, "shares/old/data"), "theirs");
    await admin("lctl nodemap_add slurm");
    await admin("lctl nodemap_modify --name slurm --property admin --value 1");
    await admin("lctl nodemap_fileset_add --name slurm --fileset /slurm");
    await admin("lctl nodemap_add_range --name slurm --range 10.9.0.[1-10]@tcp");
    await admin("lctl nodemap_add sw_handmade");
    await admin("lctl nodemap_add_range --name sw_handmade --range 10.9.1.[1-10]@tcp");
  }

  function slurm(): unknown {
    const { nodemaps, quotas } = site.state();
    return {
      nodemaps: nodemaps.filter(({ name }) => ["slurm", "sw_handmade", "default", "sw_trusted"].includes(name)),
      limit: quotas["10000"]?.blockHard,
      data: readFileSync(join(site.mount, "shares/old/data"), "utf8"),
    };
  }

  test("a tenant set up by hand is untouched by everything that shares do", { timeout }, async () => {
    await makeSlurm();
    const before = slurm();
    const stack = site.stack();
    const managed = stack.share("a", { removal_policy: "destroy" });
    await site.succeed(managed.apply);
    expect(site.records("shares")["shares:a.json"]?.["projectId"]).toBe(10002);
    await site.succeed(stack.rule("a", "cpu", { clients: "10.1.0.0/24" }).apply);
    for (const clients of ["10.9.0.0/28", "10.9.1.4", "10.0.0.0/24"]) {
      const refused = await site.run(stack.rule("a", "greedy", { clients }).apply);
      expect({ clients, exitCode: refused.exitCode }).toEqual({ clients, exitCode: 4 });
      expect(refused.stderr).toContain("error NID_TAKEN");
    }
    expect((await site.run(stack.share("old").apply)).stderr).toContain("error FOREIGN_DIRECTORY");
    expect((await site.run(stack.share("old").destroy)).stderr).toContain("nothing was touched");
    await site.succeed(stack.rule("a", "cpu", { clients: "10.1.0.0/25", level: "ro" }).apply);
    await site.succeed(stack.rule("a", "cpu", { clients: "-" }).destroy);
    await site.succeed(managed.destroy);
    expect(slurm()).toEqual(before);
  });

  test("data that a nodemap of others opens is not removed, whatever the policy", { timeout }, async () => {
    const stack = site.stack();
    const managed = stack.share("a", { removal_policy: "destroy" });
    await site.succeed(managed.apply);
    writeFileSync(join(site.mount, "shares/a/data"), "kept");
    await site.admin("lctl", "nodemap_add", "theirs");
    await site.admin("lctl", "nodemap_fileset_add", "--name", "theirs", "--fileset", "/shares/a");
    await site.admin("lctl", "nodemap_add_range", "--name", "theirs", "--range", "10.9.0.1@tcp");
    const refused = await site.run(managed.destroy);
    expect(refused.exitCode).toBe(3);
    expect(refused.stderr).toContain('nodemap "theirs" still opens /shares/a');
    expect(readFileSync(join(site.mount, "shares/a/data"), "utf8")).toBe("kept");
    await site.admin("lctl", "nodemap_del", "theirs");
    await site.succeed(managed.destroy);
    expect(site.state().quotas["10000"]?.blockHard ?? 0).toBe(0);
  });

  describe("records deleted by hand", () => {
    async function prepare() {
      const stack = site.stack();
      const managed = { a: stack.share("a", { removal_policy: "destroy" }), b: stack.share("b", { removal_policy: "destroy" }) };
      const rules = { a: stack.rule("a", "cpu", { clients: "10.1.0.1" }), b: stack.rule("b", "cpu", { clients: "10.1.0.2" }) };
      for (const { apply } of [managed.a, managed.b, rules.a, rules.b]) await site.succeed(apply);
      writeFileSync(join(site.mount, "shares/a/data"), "kept");
      return { stack, managed, rules };
    }
    const nodemaps = () => JSON.stringify(site.state().nodemaps);
    const limits = () => JSON.stringify(site.state().quotas);

    test("all of them: every hook refuses or leaves alone", { timeout }, async () => {
      const { stack, managed, rules } = await prepare();
      const [nodemapsBefore, limitsBefore] = [nodemaps(), limits()];
      rmSync(join(site.mount, ".sharewright"), { recursive: true });
      const outcomes = [];
      for (const hook of [
        managed.a.apply,
        managed.a.destroy,
        rules.a.apply,
        rules.a.destroy,
        stack.rule("b", "new", { clients: "10.1.0.2" }).apply,
      ])
        outcomes.push({ hook: hook.args.slice(1).join(" "), exitCode: (await site.run(hook)).exitCode });
      expect(outcomes).toEqual([
        { hook: "lustre.share apply shares/a", exitCode: 3 },
        { hook: "lustre.share destroy shares/a", exitCode: 3 },
        { hook: "lustre.access-rule apply shares/a#cpu", exitCode: 4 },
        { hook: "lustre.access-rule destroy shares/a#cpu", exitCode: 3 },
        { hook: "lustre.access-rule apply shares/b#new", exitCode: 4 },
      ]);
      expect([nodemaps(), limits()]).toEqual([nodemapsBefore, limitsBefore]);
      expect(readFileSync(join(site.mount, "shares/a/data"), "utf8")).toBe("kept");
    });

    test("those of the nodemaps: what they named is not ours any more, and stays", { timeout }, async () => {
      const { stack, rules } = await prepare();
      const before = nodemaps();
      for (const name of Object.keys(site.records("nodemaps"))) rmSync(join(site.mount, ".sharewright/nodemaps", name));
      expect((await site.run(rules.a.apply)).stderr).toContain("error NID_TAKEN");
      expect((await site.run(rules.b.destroy)).stderr).toContain("error STILL_OPEN");
      // Nobody knows to whom it is open.
      expect((await site.run(stack.rule("a", "new", { clients: "10.1.0.9" }).apply)).stderr).toContain("error ALREADY_OPEN");
      expect(nodemaps()).toBe(before);
    });

    test("that of one share: its clients keep their access while others' rules change, nothing is removed", {
      timeout,
    }, async () => {
      const { stack, managed } = await prepare();
      rmSync(join(site.mount, ".sharewright/shares/shares:a.json"));
      const limitsBefore = limits();
      const changed = await site.run(stack.rule("b", "new", { clients: "10.1.0.9" }).apply);
      const view = await site.mountAs("10.1.0.1@tcp", exportOf("/shares/a"));
      expect({ changed, view }).toMatchObject({ view: { exit: 0, root: "/shares/a" } });
      expect((await site.run(managed.a.destroy)).exitCode).toBe(3);
      expect(limits()).toBe(limitsBefore);
      expect(readFileSync(join(site.mount, "shares/a/data"), "utf8")).toBe("kept");
    });
  });
});
