import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Volume } from "../../../src/backends/gluster/parse";
import {
  type ShareRecord,
  shareMark,
  shareRecordOf,
  shareStates,
  slotMark,
  slotsOf,
} from "../../../src/backends/gluster/records";
import type { Limit, SeenShare } from "../../../src/backends/gluster/share/observe";
import { closedNote, newRecord, planClosed, planShare, planShown } from "../../../src/backends/gluster/share/plan";
import { planFreeing, planLeaving, planPurge } from "../../../src/backends/gluster/share/removal";
import type { ShareWish } from "../../../src/backends/gluster/share/steps";
import type { Step } from "../../../src/core/plan";
import { closed, gibibyte, recordOf, seenOf, servers, wishOf } from "./shares";
import { volume } from "./volume";
import { type Model, perform, seenIn } from "./volume-model";

const code = (name: string) => expect.objectContaining({ code: name });
const refused = (summary: string) => expect.objectContaining({ code: "USE_UNKNOWN", summary });
const time = "2026-01-01T00:00:00.000Z";

/** How many commands a run gets done before it is killed; the last one is not. */
const runs = fc.array(fc.nat({ max: 9 }), { maxLength: 6 });

/** Plans, and does as many commands as the run gets done, until nothing is left to plan. */
function play(start: Model, plan: (seen: SeenShare) => Step[], cuts: readonly number[]): Model {
  let model = start;
  for (let round = 0; round < 40; round += 1) {
    const commands = plan(seenIn(model)).flatMap((step) => step.commands);
    if (commands.length === 0) return model;
    for (const command of commands.slice(0, cuts[round] ?? commands.length)) model = perform(model, command);
  }
  throw new Error("no end");
}

const option = fc.constantFrom("performance.cache-size", "performance.io-thread-count", "cluster.nufa");
const volumeOptions = fc.dictionary(option, fc.constantFrom("1", "2", "3"), { maxKeys: 3 });
const before = fc.record(
  {
    "server.dynamic-auth": fc.constantFrom("on", "off"),
    "nfs.disable": fc.constantFrom("on", "off"),
    "performance.cache-size": fc.constantFrom("1", "9"),
    "client.ssl": fc.constantFrom("on", "off"),
    "server.ssl": fc.constantFrom("on", "off"),
  },
  { requiredKeys: [] },
);

function taken(options: Record<string, string>, wish = wishOf()): Model {
  const free = volume("pool-1", { options: { ...options, "auth.ssl-allow": servers.join(",") } });
  const record = newRecord(free, { wish, cluster: { owner: "stack" }, infrastructure: servers, origin: "pool" });
  return { volume: { ...free, options: { ...free.options, ...shareMark(record) } } };
}

function begunIn(model: Model) {
  const record = shareRecordOf(model.volume);
  if (!record) throw new Error("not marked");
  return { volume: model.volume, record };
}

/** Takes a marked volume until it is shown, in runs that get so many commands done; each plans from what it sees at its start. */
function show(start: Model, wish: ShareWish, cuts: readonly number[]): Model {
  let model = start;
  for (let round = 0; round < 40; round += 1) {
    const found = begunIn(model);
    if (found.record.state === "ready") return model;
    let left = cuts[round] ?? Number.POSITIVE_INFINITY;
    const done = (steps: Step[]) => {
      for (const command of steps.flatMap(({ commands }) => commands)) {
        if (left === 0) return false;
        left -= 1;
        model = perform(model, command);
      }
      return true;
    };
    let limit: Limit | "not set" = "not set";
    let steps = planClosed(wish, found, limit);
    while (steps.length > 0 && done(steps)) {
      limit = model.quota ?? "unknown";
      steps = planClosed(wish, found, limit);
    }
    if (steps.length === 0) done(planShown(wish, { ...found, record: { ...found.record, looked: true } }));
  }
  throw new Error("no end");
}

