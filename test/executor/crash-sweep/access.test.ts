import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startSite, type TestSite } from "../support";
import { killedExecutor } from "./killed-executor";
import { type Scenario, sweep } from "./sweep";

describe("crash sweep: access change", { timeout: 1_800_000 }, () => {
  let site: TestSite;
  beforeAll(async () => {
    site = await startSite();
  });
  afterAll(() => site.remove());

  async function prepared(revocation: "lazy" | "cut" = "lazy") {
    const stack = site.stack({ revocation });
    await site.succeed(stack.share("a").apply);
    await site.succeed(stack.share("b").apply);
    return stack;
  }

  const cases: Record<string, () => Promise<Scenario>> = {
    "the first grant": async () => ({ hook: (await prepared()).rule("a", "cpu", { clients: "10.1.0.0/24" }).apply }),
    "a grant that splits another's clients": async () => {
      const stack = await prepared();
      await site.succeed(stack.rule("a", "cpu", { clients: "10.1.0.0/24" }).apply);
      return { hook: stack.rule("b", "one", { clients: "10.1.0.5, 10.1.1.0/28" }).apply };
    },
    "level, squash and clients at once": async () => {
      const stack = await prepared();
      await site.succeed(stack.rule("a", "cpu", { clients: "10.1.0.0/28" }).apply);
      return { hook: stack.rule("a", "cpu", { clients: "10.1.0.8/29", level: "ro", squash: "all 1000:1000" }).apply };
    },
    "a grant that is then removed from the code leaves nothing": async () => {
      const rule = (await prepared()).rule("a", "cpu", { clients: "10.1.0.0/24" });
      return { hook: rule.apply, next: rule.destroy };
    },
    "revoke, clients cut off": async () => {
      const stack = await prepared("cut");
      await site.succeed(stack.rule("a", "cpu", { clients: "10.1.0.0/28" }).apply);
      const rule = stack.rule("b", "one", { clients: "10.1.0.5, 10.1.1.1" });
      await site.succeed(rule.apply);
      return { hook: rule.destroy };
    },
  };

  test.each(Object.entries(cases))("%s", async (name, prepare) => {
    const swept = await sweep(site, killedExecutor(site), prepare);
    console.log(`crash sweep: access, ${name}: ${JSON.stringify(swept)}`);
    expect(swept.later).toBeGreaterThan(2);
  });
});

describe("crash sweep: access change on Lustre 2.16", { timeout: 900_000 }, () => {
  let site: TestSite;
  beforeAll(async () => {
    site = await startSite({ version: "2.16" });
  });
  afterAll(() => site.remove());

  test("the first grant, its fileset made persistent", async () => {
    const swept = await sweep(site, killedExecutor(site), async () => {
      const stack = site.stack();
      await site.succeed(stack.share("a").apply);
      return { hook: stack.rule("a", "cpu", { clients: "10.1.0.1" }).apply };
    });
    console.log(`crash sweep: access, the first grant on 2.16: ${JSON.stringify(swept)}`);
  });
});
