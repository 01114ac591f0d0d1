// How many commands an operation runs where all hosts are one machine, without its locks: two for one on the file system,
// one for one in the run directory. More is a decision.
import { afterAll, beforeAll, expect, test } from "vitest";
import { applyRule } from "../../../src/backends/lustre/access/apply";
import { destroyRule } from "../../../src/backends/lustre/access/destroy";
import { applyShare } from "../../../src/backends/lustre/share/apply";
import { destroyShare } from "../../../src/backends/lustre/share/destroy";
import type { ShareSpec } from "../../../src/spec/lustre";
import { type SandboxSite, sandboxSite, shareSpec } from "./sandbox-site";

let world: SandboxSite;
const GiB = 1024n ** 3n;
const share = (name: string, more: Partial<ShareSpec> = {}) => ({
  key: `shares/${name}`,
  claim: name,
  stack: "s",
  spec: shareSpec(name, more),
});
const rule = (name: string, client: string) => ({
  key: `shares/${name}#r`,
  claim: "r",
  stack: "s",
  spec: {
    share: `shares/${name}`,
    fileset: `/shares/${name}`,
    clients: [client],
    level: "rw" as const,
    squash: { kind: "root" as const },
    advisoryReadOnly: false,
    adopt: false,
  },
});

beforeAll(async () => {
  world = sandboxSite();
  const { site } = world;
  await applyShare(site, share("first"));
  await applyRule(site, rule("first", "10.2.0.0/24"));
  await applyShare(site, share("a"));
  for (const removalPolicy of ["retain", "trash", "destroy"] as const)
    await applyShare(site, share(removalPolicy, { removalPolicy }));
});
afterAll(() => world.sandbox.remove());

const granted = rule("a", "10.1.0.0/24");
test.each<[string, number, (site: SandboxSite["site"]) => Promise<unknown>]>([
  ["a share without a change", 4, (site) => applyShare(site, share("a"))],
  ["to create a share", 25, (site) => applyShare(site, share("b"))],
  ["to grow", 9, (site) => applyShare(site, share("a", { size: 20n * GiB }))],
  ["to shrink", 14, (site) => applyShare(site, share("a"))],
  ["to grant", 26, (site) => applyRule(site, granted)],
  ["a rule without a change", 4, (site) => applyRule(site, granted)],
  ["to revoke", 17, (site) => destroyRule(site, granted.key, "r")],
  ["to remove by retain", 11, (site) => destroyShare(site, "shares/retain", "retain")],
  ["to remove by trash", 14, (site) => destroyShare(site, "shares/trash", "trash")],
  ["to remove by destroy", 20, (site) => destroyShare(site, "shares/destroy", "destroy")],
])("%s: %i", async (_, commands, work) => {
  world.commands.length = 0;
  // As a hook: what a run asks once is asked.
  await work(world.stack({}));
  expect(world.commands.length, world.commands.join("\n")).toBe(commands);
});
