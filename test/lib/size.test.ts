import { TerraformStack, TerraformVariable, Testing, Token } from "cdktf";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ShareSynthesisError, Size } from "../../lib";
import { parseSize } from "../../src/spec/size";
import { errorOf, holds } from "./support";

describe("Size", () => {
  it("is exact in every unit", () => {
    expect(Size.bytes(5).toBytes()).toBe(5n);
    expect(Size.kibibytes(1).toBytes()).toBe(1024n);
    expect(Size.mebibytes(1).toBytes()).toBe(1024n ** 2n);
    expect(Size.gibibytes(1).toBytes()).toBe(1024n ** 3n);
    expect(Size.tebibytes(1.5).toBytes()).toBe(3n * 512n * 1024n ** 3n);
    expect(Size.pebibytes(2000).toBytes()).toBe(2000n * 1024n ** 5n);
  });

  it("prints the largest unit that keeps it whole", () => {
    expect(String(Size.tebibytes(10))).toBe("10 TiB");
    expect(String(Size.tebibytes(1.5))).toBe("1536 GiB");
    expect(String(Size.bytes(1025))).toBe("1025 B");
  });

  it("prints what the executor reads as the same number", () => {
    holds(
      fc.property(
        fc.integer({ min: 0, max: 4096 }),
        fc.constantFrom("bytes", "kibibytes", "gibibytes", "pebibytes"),
        (count, unit) => {
          const size = Size[unit as "bytes"](count);
          expect(parseSize(size.toString())).toBe(size.toBytes());
        },
      ),
    );
  });

  it("keeps a token number in bytes", () => {
    const stack = new TerraformStack(Testing.app(), "stack");
    const size = Size.bytes(new TerraformVariable(stack, "size", { type: "number" }).numberValue);
    expect(Token.isUnresolved(size.toString())).toBe(true);
    expect(errorOf(() => size.toBytes()).property).toBe("Size.toBytes");
  });

  it.each([
    ["fails for a fraction of a byte", () => Size.bytes(0.5), "Size.bytes"],
    ["fails for a number that JavaScript does not hold exactly", () => Size.bytes(2 ** 53), "Size.bytes"],
    ["fails for a unit that gives no whole bytes", () => Size.kibibytes(0.3), "Size.kibibytes"],
    ["fails for NaN", () => Size.tebibytes(Number.NaN), "Size.tebibytes"],
    ["fails for infinity", () => Size.tebibytes(Number.POSITIVE_INFINITY), "Size.tebibytes"],
    [
      "fails for a token in another unit than bytes",
      () => Size.gibibytes(Token.asNumber({ resolve: () => 1 })),
      "Size.gibibytes",
    ],
  ])("%s", (_title, build, property) => {
    const error = errorOf(build);
    expect(error.property).toBe(property);
    expect(error.constructPath).toBeUndefined();
    expect(error.message).toContain(error.fix);
  });

  it("raises errors that are recognised without instanceof", () => {
    expect(ShareSynthesisError.isShareSynthesisError(errorOf(() => Size.bytes(0.5)))).toBe(true);
    expect(ShareSynthesisError.isShareSynthesisError(new Error("other"))).toBe(false);
    expect(ShareSynthesisError.isShareSynthesisError(undefined)).toBe(false);
  });
});
