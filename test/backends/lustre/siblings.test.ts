// Rules of one stack that change together: whatever order their hooks come in, and however many at once, each ends in force, and nobody ever
// gets what neither the old nor the new code grants.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { confirmRule, pendingRecord, planAllAccess, type RuleWish } from "../../../src/backends/lustre/access/rules";
import { asWanted, textDigest } from "../../../src/backends/lustre/access/siblings";
import { featuresOf } from "../../../src/backends/lustre/features";
import type { RuleRecord, ShareRecord } from "../../../src/backends/lustre/records";
import { ShareError } from "../../../src/core/errors";
import { parseClient } from "../../../src/spec/address";
import {
  type AccessLevel,
  type AccessRuleSpec,
  formatSquash,
  type RuleIntent,
  ruleMessage,
  type Squash,
} from "../../../src/spec/lustre";
import { MgsModel } from "./mgs-model";
import { holds, universe } from "./rules";
import { planningSite } from "./site";

const modern = featuresOf("2.17");
const site = planningSite();
type Rights = Pick<AccessRuleSpec, "level" | "squash">;

/** A rule before and after a deployment. `reference`: what its code writes for its clients, where that is no literal. */
interface Changing {
  key: string;
  before: AccessRuleSpec;
  after: AccessRuleSpec;
  reference?: string;
}

function spec(share: string, clients: string, rights: Rights): AccessRuleSpec {
  const path = `/shares/${share}`;
  return { share: path.slice(1), fileset: path, clients: clients.split(", "), advisoryReadOnly: false, adopt: false, ...rights };
}

function changing(
  share: string,
  name: string,
  [before, after]: [string, string],
  rights: [Rights, Rights],
  reference?: string,
): Changing {
  return {
    key: `shares/${share}#${name}`,
    before: spec(share, before, rights[0]),
    after: spec(share, after, rights[1]),
    ...(reference === undefined ? {} : { reference }),
  };
}

function intentOf({ after, reference }: Changing): RuleIntent {
  const clients = reference === undefined ? textDigest(after.clients.join(", ")) : `=${reference}`;
  return { level: after.level, squash: formatSquash(after.squash), clients };
}

const share = (name: string): ShareRecord => ({
  format: 1,
  kind: "lustre.share",
  key: `shares/${name}`,
  claim: "c",
  owner: "team",
  state: "ready",
  spec: { fileset: `/shares/${name}`, size: "1 GiB", owner: "0:0", mode: "0770", removal_policy: "retain" },
});

class World {
  readonly mgs = new MgsModel();
  private readonly intents: ReadonlyMap<string, RuleIntent>;

  constructor(private readonly rules: readonly Changing[]) {
    this.intents = new Map(rules.map((rule) => [rule.key, intentOf(rule)]));
    for (const { key, before } of rules) {
      const live = ruleMessage.write(before);
      this.mgs.rules.set(key, { format: 1, kind: "lustre.access-rule", key, claim: key, stack: "s1", owner: "team", live });
    }
    this.run(() => this.plan());
  }

  private wish({ key, after }: Changing): RuleWish {
    return { key, claim: key, stack: "s1", spec: after, keys: [...this.intents.keys()], intents: this.intents };
  }

  private plan(wish?: RuleWish) {
    const records = { shares: ["a", "b", "c"].map(share), rules: [...this.mgs.rules.values()], nodemaps: [] };
    return planAllAccess(site, { records, live: this.mgs.live(), infrastructure: [] }, modern, wish);
  }

  private run(plan: () => ReturnType<typeof planAllAccess>, watch = () => {}): void {
    for (let round = 0; round < 4; round += 1) {
      const commands = plan().steps.flatMap((step) => step.commands);
      if (commands.length === 0) return;
      for (const command of commands) {
        this.mgs.run(command);
        watch();
      }
    }
    throw new Error("still something to do");
  }

  /** The first half of a hook: the wish is noted, without the lock. */
  note(rule: Changing): void {
    this.mgs.rules.set(rule.key, pendingRecord(site, this.wish(rule), this.mgs.rules.get(rule.key)));
  }