/** All but the marks, and what glusterd keeps of a quota that was on. */
function plain({ volume: { options, status } }: Model) {
  const kept = Object.entries(options).filter(([name]) => !name.startsWith("user.") && !name.startsWith("features."));
  return { status, options: Object.fromEntries(kept.sort()) };
}

describe("wherever runs are cut off, the next ones reach", () => {
  test.each(["adopted", "made"] as const)(
    "a volume that was %s as it is wished for, without a proof that it is empty",
    (origin) => {
      fc.assert(
        fc.property(before, volumeOptions, runs, (options, asked, cuts) => {
          const wish = wishOf({ volumeOptions: asked });
          const start = marked(taken(options, wish), { origin, shown: origin === "adopted" });
          const whole = play(start, (seen) => planShare(wish, seen), []);
          expect(play(start, (seen) => planShare(wish, seen), cuts)).toEqual(whole);
          expect(seenIn(whole)).toMatchObject({ record: { state: "ready", shown: true }, quota: { limit: gibibyte } });
          expect(whole.volume).toMatchObject({ status: "started", options: { ...closed, ...asked } });
        }),
      );
    },
  );

  test("a share that is ready: the same one, with what options were before noted", () => {
    fc.assert(
      fc.property(before, volumeOptions, runs, (options, asked, cuts) => {
        const wish = wishOf({ volumeOptions: asked });
        const start = taken(options, wish);
        const whole = show(start, wish, []);
        expect(show(start, wish, cuts)).toEqual(whole);
        expect(planShare(wish, seenIn(whole))).toEqual([]);
        expect(seenIn(whole)).toMatchObject({ record: { state: "ready", shown: true }, quota: { limit: gibibyte } });
        expect(whole.volume).toMatchObject({ status: "started", options: { ...closed, ...asked } });
      }),
    );
  });

  test("other options and another size of a share that is ready, and from there its volume as it was", () => {
    fc.assert(
      fc.property(before, volumeOptions, volumeOptions, runs, runs, runs, (options, first, second, ...cuts) => {
        const start = taken(options, wishOf({ volumeOptions: first }));
        const ready = show(start, wishOf({ volumeOptions: first }), cuts[0]);
        const wish = wishOf({ volumeOptions: second, size: 2n * gibibyte });
        const changed = play(ready, (seen) => planShare(wish, seen), cuts[1]);
        expect(changed.volume.options).toMatchObject(second);
        expect(plain(play(ready, (seen) => planShare(wish, seen), []))).toEqual(plain(changed));
        const cut = play(changed, (seen) => planLeaving(seen, time), cuts[2]);
        expect(seenIn(cut).record?.state).toBe("cut");
        const wiped = marked(cut, { state: "wiped" });
        const free = play(wiped, planFreeing, cuts[2]);
        expect(shareRecordOf(free.volume)).toBeUndefined();
        expect(plain(free)).toEqual(
          plain({ volume: volume("pool-1", { options: { ...options, "auth.ssl-allow": servers.join(",") } }) }),
        );
        expect(free.volume.options["features.quota"]).not.toBe("on");
      }),
    );
  });

  test("a volume that was never shown as it was", () => {
    fc.assert(
      fc.property(before, volumeOptions, fc.nat({ max: 12 }), runs, (options, asked, done, cuts) => {
        const wish = wishOf({ volumeOptions: asked });
        const start = taken(options, wish);
        // A run gets so far, then the share is removed from the code. Not shown: its emptiness is not proven yet.
        let begun = start;
        const found = begunIn(start);
        const commands = [...planClosed(wish, found, "not set"), closedNote(wish, found)].flatMap((step) => step.commands);
        for (const command of commands.slice(0, done)) begun = perform(begun, command);
        const leaving = play(begun, (seen) => planLeaving(seen, time), cuts);
        const free = play(leaving, planFreeing, cuts);
        expect(shareRecordOf(free.volume)).toBeUndefined();
        expect(plain(free)).toEqual(
          plain({ volume: volume("pool-1", { options: { ...options, "auth.ssl-allow": servers.join(",") } }) }),
        );
      }),
    );
  });
});

