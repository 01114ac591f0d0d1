import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type AccessFeatures,
  type AccessGroup,
  type CompilableRule,
  compileAccess,
} from "../../../src/backends/lustre/access/compiler";
import { subtract } from "../../../src/backends/lustre/access/intervals";
import { sharedAddresses } from "../../../src/backends/lustre/access/match";
import { assignNodemaps, planAccess } from "../../../src/backends/lustre/access/plan";
import type { LiveNodemap } from "../../../src/backends/lustre/access/steps";
import { featuresOf } from "../../../src/backends/lustre/features";
import { type NidInterval, parseClient, union } from "../../../src/spec/address";
import { MgsModel, type ModelNodemap } from "./mgs-model";
import { holds, rule, ruleSet, universe } from "./rules";
import { planningSite } from "./site";

const modern = featuresOf("2.17");
const old = featuresOf("2.16");

/** Groups of a rule set, whatever is in conflict left out. */
function groupsOf(rules: CompilableRule[], features: AccessFeatures): AccessGroup[] {
  let rest = rules;
  for (;;) {
    const { groups, conflicts } = compileAccess(rest, features);
    const last = conflicts[0]?.rules[1];
    if (last === undefined) return groups;
    rest = rest.filter(({ key }) => key !== last);
  }
}

function planFor(
  mgs: MgsModel,
  groups: AccessGroup[],
  features: AccessFeatures,
  site = planningSite(),
  lifted: NidInterval[] = [],
) {
  const { revocation } = site.fileSystem;
  return planAccess(site, groups, mgs.live(), features, { judge: (taken) => [{ ...taken, revocation }], lifted });
}

function settle(
  mgs: MgsModel,
  groups: AccessGroup[],
  features: AccessFeatures,
  site = planningSite(),
  watch: () => void = () => {},
): string[] {
  const { steps } = planFor(mgs, groups, features, site);
  for (const step of steps) {
    for (const command of step.commands) {
      mgs.run(command);
      watch();
    }
  }
  return steps.map(({ say }) => say);
}

/** Path to level of an address by the groups. */
function grants(groups: AccessGroup[], address: { net: string; value: bigint }): Map<string, "rw" | "ro"> {
  const group = groups.find(({ intervals }) => holds(intervals, address));
  const readOnly = group?.properties.get("readonly_mount") === "1";
  return new Map([...(group?.filesets ?? [])].map(([path, advisory]) => [path, readOnly || advisory ? "ro" : "rw"]));
}

/** What an address has and may not have. Told, not expected: an expectation for each of thousands of pairs would cost more than all else. */
function wrongAt(mgs: MgsModel, address: (typeof universe)[number], allowed: ReturnType<typeof grants>[]): unknown[] {
  const reach = mgs.reach(address);
  // nobody is ever in a nodemap that has not all its properties.
  if (reach === "nothing") return mgs.nodemapOf(address) ? [[address, "is in a nodemap that shows nothing"]] : [];
  if (reach === "everything") return [[address, reach]];
  const isAllowed = ([path, level]: [string, string]) =>
    allowed.some((grant) => grant.get(path) === "rw" || grant.get(path) === level);
  return [...reach].filter((entry) => !isAllowed(entry)).map((entry) => [address, ...entry]);
}

const slurm: LiveNodemap = {
  name: "slurm",
  ranges: [parseClient("10.0.0.[100-200]@tcp", "tcp")],
  filesets: [{ path: "/slurm", primary: true, readOnly: false }],
  properties: new Map([["admin", "1"]]),
  banned: [],
};
const withSlurm = (): MgsModel => {
  const mgs = new MgsModel();
  mgs.put("slurm", structuredClone(slurm));
  return mgs;
};

