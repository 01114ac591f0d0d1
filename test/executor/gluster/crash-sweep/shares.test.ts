import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GlusterSite, startGlusterSite } from "../site";
import { replicated } from "../stack";
import { put } from "../storage";
import { type Scenario, sweep } from "./sweep";

describe("crash sweep on GlusterFS: shares", { timeout: 900_000 }, () => {
  let site: GlusterSite;
  beforeAll(async () => {
    site = await startGlusterSite();
  });
  afterAll(() => site.remove());

  /** A share that is ready, with data and a client that stays. */
  async function prepared(properties = {}) {
    const stack = site.stack();
    const share = stack.share("a", properties);
    await site.succeed(share.apply);
    await site.succeed(stack.rule("a", "cpu", { common_name: "tenant" }).apply);
    const volume = properties && "provisioning" in properties ? "a" : "pool-1-1G";
    put(site, volume, "data");
    await site.mountAs("tenant", `gluster1-1:/${volume}`, "--keep", "client");
    return { stack, share };
  }

  const cases: Record<string, () => Promise<Scenario>> = {
    "a volume of the pool is taken [X-G08]": async () => {
      put(site, "pool-1-1G", "data"); // somebody's, so that another one is tried
      return { hook: site.stack().share("a", { volume_options: "performance.cache-size=64MB" }).apply, keeps: ["pool-1-1G"] };
    },
    "a share of the pool that is then removed from the code leaves nothing": async () => {
      const share = site.stack().share("a");
      return { hook: share.apply, next: share.destroy };
    },
    "a volume is made": async () => ({ hook: site.stack().share("a", { provisioning: replicated }).apply }),
    "a volume that is made, and then removed from the code, leaves nothing": async () => {
      const share = site.stack().share("a", { provisioning: replicated });
      return { hook: share.apply, next: share.destroy };
    },
    "size and options are changed": async () => {
      const { stack } = await prepared({ volume_options: "performance.cache-size=64MB" });
      return {
        hook: stack.share("a", { size: "500 MiB", volume_options: "performance.io-thread-count=8" }).apply,
        keeps: ["pool-1-1G"],
      };
    },
    "it is removed by retain": async () => ({
      hook: (await prepared({ removal_policy: "retain" })).share.destroy,
      keeps: ["pool-1-1G"],
    }),
    "it is removed by trash": async () => ({
      hook: (await prepared({ removal_policy: "trash" })).share.destroy,
      keeps: ["pool-1-1G"],
    }),
    "it is removed by destroy": async () => ({ hook: (await prepared()).share.destroy }),
    "a volume that was made is removed by destroy": async () => ({
      hook: (await prepared({ provisioning: replicated })).share.destroy,
    }),
  };

  test.each(Object.entries(cases))("%s", async (name, prepare) => {
    const swept = await sweep(site, prepare);
    console.log(`crash sweep on GlusterFS: ${name}: ${JSON.stringify(swept)}`);
    expect(swept.later).toBeGreaterThan(0);
  });
});