function marked(model: Model, more: Partial<ShareRecord>): Model {
  const record = shareRecordOf(model.volume);
  if (!record) throw new Error("not marked");
  return { ...model, volume: { ...model.volume, options: { ...model.volume.options, ...shareMark({ ...record, ...more }) } } };
}

test("a volume of the pool is not shown without a look into it, whatever is noted on it", () => {
  const record = recordOf({ state: "closed", shown: false });
  const { volume } = seenOf(record);
  expect(planShare(wishOf(), seenOf(record))).toEqual([]);
  expect(planClosed(wishOf(), { volume: volume as Volume, record }, { limit: gibibyte, used: 0n })).toEqual([]);
});

test("bricks that have missed the limit of a volume that was not shown yet get it anew", () => {
  const record = recordOf({ state: "closed", shown: false });
  const ids = planClosed(wishOf(), { volume: seenOf(record).volume as Volume, record }, "uncounted").map(({ id }) => id);
  expect(ids).toEqual(["disable-quota", "enable-quota", "set-limit"]);
});

describe("an apply", () => {
  test("of a share that is as wished for has nothing to do", () => {
    expect(planShare(wishOf(), seenOf(recordOf()))).toEqual([]);
  });

  test("finds a volume or a mark that has gone missing", () => {
    expect(() => planShare(wishOf(), {})).toThrow(code("VOLUME_MISSING"));
  });

  test.each(shareStates)("of a share that is %s is refused exactly when its data has begun to go", (state) => {
    const plan = () => planShare(wishOf(), seenOf(recordOf({ state })));
    if (state === "cut" || state === "wiped") expect(plan).toThrow(code("MANAGED_ELSEWHERE"));
    else expect(plan).not.toThrow();
  });

  test("S-14 a limit may be raised, also of what is over it, and over the new one", () => {
    for (const used of [gibibyte, 2n * gibibyte, 5n * gibibyte])
      expect(planShare(wishOf({ size: 2n * gibibyte }), seenOf(recordOf(), {}, used)).map(({ id }) => id)).toContain("set-limit");
  });

  test("S-14 a limit that stays is not refused, whatever is in use", () => {
    for (const used of [gibibyte, 2n * gibibyte])
      expect(planShare(wishOf({ size: gibibyte }), seenOf(recordOf(), {}, used)).map(({ id }) => id)).not.toContain("set-limit");
  });

  test.each<[bigint, bigint, boolean]>([
    [0n, gibibyte / 2n, true],
    [gibibyte / 2n, gibibyte / 2n, false],
    [(gibibyte * 9n) / 10n, (gibibyte * 92n) / 100n, false],
    [(gibibyte * 5n) / 10n, (gibibyte * 6n) / 10n, true],
    [2n * gibibyte, 3n * gibibyte, true],
  ])("with %d bytes in use to a limit of %d [G-104] [G-105]", (used, size, isFine) => {
    const plan = () => planShare(wishOf({ size }), seenOf(recordOf(), {}, used));
    if (isFine) expect(plan().map(({ id }) => id)).toContain("set-limit");
    else expect(plan).toThrow(code("SHRINK_BELOW_USE"));
  });

  test("does not lower a limit whose use cannot be read [G-108]", () => {
    const { quota: _, ...seen } = seenOf(recordOf());
    expect(() => planShare(wishOf({ size: gibibyte / 2n }), seen)).toThrow(
      refused("the use of volume pool-1 cannot be read now, so its limit is not lowered"),
    );
  });

  test("of a share in use whose bricks have missed the limit does not take the limit away, but says how", () => {
    const { quota: _, ...seen } = seenOf(recordOf());
    expect(() => planShare(wishOf(), { ...seen, uncounted: true })).toThrow(
      refused("gluster tells neither limit nor use of volume pool-1: its bricks have missed that quota was switched on"),
    );
  });
});

