// What a plan says of rules that squash everybody.
import { afterEach, expect, test } from "vitest";
import { readInventory } from "../../src/backends/lustre/inspect";
import { applyShare } from "../../src/backends/lustre/share/apply";
import { surveyAccess } from "../../src/fronts/lustre/survey-access";
import type { StackObject } from "../../src/fronts/stack";
import { type SandboxSite, sandboxSite } from "../backends/lustre/sandbox-site";

let world: SandboxSite;
afterEach(() => world.sandbox.remove());

test("R-05: a plan says whom the clients' own kernel lets in, of rules that are to come", async () => {
  world = sandboxSite();
  const { site } = world;
  const spec = {
    fileset: "/shares/a",
    size: 1024n ** 3n,
    owner: { uid: 6000, gid: 6000 },
    mode: 0o770,
    removalPolicy: "retain",
    adopt: false,
  } as const;
  await applyShare(site, { key: "shares/a", claim: "a", spec });
  const rule = (name: string, squash: string, address: string) =>
    ({
      kind: "lustre.access-rule",
      key: `shares/a#${name}`,
      triggers: { share: "shares/a", fileset: "/shares/a", clients: address, level: "rw", squash },
      unknown: [],
      among: ["shares/a#cpu", "shares/a#viz"],
      changed: [],
      isNew: true,
    }) as unknown as StackObject;
  const objects = [rule("cpu", "all 6000:6000", "10.1.0.1"), rule("viz", "root", "10.1.0.2")];
  const { notes } = await surveyAccess({
    site,
    inventory: await readInventory(site),
    objects,
    leaving: [],
    shares: [],
  });
  expect(notes).toEqual([
    expect.stringMatching(
      /^shares\/a#cpu: users of its clients act as 6000:6000 .* by mode 0770 that is root, uid 6000, group 6000 alone/,
    ),
  ]);
});
