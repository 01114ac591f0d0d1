import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { accepted } from "./accepted";
import { functionAt, marked } from "./coverage";
import { importsByTest } from "./imports";
import { type Mutant, mutantsOf, mutated, sampleOf } from "./mutants";
import { kindOf } from "./report";
import type { Outcome } from "./run";
import type { Survey } from "./trial";
import { witnessesOf } from "./witnesses";

const root = join(__dirname, "../..");
const changes = (text: string) => mutantsOf("a.ts", text).map(({ key }) => key.replace("a.ts ", ""));

describe("a mutant is", () => {
  test.each<[string, string, string[]]>([
    ["a border", "const f = (a: number) => a < 1;", ["f: a < 1 -> a <= 1"]],
    ["another equality", "const f = (a: number) => a === 1;", ["f: a === 1 -> a !== 1"]],
    ["an or", "const f = () => x && y;", ["f: x && y -> x || y"]],
    ["a number beside", "const f = (a: bigint) => a + 1n;", ["f: a + 1n -> a - 1n"]],
    ["a condition that does not hold", "if (x) y;", ["(module): x -> !(x)"]],
    [
      "a condition that does, or another border",
      "if (!(x > 1)) y;",
      ["(module): !(x > 1) -> (x > 1)", "(module): x > 1 -> x >= 1"],
    ],
    ["a call less", "function f() { g(1); }", ["f: g(1); -> (dropped)"]],
    ["a refusal less", "function f() { if (x) throw fault(1); }", ["f: x -> !(x)", "f: throw fault(1); -> (dropped)"]],
    ["a step less", "const f = () => [a, ...b];", ["f: [a, ...b] -> [...b]", "f: ...b -> (dropped)"]],
    ["nothing in a list", "const f = () => [a];", ["f: [a] -> []"]],
    ["another word asked for", 'const f = () => x.includes("a");', ['f: x.includes("a") -> x.includes("")']],
    ["another truth", "const f = () => true;", ["f: () => true -> () => false"]],
    ["one for all", "const f = () => x.some(y);", ["f: x.some -> x.every"]],
  ])("%s", (_, text, keys) => expect(changes(text)).toEqual(keys));

  test("nothing of what is only for people, for types, or outside of functions", () =>
    expect(
      changes('const table = [1, 2]; type A = "a" | "b"; const f = (x: A) => { log.debug("x"); return `${x} b`; };'),
    ).toEqual([]));

  test("one place changed, and nothing else", () => {
    const text = "const f = () => [a, b(), c]; // [a, b(), c]\n";
    expect(mutantsOf("a.ts", text).map((mutant) => mutated(text, mutant))).toEqual([
      "const f = () => [b(), c]; // [a, b(), c]\n",
      "const f = () => [a, c]; // [a, b(), c]\n",
      "const f = () => [a, b(), ]; // [a, b(), c]\n",
    ]);
  });

  test("told from others that look the same", () =>
    expect(changes("const f = () => { g(); g(); };")).toEqual(["f: g(); -> (dropped)", "f: g(); -> (dropped) (2)"]));
});

test("a sample is the same for the same source, and keeps its mutants when something else changes", () => {
  const file = "src/backends/lustre/access/revocation.ts";
  const text = readFileSync(join(root, file), "utf8");
  const keys = (source: string) => sampleOf(file, source).map(({ key }) => key);
  expect(keys(text)).toEqual(keys(text));
  expect(keys(`\n\n${text}`)).toEqual(keys(text));
});

test("a test is made of what it imports when it runs", () => {
  const tests = importsByTest(root);
  expect(tests.get("test/spec/size.test.ts")).toEqual(["src/spec/size.ts", "test/spec/size.test.ts"]);
  expect(tests.get("test/executor/gluster/pool.test.ts")).toContain("src/backends/gluster/share/origin-clone.ts");
  expect([...tests.keys()].filter((test) => /e2e|sshd|crash-sweep\/ssh/.test(test))).toEqual([]);
});

test("a function is known by its place, and says when it runs", () => {
  const text = "function a() { return b(1); } const b = (x: number) => ({ x }); if (b) c;";
  expect(marked("a.ts", text)).toBe(
    'function a() {globalThis.__ran?.add("a.ts#0"); return b(1); } const b = (x: number) => (globalThis.__ran?.add("a.ts#1"), ({ x })); if (b) c;',
  );
  const at = (part: string) => functionAt("a.ts", text, text.indexOf(part));
  expect([at("return"), at("{ x }"), at("if")]).toEqual(["a.ts#0", "a.ts#1", undefined]);
});

describe("tests are asked about a mutant", () => {
  const text = "function a() { return b < 1; } function c() {}";
  const [mutant] = mutantsOf("a.ts", text) as [Mutant];
  const survey = (cases: Survey["cases"], problem?: string): Survey => ({
    ...(problem === undefined ? {} : { problem }),
    aroundMs: 1000,
    functions: ["a.ts#0", "a.ts#1"],
    ran: [],
    cases,
  });
  const asked = (known: Record<string, Survey>) => witnessesOf(mutant, text, Object.keys(known), new Map(Object.entries(known)));

  test("that run its function, the quick ones first", () =>
    expect(
      asked({
        slow: survey([{ id: "s", ms: 20_000, ran: [0] }]),
        other: survey([{ id: "o", ms: 1, ran: [1] }]),
        quick: survey([
          { id: "q1", ms: 500, ran: [0, 1] },
          { id: "q2", ms: 20_000, ran: [0] },
        ]),
      }),
    ).toEqual({
      byRound: [
        [
          { test: "quick", ids: ["q1"], ms: 1500 },
          { test: "slow", ids: ["s"], ms: 21_000 },
        ],
        [{ test: "quick", ids: ["q2"], ms: 21_000 }],
      ],
      untried: [],
    }));

  test("and those that are not are named: they take too long, or fail anyway", () =>
    expect(
      asked({
        long: survey([{ id: "l", ms: 200_000, ran: [0] }]),
        longer: survey([{ id: "l", ms: 300_000, ran: [0] }]),
        broken: survey([{ id: "b", ms: 1, ran: [0] }], "it fails"),
      }),
    ).toMatchObject({ byRound: [[{ test: "long" }], []], untried: ["broken", "longer"] }));

  test("so that a mutant survives only where nothing was left out", () => {
    const kind = (outcome: Partial<Outcome>) => kindOf(mutant, { asked: 3, untried: [], ...outcome });
    expect(kind({})).toBe("survived");
    expect(kind({ untried: ["a.test.ts"] })).toBe("not tried by all");
    expect(kind({ asked: 0 })).toBe("not tried by all");
    expect(kind({ untried: ["a.test.ts"], kill: { test: "b.test.ts", title: "b" } })).toBe("killed");
  });
});

test("what was accepted is still a mutant, and has a reason", () => {
  const files = [...new Set(Object.keys(accepted).map((key) => key.split(" ")[0] ?? ""))];
  const texts = files.map((file) => [file, existsSync(join(root, file)) ? readFileSync(join(root, file), "utf8") : ""] as const);
  const known = new Set(texts.flatMap(([file, text]) => mutantsOf(file, text).map(({ key }) => key)));
  expect(Object.keys(accepted).filter((key) => !known.has(key))).toEqual([]);
  expect(Object.entries(accepted).filter(([, why]) => why.length < 20)).toEqual([]);
});
