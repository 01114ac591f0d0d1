import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bestPairs, sharedAddresses } from "../../../src/backends/lustre/access/match";
import { intersect, intervalSize, type NidInterval, parseClient } from "../../../src/spec/address";

const sparse = (weights: number[][]) => weights.map((line) => new Map([...line.entries()].filter(([, weight]) => weight > 0)));

/** The largest sum over all ways to pair rows with columns. */
function bestByTrying(weights: number[][], row = 0, used: ReadonlySet<number> = new Set()): number {
  const line = weights[row];
  if (!line) return 0;
  const without = bestByTrying(weights, row + 1, used);
  return Math.max(
    without,
    ...line.map((weight, column) => (used.has(column) ? 0 : weight + bestByTrying(weights, row + 1, new Set([...used, column])))),
  );
}

const matrix = (rows: number, columns: number) =>
  fc.array(fc.array(fc.oneof(fc.constant(0), fc.nat(20)), { minLength: columns, maxLength: columns }), {
    minLength: rows,
    maxLength: rows,
  });

describe("the pairing", () => {
  test("is as good as the best of all, for up to 6 by 6", () => {
    const any = fc
      .tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 0, max: 6 }))
      .chain(([rows, columns]) => matrix(rows, columns));
    fc.assert(
      fc.property(any, (weights) => {
        const pairs = bestPairs(sparse(weights));
        const used = pairs.filter((column) => column >= 0);
        expect(new Set(used).size).toBe(used.length);
        expect(pairs).toHaveLength(weights.length);
        for (const [row, column] of pairs.entries()) if (column >= 0) expect(weights[row]?.[column]).toBeGreaterThan(0);
        expect(pairs.reduce((sum, column, row) => sum + (weights[row]?.[column] ?? 0), 0)).toBe(bestByTrying(weights));
      }),
      { numRuns: 300 },
    );
  });
  test.each<[string, number[][], number[]]>([
    ["nothing", [], []],
    ["no column", [[], []], [-1, -1]],
    ["no common address", [[0, 0]], [-1]],
    [
      "a greedy choice would be worse",
      [
        [5, 4],
        [4, 0],
      ],
      [1, 0],
    ],
    ["more rows than columns", [[1], [2]], [-1, 0]],
  ])("%s", (_, weights, pairs) => expect(bestPairs(sparse(weights))).toEqual(pairs));

  test("hundreds of nodemaps that stay are paired with themselves", () => {
    const size = 300;
    const weights = Array.from({ length: size }, (_, row) =>
      Array.from({ length: size }, (_each, column) => (row === column ? 256 : 0)),
    );
    expect(bestPairs(sparse(weights))).toEqual(weights.map((_, row) => row));
  });
});

test.each([
  ["10.0.0.0/24", "10.0.0.128/25", 128],
  ["10.0.0.0/24", "10.0.1.0/24", 0],
  ["10.0.0.0/24", "10.0.0.0/24@o2ib", 0],
  ["fd00::/120", "fd00::80/121", 128],
])("%s and %s share %i addresses", (a, b, count) =>
  expect(sharedAddresses([[parseClient(a, "tcp")]], [[parseClient(b, "tcp")]])[0]?.get(0) ?? 0).toBe(count),
);

test("what is shared is what a look at every pair finds", () => {
  /** Disjoint, dealt out to some lists. */
  const lists = fc
    .array(fc.tuple(fc.integer({ min: 1, max: 6 }), fc.boolean(), fc.nat(3), fc.nat(2)), { maxLength: 12 })
    .map((steps) => {
      let next = 0n;
      const dealt: NidInterval[][] = [[], [], [], []];
      for (const [size, gap, list, net] of steps) {
        const start = next + (gap ? 1n : 0n);
        next = start + BigInt(size);
        dealt[list]?.push({ net: ["tcp", "tcp1", "o2ib"][net] ?? "tcp", family: 4, start, end: next - 1n });
      }
      return dealt;
    });
  const shared = (a: readonly NidInterval[], b: readonly NidInterval[]) =>
    a
      .flatMap((left) => b.map((right) => intersect(left, right)))
      .reduce((sum, both) => sum + (both ? Number(intervalSize(both)) : 0), 0);
  fc.assert(
    fc.property(lists, lists, (rows, columns) => {
      const found = sharedAddresses(rows, columns);
      for (const [row, intervals] of rows.entries())
        for (const [column, ranges] of columns.entries()) expect(found[row]?.get(column) ?? 0).toBe(shared(intervals, ranges));
    }),
  );
});
