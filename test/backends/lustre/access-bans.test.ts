// Who keeps what was taken, and who is banned for it: bans by the address, whatever nodemap it is in and moves to.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type AccessGroup, type CompilableRule, compileAccess } from "../../../src/backends/lustre/access/compiler";
import { overlaps } from "../../../src/backends/lustre/access/intervals";
import { planAccess } from "../../../src/backends/lustre/access/plan";
import { keptNotes } from "../../../src/backends/lustre/access/revocation";
import { featuresOf } from "../../../src/backends/lustre/features";
import type { Command } from "../../../src/core/command";
import { type NidInterval, parseClient } from "../../../src/spec/address";
import type { Revocation } from "../../../src/spec/lustre";
import { MgsModel } from "./mgs-model";
import { holds, rule, ruleSet, universe } from "./rules";
import { planningSite } from "./site";

const modern = featuresOf("2.17");
type Address = (typeof universe)[number];

function groupsOf(rules: CompilableRule[]): AccessGroup[] {
  for (let rest = rules; ; ) {
    const { groups, conflicts } = compileAccess(rest, modern);
    const last = conflicts[0]?.rules[1];
    if (last === undefined) return groups;
    rest = rest.filter(({ key }) => key !== last);
  }
}

function planFor(mgs: MgsModel, groups: AccessGroup[], revocation: Revocation, lifted: NidInterval[] = []) {
  return planAccess(planningSite({ revocation }), groups, mgs.live(), modern, {
    judge: (taken) => [{ ...taken, revocation }],
    lifted,
  });
}

function commandsOf(...args: Parameters<typeof planFor>): Command[] {
  return planFor(...args).steps.flatMap(({ commands }) => commands);
}

/** To the end, as the executor's rounds do. */
function settle(mgs: MgsModel, groups: AccessGroup[], revocation: Revocation, lifted: NidInterval[] = []): void {
  for (let round = 0; round < 4; round += 1) {
    const commands = commandsOf(mgs, groups, revocation, lifted);
    if (commands.length === 0) return;
    for (const command of commands) mgs.run(command);
  }
  throw new Error("still something to do after four rounds");
}

/** What an address may mount, as far as servers enforce it. */
function reachOf(groups: AccessGroup[], address: Address): Map<string, "rw" | "ro"> {
  const group = groups.find(({ intervals }) => holds(intervals, address));
  const level = group?.properties.get("readonly_mount") === "1" ? "ro" : "rw";
  return new Map([...(group?.filesets.keys() ?? [])].map((path) => [path, level]));
}

/** An independent account of what each address may still have mounted although it was taken. */
class Account {
  readonly held = new Map<Address, Set<string>>();
  change(from: AccessGroup[], to: AccessGroup[]): void {
    for (const address of universe) {
      const [before, after] = [reachOf(from, address), reachOf(to, address)];
      const held = this.held.get(address) ?? new Set();
      for (const [path, level] of before) if (after.get(path) !== "rw" && after.get(path) !== level) held.add(`${level} ${path}`);
      for (const [path, level] of after) {
        held.delete(`ro ${path}`);
        if (level === "rw") held.delete(`rw ${path}`);
      }
      this.held.set(address, held);
    }
  }
  isHeld(address: Address): boolean {
    return (this.held.get(address)?.size ?? 0) > 0;
  }
}

const address = (text: string): Address => ({ net: "tcp", value: parseClient(text, "tcp").start });

