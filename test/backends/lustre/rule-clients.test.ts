import { expect, test } from "vitest";
import { intervalsOf, readAddresses } from "../../../src/backends/lustre/access/clients";
import type { AccessRuleSpec } from "../../../src/spec/lustre";
import { refusal } from "../../core/refusal";
import { planningSite } from "./site";

const spec: AccessRuleSpec = {
  share: "shares/a",
  fileset: "/shares/a",
  clients: ["10.1.0.1", "10.1.0.256"],
  level: "rw",
  squash: { kind: "root" },
  advisoryReadOnly: false,
  adopt: false,
};

test("an address that is none is refused with the rule that it is in, and one of the file system with its property", async () => {
  const ofRule = await refusal((async () => intervalsOf(spec, planningSite(), "shares/a#cpu"))());
  expect([ofRule.code, ofRule.object, ofRule.summary]).toEqual([
    "BAD_REQUEST",
    "shares/a#cpu",
    expect.stringMatching(/^clients: /),
  ]);
  const ofSite = await refusal((async () => readAddresses("trustedClients", spec.clients, "tcp"))());
  expect([ofSite.object, ofSite.summary]).toEqual([undefined, expect.stringMatching(/^trustedClients: /)]);
});
