// What is deployed changes only when somebody means it: `npm test -- --update` after such a change, and commit the snapshot.
import { Testing } from "cdktf";
import { expect, it } from "vitest";
import { buildStack } from "./shares";

// A sandbox may be in force; what is agreed on is the real storage.
for (const name of ["SHAREWRIGHT_SANDBOX", "SHAREWRIGHT_SANDBOX_MOUNT"]) delete process.env[name];

it("synthesizes what was agreed on", () => {
  const stack = buildStack(Testing.app(), "shares");
  expect(JSON.parse(Testing.synth(stack, true))).toMatchSnapshot();
});
