import { TerraformStack, Testing } from "cdktf";
import { Construct } from "constructs";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LustreVersion, Squash } from "../../../lib";
import { type AccessClaim, accessConflicts } from "../../../lib/internal/lustre/access-conflicts";
import { intersect, parseClient } from "../../../src/spec/address";
import { holds, newFileSystem, newStack, rootOwner, tenTebibytes, validationErrors } from "../support";

function twoShares(lustreVersion = LustreVersion.V2_17) {
  const stack = newStack();
  const fileSystem = newFileSystem(stack, { lustreVersion });
  const [a, b] = ["a", "b"].map((id) => fileSystem.addShare(id, { size: tenTebibytes, owner: rootOwner }));
  if (!a || !b) throw new Error("two shares");
  return { stack, a, b };
}

describe("access rules on one share", () => {
  it("may overlap when they say the same", () => {
    const { stack, a } = twoShares();
    a.grantReadWrite("one", ["10.1.0.0/24"]);
    a.grantReadWrite("two", ["10.1.0.0/25", "10.1.0.7"]);
    expect(validationErrors(stack)).toBe("");
  });

  it("may differ for clients that have nothing in common", () => {
    const { stack, a } = twoShares();
    a.grantReadWrite("one", ["10.1.0.0/24"]);
    a.grantRead("two", ["10.1.1.0/24", "10.1.0.0/24@tcp1"], { squash: Squash.none() });
    expect(validationErrors(stack)).toBe("");
  });

  it.each([
    ["level", {}, "rw against ro on one share"],
    ["level", { advisoryReadOnly: true }, "rw against ro on one share"],
    ["squash", { squash: Squash.none() }, '"root" against "none"'],
    ["squash", { squash: Squash.all(5, 6) }, '"root" against "all 5:6"'],
    ["rbac", { rbac: ["file_perms"] }, '"(left out)" against "file_perms"'],
  ])("fail for another %s (%j)", (property, options, why) => {
    const { stack, a } = twoShares();
    a.grantReadWrite("one", ["10.1.0.0/24"]);
    a.grantRead("two", ["10.1.0.16"], options);
    const text = validationErrors(stack);
    expect(text).toContain(`stack/scratch/a/two: \`${property}\` contradicts stack/scratch/a/one`);
    expect(text).toContain(why);
    expect(text).toContain("10.1.0.16@tcp");
  });
});

describe("access rules on several shares", () => {
  it("may give a client several shares on 2.17", () => {
    const { stack, a, b } = twoShares();
    a.grantReadWrite("one", ["10.1.0.0/24"]);
    b.grantReadWrite("one", ["10.1.0.0/16"]);
    expect(validationErrors(stack)).toBe("");
  });

  it("fail to give a client several shares on 2.16", () => {
    const { stack, a, b } = twoShares(LustreVersion.V2_16);
    a.grantReadWrite("one", ["10.1.0.0/24"]);
    b.grantReadWrite("one", ["10.1.0.77"]);
    const text = validationErrors(stack);
    expect(text).toContain("stack/scratch/b/one: `clients` contradicts stack/scratch/a/one");
    expect(text).toContain("10.1.0.77@tcp");
  });

  it("fail for rw on one and ro on another, unless that is accepted by name", () => {
    for (const advisoryReadOnly of [false, true]) {
      const { stack, a, b } = twoShares();
      a.grantReadWrite("one", ["10.1.0.0/24"]);
      b.grantRead("one", ["10.1.0.0/24"], { advisoryReadOnly });
      const text = validationErrors(stack);
      if (advisoryReadOnly) expect(text).toBe("");
      else expect(text).toContain("stack/scratch/b/one: `level` contradicts stack/scratch/a/one");
    }
  });

  it("fail for another squash, also from another stack of the app, naming both", () => {
    const app = Testing.app();
    const [one, two, three] = ["one", "two", "three"].map((id) => new TerraformStack(app, id));
    if (!one || !two || !three) throw new Error("three stacks");
    newFileSystem(one).addShare("a", { size: tenTebibytes, owner: rootOwner }).grantReadWrite("r", ["10.1.0.0/24"]);
    newFileSystem(two)
      .addShare("b", { size: tenTebibytes, owner: rootOwner })
      .grantReadWrite("r", ["10.1.0.9"], { squash: Squash.none() });
    newFileSystem(three, { fsName: "other" })
      .addShare("b", { size: tenTebibytes, owner: rootOwner })
      .grantReadWrite("r", ["10.1.0.9"], { squash: Squash.none() });
    for (const stack of [one, two]) {
      expect(validationErrors(stack)).toContain("two/scratch/b/r: `squash` contradicts one/scratch/a/r");
    }
    expect(validationErrors(three)).toBe("");
  });

  it("report every contradiction, and say when there are too many to list", () => {
    const { stack, a, b } = twoShares();
    for (let index = 0; index < 6; index += 1) a.grantReadWrite(`rw${index}`, ["10.1.0.0/24"]);
    for (let index = 0; index < 6; index += 1) b.grantRead(`ro${index}`, ["10.1.0.0/24"]);
    expect(validationErrors(stack).match(/contradicts/g)).toHaveLength(36);
    for (let index = 6; index < 20; index += 1) b.grantRead(`ro${index}`, ["10.1.0.0/24"]);
    const text = validationErrors(stack);
    expect(text.match(/contradicts/g)).toHaveLength(50);
    expect(text).toContain("the first 50 are listed");
  });
});

