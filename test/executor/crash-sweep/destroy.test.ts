import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RemovalPolicy } from "../../../src/spec/removal-policy";
import { startSite, type TestSite } from "../support";
import { killedExecutor } from "./killed-executor";
import { sweep } from "./sweep";

describe("crash sweep: destroy", { timeout: 1_800_000 }, () => {
  let site: TestSite;
  beforeAll(async () => {
    site = await startSite();
  });
  afterAll(() => site.remove());

  // The rule's own claim is still there, as when another stack has put it on the share: the share's removal has to close the access.
  test.each<RemovalPolicy>(["retain", "trash", "destroy"])(
    "by the policy %s, with data in it and a client let in, X-L14",
    async (policy) => {
      const swept = await sweep(site, killedExecutor(site), async () => {
        const stack = site.stack();
        const share = stack.share("a", { removal_policy: policy });
        await site.succeed(share.apply);
        await site.succeed(stack.rule("a", "cpu", { clients: "10.1.0.1" }).apply);
        mkdirSync(join(site.mount, "shares/a/deep/er"), { recursive: true });
        for (const name of ["one", "deep/two", "deep/er/three"]) writeFileSync(join(site.mount, "shares/a", name), name);
        return { hook: share.destroy };
      });
      console.log(`crash sweep: destroy, ${policy}: ${JSON.stringify(swept)}`);
      expect(swept.later).toBeGreaterThan(2);
    },
  );
});
