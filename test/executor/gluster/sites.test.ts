// Clusters of two sites with shares of one name: what a hook, or a command, of one does where its servers lead to the other one's cluster.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { inspectCluster } from "../../../src/backends/gluster/inspect";
import { previewRemoval } from "../../../src/backends/gluster/preview";
import { releaseShare } from "../../../src/backends/gluster/share/release";
import { purgeTrash, restoreFromTrash } from "../../../src/backends/gluster/share/trash";
import type { ClusterAccess } from "../../../src/backends/gluster/site";
import { adopting } from "../support";
import { expectRefusal } from "./expect";
import { markOf } from "./mishaps";
import { type GlusterSite, startGlusterSite } from "./site";
import type { GlusterStack } from "./stack";

let site: GlusterSite;
beforeAll(async () => {
  site = await startGlusterSite({ clusters: 2 });
});
afterAll(() => site.remove());
beforeEach(() => site.reset());

const tenant = { common_name: "tenant" };
/** The shares of a site, by what their claims begin with: one in use, one in the trash. */
const shareOf = (stack: GlusterStack, claim: string) => stack.share("genomics", { claim: `${claim}-genomics` });
const ruleOf = (stack: GlusterStack, claim: string, name = "cpu") =>
  stack.rule("genomics", name, { ...tenant, claim: `${claim}-${name}` });
const snapshotOf = (stack: GlusterStack, claim: string) => stack.snapshot("genomics", "monday", { claim: `${claim}-monday` });
const oldOf = (stack: GlusterStack, claim: string) => stack.share("old", { claim: `${claim}-old`, removal_policy: "trash" });

async function fill(stack: GlusterStack, claim: string): Promise<void> {
  for (const { apply } of [shareOf(stack, claim), ruleOf(stack, claim), snapshotOf(stack, claim)]) await site.succeed(apply);
  const old = oldOf(stack, claim);
  await site.succeed(old.apply);
  await site.succeed(old.destroy);
}

/** A site, to whose cluster its servers lead, and what its claims begin with. */
const mistakes = [
  [2, 1, "stg"],
  [1, 2, "prod"],
] as const;

describe.each([
  ["in one stack", "a site that is added", undefined, ["s", "s"]],
  ["in two stacks", "a site that is added", undefined, ["s", "t"]],
  ["in one stack", "sites that both have a word", "prod", ["s", "s"]],
] as const)("%s, %s", (_, __, word, ids) => {
  const words = [word, "staging"];
  /** The stack of a site, with the servers of a cluster. */
  const stackOf = (of: 1 | 2, at: number = of) => {
    const site_ = words[of - 1];
    return site.stack({ clusters: [at], id: ids[of - 1] ?? "", spec: site_ === undefined ? {} : { site: site_ } });
  };
  beforeEach(async () => {
    await fill(stackOf(1), "prod");
    await fill(stackOf(2), "stg");
  });

  test.each(mistakes)("hooks of site %i whose servers lead to cluster %i do nothing there", async (of, at, claim) => {
    const lost = stackOf(of, at);
    const before = site.state();
    const [share, rule, snapshot] = [shareOf(lost, claim), ruleOf(lost, claim), snapshotOf(lost, claim)];
    const hooks = [
      share.apply,
      lost.share("genomics", { claim: `${claim}-genomics`, size: "512 MiB" }).apply,
      adopting(share).apply,
      share.destroy,
      lost.share("new").apply,
      lost.share("new").destroy,
      rule.apply,
      adopting(rule).apply,
      rule.destroy,
      ruleOf(lost, claim, "more").apply,
      snapshot.apply,
      adopting(snapshot).apply,
      snapshot.destroy,
      oldOf(lost, claim).apply,
    ];
    for (const hook of hooks) {
      expectRefusal(await site.run(hook), 3, "OTHER_SITE");
      expect(site.state(), hook.args.join(" ")).toEqual(before);
    }
  });

  test.each(mistakes)("nor do commands of site %i at cluster %i, which tell why", async (of, at, claim) => {
    const lost = stackOf(of, at);
    const before = site.state();
    const works: ((accesses: ClusterAccess[]) => Promise<unknown>)[] = [
      (accesses) => releaseShare(accesses, "genomics", new Set(["prod-genomics", "stg-genomics"])),
      (accesses) => purgeTrash(accesses, "old", undefined),
      (accesses) => restoreFromTrash(accesses, "old"),
      (accesses) => previewRemoval(accesses, "gluster.share", "genomics", `${claim}-genomics`),
    ];
    for (const work of works) await expect(site.operate(lost, work)).rejects.toMatchObject({ code: "OTHER_SITE", exit: 3 });
    const [inspected] = await site.operate(lost, (accesses) => Promise.all(accesses.map(inspectCluster)));
    expect(inspected?.shares).toEqual([]);
    expect(inspected?.broken.map(({ problem }) => problem)).toEqual([
      expect.stringContaining("is the share genomics of"),
      expect.stringContaining("is the share old of"),
    ]);
    expect(site.state()).toEqual(before);
  });

  test("each goes on with its own, and its record says so", async () => {
    for (const [of, claim] of [
      [1, "prod"],
      [2, "stg"],
    ] as const) {
      const stack = stackOf(of);
      expect(markOf(site, "pool-1-1G", of)["site"]).toBe(words[of - 1]);
      expect(await site.succeed(shareOf(stack, claim).apply)).toContain("nothing to do");
      await site.succeed(ruleOf(stack, claim, "more").apply);
      const objects = [ruleOf(stack, claim, "more"), ruleOf(stack, claim), snapshotOf(stack, claim), shareOf(stack, claim)];
      for (const { destroy } of objects) await site.succeed(destroy);
      expect(markOf(site, "pool-1-1G", of)).toEqual({});
    }
  });
});

test("a share whose cluster gets a word later gets it by hand, as the error says", async () => {
  await site.succeed(site.stack().share("a").apply);
  const named = site.stack({ spec: { site: "prod" } });
  const refused = await site.run(named.share("a").apply);
  expectRefusal(refused, 3, "OTHER_SITE");
  const text = /user\.sharewright\.share '?([^'\s]+)'?/.exec(refused.stderr.slice(refused.stderr.indexOf("volume set")))?.[1];
  expect(text).toContain("site=prod");
  await site.gluster(`volume set pool-1-1G user.sharewright.share ${text}`);
  expect(await site.succeed(named.share("a").apply)).toContain("nothing to do");
});

test("a share of another site beside others stops nobody else", async () => {
  await site.succeed(site.stack().share("a").apply);
  await site.succeed(site.stack().share("b").apply);
  const text = new URLSearchParams({ ...markOf(site, "pool-1-1G"), site: "staging" }).toString();
  await site.gluster(`volume set pool-1-1G user.sharewright.share ${text}`);
  for (const object of [site.stack().share("b"), site.stack().rule("b", "cpu", tenant), site.stack().share("c")])
    await site.succeed(object.apply);
  expectRefusal(await site.run(site.stack().rule("a", "cpu", tenant).apply), 3, "OTHER_SITE");
});
