import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startSite, type TestSite } from "../support";
import { killedExecutor } from "./killed-executor";
import { type Scenario, sweep } from "./sweep";

describe("crash sweep: update", { timeout: 1_200_000 }, () => {
  let site: TestSite;
  beforeAll(async () => {
    site = await startSite();
  });
  afterAll(() => site.remove());

  const change = (to: Parameters<ReturnType<TestSite["stack"]>["share"]>[1]) => async (): Promise<Scenario> => {
    const stack = site.stack();
    await site.succeed(stack.share("a", { size: "1 GiB", layout: "-c 2" }).apply);
    await site.succeed(stack.rule("a", "cpu", { clients: "10.1.0.1" }).apply);
    return { hook: stack.share("a", { size: "1 GiB", layout: "-c 2", ...to }).apply };
  };

  const cases: Record<string, () => Promise<Scenario>> = {
    "shrink, X-L17": change({ size: "512 MiB" }),
    "grow, owner, mode and layout": change({
      size: "2 GiB",
      inodes: "5000",
      owner: "2000:2000",
      mode: "0750",
      layout: "-E 64M -c 1 -E -1 -c 4",
    }),
  };

  const retained = async (): Promise<Scenario> => {
    const stack = site.stack();
    const share = stack.share("a");
    await site.succeed(share.apply);
    await site.succeed(stack.rule("a", "cpu", { clients: "10.1.0.1" }).apply);
    await site.succeed(share.destroy);
    return { hook: share.apply };
  };
  cases["taking up again what was retained, with the access that its rules still give"] = retained;

  test.each(Object.entries(cases))("%s", async (name, prepare) => {
    const swept = await sweep(site, killedExecutor(site), prepare);
    console.log(`crash sweep: update, ${name}: ${JSON.stringify(swept)}`);
    expect(swept.later).toBeGreaterThan(1);
  });
});
