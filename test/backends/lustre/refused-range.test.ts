import { expect, test } from "vitest";
import { refusedRange } from "../../../src/backends/lustre/access/refused-range";
import { lctlNodemapAddRange } from "../../../src/backends/lustre/cli";
import { fault } from "../../../src/core/errors";

const { argv: command } = lctlNodemapAddRange("sw_a", "10.1.0.1@tcp");
const said = "error: nodemap_add_range: cannot add range: Invalid argument";

test.each<[string, unknown, boolean]>([
  ["the MGS says so of a range", fault("COMMAND_FAILED", { command, said }), true],
  ["it says so of something else", fault("COMMAND_FAILED", { command: ["lctl", "nodemap_add", "sw_a"], said }), false],
  ["it says something else", fault("COMMAND_FAILED", { command, said: "Operation not permitted" }), false],
  ["it was cut off while it said so", fault("COMMAND_LOST", { command, said }), false],
  ["it is no refusal", new Error(said), false],
])("whether a range is refused for good: %s", (_, error, isRefused) =>
  expect(refusedRange(error)?.nodemap).toBe(isRefused ? "sw_a" : undefined),
);
