import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { describeLimits, fits, formatLimits, isShrink, parseLimits, sameLimits } from "../../../src/backends/lustre/share/limits";

const GiB = 1024n ** 3n;
const limits = fc.record({
  blockSoft: fc.bigInt(0n, 2n ** 62n),
  blockHard: fc.bigInt(0n, 2n ** 62n),
  inodeSoft: fc.bigInt(0n, 2n ** 53n),
  inodeHard: fc.bigInt(0n, 2n ** 53n),
});
const none = { blockSoft: 0n, blockHard: 0n, inodeSoft: 0n, inodeHard: 0n };
const use = (usedBytes: bigint, usedInodes = 0n) => ({ ...none, usedBytes, usedInodes, reliable: true });

test("limits in a record come back as they were", () => {
  fc.assert(fc.property(limits, (some) => sameLimits(parseLimits(formatLimits(some)), some)));
});

describe("what lowers a limit", () => {
  test.each([
    ["less", { blockHard: 5n * GiB }, { blockHard: 10n * GiB }, true],
    ["the same", { blockHard: 10n * GiB }, { blockHard: 10n * GiB }, false],
    ["more", { blockHard: 20n * GiB }, { blockHard: 10n * GiB }, false],
    ["a first limit", { blockHard: 10n * GiB }, {}, true],
    ["no limit any more", {}, { blockHard: 10n * GiB }, false],
    ["fewer inodes", { inodeHard: 5n }, { inodeHard: 6n }, true],
    ["a first limit of inodes", { blockHard: 20n * GiB, inodeHard: 5n }, { blockHard: 10n * GiB }, true],
    ["a soft limit alone", { blockSoft: 1n }, { blockSoft: 2n }, false],
  ])("%s: %s", (_, to, from, lowers) => expect(isShrink({ ...none, ...to }, { ...none, ...from })).toBe(lowers));
});

test("what fits keeps 5 % of the use free, in bytes and in inodes", () => {
  fc.assert(
    fc.property(fc.bigInt(1n, 2n ** 60n), fc.bigInt(1n, 2n ** 60n), (used, limit) => {
      const room = used * 21n < limit * 20n;
      if (used % 20n !== 0n) return;
      expect(fits(use(used), { ...none, blockHard: limit })).toBe(room);
      expect(fits(use(0n, used), { ...none, inodeHard: limit })).toBe(room);
      expect(fits(use(used, used), none)).toBe(true);
    }),
  );
});

test.each([
  ["no size", none],
  ["10 GiB", { ...none, blockHard: 10n * GiB }],
  ["10 GiB (soft 9 GiB), 6 inodes (soft 5 inodes)", { blockSoft: 9n * GiB, blockHard: 10n * GiB, inodeSoft: 5n, inodeHard: 6n }],
])("%s", (text, some) => expect(describeLimits(some)).toBe(text));
