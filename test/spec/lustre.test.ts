import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type AccessRuleSpec,
  accessLevels,
  fileSystemSchema,
  formatMode,
  formatSquash,
  limitDoubts,
  maxId,
  maxInodes,
  minInodes,
  minShareSize,
  rbacRoles,
  ruleMessage,
  type ShareSpec,
  shareMessage,
} from "../../src/spec/lustre";
import { removalPolicies } from "../../src/spec/removal-policy";

const references = { path: "/mnt/x", export_location: "n:/x", mount_command: "mount", fstab_entry: "x" };
const shareWire = {
  claim: "4711",
  fileset: "/shares/genomics",
  ...references,
  size: "10 TiB",
  owner: "1000:1000",
  mode: "0770",
  removal_policy: "retain",
};
const ruleWire = {
  claim: "4712",
  share: "shares/genomics",
  fileset: "/shares/genomics",
  clients: "10.0.0.0/24, 10.1.0.5",
  level: "rw",
  squash: "root",
};

const problemsOf = (
  result: { success: true } | { success: false; error: { issues: readonly { path: PropertyKey[]; message: string }[] } },
) => (result.success ? [] : result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`));

const id = fc.integer({ min: 0, max: maxId });
const size = fc.bigInt(minShareSize / 1024n, 2n ** 53n - 1n).map((kib) => kib * 1024n);
const inodes = fc.bigInt(minInodes, maxInodes);
const anyShare = fc.record<ShareSpec>(
  {
    fileset: fc.constantFrom("/shares/a", "/data/old/b"),
    size,
    softSize: size,
    inodes,
    softInodes: inodes,
    owner: fc.record({ uid: id, gid: id }),
    mode: fc.integer({ min: 0, max: 0o7777 }),
    layout: fc.constantFrom(
      [{ stripeCount: 4 }],
      [
        { end: 65536n, onMdt: true },
        { stripeSize: 65536n, pool: "flash" },
      ],
    ),
    removalPolicy: fc.constantFrom(...removalPolicies),
    deletionProtection: fc.constant(true as const),
    adopt: fc.boolean(),
    description: fc.string({ maxLength: 100 }),
  },
  { requiredKeys: ["fileset", "size", "owner", "mode", "removalPolicy", "adopt"] },
);
const anyRule = fc.record<AccessRuleSpec>(
  {
    share: fc.constant("shares/a"),
    fileset: fc.constant("/shares/a"),
    clients: fc.array(
      fc.constantFrom("10.0.0.1", "10.0.0.0/24@tcp", "10.0.0.[1-9]@tcp", "fd00::/64", "10.0.0.1@tcp:10.0.0.9@tcp"),
      { minLength: 1, maxLength: 5 },
    ),
    level: fc.constantFrom(...accessLevels),
    squash: fc.oneof(
      fc.constant({ kind: "root" as const }),
      fc.constant({ kind: "none" as const }),
      fc.record({ kind: fc.constant("all" as const), uid: id, gid: id }),
    ),
    rbac: fc.subarray([...rbacRoles]),
    advisoryReadOnly: fc.boolean(),
    adopt: fc.boolean(),
  },
  { requiredKeys: ["share", "fileset", "clients", "level", "squash", "advisoryReadOnly", "adopt"] },
);

describe("a share on the wire", () => {
  test("every share comes back as it was", () => {
    fc.assert(
      fc.property(anyShare, (spec) => {
        const { adopt } = spec;
        const written = shareMessage.write(spec);
        expect(written, "U-04 a consent to take over is in no record").not.toHaveProperty("adopt");
        const texts = { claim: "1", ...references, ...written, ...(adopt ? { adopt: "true" } : {}) };
        expect(shareMessage.triggers.parse(texts)).toEqual({ claim: "1", spec });
        expect(shareMessage.read(written)).toEqual({ spec: { ...spec, adopt: false } });
      }),
    );
  });

  test.each([
    ["size", "1 KiB", "write a size of at least 1 MiB"],
    ["L-26 size", "1048577 B", "whole KiB"],
    ["size", "ten", "write a size"],
    ["soft_size", "0 B", "write a size"],
    ["inodes", "1023", "at least 1024"],
    ["inodes", "1e6", "whole number"],
    ["inodes", "9007199254740992", "whole number"],
    ["soft_inodes", "-5", "whole number"],
    ["owner", "root:root", "UID:GID"],
    ["owner", "1000", "UID:GID"],
    ["owner", "1000:4294967295", "UID:GID"],
    ["owner", "1:2:3", "UID:GID"],
    ["W-L13 mode", "770", "four octal digits"],
    ["mode", "0880", "four octal digits"],
    ["layout", "-c 0", "lfs setstripe"],
    ["layout", "", "lfs setstripe"],
    ["layout", "--help", "lfs setstripe"],
    ["removal_policy", "delete", ""],
    ["adopt", "false", 'write "true" or leave it out'],
    ["deletion_protection", "false", 'write "true" or leave it out'],
    ["X-L15 fileset", "/shares/../etc", "without"],
    ["X-L15 fileset", "shares/x", "absolute path"],
    ["claim", "", ""],
    ["description", "x".repeat(1025), ""],
    ["unknown", "x", ""],
  ])("fails with %s = %j", (label, value, fix) => {
    const property = label.split(" ").at(-1) as string;
    const problems = problemsOf(shareMessage.triggers.safeParse({ ...shareWire, [property]: value }));
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(fix);
    if (property !== "unknown") expect(problems[0]).toMatch(new RegExp(`^${property}: .`));
  });

  test.each(["claim", "fileset", "size", "owner", "mode", "removal_policy"])("fails without %s", (property) => {
    const { [property]: _, ...rest } = shareWire as Record<string, string>;
    expect(problemsOf(shareMessage.triggers.safeParse(rest))).toEqual([expect.stringMatching(new RegExp(`^${property}: .`))]);
  });
});

describe("an access rule on the wire", () => {
  test("every rule comes back as it was", () => {
    fc.assert(
      fc.property(anyRule, (spec) => {
        const adopt = spec.adopt ? { adopt: "true" } : {};
        const wire = ruleMessage.triggers.parse({ claim: "1", ...ruleMessage.write(spec), ...adopt });
        expect(wire).toEqual({ claim: "1", spec });
        expect(ruleMessage.read(ruleMessage.write(spec))).toEqual({ spec: { ...spec, adopt: false } });
      }),
    );
  });

  test("clients may be joined with or without a blank", () =>
    expect(ruleMessage.triggers.parse({ ...ruleWire, clients: "10.0.0.1,10.0.0.2, 10.0.0.3" }).spec.clients).toEqual([
      "10.0.0.1",
      "10.0.0.2",
      "10.0.0.3",
    ]));

  test.each([
    ["share", "genomics", "PREFIX/SHARE"],
    ["clients", "", "one or more clients"],
    ["level", "wo", ""],
    ["squash", "everybody", '"root", "none" or "all UID:GID"'],
    ["squash", "all 1000", '"root", "none" or "all UID:GID"'],
    ["squash", "all 1000:x", '"root", "none" or "all UID:GID"'],
    ["rbac", "root_ops", "file_perms"],
    ["rbac", "file_perms,", "file_perms"],
    ["advisory_read_only", "yes", '"true"'],
    ["fileset", "/a/..", "without"],
  ])("fails with %s = %j", (property, value, fix) => {
    const problems = problemsOf(ruleMessage.triggers.safeParse({ ...ruleWire, [property]: value }));
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^${property}: .`))]);
    expect(problems[0]).toContain(fix);
  });
});