  /** The second half, in the lock. */
  finish(rule: Changing): void {
    this.run(
      () => this.plan(this.wish(rule)),
      () => this.watch(),
    );
    for (const step of confirmRule(site, this.mgs.rules.get(rule.key) as RuleRecord))
      for (const command of step.commands) this.mgs.run(command);
    for (const address of universe) {
      if (
        !holds(
          rule.after.clients.map((client) => parseClient(client, "tcp")),
          address,
        )
      )
        continue;
      const reach = this.mgs.reach(address);
      expect([rule.key, reach instanceof Map && reach.get(rule.after.fileset)]).toEqual([rule.key, rule.after.level]);
    }
  }

  /** Nobody reaches what neither the old nor the new code grants. */
  private watch(): void {
    const granted = this.rules
      .flatMap(({ before, after }) => [before, after])
      .map(({ fileset, level, clients }) => ({
        path: fileset,
        level,
        clients: clients.map((client) => parseClient(client, "tcp")),
      }));
    const wrong: unknown[] = [];
    for (const address of universe) {
      const reach = this.mgs.reach(address);
      if (reach === "everything") wrong.push([address, reach]);
      if (!(reach instanceof Map)) continue;
      for (const [path, level] of reach) {
        const isGranted = granted.some(
          (one) => one.path === path && (one.level === "rw" || one.level === level) && holds(one.clients, address),
        );
        if (!isGranted) wrong.push([address, path, level]);
      }
    }
    expect(wrong).toEqual([]);
  }

  records(): RuleRecord[] {
    return [...this.mgs.rules.values()];
  }

  isSettled(): boolean {
    return this.plan().steps.length === 0;
  }
}

/** Hooks in that order, so many at once: each is noted when it starts, and takes the lock when its turn comes. */
function deploy(
  rules: readonly Changing[],
  order: readonly Changing[],
  parallelism: number,
  pick: (count: number) => number,
): World {
  const world = new World(rules);
  const waiting = [...order];
  const running: Changing[] = [];
  while (waiting.length + running.length > 0) {
    while (running.length < parallelism && waiting.length > 0) {
      const next = waiting.shift() as Changing;
      world.note(next);
      running.push(next);
    }
    world.finish(running.splice(pick(running.length), 1)[0] as Changing);
  }
  return world;
}

const root: Squash = { kind: "root" };
const rw: Rights = { level: "rw", squash: root };
const ro: Rights = { level: "ro", squash: root };
const client = "10.0.0.5@tcp";
const same = (): [string, string] => [client, client];

describe("R-06: two rules of one client change together", () => {
  test.each<[string, [Rights, Rights]]>([
    ["rw to ro", [rw, ro]],
    ["ro to rw", [ro, rw]],
    ["squash", [rw, { level: "rw", squash: { kind: "all", uid: 5, gid: 5 } }]],
    ["squash and level", [{ level: "ro", squash: { kind: "none" } }, rw]],
  ])("R-06: %s, one after the other, in both orders", (_, rights) => {
    for (const reference of [undefined, "instance"]) {
      const rules = [changing("a", "x", same(), rights, reference), changing("b", "x", same(), rights, reference)];
      for (const order of [rules, [...rules].reverse()]) expect(deploy(rules, order, 1, () => 0).isSettled()).toBe(true);
    }
  });

  test("R-06: clients that only the other's hook knows are given no more before that has come", () => {
    const rules = [
      changing("a", "x", [`${client}, 10.0.0.6@tcp`, "10.0.0.6@tcp"], [ro, rw], "one"),
      changing("b", "x", same(), [ro, rw], "two"),
    ];
    const world = new World(rules);
    const [a, b] = rules as [Changing, Changing];
    world.note(b);
    world.finish(b);
    const at = (last: bigint) => world.mgs.reach({ net: "tcp", value: 0x0a000000n + last });
    expect([at(5n), at(6n)]).toEqual([new Map([["/shares/b", "rw"]]), new Map([["/shares/a", "ro"]])]);
    world.note(a);
    world.finish(a);
    expect(world.isSettled()).toBe(true);
  });

  test("R-06: what the code really contradicts is refused as before, and nothing is changed", () => {
    const rules = [changing("a", "x", same(), [rw, rw], "one"), changing("b", "x", ["10.0.0.9@tcp", client], [ro, ro], "two")];
    const world = new World(rules);
    const before = JSON.stringify([...world.mgs.nodemaps.values()].map(({ name, ranges }) => [name, String(ranges[0]?.start)]));
    const b = rules[1] as Changing;
    world.note(b);
    const refused = (() => {
      try {
        world.finish(b);
      } catch (error) {
        return error;
      }
    })();
    expect(ShareError.isShareError(refused) && (refused as ShareError).code).toBe("ACCESS_CONFLICT");
    const now = JSON.stringify([...world.mgs.nodemaps.values()].map(({ name, ranges }) => [name, String(ranges[0]?.start)]));
    expect(now).toBe(before);
  });

  test("R-06: a wish that a sibling's hook overwrote before it had the lock is what counts", () => {
    const rules = [changing("a", "x", same(), [rw, ro]), changing("b", "x", same(), [rw, ro])];
    const world = new World(rules);
    const [a, b] = rules as [Changing, Changing];
    world.note(a);
    const older = { ...(world.mgs.rules.get(a.key) as RuleRecord) };
    world.note(b);
    world.finish(b);
    world.mgs.rules.set(a.key, { ...older, pending: { ...ruleMessage.write(a.after), clients: "10.0.0.77@tcp" } });
    world.finish(a);
    expect(world.mgs.rules.get(a.key)?.live).toEqual(ruleMessage.write(a.after));
    expect(world.isSettled()).toBe(true);
  });
});

