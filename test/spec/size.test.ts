import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { approximateSize, formatSize, maxSize, parseSize } from "../../src/spec/size";

describe("sizes", () => {
  test.each([
    ["0 B", 0n],
    ["1 B", 1n],
    ["1025 B", 1025n],
    ["1 KiB", 1024n],
    ["1536 KiB", 1536n * 1024n],
    ["10 TiB", 10n * 1024n ** 4n],
    ["1 EiB", 1024n ** 6n],
    ["9223372036854775807 B", maxSize],
  ])("%s is read and printed", (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
    expect(formatSize(bytes)).toBe(text);
  });

  test.each([
    ["1KiB", 1024n],
    ["1024 KiB", 1024n ** 2n],
    ["007 B", 7n],
  ])("%s is read as well", (text, bytes) => expect(parseSize(text)).toBe(bytes));

  test.each([
    "",
    "1",
    "1 KB",
    "1 kib",
    "1.5 GiB",
    "-1 B",
    " 1 B",
    "1 B ",
    "1  B",
    "1 B\n",
    "8 EiB",
    "9223372036854775808 B",
    "1 ZiB",
    "0x10 B",
  ])("%j is no size", (text) => expect(parseSize(text)).toBeUndefined());

  test("every size comes back as it was", () => {
    fc.assert(fc.property(fc.bigInt(0n, maxSize), (bytes) => parseSize(formatSize(bytes)) === bytes));
  });

  test("the printed number is whole and in the largest unit that keeps it so", () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 1023n), fc.integer({ min: 0, max: 5 }), (count, power) => {
        const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
        expect(formatSize(count * 1024n ** BigInt(power))).toBe(`${count} ${units[power]}`);
      }),
    );
  });

  test.each([
    [0n, "0 B"],
    [1023n, "1023 B"],
    [1536n, "1.5 KiB"],
    [1024n ** 4n, "1 TiB"],
    [maxSize, "8 EiB"],
  ])("%s bytes are about %s", (bytes, text) => expect(approximateSize(bytes)).toBe(text));
});