describe("R-04: revocation by ban", () => {
  test("R-04: who loses anything is banned wherever it goes, until it has just that again", () => {
    fc.assert(
      fc.property(fc.array(ruleSet, { minLength: 2, maxLength: 4 }), (sets) => {
        const [mgs, account] = [new MgsModel(), new Account()];
        let before: AccessGroup[] = [];
        for (const groups of sets.map(groupsOf)) {
          settle(mgs, groups, "ban");
          account.change(before, groups);
          expect(universe.filter((one) => mgs.isBanned(one) !== account.isHeld(one))).toEqual([]);
          before = groups;
        }
      }),
      { numRuns: 60 },
    );
  });

  test("R-04: cut off after any command, the next run still ends in the bans", () => {
    fc.assert(
      fc.property(ruleSet, ruleSet, fc.nat(), (first, second, seed) => {
        const [mgs, account] = [new MgsModel(), new Account()];
        const [from, to] = [groupsOf(first), groupsOf(second)];
        settle(mgs, from, "ban");
        account.change(from, to);
        const commands = commandsOf(mgs, to, "ban");
        for (const command of commands.slice(0, seed % (commands.length + 1))) mgs.run(command);
        settle(mgs, to, "ban");
        expect(universe.filter((one) => mgs.isBanned(one) !== account.isHeld(one))).toEqual([]);
      }),
      { numRuns: 80 },
    );
  });

  test("R-04: what an administrator banned in a nodemap of ours stays banned, whatever nodemap the client moves to", () => {
    fc.assert(
      fc.property(ruleSet, ruleSet, fc.constantFrom<Revocation>("lazy", "cut", "ban"), (first, second, revocation) => {
        const mgs = new MgsModel();
        settle(mgs, groupsOf(first), revocation);
        const theirs = universe.find((one) => mgs.nodemapOf(one));
        fc.pre(theirs !== undefined);
        const { net, value } = theirs as Address;
        mgs.nodemapOf({ net, value })?.banned.push({ net, family: 4, start: value, end: value });
        settle(mgs, groupsOf(second), revocation);
        expect(mgs.isBanned({ net, value })).toBe(true);
        expect(commandsOf(mgs, groupsOf(second), revocation)).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test("R-04: a lifted ban stays lifted", () => {
    const both = groupsOf([rule("a", "/shares/a", "10.0.0.0/29"), rule("b", "/shares/b", "10.0.0.0/29")]);
    const one = groupsOf([rule("b", "/shares/b", "10.0.0.0/29")]);
    const mgs = new MgsModel();
    settle(mgs, both, "ban");
    settle(mgs, one, "ban");
    expect(mgs.isBanned(address("10.0.0.3"))).toBe(true);
    settle(mgs, one, "ban", [parseClient("10.0.0.3", "tcp")]);
    settle(mgs, one, "ban");
    expect([mgs.isBanned(address("10.0.0.3")), mgs.isBanned(address("10.0.0.4"))]).toEqual([false, true]);
    settle(mgs, one, "ban", [parseClient("10.0.0.0/24", "tcp")]);
    expect([mgs.ourBans, mgs.held]).toEqual([[], new Map()]);
  });

  test("R-04: neither IPv6 prefixes, which the MGS prints without their length, nor other networks keep it from ending", () => {
    const both = groupsOf([rule("a", "/shares/a", "fd00::/64, 10.0.0.0/29@o2ib"), rule("b", "/shares/b", "fd00::/64")]);
    const mgs = new MgsModel();
    settle(mgs, both, "ban");
    settle(mgs, groupsOf([rule("b", "/shares/b", "fd00::/64")]), "ban");
    expect(mgs.isBanned({ net: "tcp", value: parseClient("fd00::7", "tcp").start })).toBe(true);
    expect(mgs.isBanned({ net: "o2ib", value: parseClient("10.0.0.3", "tcp").start })).toBe(true);
  });

  test("R-04: a ban of others in `default` does not stop ours", () => {
    const mgs = new MgsModel();
    mgs.banned = [parseClient("10.0.0.2", "tcp")];
    settle(mgs, groupsOf([rule("a", "/shares/a", "10.0.0.0/29")]), "cut");
    settle(mgs, [], "cut");
    for (const last of [0, 2, 7]) expect(mgs.isBanned(address(`10.0.0.${last}`))).toBe(true);
    settle(mgs, groupsOf([rule("a", "/shares/a", "10.0.0.0/29")]), "cut");
    expect(mgs.banned).toEqual([parseClient("10.0.0.2", "tcp")]);
  });
});

describe("R-04: who keeps what, and why", () => {
  const a = rule("a", "/shares/a", "10.0.0.0/29");
  const b = rule("b", "/shares/b", "10.0.0.0/30");
  const notes = (from: CompilableRule[], to: CompilableRule[], revocation: Revocation) => {
    const mgs = new MgsModel();
    settle(mgs, groupsOf(from), revocation);
    return keptNotes(planFor(mgs, groupsOf(to), revocation).revoked);
  };
  const lines = (path: string, why: string) => `clients that have ${path} mounted keep it until they unmount${why}`;
  const both = ", since they still have /shares/b, which a ban would cut off as well";

  test.each<[string, CompilableRule[], CompilableRule[], Revocation, string[]]>([
    ["R-04: lazy: all of them", [a], [], "lazy", [`${lines("/shares/a", "")} (revocation: lazy): 10.0.0.[0-7]@tcp`]],
    ["R-04: cut: whoever has nothing left is cut off", [a], [], "cut", []],
    [
      "R-04: cut: whoever keeps another share keeps both",
      [a, b],
      [b],
      "cut",
      [`${lines("/shares/a", both)} (revocation: cut): 10.0.0.[0-3]@tcp`],
    ],
    ["R-04: ban: nobody", [a, b], [b], "ban", []],
    [
      "R-04: writing is kept as well",
      [a],
      [{ ...a, spec: { ...a.spec, level: "ro" } }],
      "cut",
      ["clients that have /shares/a mounted for writing keep that until they mount it again (revocation: cut): 10.0.0.[0-7]@tcp"],
    ],
    ["R-04: ban: not even writing", [a], [{ ...a, spec: { ...a.spec, level: "ro" } }], "ban", []],
    ["R-04: more is nothing taken", [{ ...a, spec: { ...a.spec, level: "ro" } }], [a, b], "lazy", []],
  ])("%s", (_, from, to, revocation, expected) => expect(notes(from, to, revocation)).toEqual(expected));

  test("R-04: a nodemap that somebody opened by hand shows the whole tree, and what is mounted of it stays", () => {
    const mgs = new MgsModel();
    settle(mgs, groupsOf([a]), "lazy");
    for (const nodemap of mgs.nodemaps.values()) nodemap.filesets = [];
    expect(keptNotes(planFor(mgs, groupsOf([a]), "lazy").revoked)).toEqual([
      `${lines("/", ", and still have /shares/a")} (revocation: lazy): 10.0.0.[0-7]@tcp`,
    ]);
  });

  test("R-04: many are counted", () => {
    const clients = Array.from({ length: 12 }, (_, index) => `10.0.${index * 2}.1`).join(", ");
    expect(notes([rule("a", "/shares/a", clients)], [], "lazy")[0]).toMatch(/: 10\.0\.0\.1@tcp, .*, 10\.0\.14\.1@tcp, 4 more$/);
  });
});

test("R-04: bans stand within one range of their nodemap, as the MGS asks (golden d178)", () => {
  const mgs = new MgsModel();
  const rules = [rule("a", "/shares/a", "10.0.0.0/29"), rule("b", "/shares/b", "10.0.0.0/29, 10.0.0.8/29")];
  settle(mgs, groupsOf(rules), "ban");
  settle(mgs, groupsOf(rules.slice(1)), "ban");
  for (const { banned, ranges } of mgs.nodemaps.values())
    for (const ban of banned) expect(ranges.filter((range) => overlaps(ban, [range]))).toHaveLength(1);
});