describe("a squash that is a reference", () => {
  const squash = { kind: "all", uid: 5, gid: 5 } as const;
  const { key, before, after } = changing("b", "x", same(), [ro, { level: "ro", squash }]);
  const properties = ruleMessage.write(before);
  const record: RuleRecord = { format: 1, kind: "lustre.access-rule", key, claim: key, owner: "team", live: properties };
  const intervals = [parseClient(client, "tcp")];
  const clients = textDigest(client);
  const wanted = (theirs: string, ours: string) =>
    asWanted(
      { record, properties, intervals, intent: { level: "ro", squash: theirs, clients } },
      { intent: { level: "ro", squash: ours, clients }, spec: after },
      intervals,
    )?.pending?.squash;

  test("is known where the asking rule refers to the same", () => expect(wanted("=a", "=a")).toBe("all 5:5"));
  test("is not known where it refers to something else, or says it", () =>
    expect([wanted("=a", "=b"), wanted("=a", "5:5")]).toEqual([undefined, undefined]));
  test("is known where it is none", () => expect(wanted("none", "=b")).toBe("none"));
});

const rights = fc.record({
  level: fc.constantFrom<AccessLevel>("rw", "ro"),
  squash: fc.constantFrom<Squash>(root, { kind: "none" }, { kind: "all", uid: 5, gid: 5 }),
});
const clients = fc
  .array(fc.tuple(fc.nat(20), fc.nat(3)), { minLength: 1, maxLength: 2 })
  .map((ranges) => ranges.map(([from, size]) => `10.0.0.[${from}-${from + size}]@tcp`).join(", "));
const rule = fc.record({
  share: fc.constantFrom("a", "b", "c"),
  before: clients,
  after: fc.option(clients, { nil: undefined, freq: 2 }),
  isReference: fc.boolean(),
});
const deployment = fc.tuple(fc.array(rule, { minLength: 2, maxLength: 6 }), rights, rights).map(([rules, before, after]) =>
  rules.map((one, index) => {
    const then = one.after ?? one.before;
    // The same text is the same value.
    return changing(one.share, `r${index}`, [one.before, then], [before, after], one.isReference ? then : undefined);
  }),
);

test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])(
  "R-06: a whole stack changes rights and clients, %i at once, in any order: all hooks succeed, nobody gets more",
  (parallelism) => {
    fc.assert(
      fc.property(deployment, fc.infiniteStream(fc.nat(1000)), (rules, numbers) => {
        const pick = (count: number) => (numbers.next().value as number) % count;
        const order = [...rules].sort(() => pick(3) - 1);
        const world = deploy(rules, order, parallelism, pick);
        expect(world.isSettled()).toBe(true);
        for (const { key, after } of rules) {
          const record = world.records().find((one) => one.key === key);
          expect([record?.live, record?.pending]).toEqual([ruleMessage.write(after), undefined]);
        }
      }),
      { numRuns: parallelism < 3 ? 20 : 6 },
    );
  },
);
