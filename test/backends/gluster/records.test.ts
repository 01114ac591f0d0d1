import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { volumeSet } from "../../../src/backends/gluster/cli";
import {
  clearedSlots,
  inheritedFrom,
  markOption,
  none,
  origins,
  type ShareRecord,
  type SlotRecord,
  shareMark,
  shareRecordOf,
  shareStates,
  slotKinds,
  slotMark,
  slotsOf,
} from "../../../src/backends/gluster/records";
import { maxOptionBytes } from "../../../src/spec/gluster-options";
import { removalPolicies } from "../../../src/spec/removal-policy";
import { volume } from "./volume";

const record: ShareRecord = {
  key: "genomics",
  volume: "pool-1",
  claim: "4711",
  owner: "team A/prod@eu:1",
  state: "ready",
  origin: "pool",
  size: 10n * 1024n ** 3n,
  removalPolicy: "retain",
  infrastructure: ["glusterfs-server-01", "manila-host-01"],
  kept: [],
  looked: true,
  shown: true,
  before: { "auth.ssl-allow": "glusterfs-server-01,manila-host-01", "client.ssl": "off" },
  options: ["performance.cache-size"],
};
const marked = (one: ShareRecord) => volume(one.volume, { options: shareMark(one) });

const anything = fc.string({ unit: "grapheme", maxLength: 12 }).filter((text) => !/\p{Surrogate}/u.test(text));
const name = anything.filter((text) => text !== "");
const listed = fc.array(
  name.filter((text) => !text.includes(",")),
  { maxLength: 3 },
);
const anyRecord = fc.record<ShareRecord>(
  {
    key: name,
    volume: name,
    claim: anything,
    owner: anything,
    state: fc.constantFrom(...shareStates),
    origin: fc.constantFrom(...origins),
    size: fc.bigInt(0n, 2n ** 63n - 1n),
    removalPolicy: fc.constantFrom(...removalPolicies),
    infrastructure: listed,
    kept: listed,
    looked: fc.boolean(),
    shown: fc.boolean(),
    before: fc.dictionary(fc.stringMatching(/^[a-z]+\.[a-z-]+$/), anything, { maxKeys: 3 }),
    options: listed,
    since: fc.constant("2026-08-22T10:00:00Z"),
  },
  {
    requiredKeys: [
      "key",
      "volume",
      "owner",
      "state",
      "origin",
      "size",
      "removalPolicy",
      "infrastructure",
      "kept",
      "looked",
      "shown",
      "before",
      "options",
    ],
  },
);
const anySlot = fc.record<SlotRecord>({ key: name, volume: name, claim: anything, owner: anything, name: anything });

describe("the record of a share", () => {
  test("[G-45] is read as it was written, whatever it says", () => {
    fc.assert(
      fc.property(anyRecord, (one) => {
        expect(shareRecordOf(marked(one))).toEqual(one);
      }),
    );
  });

  test("is written in characters that a store of options survives", () => {
    fc.assert(
      fc.property(anyRecord, (one) => {
        const mark = shareMark(one);
        expect(mark[markOption]).toMatch(/^[A-Za-z0-9*._%+&=-]+$/);
        // The builder refuses what could do harm.
        expect(volumeSet("v", mark).argv.at(-1)).toBe(mark[markOption]);
      }),
    );
  });

  test("is never longer than glusterd survives: more is refused, with the count", () => {
    const withNames = (count: number) => ({
      ...record,
      infrastructure: Array.from({ length: count }, (_, n) => `glusterfs-server-${n}`),
    });
    let count = 1;
    while (markOption.length + (shareMark(withNames(count))[markOption] ?? "").length + 25 <= maxOptionBytes) count += 1;
    expect(count).toBeGreaterThan(100);
    expect(() => shareMark(withNames(count + 2))).toThrow(
      expect.objectContaining({
        code: "BAD_REQUEST",
        summary: expect.stringMatching(/takes 4\d{3} bytes, and an option of a volume holds 4068/),
      }),
    );
  });

  test.each([
    ["no mark at all", {}],
    ["a mark that says so", { [markOption]: none }],
    ["the mark of another tool", { "user.manila-share": "5e8e4a0e-0000-4000-8000-000000000001" }],
  ])("[G-36] [G-46] a volume with %s has none", (_, options) => expect(shareRecordOf(volume("v", { options }))).toBeUndefined());

  const text = shareMark(record)[markOption] ?? "";
  const without = (field: string) => {
    const fields = new URLSearchParams(text);
    fields.delete(field);
    return fields.toString();
  };
  const where = (field: string, value: string) => {
    const fields = new URLSearchParams(text);
    fields.set(field, value);
    return fields.toString();
  };
  test.each([
    ["nothing", ""],
    ["an id", "5e8e4a0e-0000-4000-8000-000000000001"],
    ["words", "in use by Anna"],
    ["none, but in other letters", "none"],
    ["no key", without("key")],
    ["an empty key", where("key", "")],
    ["no volume", without("volume")],
    ["no size", without("size")],
    ["a size that is none", where("size", "much")],
    ["no state", without("state")],
    ["a state of a later version", where("state", "dreaming")],
    ["an origin of a later version", where("origin", "moon")],
    ["a policy of a later version", where("policy", "sell")],
    ["its beginning only", text.slice(0, 40)],
  ])("[G-36] a mark that cannot be read is refused, never taken for free: %s", (_, value) => {
    expect(() => shareRecordOf(volume("pool-1", { options: { [markOption]: value } }))).toThrow(
      expect.objectContaining({
        code: "RECORD_BROKEN",
        object: "pool-1",
        fix: expect.stringContaining(`gluster volume set pool-1 ${markOption} NONE`),
      }),
    );
  });

  test("cut off anywhere behind the name of its volume it never says that the volume is free", () => {
    fc.assert(
      fc.property(fc.integer({ min: text.indexOf("&claim="), max: text.length }), (length) => {
        const cut = volume("pool-1", { options: { [markOption]: text.slice(0, length) } });
        let isFree = false;
        try {
          isFree = shareRecordOf(cut) === undefined;
        } catch {}
        expect(isFree).toBe(false);
      }),
    );
  });
});

