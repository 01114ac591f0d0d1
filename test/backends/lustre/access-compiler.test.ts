import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type AccessConflict,
  type AccessFeatures,
  type AccessGroup,
  type CompilableRule,
  compileAccess,
  defaultRbac,
  describeConflict,
} from "../../../src/backends/lustre/access/compiler";
import { nodemapProperties, rbacOrder } from "../../../src/backends/lustre/access/nodemap-properties";
import { featuresOf } from "../../../src/backends/lustre/features";
import { compareIntervals, formatInterval, type NidInterval } from "../../../src/spec/address";
import { formatSquash } from "../../../src/spec/lustre";
import { holds, rule, ruleSet, universe } from "./rules";

const modern = featuresOf("2.17");
const old = featuresOf("2.16");

const written = (rules: CompilableRule[], features: AccessFeatures = modern) =>
  compileAccess(rules, features).groups.map(
    ({ filesets, properties, intervals }) =>
      `${intervals.map(formatInterval).join(", ")} -> ${[...filesets].map(([path, advisory]) => `${path}${advisory ? " (advisory ro)" : ""}`).join(" ")} ${properties.get("readonly_mount") === "1" ? "ro" : "rw"}`,
  );
const conflicts = (rules: CompilableRule[], features: AccessFeatures = modern) =>
  compileAccess(rules, features).conflicts.map(describeConflict);

describe("groups", () => {
  test("one rule is one group", () =>
    expect(written([rule("r", "/s/a", "10.0.0.0/24")])).toEqual(["10.0.0.[0-255]@tcp -> /s/a rw"]));
  test("U-02 two rules with the same rights are one group, with a border between them", () =>
    expect(written([rule("r", "/s/a", "10.0.0.0/25"), rule("q", "/s/a", "10.0.0.128/25")])).toEqual([
      "10.0.0.[0-127]@tcp, 10.0.0.[128-255]@tcp -> /s/a rw",
    ]));
  test("the same client twice is once", () =>
    expect(written([rule("r", "/s/a", "10.0.0.5, 10.0.0.0/29, 10.0.0.5"), rule("q", "/s/a", "10.0.0.5")])).toEqual([
      "10.0.0.[0-4]@tcp, 10.0.0.5@tcp, 10.0.0.[6-7]@tcp -> /s/a rw",
    ]));
  test("X-L05 a client inside another rule's network has both, the rest has its own", () =>
    expect(written([rule("r", "/s/a", "10.0.0.0/24"), rule("q", "/s/b", "10.0.0.5")])).toEqual([
      "10.0.0.[0-4]@tcp, 10.0.0.[6-255]@tcp -> /s/a rw",
      "10.0.0.5@tcp -> /s/a /s/b rw",
    ]));
  test("L-62 nets are apart", () =>
    expect(written([rule("r", "/s/a", "10.0.0.5@tcp"), rule("q", "/s/b", "10.0.0.5@o2ib")])).toEqual([
      "10.0.0.5@o2ib -> /s/b rw",
      "10.0.0.5@tcp -> /s/a rw",
    ]));
  test("L-68 IPv6 where the version can do it", () =>
    expect(written([rule("r", "/s/a", "fd00::/64")])).toEqual(["fd00::/64@tcp -> /s/a rw"]));
  test("an advisory ro beside a rw", () =>
    expect(written([rule("r", "/s/a", "10.0.0.5"), rule("q", "/s/b", "10.0.0.5", "ro", { advisoryReadOnly: true })])).toEqual([
      "10.0.0.5@tcp -> /s/a /s/b (advisory ro) rw",
    ]));
  test("the advice is not needed where all is ro: then it holds", () =>
    expect(
      written([rule("r", "/s/a", "10.0.0.5", "ro"), rule("q", "/s/b", "10.0.0.5", "ro", { advisoryReadOnly: true })]),
    ).toEqual(["10.0.0.5@tcp -> /s/a /s/b ro"]));
  test("L-73 no rule, no group", () => expect(compileAccess([], modern)).toEqual({ groups: [], conflicts: [] }));
});

