import { describe, expect, it } from "vitest";
import { LustreLayout, LustreShare, Size } from "../../../lib";
import { errorOf, newFileSystem, newStack, rootOwner, tenTebibytes, triggersOf } from "../support";

describe("LustreLayout", () => {
  it.each([
    ["striped", LustreLayout.striped({ stripeCount: 4, stripeSize: Size.mebibytes(4), pool: "flash" }), "-c 4 -S 4M -p flash"],
    ["striped over every OST", LustreLayout.striped({ stripeCount: -1 }), "-c -1"],
    [
      "progressive",
      LustreLayout.progressive([
        { end: Size.mebibytes(64), stripeCount: 1 },
        { end: Size.gibibytes(16), stripeCount: 4 },
        { stripeCount: -1 },
      ]),
      "-E 64M -c 1 -E 16G -c 4 -E -1 -c -1",
    ],
    ["data on the MDT", LustreLayout.dataOnMdt(Size.mebibytes(1), { stripeCount: 2 }), "-E 1M -L mdt -E -1 -c 2"],
  ])("%s is spelled as lfs setstripe takes it", (_title, layout, text) => {
    expect(String(layout)).toBe(text);
  });

  it.each([
    ["fails for a stripe count of 0", LustreLayout.striped({ stripeCount: 0 }), "stripe count"],
    [
      "fails for a stripe size that is no multiple of 64 KiB",
      LustreLayout.striped({ stripeSize: Size.kibibytes(100) }),
      "64 KiB",
    ],
    ["fails for a bad pool name", LustreLayout.striped({ pool: "a b" }), "pool name"],
    ["fails for no component", LustreLayout.progressive([]), "no component"],
    [
      "fails for a last component with an end",
      LustreLayout.progressive([{ end: Size.mebibytes(1), stripeCount: 1 }]),
      "last component",
    ],
    [
      "fails for a first component without an end",
      LustreLayout.progressive([{ stripeCount: 1 }, { stripeCount: 2 }]),
      "needs an end",
    ],
    [
      "fails for ends that do not grow",
      LustreLayout.progressive([{ end: Size.gibibytes(1) }, { end: Size.mebibytes(1) }, { stripeCount: 1 }]),
      "component 2",
    ],
    ["fails for no data on the MDT", LustreLayout.dataOnMdt(Size.bytes(0), { stripeCount: 1 }), "component 1"],
  ])("%s", (_title, layout, problem) => {
    const stack = newStack();
    const fileSystem = newFileSystem(stack);
    const error = errorOf(() => new LustreShare(stack, "s", { fileSystem, size: tenTebibytes, owner: rootOwner, layout }));
    expect(error).toMatchObject({ constructPath: "stack/s", property: "layout" });
    expect(error.problem).toContain(problem);
  });

  it("becomes one trigger of the share", () => {
    const stack = newStack();
    new LustreShare(stack, "s", {
      fileSystem: newFileSystem(stack),
      size: tenTebibytes,
      owner: rootOwner,
      layout: LustreLayout.striped({ stripeCount: 2 }),
    });
    expect(triggersOf(stack, "s")).toMatchObject({ layout: "-c 2" });
  });
});
