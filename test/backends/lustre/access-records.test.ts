// Which records of rules count when one hook compiles them all: those of other stacks, of shares that are gone, and of shares that are leaving.
import { describe, expect, test } from "vitest";
import { planAllAccess, type RuleWish } from "../../../src/backends/lustre/access/rules";
import { featuresOf } from "../../../src/backends/lustre/features";
import type { RuleRecord, ShareRecord } from "../../../src/backends/lustre/records";
import { ShareError } from "../../../src/core/errors";
import { parseClient } from "../../../src/spec/address";
import { ruleMessage } from "../../../src/spec/lustre";
import { MgsModel, type Reach } from "./mgs-model";
import { rule } from "./rules";
import { planningSite } from "./site";

const site = planningSite();
const modern = featuresOf("2.17");

const share = (name: string, more: Partial<ShareRecord> = {}): ShareRecord => ({
  format: 1,
  kind: "lustre.share",
  key: `shares/${name}`,
  claim: `share-${name}`,
  owner: "team",
  state: "ready",
  spec: { fileset: `/shares/${name}`, size: "1 GiB", owner: "0:0", mode: "0770", removal_policy: "retain" },
  ...more,
});
const ruleOf = (name: string, clients: string, level: "rw" | "ro" = "rw") => {
  const { spec } = rule(`shares/${name}#r`, `/shares/${name}`, clients, level);
  return spec;
};
const recordOf = (key: string, spec: ReturnType<typeof ruleOf>, more: Partial<RuleRecord> = {}): RuleRecord => ({
  format: 1,
  kind: "lustre.access-rule",
  key,
  claim: key,
  stack: "s1",
  owner: "team",
  live: ruleMessage.write(spec),
  ...more,
});

interface World {
  mgs: MgsModel;
  shares: ShareRecord[];
  rules: RuleRecord[];
}
/** Does what a hook of the wish would, without its book-keeping of rules; returns what it said. */
function settle({ mgs, shares, rules }: World, wish?: RuleWish): string[] {
  const { steps } = planAllAccess(
    site,
    { records: { shares, rules, nodemaps: [] }, live: mgs.live(), infrastructure: [] },
    modern,
    wish,
  );
  for (const step of steps) for (const command of step.commands) mgs.run(command);
  return steps.map(({ say }) => say);
}
const reach = (mgs: MgsModel, address: string): Reach => mgs.reach({ net: "tcp", value: parseClient(address, "tcp").start });

const code = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (ShareError.isShareError(error)) return (error as ShareError).code;
    throw error;
  }
  throw new Error("nothing was refused");
};

describe("a rule that contradicts the wish and is in no claim of the stack", () => {
  const existing = recordOf("shares/a#old", ruleOf("a", "10.0.0.5@tcp"));
  const wish: RuleWish = {
    key: "shares/a#new",
    claim: "shares/a#new",
    stack: "s1",
    spec: ruleOf("a", "10.0.0.5@tcp", "ro"),
    keys: ["shares/a#new"],
  };
  const wished = recordOf(wish.key, wish.spec, { pending: ruleMessage.write(wish.spec) });
  const worldOf = (old: RuleRecord): World => {
    const world = { mgs: new MgsModel(), shares: [share("a")], rules: [old] };
    settle(world);
    const { live: _, ...noted } = wished;
    return { ...world, rules: [old, noted] };
  };

  test("is leaving where it is the stack's own", () => {
    const world = worldOf(existing);
    settle(world, wish);
    expect(reach(world.mgs, "10.0.0.5")).toEqual(new Map([["/shares/a", "ro"]]));
  });
  test("S-09: is another stack's to keep, also of one with our label: the wish is refused", () => {
    const world = worldOf({ ...existing, stack: "s2" });
    expect(code(() => settle(world, wish))).toBe("ACCESS_CONFLICT");
    expect(reach(world.mgs, "10.0.0.5")).toEqual(new Map([["/shares/a", "rw"]]));
  });
  test("and one that the stack still has is no more leaving than that", () => {
    const world = worldOf(existing);
    expect(code(() => settle(world, { ...wish, keys: [wish.key, existing.key] }))).toBe("ACCESS_CONFLICT");
    const { keys: _, ...unasked } = wish;
    expect(code(() => settle(world, unasked))).toBe("ACCESS_CONFLICT");
  });
});

describe("a rule whose share has no record", () => {
  const lost = recordOf("shares/a#r", ruleOf("a", "10.0.0.5@tcp"));
  const other = recordOf("shares/b#r", ruleOf("b", "10.0.0.9@tcp"));
  const open = (): World => {
    const world = { mgs: new MgsModel(), shares: [share("a"), share("b")], rules: [lost, other] };
    settle(world);
    return world;
  };
  const a = new Map([["/shares/a", "rw"]]);

  test("stays in force where it is open, until somebody has looked", () => {
    const world = { ...open(), shares: [share("b")] };
    expect(settle(world)).toEqual([]);
    expect(reach(world.mgs, "10.0.0.5")).toEqual(a);
  });
  test("is closed when the share is on record, and leaving or elsewhere", () => {
    for (const known of [share("a", { state: "leaving" }), share("a", { spec: { ...share("a").spec, fileset: "/else/a" } })]) {
      const world = { ...open(), shares: [known, share("b")] };
      settle(world);
      expect([reach(world.mgs, "10.0.0.5"), reach(world.mgs, "10.0.0.9")]).toEqual(["nothing", new Map([["/shares/b", "rw"]])]);
    }
  });
  test("opens nothing that is not open", () => {
    const world: World = { mgs: new MgsModel(), shares: [share("b")], rules: [lost, other] };
    settle(world);
    expect([reach(world.mgs, "10.0.0.5"), reach(world.mgs, "10.0.0.9")]).toEqual(["nothing", new Map([["/shares/b", "rw"]])]);
    // That somebody else's nodemap opens the same path says nothing of ours.
    world.mgs.put("theirs", {
      ranges: [parseClient("10.0.0.77@tcp", "tcp")],
      filesets: [{ path: "/shares/a", primary: true, readOnly: false }],
      properties: new Map([["deny_mount", "0"]]),
    });
    expect(settle(world)).toEqual([]);
    expect(reach(world.mgs, "10.0.0.5")).toBe("nothing");
  });
  test("is kept as it was live, not as it was to become", () => {
    const wider = ruleMessage.write(ruleOf("a", "10.0.0.4/30@tcp"));
    const world = { ...open(), shares: [share("b")], rules: [{ ...lost, pending: wider }, other] };
    settle(world);
    expect([reach(world.mgs, "10.0.0.5"), reach(world.mgs, "10.0.0.6")]).toEqual([a, "nothing"]);
  });
  test("is refused to its own hook", () => {
    const world = { ...open(), shares: [share("b")] };
    const wish = { key: lost.key, claim: lost.key, spec: ruleOf("a", "10.0.0.5@tcp") };
    expect(code(() => settle(world, wish))).toBe("SHARE_NOT_READY");
  });
});
