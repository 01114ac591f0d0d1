// The generated pages of docs/reference are what the program says.
import { join } from "node:path";
import { expect, test } from "vitest";
import { execute } from "../executor/support";

test("docs/reference is current", async () => {
  const script = join(__dirname, "../../scripts/reference.mjs");
  const { exitCode, stderr } = await execute([process.execPath, script, "--check"]);
  expect(exitCode, stderr).toBe(0);
});
