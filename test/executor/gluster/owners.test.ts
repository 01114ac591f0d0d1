// Whose a share is once another stack has taken it over, and names of servers that were added after it was made.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { inspectCluster } from "../../../src/backends/gluster/inspect";
import { previewRemoval } from "../../../src/backends/gluster/preview";
import { previewShare } from "../../../src/backends/gluster/share/apply";
import { releaseShare } from "../../../src/backends/gluster/share/release";
import { readGlusterShare } from "../../../src/fronts/gluster/request";
import { env } from "../../../src/spec/request";
import { adopting, type Managed } from "../support";
import { recorded } from "./commands";
import { infrastructure } from "./expect";
import { cutOffAt, markOf } from "./mishaps";
import { type GlusterSite, startGlusterSite } from "./site";

let site: GlusterSite;
beforeAll(async () => {
  site = await startGlusterSite();
});
afterAll(() => site.remove());
beforeEach(() => site.reset());

const tenant = { common_name: "tenant" };

const previewed = (share: Managed) => ({
  key: share.key,
  stack: share.apply.environment[env.stack],
  ...readGlusterShare(share.apply.environment[env.spec] ?? "", share.key),
});

describe("a share that another stack has adopted", () => {
  async function prepare() {
    const [old, next] = [site.stack(), site.stack({ owner: "next" })];
    await site.succeed(old.share("a").apply);
    await site.succeed(next.share("a", { adopt: "true" }).apply);
    return { old, next };
  }

  test("is not let go of by the one that had it, whatever that saw before", async () => {
    const { old, next } = await prepare();
    const before = site.state();
    const release = (stack: typeof old, claim: string) =>
      site.operate(stack, (accesses) => releaseShare(accesses, "a", new Set([claim])));
    await expect(release(old, "stack-a")).rejects.toMatchObject({ code: "MANAGED_ELSEWHERE" });
    expect(site.state()).toEqual(before);
    await release(next, "next-a");
    expect(markOf(site, "pool-1-1G")).toMatchObject({ state: "retained" });
    expect(markOf(site, "pool-1-1G")).not.toHaveProperty("claim");
  });

  test("is refused to the one that had it by a plan as by an apply", async () => {
    const { old } = await prepare();
    const share = old.share("a");
    const plan = site.operate(old, (accesses) => previewShare(accesses, previewed(share)));
    await expect(plan).rejects.toMatchObject({ code: "MANAGED_ELSEWHERE" });
    expect((await site.run(share.apply)).stderr).toContain("error MANAGED_ELSEWHERE");
  });

  test("is that stack's by name too, which has glusterd serve what it tells when a rule goes that is not on record", async () => {
    const { next } = await prepare();
    const mark = markOf(site, "pool-1-1G");
    expect(mark).toMatchObject({ owner: "next", claim: "next-a" });
    const { around, changing } = recorded();
    expect(await site.run(next.rule("a", "cpu", tenant).destroy, { around })).toMatchObject({ exitCode: 0, stderr: "" });
    expect(changing()).toEqual(["gluster volume set pool-1-1G user.sharewright.share"]);
    expect(markOf(site, "pool-1-1G")).toEqual(mark);
  });
});