describe("what a clone inherits says nothing on it", () => {
  const parent = volume("pool-1", {
    options: {
      ...shareMark(record),
      ...slotMark(volume("pool-1"), "rule", { key: "genomics#alice", volume: "pool-1", claim: "1", owner: "o", name: "alice" }),
    },
  });
  const clone = { ...parent, name: "copy" };

  test("neither the record nor its slots", () => {
    expect(shareRecordOf(parent)).toEqual(record);
    expect(inheritedFrom(parent)).toBeUndefined();
    expect(slotsOf(parent, "rule")).toHaveLength(1);
    expect(shareRecordOf(clone)).toBeUndefined();
    expect(inheritedFrom(clone)).toBe("pool-1");
    expect(slotsOf(clone, "rule")).toEqual([]);
  });

  test("and it is written over", () => {
    const own = { key: "copy#bob", volume: "copy", claim: "2", owner: "o", name: "bob" };
    const mark = slotMark(clone, "rule", own);
    expect(Object.keys(mark)).toEqual(["user.sharewright.rule.0"]);
    const after = { ...clone, options: { ...clone.options, ...shareMark({ ...record, key: "copy", volume: "copy" }), ...mark } };
    expect(slotsOf(after, "rule")).toEqual([{ ...own, option: "user.sharewright.rule.0" }]);
    expect([shareRecordOf(after)?.key, inheritedFrom(after)]).toEqual(["copy", undefined]);
  });

  test("also inherited slots are cleared", () => expect(clearedSlots(clone)).toEqual({ "user.sharewright.rule.0": none }));
});

describe("slots", () => {
  test("hold one record each, found by its key, whatever it says", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...slotKinds),
        fc.uniqueArray(anySlot, { selector: ({ key }) => key, maxLength: 5 }),
        (kind, records) => {
          const own = records.map((one) => ({ ...one, volume: "v" }));
          let options: Record<string, string> = {};
          for (const one of own) options = { ...options, ...slotMark(volume("v", { options }), kind, one) };
          const seen = slotsOf(volume("v", { options }), kind);
          expect(seen.map(({ option: _, ...one }) => one)).toEqual(own);
          expect(volumeSet("v", { "user.x": "x", ...options }).argv.join("\n")).not.toMatch(/["' \t]/);
          for (const other of slotKinds) if (other !== kind) expect(slotsOf(volume("v", { options }), other)).toEqual([]);
        },
      ),
    );
  });

  const slot = (key: string, more: Partial<SlotRecord> = {}): SlotRecord => ({
    key,
    volume: "v",
    claim: "1",
    owner: "o",
    name: key,
    ...more,
  });
  const full = { ...slotMark(volume("v"), "rule", slot("a")) };
  const two = { ...full, ...slotMark(volume("v", { options: full }), "rule", slot("b")) };

  test("of the same key are written over, others are left alone", () => {
    expect(Object.keys(two)).toEqual(["user.sharewright.rule.0", "user.sharewright.rule.1"]);
    const again = slotMark(volume("v", { options: two }), "rule", slot("b", { claim: "2" }));
    expect(Object.keys(again)).toEqual(["user.sharewright.rule.1"]);
    const seen = slotsOf(volume("v", { options: { ...two, ...again } }), "rule");
    expect(seen.map(({ key, claim }) => [key, claim])).toEqual([
      ["a", "1"],
      ["b", "2"],
    ]);
  });

  test("that were cleared are used again", () => {
    const options = { ...two, "user.sharewright.rule.0": none };
    expect(Object.keys(slotMark(volume("v", { options }), "rule", slot("c")))).toEqual(["user.sharewright.rule.0"]);
  });

  test("are cleared by kind, and those that are clear already are not written again", () => {
    const options = { ...two, "user.sharewright.rule.0": none, ...slotMark(volume("v"), "snapshot", slot("s")), "user.x": "y" };
    expect(clearedSlots(volume("v", { options }))).toEqual({
      "user.sharewright.rule.1": none,
      "user.sharewright.snapshot.0": none,
    });
    expect(clearedSlots(volume("v", { options }), ["snapshot"])).toEqual({ "user.sharewright.snapshot.0": none });
  });

  test("that say too much are refused before glusterd would die of it", () =>
    expect(() => slotMark(volume("v"), "rule", slot("k", { owner: "ä".repeat(1000) }))).toThrow(
      expect.objectContaining({ code: "BAD_REQUEST", object: "k" }),
    ));
});
