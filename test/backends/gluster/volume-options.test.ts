import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { slotMark } from "../../../src/backends/gluster/records";
import type { Candidate } from "../../../src/backends/gluster/share/origin-pool";
import { inOrder } from "../../../src/backends/gluster/share/origin-pool";
import {
  allowedNames,
  differing,
  explicitNames,
  infrastructureIn,
  sslAllowText,
  strangersIn,
} from "../../../src/backends/gluster/volume/options";
import { recordOf, servers } from "./shares";
import { volume } from "./volume";

const list = (text: string) => volume("pool-1", { options: { "auth.ssl-allow": text } });

describe("who is let in", () => {
  test("the infrastructure, what was kept and the names of rules, sorted, each once", () =>
    expect(allowedNames({ infrastructure: ["s2", "s1"], kept: ["k"] }, ["z", "a", "k", "z"])).toEqual([
      "a",
      "k",
      "s1",
      "s2",
      "z",
    ]));

  test("a list of 4,076 bytes is written, one of 4,077 is refused with the count", () => {
    expect(sslAllowText("a", ["x".repeat(4076)])).toHaveLength(4076);
    expect(() => sslAllowText("a", ["x".repeat(4076), ""])).toThrow(/2 common names take 4077 bytes .* more than 4076/);
  });

  test("nobody else: a name is a stranger exactly when neither infrastructure, nor kept, nor a rule explains it", () => {
    const name = fc.constantFrom("a", "b", "c", "d", ...servers);
    fc.assert(
      fc.property(fc.uniqueArray(name), fc.uniqueArray(name), fc.uniqueArray(name), (allowed, kept, rules) => {
        let options: Record<string, string> = { "auth.ssl-allow": allowed.join(",") };
        for (const rule of rules) {
          const mark = { key: `a#${rule}`, volume: "pool-1", claim: "c", owner: "o", name: rule };
          options = { ...options, ...slotMark(volume("pool-1", { options }), "rule", mark) };
        }
        const explained = new Set([...servers, ...kept, ...rules]);
        expect(strangersIn(volume("pool-1", { options }), recordOf({ kept }))).toEqual(
          allowed.filter((one) => !explained.has(one)),
        );
      }),
    );
  });

  test.each([
    ["a", ["a"]],
    ["b,a", ["b", "a"]],
    ["a b,  c", ["a", "b", "c"]],
  ])("%j are names", (text, names) => expect(explicitNames(list(text))).toEqual({ names }));

  test.each(["*", "a*", "a,[bc]", "x?", "!a", "/CN=a"])("%j is a pattern or no single name, on which nobody can rely", (text) =>
    expect(explicitNames(list(text))).toEqual({ problem: expect.stringContaining("compared as a pattern or is no single name") }),
  );

  test("an unset list lets everybody in [X-G01]", () =>
    expect(infrastructureIn(volume("v"), ["s*"])).toEqual({ problem: expect.stringContaining("not set") }));

  test("the infrastructure of a volume is what the patterns match", () => {
    expect(infrastructureIn(list("s1,tenant,s2"), ["s*"])).toMatchObject({ names: ["s1", "s2"] });
    expect(infrastructureIn(list("tenant"), ["s*"])).toEqual({ problem: "auth.ssl-allow names no server (s*)" });
  });
});

test.each([
  ["on", "on", {}],
  ["ON", "on", {}],
  ["enable", "on", {}],
  ["1", "on", {}],
  ["off", "on", { "a.b": "on" }],
  [undefined, "on", { "a.b": "on" }],
  [undefined, "off", { "a.b": "off" }],
  ["64MB", "64MB", {}],
  ["64mb", "64MB", { "a.b": "64MB" }],
])("an option that says %j differs from %j by %j", (seen, wanted, difference) =>
  expect(differing(volume("v", { options: seen === undefined ? {} : { "a.b": seen } }), { "a.b": wanted })).toEqual(difference),
);

describe("the order in which volumes are tried", () => {
  const clusters = ["east", "west"].map((id) => ({ id }) as Candidate["cluster"]);
  const candidate = fc.record({
    cluster: fc.constantFrom(...clusters),
    volume: fc.stringMatching(/^v\d$/).map((name) => volume(name)),
    infrastructure: fc.constant<string[]>([]),
    size: fc.oneof(fc.constant("unsized" as const), fc.bigInt(1n, 4n)),
  });

  test("is from small to large, unsized ones last [G-48] [G-50]", () => {
    fc.assert(
      fc.property(fc.array(candidate), (candidates) => {
        const sizes = inOrder(candidates).map(({ size }) => (size === "unsized" ? 99n : size));
        expect(sizes).toEqual([...sizes].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)));
      }),
    );
  });

  test("does not depend on the order in which they were found", () => {
    const key = ({ cluster, volume: { name } }: Candidate) => `${cluster.id}:${name}`;
    const distinct = fc.uniqueArray(candidate, { selector: key });
    const twoOrders = distinct.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));
    fc.assert(
      fc.property(twoOrders, ([one, other]) => {
        expect(inOrder(one).map(key)).toEqual(inOrder(other).map(key));
      }),
    );
  });

  test("of the same size is where more are left", () => {
    const at = (cluster: number, name: string): Candidate => ({
      cluster: clusters[cluster] as Candidate["cluster"],
      volume: volume(name),
      infrastructure: [],
      size: 1n,
    });
    expect(inOrder([at(0, "a"), at(1, "b"), at(1, "c")]).map(({ volume: { name } }) => name)).toEqual(["b", "c", "a"]);
  });
});
