// The crash sweep within the test: at every storage that there is between two commands, and in the middle of commands that change something.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type SiteOptions, startSite, type TestSite } from "../support";
import { killedWithin } from "./killed-within";
import type { Scenarios } from "./scenarios";
import { sweep, wantsAll } from "./sweep";

export function sweepEach(title: string, scenarios: Scenarios, options: SiteOptions = {}): void {
  describe(title, () => {
    let site: TestSite;
    beforeAll(async () => {
      site = await startSite(options);
    });
    afterAll(() => site.remove());

    test.each(Object.entries(scenarios))("%s", { timeout: 900_000 }, async (name, prepare) => {
      const swept = await sweep(site, killedWithin(site), () => prepare(site));
      console.log(`${title}, ${name}: ${JSON.stringify(swept)}`);
      expect(swept.disturbed).toBe((wantsAll ? swept.boundaries : swept.recovered) + swept.later);
      expect(swept.later).toBeGreaterThan(2);
    });
  });
}