test.each([
  [{ kind: "root" as const }, "root"],
  [{ kind: "none" as const }, "none"],
  [{ kind: "all" as const, uid: 1000, gid: 0 }, "all 1000:0"],
])("%j is written %s", (squash, text) => expect(formatSquash(squash)).toBe(text));

test.each([
  [0o770, "0770"],
  [0, "0000"],
  [0o2775, "2775"],
])("mode %i is written %s", (mode, text) => expect(formatMode(mode)).toBe(text));

describe("a file system on the wire", () => {
  const fileSystem = {
    fsName: "scratch",
    mountPoint: "/mnt/lustre",
    exportNids: ["10.0.0.1@tcp"],
    pathPrefix: "shares",
    projectIds: { start: 10000, end: 60000 },
    owner: "team",
    lustreVersion: "2.17",
    revocation: "lazy",
    preflight: "enforce",
    client: { type: "local" },
    mgs: { type: "local", path: ["/opt/lustre/bin"] },
  };
  test("is read as it is", () => expect(fileSystemSchema.parse(fileSystem)).toEqual(fileSystem));

  test.each<[string, unknown]>([
    ["fsName", "toolong89"],
    ["fsName", "a/b"],
    ["mountPoint", "mnt"],
    ["mountPoint", "/mnt/../etc"],
    ["mountPoint", "/mnt/"],
    ["mountPoint", "/"],
    ["mountPoint", "/mnt\n"],
    ["pathPrefix", "../etc"],
    ["pathPrefix", "/etc"],
    ["pathPrefix", ""],
    ["exportNids", []],
    ["owner", ""],
    ["lustreVersion", "2.15"],
    ["revocation", "never"],
    ["preflight", "off"],
    ["projectIds.start", { start: 0, end: 1 }],
    ["projectIds.end", { start: 1, end: 4294967295 }],
    ["client", { type: "telnet" }],
    ["mgs.path.0", { type: "local", path: ["bin"] }],
    ["mgs", { type: "local", password: "x" }],
  ])("X-L15 fails with %s = %j", (label, value) => {
    const [property = ""] = label.split(".");
    const problems = problemsOf(fileSystemSchema.safeParse({ ...fileSystem, [property]: value }));
    expect(problems).toHaveLength(1);
    expect(problems[0]?.startsWith(`${property}`)).toBe(true);
  });
});

describe("R-08: limits that do not hold what they say", () => {
  const MiB = 1024n ** 2n;
  test.each<[bigint | undefined, bigint | undefined, string[]]>([
    [undefined, undefined, []],
    [MiB, undefined, ["size"]],
    [16n * MiB - 1024n, undefined, ["size"]],
    [16n * MiB, 1024n, []],
    [16n * MiB, 2000n, ["inodes"]],
    [16n * MiB, 2048n, []],
    [16n * MiB, 20479n, ["inodes"]],
    [16n * MiB, 1_000_000n, []],
  ])("size %s, inodes %s", (size, inodes, properties) => {
    expect(limitDoubts({ size, inodes }).map(({ property }) => property)).toEqual(properties);
  });
});
