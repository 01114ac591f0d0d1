// What is wrong with a volume pattern is shown at the character.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { patternProblem } from "../../../lib/internal/gluster/volume-pattern";
import { volumePatternOf } from "../../../src/spec/gluster";
import { holds } from "../support";

const digits = "\\d+";

describe("a volume pattern", () => {
  it.each([
    [`manila-share-${digits}-#{size}G$`],
    ["pool-.*"],
    ["#{size}"],
    ["a(?:-#{size}G)?"],
    ["(a|b)-(#{size})"],
    ["[(]#{size}[)]"],
  ])("%s is good", (pattern) => {
    expect(patternProblem(pattern)).toBeUndefined();
    expect(() => volumePatternOf(pattern)).not.toThrow();
  });

  // The mark stands below the character at fault.
  it.each([
    ["pool-(\\d+-#{size}G", "     ^", "Unterminated group"],
    ["(a)(b", "   ^", "Unterminated group"],
    ["((a)b", "^", "Unterminated group"],
    ["x(?:a", " ^", "Unterminated group"],
    ["pool-\\d+)-#{size}G", "        ^", "Unmatched ')'"],
    ["a)|(b", " ^", "Unmatched ')'"],
    ["[(](", "   ^", "Unterminated group"],
    ["(a[)", "  ^", "Unterminated character class"],
    ["[a\\]", "^", "Unterminated character class"],
    ["*pool", "^", "Nothing to repeat"],
    ["a+(b**)", "     ^", "Nothing to repeat"],
    ["pool-[9-0]+", "        ^", "out of order"],
    ["a{3,1}b", "     ^", "out of order"],
    ["(?:a)(?x)", "      ^", "Invalid group"],
    ["pool\\", "    ^", "\\ at end of pattern"],
    ["#{size}-#{size}", "        ^", "may stand once"],
    ["[#{size}]", " ^", "cannot stand here"],
    ["a\\#{size}", "  ^", "cannot stand here"],
    ["a(?<size>b)", " ^", "no group may be called size"],
  ])("%s is shown at %s: %s", (pattern, mark, problem) => {
    const found = patternProblem(pattern);
    expect(" ".repeat(found?.at ?? -1)).toBe(mark.slice(0, -1));
    expect(found?.problem).toContain(problem);
  });

  it("that is accepted can be compiled, and in one that is not, the complaint is gone without the part from the mark on", () => {
    const part = fc.constantFrom(..."ab(()[])|*+?\\-{1,2}^$.".split(""), "#{size}", "(?:", "(?<n>", "(?<size>", "\\d", "[a-z]");
    holds(
      fc.property(fc.array(part, { minLength: 1, maxLength: 10 }), (parts) => {
        const pattern = parts.join("");
        const found = patternProblem(pattern);
        if (found === undefined) {
          expect(() => volumePatternOf(pattern)).not.toThrow();
        } else {
          expect(found.at).toBeGreaterThanOrEqual(0);
          expect(found.at).toBeLessThan(pattern.length);
          expect(patternProblem(pattern.slice(0, found.at))).not.toEqual(found);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
