// Whether a mode that is written is one that somebody means.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { errorOf, holds, newFileSystem, newStack, rootOwner, tenTebibytes } from "../support";

const withMode = (mode: number) => {
  const stack = newStack();
  return newFileSystem(stack).addShare("s", { size: tenTebibytes, owner: rootOwner, mode });
};

describe("U-07: a mode that nobody means is refused", () => {
  it.each([
    ["a decimal number for an octal one", 770, "is 1402 in octal", "write 0o770"],
    ["one with a sticky bit", 1777, "is 3361 in octal", "write 0o1777"],
    ["one with setgid", 2770, "is 5322 in octal", "write 0o2770"],
    ["one beyond 0o7777", 6770, "permission bits", "write 0o6770"],
    ["no rights of the owner", 0o070, "owner", "rwx for the owner"],
    ["an owner who cannot write", 0o550, "owner", "rwx for the owner"],
    ["others who may more than the group", 0o707, "others more than the group", "no more for others"],
    ["others who may what the group may not", 0o745, "others more than the group", "no more for others"],
  ])("fails for %s", (_title, mode, problem, fix) => {
    const error = errorOf(() => withMode(mode));
    expect(error).toMatchObject({ constructPath: "stack/scratch/s", property: "mode", value: String(mode) });
    expect(error.problem).toContain(problem);
    expect(error.fix).toContain(fix);
  });

  it("whatever digits of an octal mode are written as a decimal number", () => {
    holds(
      fc.property(
        fc.constantFrom("", "1", "2", "3", "4", "6"),
        fc.constantFrom("700", "750", "770", "755", "775", "777"),
        (a, b) => {
          expect(errorOf(() => withMode(Number(a + b))).fix).toContain(`write 0o${a}${b}`);
        },
      ),
      { numRuns: 40 },
    );
  });

  it.each([0o700, 0o750, 0o770, 0o2770, 0o755, 0o1777, 0o6755, 0o710])("takes %i", (mode) => {
    expect(() => withMode(mode)).not.toThrow();
  });
});