describe("identity and rights", () => {
  const properties = (level: "rw" | "ro", more: Parameters<typeof rule>[4] = {}, features = modern) =>
    Object.fromEntries(compileAccess([rule("r", "/s/a", "10.0.0.5", level, more)], features).groups[0]?.properties ?? []);
  const tenant = {
    readonly_mount: "0",
    map_mode: "all",
    squash_uid: "65534",
    squash_gid: "65534",
    squash_projid: "65534",
    admin: "0",
    trusted: "1",
    deny_unknown: "0",
    forbid_encryption: "0",
    audit_mode: "1",
    rbac: rbacOrder(defaultRbac),
    child_raise_privileges: "none",
    capabilities: "off",
    deny_mount: "0",
  };

  test("R-01: every property that a nodemap has is decided; what lets clients in is set last", () => {
    const names = Object.keys(properties("rw"));
    expect(names).toEqual(nodemapProperties.map(({ name }) => name));
    expect(names.at(-1)).toBe("deny_mount");
  });

  test("L-64 rw: root is squashed, users are themselves, roles are few", () => expect(properties("rw")).toEqual(tenant));
  test("L-65 W-L18 ro: the level alone differs", () => expect(properties("ro")).toEqual({ ...tenant, readonly_mount: "1" }));
  test("root stays root only when asked for", () =>
    expect(properties("rw", { squash: { kind: "none" } })).toEqual({ ...tenant, admin: "1" }));
  test("everybody is one user", () =>
    expect(properties("rw", { squash: { kind: "all", uid: 1000, gid: 2000 } })).toEqual({
      ...tenant,
      map_mode: "uid,gid",
      squash_uid: "1000",
      squash_gid: "2000",
      trusted: "0",
    }));
  test("roles in one order, or none", () => {
    expect(properties("rw", { rbac: ["hsm_ops", "dne_ops"] }).rbac).toBe("dne_ops,hsm_ops");
    expect(properties("rw", { rbac: [] }).rbac).toBe("none");
  });
  test("only roles that the version knows", () => expect(properties("rw", {}, old).rbac).toBe("file_perms,fscrypt_admin"));
  test("W-L04 no default role touches limits, other tenants' names or the changelog", () => {
    for (const role of [
      "quota_ops",
      "pool_quota_ops",
      "ignore_root_prjquota",
      "chlg_ops",
      "hsm_ops",
      "byfid_ops",
      "dne_ops",
      "local_admin",
    ])
      expect(defaultRbac).not.toContain(role);
  });
});

describe("conflicts name both rules, the clients and the reason", () => {
  test.each<[string, CompilableRule[], AccessFeatures, string]>([
    [
      "X-L05 rw and ro on one share",
      [rule("x", "/s/a", "10.0.0.0/24"), rule("y", "/s/a", "10.0.0.5", "ro")],
      modern,
      "x and y: level rw and ro for one client on one share (10.0.0.5@tcp)",
    ],
    [
      "X-L05 rw and advisory ro on one share, behind a rw on another",
      [
        rule("w", "/s/a", "10.0.0.5"),
        rule("x", "/s/c", "10.0.0.5", "ro", { advisoryReadOnly: true }),
        rule("y", "/s/c", "10.0.0.5"),
      ],
      modern,
      "y and x: level rw and ro for one client on one share (10.0.0.5@tcp)",
    ],
    [
      "rw here and ro there",
      [rule("x", "/s/a", "10.0.0.5"), rule("y", "/s/b", "10.0.0.5", "ro")],
      modern,
      "x and y: rw on one share and ro on another cannot be enforced for one client (accept it with advisoryReadOnly) (10.0.0.5@tcp)",
    ],
    [
      "two identities",
      [rule("x", "/s/a", "10.0.0.5"), rule("y", "/s/b", "10.0.0.5", "rw", { squash: { kind: "none" } })],
      modern,
      'x and y: squash "root" and "none" for one client (10.0.0.5@tcp)',
    ],
    [
      "two squash users",
      [
        rule("x", "/s/a", "10.0.0.5", "rw", { squash: { kind: "all", uid: 1, gid: 1 } }),
        rule("y", "/s/a", "10.0.0.5", "rw", { squash: { kind: "all", uid: 1, gid: 2 } }),
      ],
      modern,
      'x and y: squash "all 1:1" and "all 1:2" for one client (10.0.0.5@tcp)',
    ],
    [
      "two lists of roles",
      [rule("x", "/s/a", "10.0.0.5"), rule("y", "/s/b", "10.0.0.5", "rw", { rbac: ["dne_ops"] })],
      modern,
      'x and y: rbac "(default)" and "dne_ops" for one client (10.0.0.5@tcp)',
    ],
    [
      "X-L04 two shares on 2.16",
      [rule("x", "/s/a", "10.0.0.0/24"), rule("y", "/s/b", "10.0.0.5")],
      old,
      "x and y: several shares for one client need Lustre 2.17 (10.0.0.5@tcp)",
    ],
    ["L-68 IPv6 on 2.16", [rule("x", "/s/a", "fd00::7")], old, "x: IPv6 clients need Lustre 2.17 (fd00::7@tcp)"],
    [
      "the third rule",
      [rule("x", "/s/a", "10.0.0.5"), rule("y", "/s/b", "10.0.0.5"), rule("z", "/s/c", "10.0.0.5", "ro")],
      modern,
      "x and z: rw on one share and ro on another cannot be enforced for one client (accept it with advisoryReadOnly) (10.0.0.5@tcp)",
    ],
  ])("%s", (_, rules, features, text) => {
    expect(conflicts(rules, features)).toEqual([text]);
    expect(conflicts([...rules].reverse(), features)).toHaveLength(1);
  });

  test.each<[string, CompilableRule[], AccessFeatures]>([
    ["two shares on 2.17", [rule("x", "/s/a", "10.0.0.5"), rule("y", "/s/b", "10.0.0.5")], modern],
    ["neighbours", [rule("x", "/s/a", "10.0.0.0/25"), rule("y", "/s/a", "10.0.0.128/25", "ro")], modern],
    ["one share, two rules on 2.16", [rule("x", "/s/a", "10.0.0.5"), rule("y", "/s/a", "10.0.0.0/24")], old],
    [
      "the same roles in another order",
      [
        rule("x", "/s/a", "10.0.0.5", "rw", { rbac: ["hsm_ops", "dne_ops"] }),
        rule("y", "/s/b", "10.0.0.5", "rw", { rbac: ["dne_ops", "hsm_ops"] }),
      ],
      modern,
    ],
    [
      "the default roles by name",
      [rule("x", "/s/a", "10.0.0.5"), rule("y", "/s/b", "10.0.0.5", "rw", { rbac: [...defaultRbac] })],
      modern,
    ],
  ])("%s are none", (_, rules, features) => expect(conflicts(rules, features)).toEqual([]));

  test("a conflict takes no more than the clients it is about", () =>
    expect(written([rule("x", "/s/a", "10.0.0.0/24"), rule("y", "/s/a", "10.0.0.5", "ro")])).toEqual([
      "10.0.0.[0-4]@tcp, 10.0.0.[6-255]@tcp -> /s/a rw",
    ]));
});

