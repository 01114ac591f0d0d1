import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type GlusterSite, startGlusterSite } from "../site";
import { put } from "../storage";
import { type Scenario, sweep } from "./sweep";

describe("crash sweep on GlusterFS: access, snapshots and clones", { timeout: 900_000 }, () => {
  let site: GlusterSite;
  beforeAll(async () => {
    site = await startGlusterSite();
  });
  afterAll(() => site.remove());

  const keeps = ["pool-1-1G"];
  const provisioning = "clone a@monday";

  async function prepared() {
    const stack = site.stack();
    await site.succeed(stack.share("a").apply);
    await site.succeed(stack.rule("a", "cpu", { common_name: "tenant" }).apply);
    put(site, "pool-1-1G", "data");
    await site.mountAs("tenant", "gluster1-1:/pool-1-1G", "--keep", "client");
    return stack;
  }

  async function withSnapshot() {
    const stack = await prepared();
    await site.succeed(stack.snapshot("a", "monday").apply);
    return stack;
  }

  const cases: Record<string, () => Promise<Scenario>> = {
    "a name is let in": async () => ({ hook: (await prepared()).rule("a", "gpu", { common_name: "other" }).apply, keeps }),
    "a name is shut out": async () => ({ hook: (await prepared()).rule("a", "cpu", { common_name: "tenant" }).destroy, keeps }),
    "a snapshot is made": async () => ({ hook: (await prepared()).snapshot("a", "monday").apply, keeps }),
    "a snapshot that is then removed from the code leaves nothing": async () => {
      const snapshot = (await prepared()).snapshot("a", "monday");
      return { hook: snapshot.apply, next: snapshot.destroy, keeps };
    },
    "a snapshot is deleted": async () => ({ hook: (await withSnapshot()).snapshot("a", "monday").destroy, keeps }),
    "a clone is made [X-G06]": async () => ({ hook: (await withSnapshot()).share("b", { provisioning }).apply, keeps }),
    "a clone that is then removed from the code leaves nothing": async () => {
      const share = (await withSnapshot()).share("b", { provisioning });
      return { hook: share.apply, next: share.destroy, keeps };
    },
    "a clone is removed": async () => {
      const share = (await withSnapshot()).share("b", { provisioning });
      await site.succeed(share.apply);
      return { hook: share.destroy, keeps };
    },
  };

  test.each(Object.entries(cases))("%s", async (name, prepare) => {
    const swept = await sweep(site, prepare);
    console.log(`crash sweep on GlusterFS: ${name}: ${JSON.stringify(swept)}`);
    expect(swept.recovered).toBeGreaterThan(0);
  });
});