describe("two stacks with one label", () => {
  const twins = () => [site.stack({ owner: "twin", id: "first" }), site.stack({ owner: "twin", id: "second" })] as const;

  test("S-09: rules and snapshots of one are neither taken over nor removed by the other", async () => {
    const [first, second] = twins();
    for (const { apply } of [first.share("a"), first.rule("a", "cpu", tenant), first.snapshot("a", "monday")])
      await site.succeed(apply);
    const before = site.state();
    for (const { apply, destroy } of [second.rule("a", "cpu", tenant), second.snapshot("a", "monday"), second.share("a")]) {
      const refused = await site.run(apply);
      expect([refused.exitCode, refused.stderr]).toEqual([4, expect.stringContaining("error MANAGED_ELSEWHERE")]);
      expect(await site.succeed(destroy)).toContain("it stays until it is adopted");
    }
    expect(site.state()).toEqual(before);
  });

  test("S-10: claims that were replaced without a hook are the stack's own all the same, to the end", async () => {
    const [first] = twins();
    for (const { apply } of [first.share("a"), first.rule("a", "cpu", tenant), first.snapshot("a", "monday")])
      await site.succeed(apply);
    const tainted = [
      first.share("a", { claim: "anew" }),
      first.rule("a", "cpu", { ...tenant, claim: "anew-rule" }),
      first.snapshot("a", "monday", { claim: "anew-snapshot" }),
    ];
    for (const { apply } of tainted) await site.succeed(apply);
    for (const { destroy } of tainted.reverse()) expect(await site.succeed(destroy)).not.toContain("left alone");
    expect(markOf(site, "pool-1-1G")).toEqual({});
  });

  test("U-04 S-10: what a lost state left asks whether it was lost, and is had again by adopt: the share, its rules and its snapshots", async () => {
    const [before, lost] = twins();
    for (const { apply } of [before.share("a"), before.rule("a", "cpu", tenant), before.snapshot("a", "monday")])
      await site.succeed(apply);
    const wishes = [lost.share("a"), lost.rule("a", "cpu", tenant), lost.snapshot("a", "monday")];
    const asks = expect.stringMatching(/this stack before its state was lost[\s\S]*fix .*set adopt: true/);
    for (const { apply } of wishes) expect(await site.run(apply)).toMatchObject({ exitCode: 4, stderr: asks });
    const said: unknown[] = [];
    for (const { apply } of wishes.map(adopting)) said.push((await site.succeed(apply)).split("\n")[0]?.trim());
    expect(said).toEqual([
      'take pool-1-1G over from claim first-a of "twin"',
      'let tenant into volume pool-1-1G, by a rule taken over from claim first-a-cpu of "twin"',
      'take snapshot monday over from claim first-a-monday of "twin"',
    ]);
    for (const { apply } of wishes) expect(await site.succeed(apply)).toContain("nothing to do");
    for (const { destroy } of wishes.reverse()) expect(await site.succeed(destroy)).not.toContain("left alone");
    expect(markOf(site, "pool-1-1G")).toEqual({});
  });
});

describe.each(["retain", "trash", "destroy"] as const)("U-10 a protected share that goes by %s", (removal_policy) => {
  const protectedOne = { removal_policy, deletion_protection: "true" } as const;

  test("is not removed, nor is anybody shut out; once that is lifted, it goes", async () => {
    const stack = site.stack();
    const share = stack.share("a", protectedOne);
    for (const { apply } of [share, stack.rule("a", "cpu", tenant)]) await site.succeed(apply);
    const before = site.state();
    const { exitCode, stderr } = await site.run(share.destroy);
    expect([exitCode, stderr]).toEqual([3, expect.stringMatching(/error DELETION_PROTECTED[\s\S]*deletionProtection: false/)]);
    const shown = site.operate(stack, (accesses) => previewRemoval(accesses, "gluster.share", "a", "stack-a"));
    await expect(shown).rejects.toMatchObject({ code: "DELETION_PROTECTED" });
    const released = site.operate(stack, (accesses) => releaseShare(accesses, "a", new Set(["stack-a"])));
    await expect(released).rejects.toMatchObject({ code: "DELETION_PROTECTED" });
    expect(site.state()).toEqual(before);
    const lifted = await site.succeed(stack.share("a", { removal_policy }).apply);
    expect(lifted).toContain("let it be removed again: deletion protection is lifted\n");
    await site.succeed(share.destroy);
    expect(markOf(site, "pool-1-1G")["state"]).toBe({ retain: "retained", trash: "trash", destroy: undefined }[removal_policy]);
  });

  test("is left alone by a claim that it is no longer of, and keeps no other from going", async () => {
    const [old, next] = [site.stack(), site.stack({ owner: "next" })];
    await site.succeed(old.share("a", protectedOne).apply);
    await site.succeed(adopting(next.share("a", protectedOne)).apply);
    expect(await site.succeed(old.share("a").destroy)).toContain("left alone");
    for (const hook of ["apply", "destroy"] as const) await site.succeed(old.share("b")[hook]);
    expect((await site.run(next.share("a").destroy)).stderr).toContain("error DELETION_PROTECTED");
  });

  test("and was never in use leaves nothing behind", async () => {
    const share = site.stack().share("a", protectedOne);
    await site.run(share.apply, { around: cutOffAt((text) => text.includes("limit-usage")) });
    expect(markOf(site, "pool-1-1G")).toMatchObject({ key: "a", protected: "true" });
    await site.succeed(share.destroy);
    expect(markOf(site, "pool-1-1G")).toEqual({});
  });
});

