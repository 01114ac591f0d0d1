import { expect, test } from "vitest";
import { hostOf } from "../../../src/backends/lustre/site";
import { planningSite } from "./site";

test("steps run on the host of their role", () => {
  const site = planningSite();
  const of = hostOf(site);
  expect([of("client"), of("mds"), of("mgs")]).toEqual([site.client, site.mds, site.mgs]);
});
