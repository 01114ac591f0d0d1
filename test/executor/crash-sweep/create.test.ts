import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startSite, type TestSite } from "../support";
import { killedExecutor } from "./killed-executor";
import { type Scenario, sweep } from "./sweep";

describe("crash sweep: create", { timeout: 1_200_000 }, () => {
  let site: TestSite;
  beforeAll(async () => {
    site = await startSite();
  });
  afterAll(() => site.remove());

  const cases: Record<string, () => Promise<Scenario>> = {
    "the first share of a file system, X-L13": async () => ({
      hook: site.stack().share("a", { inodes: "100000", layout: "-c 4", description: "first" }).apply,
    }),
    "a share that is then removed from the code leaves nothing": async () => {
      const stack = site.stack();
      await site.succeed(stack.share("neighbour").apply);
      const share = stack.share("a", { removal_policy: "destroy" });
      return { hook: share.apply, next: share.destroy };
    },
    "adopting a directory that is there": async () => {
      await site.succeed(site.stack().share("neighbour").apply);
      mkdirSync(join(site.mount, "shares/a"));
      await site.admin("lfs", "project", "-p", "20000", "-s", join(site.mount, "shares/a"));
      await site.admin("lfs", "setquota", "-p", "20000", "-B", "1048576k", site.mount);
      return { hook: site.stack().share("a", { adopt: "true" }).apply };
    },
  };

  test.each(Object.entries(cases))("%s", async (name, prepare) => {
    const swept = await sweep(site, killedExecutor(site), prepare);
    console.log(`crash sweep: create, ${name}: ${JSON.stringify(swept)}`);
    expect(swept.later).toBeGreaterThan(2);
  });
});
