import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isAction } from "../../src/spec/kinds";
import { numberedParts } from "../../src/spec/request";

describe("numbered parts of a long variable", () => {
  test.each<[string, Record<string, string | undefined>, string[]]>([
    ["none", {}, []],
    ["one", { KEYS_0: "a" }, ["a"]],
    ["an empty one", { KEYS_0: "" }, [""]],
    ["three in order", { KEYS_2: "c", KEYS_0: "a", KEYS_1: "b" }, ["a", "b", "c"]],
    ["up to a gap", { KEYS_0: "a", KEYS_2: "c" }, ["a"]],
    ["another variable", { KEYS: "a", OTHER_0: "b" }, []],
  ])("%s", (_, environment, parts) => expect(numberedParts(environment, "KEYS")).toEqual(parts));

  test("whatever is split comes back in order", () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 30 }), (parts) => {
        const environment = Object.fromEntries(parts.map((part, index) => [`KEYS_${index}`, part]));
        expect(numberedParts(environment, "KEYS")).toEqual(parts);
      }),
    );
  });
});

test.each([
  ["apply", true],
  ["destroy", true],
  ["delete", false],
  [undefined, false],
])("action %s: %s", (action, valid) => expect(isAction(action)).toBe(valid));