test("a quota that is on already is not turned on again, only given its limit [G-85]", () => {
  const record = recordOf({ state: "closed", shown: false });
  const { quota: _, ...seen } = seenOf(record);
  const ids = planShare(wishOf(), seen).map(({ id }) => id);
  expect(ids).toContain("set-limit");
  expect(ids).not.toContain("enable-quota");
});

test.each([
  ["what it holds", { quota: { limit: 1073741824n, used: 5242880n } }, "5 MiB"],
  ["that nobody can tell what it holds", {}, "what gluster cannot tell now"],
])("U-05 what was kept says that it comes back, and %s", (_, told, held) => {
  const { claim: _claim, ...kept } = recordOf({ state: "retained" });
  const { quota: _quota, ...seen } = seenOf(kept as ShareRecord);
  const [step] = planShare(wishOf(), { ...seen, ...told });
  expect(step?.say).toBe(`take ${seen.volume?.name} over from "${kept.owner}", who kept it: it comes back and holds ${held}`);
  expect(step?.quiet).toBeUndefined();
});

describe("a removal", () => {
  const withRule = (record: ShareRecord) => {
    const seen = seenOf(record);
    const slot =
      seen.volume &&
      slotMark(seen.volume, "rule", { key: "a#cpu", volume: "pool-1", claim: "c", owner: "stack", name: "tenant" });
    return seenOf(record, { options: { ...closed, ...slot, "auth.ssl-allow": [...servers, "tenant"].join(",") } });
  };

  test.each([
    ["retain", "retained", "started"],
    ["trash", "trash", "stopped"],
    ["destroy", "cut", "started"],
  ] as const)("by %s lets in nobody but the infrastructure, and ends as %s, %s", (removalPolicy, state, status) => {
    const seen = withRule(recordOf({ removalPolicy, kept: ["old"] }));
    const end = play({ volume: seen.volume ?? volume("") }, (now) => planLeaving(now, time), []);
    expect(end.volume).toMatchObject({ status, options: { "auth.ssl-allow": servers.join(",") } });
    expect(seenIn(end).record).toMatchObject({ state, kept: [] });
    // Whoever has the volume next must not find rules of the share before.
    expect(slotsOf(end.volume, "rule")).toEqual([]);
    expect(seenIn(end).record?.claim).toBe(state === "cut" ? "claim" : undefined);
  });

  test.each(["made", "clone"] as const)("of a volume that was %s stops it: it is deleted, not emptied", (origin) => {
    const end = play({ volume: seenOf(recordOf({ origin })).volume ?? volume("") }, (seen) => planLeaving(seen, time), []);
    expect(end.volume.status).toBe("stopped");
    expect(seenIn(end).record?.state).toBe("cut");
  });

  test("with snapshots is refused where data would go, and only there", () => {
    const seen = (removalPolicy: ShareRecord["removalPolicy"]) => seenOf(recordOf({ removalPolicy }), { snapshots: 1 });
    expect(() => planLeaving(seen("destroy"), time)).toThrow(code("SNAPSHOTS_EXIST"));
    expect(() => planPurge(seenOf(recordOf({ state: "trash" }), { snapshots: 2 }))).toThrow(code("SNAPSHOTS_EXIST"));
    for (const policy of ["retain", "trash"] as const) expect(planLeaving(seen(policy), time)).not.toEqual([]);
  });

  test("of what is nobody's, or free, is nothing to do", () => {
    expect(planLeaving({}, time)).toEqual([]);
    for (const state of shareStates.filter((one) => one !== "wiped"))
      expect(planFreeing(seenOf(recordOf({ state })))).toEqual([]);
    for (const state of shareStates.filter((one) => one !== "trash")) expect(planPurge(seenOf(recordOf({ state })))).toEqual([]);
  });
});