function expectConflict(found: readonly AccessConflict[], mine: readonly CompilableRule[]): void {
  const keys = mine.map(({ key }) => key);
  expect(found.some((conflict) => conflict.rules.every((key) => keys.includes(key)))).toBe(true);
}

/** The group of an address is what all its rules ask for, and nothing else. */
function expectGrants(group: AccessGroup, mine: readonly CompilableRule[]): void {
  expect(mine.length).toBeGreaterThan(0);
  expect([...group.filesets.keys()]).toEqual([...new Set(mine.map(({ spec }) => spec.fileset))].sort());
  const writes = mine.some(({ spec }) => spec.level === "rw");
  expect(group.properties.get("readonly_mount")).toBe(writes ? "0" : "1");
  const squash = formatSquash(mine[0]?.spec.squash ?? { kind: "root" });
  for (const { spec } of mine) {
    const advisory = writes && spec.level === "ro";
    expect([group.filesets.get(spec.fileset), advisory && !spec.advisoryReadOnly]).toEqual([advisory, false]);
    expect([formatSquash(spec.squash), group.properties.get("admin")]).toEqual([squash, spec.squash.kind === "none" ? "1" : "0"]);
  }
}

describe.each([
  ["2.17", modern],
  ["2.16", old],
] as const)("random rules on %s", (_, features) => {
  test("every address gets exactly its grants, once, or is in a conflict of its own rules", () => {
    fc.assert(
      fc.property(ruleSet, (rules) => {
        const { groups, conflicts: found } = compileAccess(rules, features);
        for (const address of universe) {
          const mine = rules.filter(({ intervals }) => holds(intervals, address));
          const [group, ...others] = groups.filter(({ intervals }) => holds(intervals, address));
          if (others.length > 0) expect(others).toEqual([]);
          if (group) expectGrants(group, mine);
          else if (mine.length > 0) expectConflict(found, mine);
          if (group && features === old) expect(group.filesets.size).toBe(1);
        }
      }),
      { numRuns: 500 },
    );
  });

  const rulesAt = (rules: CompilableRule[], { net, start }: NidInterval) =>
    rules.filter(({ intervals }) => holds(intervals, { net, value: start })).map(({ key }) => key);
  /** A border stands between different rules alone. */
  const needlessBorders = (rules: CompilableRule[], intervals: NidInterval[]) =>
    intervals.filter((range, index) => {
      const next = intervals[index + 1];
      const isNeighbour = next?.net === range.net && next.start === range.end + 1n;
      return next && isNeighbour && rulesAt(rules, range).join() === rulesAt(rules, next).join();
    });

  test("groups are disjoint, sorted, joined and distinct, whatever the order of the rules", () => {
    fc.assert(
      fc.property(ruleSet, fc.nat(), (rules, seed) => {
        const { groups } = compileAccess(rules, features);
        const all = groups.flatMap(({ intervals }) => intervals).sort(compareIntervals);
        for (const [index, range] of all.entries()) {
          const next = all[index + 1];
          expect(range.start <= range.end).toBe(true);
          if (next?.net === range.net) expect(range.end < next.start).toBe(true);
        }
        for (const { intervals } of groups) {
          expect([...intervals].sort(compareIntervals)).toEqual(intervals);
          expect(needlessBorders(rules, intervals)).toEqual([]);
        }
        const rotated = rules.map((_rule, index) => rules[(index + seed) % rules.length] as CompilableRule);
        expect(compileAccess(rotated, features)).toEqual(compileAccess(rules, features));
      }),
      { numRuns: 200 },
    );
  });
});