test("U-10 protection that comes to a share, and a policy that changes, are told", async () => {
  const stack = site.stack();
  await site.succeed(stack.share("a").apply);
  const said = await site.succeed(stack.share("a", { removal_policy: "trash", deletion_protection: "true" }).apply);
  expect(said).toContain("when it is removed: trash, no longer destroy; protect it from being removed\n");
});

describe("a server that was added after the share was made, and let in by hand", () => {
  const added = "glusterfs-server-4";
  const allowed = () => site.options("pool-1-1G")["auth.ssl-allow"]?.split(",").sort();
  const servers = [...infrastructure.split(","), added].sort();

  async function prepare() {
    const stack = site.stack();
    await site.succeed(stack.share("a").apply);
    await site.gluster(`volume set pool-1-1G auth.ssl-allow ${infrastructure},${added}`);
    return { stack, share: stack.share("a"), rule: stack.rule("a", "cpu", tenant) };
  }

  test("stays let in when the share is applied, and when rules come and go", async () => {
    const { share, rule } = await prepare();
    expect(await site.succeed(share.apply)).not.toContain("shut");
    expect(allowed()).toEqual(servers);
    expect(await site.succeed(rule.apply)).not.toContain(added);
    expect(allowed()).toEqual([...servers, "tenant"]);
    await site.succeed(share.apply);
    expect(allowed()).toEqual([...servers, "tenant"]);
    await site.succeed(rule.destroy);
    expect(allowed()).toEqual(servers);
    expect(await site.mountAs(added, "gluster1-1:/pool-1-1G")).toMatchObject({ exit: 0 });
  });

  test("is nothing that a plan or a list would tell of", async () => {
    const { stack, share } = await prepare();
    const [steps, [inspection]] = await site.operate(stack, async (accesses) => [
      await previewShare(accesses, previewed(share)),
      await Promise.all(accesses.map(inspectCluster)),
    ]);
    expect(steps).toEqual([]);
    expect(inspection?.shares.map(({ notes }) => notes)).toEqual([[]]);
    expect(await site.succeed(share.apply)).toContain("nothing to do");
  });

  test("is no stranger beside one who is: only that one is shut out", async () => {
    const { share } = await prepare();
    await site.gluster(`volume set pool-1-1G auth.ssl-allow ${infrastructure},${added},mallory`);
    const said = await site.succeed(share.apply);
    expect(said).toContain("shuts out mallory");
    expect(said).not.toContain(added);
    expect(allowed()).toEqual(servers);
  });

  test.each(["destroy", "retain"] as const)("stays let in when the share is removed by %s", async (policy) => {
    const { stack } = await prepare();
    const share = stack.share("a", { removal_policy: policy });
    await site.succeed(share.apply);
    await site.succeed(share.destroy);
    expect(site.volume("pool-1-1G").status).toBe("Started");
    expect(allowed()).toEqual(servers);
  });

  test("stays let in when the share is removed without having been applied since", async () => {
    const { share } = await prepare();
    await site.succeed(share.destroy);
    expect(markOf(site, "pool-1-1G")).toEqual({});
    expect(allowed()).toEqual(servers);
  });
});