const claim: fc.Arbitrary<AccessClaim> = fc.record({
  construct: fc.constant(new Construct(undefined as never, "")),
  share: fc.constantFrom("p/a", "p/b", "p/c"),
  level: fc.constantFrom("rw" as const, "ro" as const),
  advisoryReadOnly: fc.boolean(),
  squash: fc.constantFrom("root", "all 5:6", "all 7:8", "all"),
  rbac: fc.constantFrom(undefined, "file_perms"),
  lustreVersion: fc.constantFrom("2.16" as const, "2.17" as const),
  intervals: fc.array(
    fc
      .tuple(fc.integer({ min: 0, max: 15 }), fc.integer({ min: 0, max: 15 }), fc.constantFrom("tcp", "o2ib"))
      .map(([a, b, net]) => parseClient(`10.0.0.${Math.min(a, b)}@${net}:10.0.0.${Math.max(a, b)}@${net}`, net)),
    { maxLength: 3 },
  ),
});

describe("accessConflicts", () => {
  it("finds as many contradicting pairs as comparing every rule with every other", () => {
    holds(
      fc.property(fc.array(claim, { maxLength: 9 }), (rules) => {
        const conflicts = accessConflicts(rules, () => true).length;
        let pairs = 0;
        for (const [index, a] of rules.entries()) for (const b of rules.slice(index + 1)) if (contradict(a, b)) pairs += 1;
        expect(conflicts).toBe(pairs);
      }),
    );
  });

  it("stays quick for thousands of rules that overlap and agree", () => {
    const construct = new Construct(undefined as never, "");
    const intervals = [parseClient("10.0.0.0/8", "tcp")];
    const rules = Array.from({ length: 5000 }, (_, index): AccessClaim => {
      return {
        construct,
        share: `p/${index}`,
        level: "rw",
        advisoryReadOnly: false,
        squash: "root",
        rbac: undefined,
        lustreVersion: "2.17",
        intervals,
      };
    });
    const start = process.cpuUsage();
    expect(accessConflicts(rules, () => true)).toEqual([]);
    expect(process.cpuUsage(start).user).toBeLessThan(2_000_000);
  });
});

// The definition, one pair at a time.
function contradict(a: AccessClaim, b: AccessClaim): boolean {
  if (!a.intervals.some((x) => b.intervals.some((y) => intersect(x, y)))) return false;
  const known = a.squash !== "all" && b.squash !== "all";
  if ((known || a.squash === "root" || b.squash === "root") && a.squash !== b.squash) return true;
  if (a.rbac !== b.rbac) return true;
  if (a.share === b.share) return a.level !== b.level;
  if (a.lustreVersion === "2.16" || b.lustreVersion === "2.16") return true;
  return a.level !== b.level && !(a.level === "ro" ? a : b).advisoryReadOnly;
}
