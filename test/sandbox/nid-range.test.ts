// NID ranges beyond the transcripts: every address of small ranges, and what 2.16 refuses.
import { expect, it } from "vitest";
import { covers, overlap, readNid, readNidRange } from "../../src/sandbox/nid-range";
import type { LustreVersion, NidRange } from "../../src/sandbox/state";

function range(text: string, version: LustreVersion = "2.17.0"): NidRange {
  const read = readNidRange(text, version);
  if (!("extent" in read)) throw new Error(`${text}: ${read.wrong}`);
  return { id: 1, ...read.extent };
}

const isIn = (text: string, nid: string) => {
  const read = readNid(nid);
  if (!read) throw new Error(nid);
  return covers(range(text), read);
};

it.each([
  ["10.0.0.[8-15]@tcp", ["10.0.0.8@tcp", "10.0.0.15@tcp0"], ["10.0.0.7@tcp", "10.0.0.16@tcp", "10.0.0.9@tcp1", "10.0.0.9@o2ib"]],
  ["10.0.[2-3].*@o2ib1", ["10.0.2.0@o2ib1", "10.0.3.255@o2ib1"], ["10.0.1.255@o2ib1", "10.0.4.0@o2ib1"]],
  ["10.0.0.[1,2-4]@tcp", ["10.0.0.1@tcp", "10.0.0.4@tcp"], ["10.0.0.5@tcp"]],
  ["fd00::/126@tcp", ["fd00::3@tcp"], ["fd00::4@tcp"]],
  ["10.0.0.0/24@tcp", [], ["10.0.0.0@tcp", "10.0.0.1@tcp"]],
])("%s", (text, inside, outside) => {
  expect(inside.filter((nid) => !isIn(text, nid))).toEqual([]);
  expect(outside.filter((nid) => isIn(text, nid))).toEqual([]);
});

it.each(["10.0.0.[1,3]@tcp", "10.[0-1].0.1@tcp", "10.0.[1-2].[0-254]@tcp"])("fails on %s, which is not one run", (text) => {
  expect(readNidRange(text, "2.17.0")).toEqual({ wrong: "noncontiguous" });
});

it("fails on 2.16 where 2.17 does not (from sources)", () => {
  expect(readNidRange("10.0.0.1@tcp:10.0.0.9@tcp", "2.16.1")).toMatchObject({ wrong: "grammar" });
  expect(readNidRange("10.0.0.0/24@tcp", "2.16.1")).toEqual({ wrong: "range" });
  expect(readNidRange("fd00::/64@tcp", "2.16.1")).toEqual({ wrong: "range" });
  expect(range("fd00::1/128@tcp", "2.16.1")).toMatchObject({ prefix: 128 });
});

it("keeps address families and nets apart", () => {
  expect(overlap(range("*@tcp"), range("fd00::1@tcp"))).toBe(false);
  expect(overlap(range("*@tcp"), range("10.0.0.1@tcp1"))).toBe(false);
  expect(overlap(range("*@tcp0"), range("10.0.0.1@tcp"))).toBe(true);
});