describe.each([
  ["2.17", modern],
  ["2.16", old],
] as const)("from any rules to any others on %s", (version, features) => {
  const site = planningSite({ lustreVersion: version });

  test("every step is legal, nobody ever mounts what neither grants, the end is the goal, others are untouched", () => {
    fc.assert(
      fc.property(ruleSet, ruleSet, (before, after) => {
        const mgs = withSlurm();
        const [from, to] = [groupsOf(before, features), groupsOf(after, features)];
        settle(mgs, from, features, site);
        const allowed = new Map(universe.map((address) => [address, [grants(from, address), grants(to, address)]]));
        settle(mgs, to, features, site, () => {
          const wrong = universe.flatMap((address) => wrongAt(mgs, address, allowed.get(address) ?? []));
          expect(wrong).toEqual([]);
        });
        for (const address of universe) {
          const reach = mgs.reach(address);
          expect(reach === "nothing" ? new Map() : reach).toEqual(grants(to, address));
          const properties = to.find(({ intervals }) => holds(intervals, address))?.properties ?? new Map();
          const found = mgs.nodemapOf(address)?.properties;
          const shown = new Map([...properties.keys()].map((property) => [property, found?.get(property)]));
          expect(shown).toEqual(new Map(properties));
        }
        expect(mgs.nodemaps.get("slurm")).toEqual(slurm);
        expect([...mgs.registered.keys()].sort()).toEqual([...mgs.nodemaps.keys()].filter((name) => name !== "slurm").sort());
        expect(mgs.nodemaps.size).toBe(to.length + 1);
        expect(settle(mgs, to, features, site)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  test("cut off after any command, the next plan reaches the goal", () => {
    fc.assert(
      fc.property(ruleSet, ruleSet, fc.nat(), (before, after, seed) => {
        const mgs = withSlurm();
        settle(mgs, groupsOf(before, features), features, site);
        const to = groupsOf(after, features);
        const commands = planFor(mgs, to, features, site).steps.flatMap((step) => step.commands);
        for (const command of commands.slice(0, seed % (commands.length + 1))) mgs.run(command);
        settle(mgs, to, features, site);
        expect(settle(mgs, to, features, site)).toEqual([]);
        for (const address of universe)
          expect(mgs.reach(address)).toEqual(grants(to, address).size === 0 ? "nothing" : grants(to, address));
        expect(mgs.nodemaps.get("slurm")).toEqual(slurm);
      }),
      { numRuns: 150 },
    );
  });

  test("U-02 as few addresses as possible change their nodemap, first of those that keep their grants; whose range stays never leaves it", () => {
    fc.assert(
      fc.property(ruleSet, ruleSet, (before, after) => {
        const mgs = withSlurm();
        settle(mgs, groupsOf(before, features), features, site);
        const to = groupsOf(after, features);
        fc.pre(to.length <= 6 && mgs.nodemaps.size <= 7);
        const were = universe.map((address) => mgs.nodemapOf(address)?.name);
        const live = [...mgs.live().nodemaps.values()].filter(({ name }) => name !== "slurm");
        const staying = universe.filter((address) => {
          const nodemap = mgs.nodemapOf(address);
          const range = nodemap?.ranges.find((one) => holds([one], address));
          const group = to.find(({ intervals }) => holds(intervals, address));
          return range && group && subtract([range], group.intervals).length === 0;
        });
        const alwaysIn = new Set(staying);
        settle(mgs, to, features, site, () => {
          for (const address of alwaysIn) if (!mgs.nodemapOf(address)) alwaysIn.delete(address);
        });
        const kept = universe.filter(
          (address, index) => were[index] !== undefined && mgs.nodemapOf(address)?.name === were[index],
        );
        const worth = kept.map((address) => {
          const group = to.find(({ intervals }) => holds(intervals, address)) as AccessGroup;
          return worthOf(live.find(({ ranges }) => holds(ranges, address)) as LiveNodemap, group);
        });
        expect(worth.reduce((sum, one) => sum + one, 0)).toBe(mostKept(to, live, features));
        for (const address of staying) {
          const index = universe.indexOf(address);
          if (were[index] === mgs.nodemapOf(address)?.name) expect(alwaysIn.has(address)).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  });
});

test("a group that a nodemap carries as it is gets what it would get if it were compared with all", () => {
  const sites = [modern, old].map((features) => ({
    features,
    site: planningSite({ lustreVersion: features === old ? "2.16" : "2.17" }),
  }));
  fc.assert(
    fc.property(ruleSet, ruleSet, fc.constantFrom(...sites), fc.nat(3), (before, after, { features, site }, spoilt) => {
      const mgs = withSlurm();
      // Most of them are in both.
      settle(mgs, groupsOf([...before, ...after.slice(spoilt)], features), features, site);
      const groups = groupsOf([...before.slice(spoilt), ...after], features);
      const live = mgs.live();
      const compared = assignNodemaps(site, groups, live, features, () => new Map());
      expect(assignNodemaps(site, groups, live, features)).toEqual(compared);
    }),
    { numRuns: 150 },
  );
});

/** What it is worth that an address stays: whose grants do not change counts for more than all others together. */
function worthOf({ filesets, properties }: LiveNodemap, group: AccessGroup): number {
  const isSame =
    filesets.length === group.filesets.size &&
    filesets.every(({ path, readOnly }) => group.filesets.get(path) === readOnly) &&
    [...group.properties].every(([name, value]) => properties.get(name) === value);
  return isSame ? 1000 : 1;
}

/** The most addresses that can stay in their nodemaps, by trying every pairing. A nodemap turns only into a group that it shares a fileset with. */
function mostKept(
  groups: AccessGroup[],
  live: LiveNodemap[],
  features: AccessFeatures,
  index = 0,
  used: ReadonlySet<string> = new Set(),
): number {
  const group = groups[index];
  if (!group) return 0;
  const options = live.filter(
    ({ name, filesets }) =>
      !used.has(name) &&
      filesets.some(({ path, readOnly }) => group.filesets.get(path) === (features.alternateFilesets ? readOnly : false)),
  );
  const rest = mostKept(groups, live, features, index + 1, used);
  return Math.max(
    rest,
    ...options.map(
      (nodemap) =>
        (sharedAddresses([group.intervals], [nodemap.ranges])[0]?.get(0) ?? 0) * worthOf(nodemap, group) +
        mostKept(groups, live, features, index + 1, new Set([...used, nodemap.name])),
    ),
  );
}

describe("plans read like prose", () => {
  const plan = (
    from: CompilableRule[],
    to: CompilableRule[],
    features = modern,
    more: Parameters<typeof planningSite>[0] = {},
  ) => {
    const mgs = new MgsModel();
    const site = planningSite(more);
    settle(mgs, groupsOf(from, features), features, site);
    return settle(mgs, groupsOf(to, features), features, site).map((say) => say.replace(/^record .*/, "record"));
  };
  const a = rule("a", "/shares/a", "10.0.0.0/24");

  test("X-L10 W-L33 L-64 a new rule: the range is last", () => {
    expect(plan([], [a])).toMatchInlineSnapshot(`
      [
        "record",
        "make nodemap sw_ega3th5crl4n",
        "set readonly_mount=0 map_mode=all squash_uid=65534 squash_gid=65534 squash_projid=65534 admin=0 trusted=1 deny_unknown=0 forbid_encryption=0 audit_mode=1 rbac=file_perms,fscrypt_admin,server_upcall child_raise_privileges=none capabilities=off deny_mount=0 on nodemap sw_ega3th5crl4n",
        "open /shares/a to nodemap sw_ega3th5crl4n",
        "put 10.0.0.[0-255]@tcp into nodemap sw_ega3th5crl4n",
      ]
    `);
  });
  test("L-66 one more network with the same rights is one range", () =>
    expect(plan([a], [a, rule("b", "/shares/a", "10.0.2.0/24")])).toMatchInlineSnapshot(`
    [
      "put 10.0.2.[0-255]@tcp into nodemap sw_ega3th5crl4n",
    ]
  `));
  test("L-69 L-81 one network less is exactly one range less", () =>
    expect(plan([rule("a", "/shares/a", "10.0.0.0/24, 10.0.2.0/24")], [a])).toMatchInlineSnapshot(`
    [
      "take 10.0.2.[0-255]@tcp out of nodemap sw_54rf5sfurnzz",
    ]
  `));
  test("X-L05 one client of a network gets a second share", () =>
    expect(plan([a], [a, rule("b", "/shares/b", "10.0.0.5")])).toMatchInlineSnapshot(`
      [
        "record",
        "make nodemap sw_ruzlfycoab4e",
        "set readonly_mount=0 map_mode=all squash_uid=65534 squash_gid=65534 squash_projid=65534 admin=0 trusted=1 deny_unknown=0 forbid_encryption=0 audit_mode=1 rbac=file_perms,fscrypt_admin,server_upcall child_raise_privileges=none capabilities=off deny_mount=0 on nodemap sw_ruzlfycoab4e",
        "open /shares/a to nodemap sw_ruzlfycoab4e",
        "open /shares/b to nodemap sw_ruzlfycoab4e",
        "take 10.0.0.[0-255]@tcp out of nodemap sw_ega3th5crl4n",
        "put 10.0.0.[0-4]@tcp into nodemap sw_ega3th5crl4n",
        "put 10.0.0.[6-255]@tcp into nodemap sw_ega3th5crl4n",
        "put 10.0.0.5@tcp into nodemap sw_ruzlfycoab4e",
      ]
    `));
  test("clients that change places go one by one, so that nobody waits in default for the others", () =>
    expect(
      plan(
        [rule("a", "/shares/a", "10.0.0.0/26, 10.0.1.0/26"), rule("b", "/shares/b", "10.0.2.0/26, 10.0.3.0/26")],
        [rule("a", "/shares/a", "10.0.0.0/26, 10.0.2.0/26"), rule("b", "/shares/b", "10.0.1.0/26, 10.0.3.0/26")],
      ),
    ).toMatchInlineSnapshot(`
      [
        "take 10.0.1.[0-63]@tcp out of nodemap sw_ex4nsexabut3",
        "put 10.0.1.[0-63]@tcp into nodemap sw_7wayjrojbohb",
        "take 10.0.2.[0-63]@tcp out of nodemap sw_7wayjrojbohb",
        "put 10.0.2.[0-63]@tcp into nodemap sw_ex4nsexabut3",
      ]
    `));
  test("what nobody gets again goes first", () =>
    expect(
      plan(
        [rule("a", "/shares/a", "10.0.0.0/26, 10.0.9.0/26"), rule("b", "/shares/b", "10.0.2.0/26")],
        [rule("a", "/shares/a", "10.0.0.0/27"), rule("b", "/shares/b", "10.0.0.32/27, 10.0.2.0/26")],
      ),
    ).toMatchInlineSnapshot(`
      [
        "take 10.0.9.[0-63]@tcp out of nodemap sw_44hba5ubzfdq",
        "take 10.0.0.[0-63]@tcp out of nodemap sw_44hba5ubzfdq",
        "put 10.0.0.[0-31]@tcp into nodemap sw_44hba5ubzfdq",
        "put 10.0.0.[32-63]@tcp into nodemap sw_i3kmzzy3jzau",
      ]
    `));
  test("what leaves a nodemap whose rights change goes before they do, also where it moves on", () =>
    expect(
      plan(
        [rule("a", "/shares/a", "10.0.0.0/26, 10.0.1.0/26", "ro"), rule("b", "/shares/b", "10.0.2.0/26", "ro")],
        [rule("a", "/shares/a", "10.0.0.0/26", "rw"), rule("b", "/shares/b", "10.0.1.0/26, 10.0.2.0/26", "ro")],
      ),
    ).toMatchInlineSnapshot(`
      [
        "take 10.0.1.[0-63]@tcp out of nodemap sw_ex4nsexabut3",
        "put 10.0.1.[0-63]@tcp into nodemap sw_i3kmzzy3jzau",
        "set readonly_mount=0 on nodemap sw_ex4nsexabut3",
      ]
    `));
  test("L-65 X-L11 the level changes in place", () =>
    expect(plan([a], [rule("a", "/shares/a", "10.0.0.0/24", "ro")])).toMatchInlineSnapshot(`
    [
      "set readonly_mount=1 on nodemap sw_ega3th5crl4n",
    ]
  `));
  test("the last rule goes", () =>
    expect(plan([a], [])).toMatchInlineSnapshot(`
    [
      "take 10.0.0.[0-255]@tcp out of nodemap sw_ega3th5crl4n",
      "remove nodemap sw_ega3th5crl4n",
      "forget sw_ega3th5crl4n",
    ]
  `));
  test("a client changes from one share to another: never without a fileset", () =>
    expect(plan([a], [rule("b", "/shares/b", "10.0.0.0/24")])).toMatchInlineSnapshot(`
      [
        "record",
        "make nodemap sw_k4yrjire53sa",
        "set readonly_mount=0 map_mode=all squash_uid=65534 squash_gid=65534 squash_projid=65534 admin=0 trusted=1 deny_unknown=0 forbid_encryption=0 audit_mode=1 rbac=file_perms,fscrypt_admin,server_upcall child_raise_privileges=none capabilities=off deny_mount=0 on nodemap sw_k4yrjire53sa",
        "open /shares/b to nodemap sw_k4yrjire53sa",
        "take 10.0.0.[0-255]@tcp out of nodemap sw_ega3th5crl4n",
        "put 10.0.0.[0-255]@tcp into nodemap sw_k4yrjire53sa",
        "remove nodemap sw_ega3th5crl4n",
        "forget sw_ega3th5crl4n",
      ]
    `));
  test("L-72 add and remove at once", () =>
    expect(plan([a], [rule("b", "/shares/b", "10.0.9.0/24")])).toMatchInlineSnapshot(`
      [
        "record",
        "make nodemap sw_7ieg64hf2poh",
        "set readonly_mount=0 map_mode=all squash_uid=65534 squash_gid=65534 squash_projid=65534 admin=0 trusted=1 deny_unknown=0 forbid_encryption=0 audit_mode=1 rbac=file_perms,fscrypt_admin,server_upcall child_raise_privileges=none capabilities=off deny_mount=0 on nodemap sw_7ieg64hf2poh",
        "open /shares/b to nodemap sw_7ieg64hf2poh",
        "take 10.0.0.[0-255]@tcp out of nodemap sw_ega3th5crl4n",
        "put 10.0.9.[0-255]@tcp into nodemap sw_7ieg64hf2poh",
        "remove nodemap sw_ega3th5crl4n",
        "forget sw_ega3th5crl4n",
      ]
    `));
  test("2.16: the one fileset, made to last", () =>
    expect(plan([], [a], old, { lustreVersion: "2.16" })).toMatchInlineSnapshot(`
      [
        "record",
        "make nodemap sw_ega3th5crl4n",
        "set readonly_mount=0 map_mode=all squash_uid=65534 squash_gid=65534 squash_projid=65534 admin=0 trusted=1 deny_unknown=0 forbid_encryption=0 audit_mode=1 rbac=file_perms,fscrypt_admin child_raise_privileges=none capabilities=off deny_mount=0 on nodemap sw_ega3th5crl4n",
        "open /shares/a to nodemap sw_ega3th5crl4n",
        "put 10.0.0.[0-255]@tcp into nodemap sw_ega3th5crl4n",
      ]
    `));
  test("2.16: the last rule goes, and its lasting fileset", () =>
    expect(plan([a], [], old, { lustreVersion: "2.16" })).toMatchInlineSnapshot(`
    [
      "take 10.0.0.[0-255]@tcp out of nodemap sw_ega3th5crl4n",
      "remove nodemap sw_ega3th5crl4n",
      "forget sw_ega3th5crl4n",
    ]
  `));
  test("L-68 IPv6 is noted before it is added", () =>
    expect(plan([], [rule("a", "/shares/a", "fd00::/64")])).toMatchInlineSnapshot(`
      [
        "record",
        "make nodemap sw_ndkhn5rdza75",
        "set readonly_mount=0 map_mode=all squash_uid=65534 squash_gid=65534 squash_projid=65534 admin=0 trusted=1 deny_unknown=0 forbid_encryption=0 audit_mode=1 rbac=file_perms,fscrypt_admin,server_upcall child_raise_privileges=none capabilities=off deny_mount=0 on nodemap sw_ndkhn5rdza75",
        "open /shares/a to nodemap sw_ndkhn5rdza75",
        "put fd00::/64@tcp into nodemap sw_ndkhn5rdza75",
      ]
    `));
  test("cut: whoever loses access is banned at the end", () =>
    expect(plan([a], [], modern, { revocation: "cut" })).toMatchInlineSnapshot(`
    [
      "record",
      "take 10.0.0.[0-255]@tcp out of nodemap sw_ega3th5crl4n",
      "remove nodemap sw_ega3th5crl4n",
      "forget sw_ega3th5crl4n",
      "cut 10.0.0.[0-255]@tcp off",
    ]
  `));
});

describe("revocation by banlist", () => {
  const site = planningSite({ revocation: "cut" });
  const bannedNow = (mgs: MgsModel) => union(mgs.banned);

  test("who loses access is banned, who gets it again is let in, and only our bans are lifted", () => {
    fc.assert(
      fc.property(fc.array(ruleSet, { minLength: 2, maxLength: 4 }), (sets) => {
        const mgs = withSlurm();
        mgs.banned = [parseClient("10.0.0.77@tcp", "tcp")];
        const had = new Set<string>();
        for (const rules of sets) {
          const groups = groupsOf(rules, modern);
          settle(mgs, groups, modern, site);
          settle(mgs, groups, modern, site);
          expect(settle(mgs, groups, modern, site)).toEqual([]);
          const banned = bannedNow(mgs);
          const wrong = universe.filter((address) => {
            const id = `${address.value}@${address.net}`;
            const has = grants(groups, address).size > 0;
            if (has) had.add(id);
            return holds(banned, address) !== (had.has(id) && !has);
          });
          expect(wrong).toEqual([]);
        }
        expect(holds(mgs.banned, { net: "tcp", value: parseClient("10.0.0.77", "tcp").start })).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  test("X-L14 cut off anywhere, the next run still ends in the ban", () => {
    const from = groupsOf([rule("a", "/shares/a", "10.0.0.0/29"), rule("b", "/shares/b", "10.0.0.16/29")], modern);
    const to = groupsOf([rule("b", "/shares/b", "10.0.0.16/29")], modern);
    const start = () => {
      const mgs = withSlurm();
      settle(mgs, from, modern, site);
      return mgs;
    };
    const commands = planFor(start(), to, modern, site).steps.flatMap((step) => step.commands);
    expect(commands.length).toBeGreaterThan(4);
    for (let done = 0; done <= commands.length; done += 1) {
      const mgs = start();
      for (const command of commands.slice(0, done)) mgs.run(command);
      settle(mgs, to, modern, site);
      expect(bannedNow(mgs)).toEqual([parseClient("10.0.0.0/29", "tcp")]);
      expect(settle(mgs, to, modern, site)).toEqual([]);
    }
  });

  test("a file system that is lazy now leaves bans of before as they are, and lifts them on a new grant", () => {
    const mgs = withSlurm();
    settle(mgs, groupsOf([rule("a", "/shares/a", "10.0.0.0/29")], modern), modern, site);
    settle(mgs, [], modern, site);
    const lazy = planningSite();
    expect(settle(mgs, [], modern, lazy)).toEqual([]);
    settle(mgs, groupsOf([rule("a", "/shares/a", "10.0.0.0/30")], modern), modern, lazy);
    expect(bannedNow(mgs)).toEqual([parseClient("10.0.0.4/30", "tcp")]);
  });
});

describe("names of nodemaps", () => {
  const nameFor = (path: string, clients: string, level: "rw" | "ro" = "rw", fsName = "scratch") => {
    const mgs = new MgsModel();
    settle(mgs, groupsOf([rule("a", path, clients, level)], modern), modern, planningSite({ fsName }));
    return [...mgs.nodemaps.keys()][0] ?? "";
  };
  test("L-56 L-57 begin with our mark and fit, however long the share's name is", () => {
    for (const path of ["/shares/a", `/shares/${"x".repeat(200)}`])
      expect(nameFor(path, "10.0.0.5")).toMatch(/^sw_[a-z2-7]{12}$/);
  });
  test("L-56 L-58 are the same for the same, and differ by share, clients and file system", () => {
    const name = nameFor("/shares/a", "10.0.0.5");
    expect(nameFor("/shares/a", "10.0.0.5")).toBe(name);
    for (const other of [
      nameFor("/shares/b", "10.0.0.5"),
      nameFor("/shares/a", "10.0.0.6"),
      nameFor("/shares/a", "10.0.0.5", "rw", "home"),
    ])
      expect(other).not.toBe(name);
  });
  test("two groups of the same clients' shares never get one name", () => {
    fc.assert(
      fc.property(ruleSet, (rules) => {
        const mgs = new MgsModel();
        const groups = groupsOf(rules, modern);
        settle(mgs, groups, modern);
        expect(mgs.nodemaps.size).toBe(groups.length);
      }),
    );
  });
});

describe("what is not ours", () => {
  const groups = groupsOf([rule("a", "/shares/a", "10.0.0.0/24")], modern);

  test("L-78 W-L31 a nodemap with our name but no record is never taken over", () => {
    const fresh = new MgsModel();
    settle(fresh, groups, modern);
    const [name = ""] = fresh.nodemaps.keys();
    const mgs = new MgsModel();
    mgs.put(name, { filesets: [{ path: "/theirs", primary: true, readOnly: false }] });
    settle(mgs, groups, modern);
    expect(mgs.nodemaps.get(name)?.filesets).toEqual([{ path: "/theirs", primary: true, readOnly: false }]);
    expect([...mgs.registered.keys()]).not.toContain(name);
  });

  test("L-75 a nodemap of ours that somebody removed is forgotten, and made again where it is needed", () => {
    const mgs = new MgsModel();
    settle(mgs, groups, modern);
    mgs.nodemaps.clear();
    settle(mgs, groups, modern);
    expect(mgs.nodemaps.size).toBe(1);
    mgs.nodemaps.clear();
    settle(mgs, [], modern);
    expect([...mgs.registered]).toEqual([]);
  });

  test("roles that the MGS prints in another order are the same roles, and nothing to do", () => {
    const mgs = new MgsModel();
    settle(mgs, groups, modern);
    const [nodemap] = mgs.nodemaps.values();
    const roles = nodemap?.properties.get("rbac")?.split(",") ?? [];
    expect(roles.length).toBeGreaterThan(1);
    nodemap?.properties.set("rbac", [...roles].reverse().join(","));
    expect(settle(mgs, groups, modern)).toEqual([]);
  });

  test.each<[string, (nodemap: ModelNodemap) => void]>([
    ["X-L24 a range that was removed", (nodemap) => nodemap.ranges.splice(0)],
    ["X-L24 a range that was added", (nodemap) => nodemap.ranges.push(parseClient("10.0.9.0/24", "tcp"))],
    ["a fileset that was removed", (nodemap) => nodemap.filesets.splice(0)],
    ["a fileset that was added", (nodemap) => nodemap.filesets.push({ path: "/theirs", primary: false, readOnly: false })],
    [
      "a fileset that became primary",
      (nodemap) => nodemap.filesets.splice(0, 1, { path: "/shares/a", primary: true, readOnly: false }),
    ],
    ["a right that was widened", (nodemap) => nodemap.properties.set("admin", "1")],
    ["roles that were widened", (nodemap) => nodemap.properties.set("rbac", "file_perms,quota_ops")],
  ])("drift: %s is mended", (_, harm) => {
    const mgs = new MgsModel();
    settle(mgs, groups, modern);
    const [nodemap] = mgs.nodemaps.values();
    if (!nodemap) throw new Error("no nodemap");
    harm(nodemap);
    expect(settle(mgs, groups, modern).length).toBeGreaterThan(0);
    expect(settle(mgs, groups, modern)).toEqual([]);
    for (const address of ["10.0.0.0", "10.0.0.255"]) {
      expect(mgs.reach({ net: "tcp", value: parseClient(address, "tcp").start })).toEqual(new Map([["/shares/a", "rw"]]));
    }
    expect(mgs.reach({ net: "tcp", value: parseClient("10.0.9.1", "tcp").start })).toBe("nothing");
  });
});
