import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  brickSetSize,
  type ClusterSpec,
  clusterSchema,
  clustersSchema,
  commonNamePattern,
  defaultInfrastructureNames,
  formatProvisioning,
  type GlusterShareSpec,
  glusterRuleMessage,
  glusterShareMessage,
  glusterSnapshotMessage,
  infrastructureNamePattern,
  isDirectory,
  isInfrastructureName,
  layoutProblem,
  locationOf,
  minVolumeSize,
  type Provisioning,
  parseProvisioning,
  splitBrick,
  type VolumeLayout,
  volumePatternOf,
} from "../../src/spec/gluster";
import { formatVolumeOptions, maxOptionBytes, parseVolumeOptions, volumeOptionProblem } from "../../src/spec/gluster-options";
import { isGlusterRuleKey, isGlusterSnapshotKey, isVolumeName, snapshotKey, splitSnapshotKey } from "../../src/spec/name";
import { removalPolicies } from "../../src/spec/removal-policy";
import { maxSize } from "../../src/spec/size";

const problemsOf = (
  result: { success: true } | { success: false; error: { issues: readonly { path: PropertyKey[]; message: string }[] } },
) => (result.success ? [] : result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`));

const GiB = 1024n ** 3n;

// ---- values of any kind ----------------------------------------------------------------------------------------------------

const volumeName = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,20}$/).filter(isVolumeName);
const clusterName = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/);
const host = fc.oneof(fc.stringMatching(/^[a-z][a-z0-9.-]{0,10}$/), fc.constantFrom("10.0.0.1", "fd00::1", "::1"));
const brick = fc
  .tuple(host, fc.array(fc.stringMatching(/^[a-z0-9_-]{1,5}$/), { minLength: 1, maxLength: 3 }))
  .map(([name, parts]) => `${name}:/${parts.join("/")}`);
const redundancyOf = (disperse: number) =>
  fc.option(fc.integer({ min: 1, max: Math.ceil(disperse / 2) - 1 }), { nil: undefined });
const replication = fc.oneof(
  fc.constant({}),
  fc.integer({ min: 2, max: 5 }).map((replica) => ({ replica })),
  fc.constant({ replica: 3, arbiter: true }),
  fc
    .integer({ min: 3, max: 9 })
    .chain((disperse) =>
      redundancyOf(disperse).map((redundancy) => ({ disperse, ...(redundancy === undefined ? {} : { redundancy }) })),
    ),
);
const layout: fc.Arbitrary<VolumeLayout> = fc
  .tuple(
    replication,
    fc.constantFrom("tcp" as const, "rdma" as const, "tcp,rdma" as const),
    fc.boolean(),
    fc.integer({ min: 1, max: 2 }),
  )
  .chain(([sets, transport, force, count]) => {
    const length = count * brickSetSize(sets);
    return fc
      .uniqueArray(brick, { minLength: length, maxLength: length })
      .map((bricks) => ({ ...sets, transport, bricks, force }));
  });
const provisioning: fc.Arbitrary<Provisioning> = fc.oneof(
  fc.constant({ kind: "pool" as const }),
  layout.map((one) => ({ kind: "create" as const, layout: one })),
  fc
    .tuple(volumeName, volumeName)
    .map(([share, snapshot]) => ({ kind: "clone" as const, snapshot: snapshotKey(share, snapshot) })),
);
const volumeOptions = fc.dictionary(
  fc.constantFrom("performance.cache-size", "cluster.min-free-disk", "network.ping-timeout", "diagnostics.brick-log-level"),
  fc.stringMatching(/^[A-Za-z0-9._:%/@+,-]{1,10}$/),
  { maxKeys: 3 },
);
const clusters = fc.uniqueArray(clusterName, { minLength: 1, maxLength: 3 });

// ---- names -----------------------------------------------------------------------------------------------------------------

describe("common names", () => {
  test.each(["alice", "a", "0", "node-7.example.org", "alice@example.org", "CN:a+b_c", "x".repeat(64)])(
    "%j can be allowed",
    (name) => expect(commonNamePattern.test(name)).toBe(true),
  );

  test.each([
    "*",
    "a*",
    "[ab]",
    "x?",
    "a\\",
    "a b",
    "a,b",
    "a=b",
    "CN=a",
    "a/b",
    "",
    "x".repeat(65),
    "a\n",
    "\na",
    "a\0",
    "ä",
    "-a",
    ".a",
    "!a",
    "{a}",
    "a\u2028",
  ])("[G-12] [X-G02] %j cannot: it would be another name, several, or all", (name) =>
    expect(commonNamePattern.test(name)).toBe(false),
  );

  test("[G-12] [X-G02] no name that can be allowed has a character that means something to fnmatch or to the list", () => {
    const marks = ["*", "?", "[", "]", "\\", " ", "\t", "\n", ",", "=", "/", "\0", '"', "'", "!"];
    fc.assert(
      fc.property(
        fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._@:+-]{0,30}$/),
        fc.constantFrom(...marks),
        fc.nat(30),
        (name, mark, at) => {
          expect(commonNamePattern.test(name)).toBe(true);
          expect(commonNamePattern.test(name.slice(0, at) + mark + name.slice(at))).toBe(false);
        },
      ),
    );
  });
});

describe("names of servers and of the managing host", () => {
  test.each([
    ["glusterfs-server-01", true],
    ["glusterfs-server", true],
    ["manila-host.example", true],
    ["my-glusterfs-server", false],
    ["Glusterfs-server", false],
    ["alice", false],
  ])("[G-12] [X-G03] %s is reserved by default: %s", (name, expected) =>
    expect(isInfrastructureName(name, defaultInfrastructureNames)).toBe(expected),
  );

  test("[X-G03] a name without a star is only itself, and its dots and pluses are no patterns", () => {
    expect(isInfrastructureName("a.b+c", ["a.b+c"])).toBe(true);
    for (const name of ["axb+c", "a.bbc", "a.b+cd", "a.b+"])
      expect([name, isInfrastructureName(name, ["a.b+c"])]).toEqual([name, false]);
    expect(isInfrastructureName("axb", ["a.*"])).toBe(false);
    expect(isInfrastructureName("alice", [])).toBe(false);
  });

  test.each([
    ["glusterfs-server*", true],
    ["gw-1", true],
    ["*", false],
    ["a*b", false],
    ["a**", false],
    ["a?", false],
    ["", false],
    ["a, b", false],
  ])("the pattern %j is one: %s", (pattern, expected) => expect(infrastructureNamePattern.test(pattern)).toBe(expected));
});

describe("keys", () => {
  test.each([
    ["genomics", true],
    ["A_b-1", true],
    ["x".repeat(64), true],
    ["", false],
    ["-a", false],
    ["_a", false],
    ["a.b", false],
    ["a/b", false],
    ["all", false],
    ["help", false],
    ["volume", false],
    ["volumes", true],
    ["x".repeat(65), false],
  ])("a share is named as volumes can be: %j %s", (key, expected) => expect(isVolumeName(key)).toBe(expected));

  test.each([
    ["genomics#alice", true],
    ["genomics#a.b", true],
    ["genomics", false],
    ["#alice", false],
    ["genomics#", false],
    ["a#b#c", false],
    ["all#x", false],
  ])("the rule %j: %s", (key, expected) => expect(isGlusterRuleKey(key)).toBe(expected));

  test("a snapshot's key is its share's and its own, and both can be had back", () => {
    fc.assert(
      fc.property(volumeName, volumeName, (share, snapshot) => {
        const key = snapshotKey(share, snapshot);
        expect([isGlusterSnapshotKey(key), splitSnapshotKey(key)]).toEqual([true, { share, snapshot }]);
      }),
    );
    for (const key of ["genomics", "@x", "a@", "a@b@c", "a@b.c", "all@b", "a@all"])
      expect([key, isGlusterSnapshotKey(key)]).toEqual([key, false]);
  });
});

// ---- volume patterns -------------------------------------------------------------------------------------------------------

describe("volume patterns", () => {
  test.each<[string, string, bigint | "unsized" | undefined]>([
    ["manila-share-\\d+-#{size}G", "manila-share-1-1G", GiB],
    ["manila-share-\\d+-#{size}G", "manila-share-1-200G", 200n * GiB],
    ["manila-share-\\d+-#{size}G", "manila-share-1-G", undefined],
    ["manila-share-\\d+-#{size}G$", "manila-share-1-1G", GiB],
    ["^pool-.*", "pool-1", "unsized"],
    ["pool-(small|#{size}G)", "pool-small", "unsized"],
    ["pool-(small|#{size}G)", "pool-7G", 7n * GiB],
    ["pool-\\d+(-#{size}G)?", "pool-1", "unsized"],
    ["a|b-#{size}", "a", "unsized"],
    ["a|b-#{size}", "b-2", 2n * GiB],
    ["#{size}", "99999999999999999999", 99_999_999_999_999_999_999n * GiB],
  ])("[G-35] [G-38] %j: the size of %j is %s", (pattern, name, expected) =>
    expect(volumePatternOf(pattern).sizeOf(name)).toBe(expected),
  );

  test.each([
    ["pool-\\d", "pool-1x"],
    ["pool-\\d", "xpool-1"],
    ["pool-\\d", "pool-1\n"],
    ["a|b", "ax"],
    ["a|b", "xb"],
    ["b-#{size}|a", "ab-1"],
  ])("[G-38] %j has to match the whole name: not %j", (pattern, name) =>
    expect(volumePatternOf(pattern).sizeOf(name)).toBeUndefined(),
  );

  test.each(["(", "a)|(b", "[", "a#{size}b#{size}", "\\#{size}", "(?<size>x)#{size}", "*"])("%j is none", (pattern) =>
    expect(() => volumePatternOf(pattern)).toThrow(SyntaxError),
  );
});

// ---- provisioning ----------------------------------------------------------------------------------------------------------

describe("provisioning", () => {
  test.each<[string, Provisioning]>([
    ["pool", { kind: "pool" }],
    ["clone genomics@monday", { kind: "clone", snapshot: "genomics@monday" }],
    [
      "create transport tcp bricks s1:/data",
      { kind: "create", layout: { transport: "tcp", bricks: ["s1:/data"], force: false } },
    ],
    [
      "create replica 3 arbiter 1 transport tcp force bricks s1:/data s2:/data fd00::1:/data",
      {
        kind: "create",
        layout: { replica: 3, arbiter: true, transport: "tcp", bricks: ["s1:/data", "s2:/data", "fd00::1:/data"], force: true },
      },
    ],
    [
      "create disperse 3 redundancy 1 transport tcp,rdma bricks s1:/a s2:/a s3:/a",
      {
        kind: "create",
        layout: { disperse: 3, redundancy: 1, transport: "tcp,rdma", bricks: ["s1:/a", "s2:/a", "s3:/a"], force: false },
      },
    ],
  ])("%s", (text, expected) => {
    expect(formatProvisioning(expected)).toBe(text);
    expect(parseProvisioning(text)).toEqual(expected);
  });

  test("is read as it was written", () => {
    fc.assert(
      fc.property(provisioning, (one) => {
        expect(parseProvisioning(formatProvisioning(one))).toEqual(one);
      }),
    );
  });

  test.each([
    "",
    "pools",
    "pool ",
    "clone",
    "clone genomics",
    "clone a@b c@d",
    "create",
    "create bricks s1:/data",
    "create transport udp bricks s1:/data",
    "create transport tcp bricks",
    "create transport tcp bricks s1",
    "create transport tcp bricks s1:data",
    "create transport tcp bricks s1:/",
    "create transport tcp bricks s1:/../etc",
    "create transport tcp bricks -s1:/data",
    "create transport tcp bricks s1:/data  s2:/data",
    "create transport tcp bricks s1:/data\ns2:/data",
    "create transport tcp bricks s1:/da;ta",
    "create replica 3 transport tcp bricks s1:/a s2:/a",
  ])("%j is none [G-18]", (text) => expect(parseProvisioning(text)).toBeUndefined());

  const bricks = (count: number) => Array.from({ length: count }, (_, index) => `s${index}:/data`);
  const base: VolumeLayout = { transport: "tcp", bricks: bricks(3), force: false };
  test.each<[string, Partial<VolumeLayout>]>([
    ["either replicated or dispersed", { replica: 3, disperse: 3 }],
    ["at least 2", { replica: 1 }],
    ["arbiter belongs to replica 3", { replica: 2, arbiter: true, bricks: bricks(2) }],
    ["arbiter belongs to replica 3", { arbiter: true }],
    ["redundancy belongs to disperse", { redundancy: 1 }],
    ["disperse is at least 3", { disperse: 2, bricks: bricks(2) }],
    ["less than half", { disperse: 4, redundancy: 2, bricks: bricks(4) }],
    ["redundancy is at least 1", { disperse: 3, redundancy: 0 }],
    ["multiple of 3, not 4", { replica: 3, bricks: bricks(4) }],
    ["bricks is empty", { bricks: [] }],
    ["is no brick", { bricks: ["s1:/data", "s2:/data/"] }],
    ["named twice", { bricks: ["s1:/data", "s1:/data"] }],
  ])("a layout that gluster would refuse is refused here: %s", (problem, more) =>
    expect(layoutProblem({ ...base, ...more })).toContain(problem),
  );

  test.each([
    {},
    { replica: 3 },
    { replica: 3, arbiter: true },
    { disperse: 3 },
    { disperse: 3, redundancy: 1 },
    { bricks: bricks(7) },
  ])("%j is good", (more) => expect(layoutProblem({ ...base, ...more })).toBeUndefined());

  test.each([
    ["s1:/data/b", "s1", "/data/b"],
    ["fd00::1:/data", "fd00::1", "/data"],
    ["s1", "s1", ""],
  ])("the brick %s is on %s in %j", (text, name, path) => expect(splitBrick(text)).toEqual({ host: name, path }));
});

test.each([
  ["/data", true],
  ["/srv/gluster/b-1_x.y@z+", true],
  ["/", false],
  ["data", false],
  ["/data/", false],
  ["//data", false],
  ["/a/../b", false],
  ["/a/./b", false],
  ["/a b", false],
  ["/a:b", false],
  ["/a,b", false],
  ["/a*", false],
  ["/a\n", false],
  ["", false],
])("the directory %j: %s", (path, expected) => expect(isDirectory(path)).toBe(expected));

// ---- options of volumes ----------------------------------------------------------------------------------------------------

describe("options of volumes that a person asks for", () => {
  test.each([
    ["performance.cache-size", "256MB"],
    ["cluster.min-free-disk", "10%"],
    ["network.ping-timeout", "42"],
    ["features.shard", "on"],
  ])("%s=%s", (name, value) => expect(volumeOptionProblem(name, value)).toBeUndefined());

  test.each([
    ...["auth.ssl-allow", "auth.allow", "auth.reject", "client.ssl", "server.ssl", "ssl.certificate-depth", "ssl.own-cert"],
    ...["server.dynamic-auth", "server.root-squash", "server.anonuid", "user.sharewright.share", "user.manila-share"],
    ...["features.quota", "features.quota-deem-statfs", "features.inode-quota", "features.hard-timeout", "features.soft-timeout"],
    ...["feature.simple-quota-pass-through", "feature.simple-quota.use-backend", "features.acl", "features.read-only"],
    ...["features.trash", "features.worm", "nfs.disable", "nfs.export-volumes", "nfs.rpc-auth-allow", "ganesha.enable"],
    ...["transport.address-family", "config.transport"],
  ])("S-15: %s is not for them: it decides on access, size or marks", (name) =>
    expect(volumeOptionProblem(name, "x")).toContain("decides on"),
  );

  test.each([
    ...[
      "cluster.brick-multiplex",
      "cluster.server-quorum-ratio",
      "cluster.max-bricks-per-process",
      "cluster.enable-shared-storage",
    ],
    ...["cluster.daemon-log-level", "cluster.op-version", "glusterd.vol_count_per_thread", "client.strict-locks"],
    "server.outstanding-rpc-limit",
  ])("S-15: %s is not for them: it is every volume's", (name) =>
    expect(volumeOptionProblem(name, "1")).toContain("whole cluster"),
  );

  test.each([
    ["features.bitrot", "bitrot"],
    ["features.scrub-freq", "bitrot"],
    ["cluster.granular-entry-heal", "heal"],
  ])("S-15: %s is set by another command", (name, command) =>
    expect(volumeOptionProblem(name, "on")).toContain(`gluster volume ${command}`),
  );

  test.each([
    ["performance.cahce-size", "performance.cache-size"],
    ["cluster.cache-size", "performance.cache-size"],
    ["network.ping-timout", "network.ping-timeout"],
    ["features.sharding", "features.shard"],
  ])("S-15: %s is no option of any release; %s may be meant", (name, meant) =>
    expect(volumeOptionProblem(name, "1")).toBe(`neither GlusterFS 10 nor 11 has such an option: is "${meant}" meant?`),
  );

  test("S-15: what is like nothing is just unknown", () =>
    expect(volumeOptionProblem("no.such", "1")).toBe("neither GlusterFS 10 nor 11 has such an option"));

  test.each(["cache-size", "performance", "performance.", ".x", "Performance.x", "a b.c", "a.b=c", "a.b\n", "-a.b", ""])(
    "%j is not the name of one",
    (name) => expect(volumeOptionProblem(name, "x")).toContain("written whole"),
  );

  test.each(["", "a b", "a\nb", 'a"b', "a'b", "a\\b", "ä", "a=b", "a*", "a;b"])("the value %j could corrupt the store", (value) =>
    expect(volumeOptionProblem("performance.cache-size", value)).toContain("corrupt"),
  );

  test("name and value are no longer than glusterd survives", () => {
    const name = "performance.cache-size";
    expect(volumeOptionProblem(name, "v".repeat(maxOptionBytes - name.length))).toBeUndefined();
    expect(volumeOptionProblem(name, "v".repeat(maxOptionBytes - name.length + 1))).toContain("kill glusterd");
  });

  test.each(["client.strict-locks=on", "performance.cahce-size=1MB", "ganesha.enable=on"])(
    "S-15: a message with %s is refused",
    (text) => expect(parseVolumeOptions(text)).toBeUndefined(),
  );

  test("are written in the order of their names, whichever way they came", () =>
    expect(formatVolumeOptions({ "b.x": "1", "a.x": "2" })).toBe("a.x=2 b.x=1"));
});

// ---- the message -------------------------------------------------------------------------------------------------------------

describe("a share as triggers", () => {
  const anyShare = fc.record<GlusterShareSpec>({
    share: volumeName,
    clusters,
    size: fc.bigInt(minVolumeSize, maxSize),
    provisioning,
    volumeOptions,
    removalPolicy: fc.constantFrom(...removalPolicies),
    adopt: fc.boolean(),
    allowRestart: fc.boolean(),
  });

  test("is read as it was written", () => {
    fc.assert(
      fc.property(anyShare, (spec) => {
        const texts = { claim: "4711", ...glusterShareMessage.write(spec), ...(spec.adopt ? { adopt: "true" } : {}) };
        expect(glusterShareMessage.triggers.parse(texts)).toEqual({ claim: "4711", spec });
      }),
    );
  });

  test("is written as people would say it", () =>
    expect(
      glusterShareMessage.write({
        share: "genomics",
        clusters: ["fast", "slow"],
        size: 10n * GiB,
        provisioning: { kind: "pool" },
        volumeOptions: { "performance.cache-size": "256MB" },
        removalPolicy: "retain",
        adopt: true,
        allowRestart: false,
      }),
    ).toEqual({
      share: "genomics",
      clusters: "fast, slow",
      size: "10 GiB",
      provisioning: "pool",
      volume_options: "performance.cache-size=256MB",
      removal_policy: "retain",
    }));

  const wire = {
    claim: "4711",
    share: "genomics",
    clusters: "fast",
    size: "10 GiB",
    provisioning: "pool",
    removal_policy: "retain",
  };
  test.each([
    ["share", ""],
    ["share", "all"],
    ["share", "a/b"],
    ["claim", ""],
    ["claim", "a b"],
    ["clusters", ""],
    ["clusters", "fast,slow"],
    ["clusters", "fast, fast"],
    ["size", "10"],
    ["size", "1023 KiB"],
    ["provisioning", "any"],
    ["volume_options", ""],
    ["volume_options", "auth.ssl-allow=*"],
    ["volume_options", "performance.x"],
    ["removal_policy", "burn"],
    ["adopt", "false"],
    ["allow_restart", "yes"],
    ["deletion_protection", "false"],
    ["volume", ""],
    ["else", "x"],
  ])("%s = %j is refused", (name, value) => {
    expect(problemsOf(glusterShareMessage.triggers.safeParse(wire))).toEqual([]);
    const problems = problemsOf(glusterShareMessage.triggers.safeParse({ ...wire, [name]: value }));
    expect(problems).toHaveLength(1);
    if (name !== "else") expect(problems[0]).toMatch(new RegExp(`^${name}: `));
  });
});

describe("a rule as triggers", () => {
  const wire = { claim: "1", share: "genomics", clusters: "fast, slow", common_name: "alice", level: "rw" };
  test("is read", () =>
    expect(glusterRuleMessage.triggers.parse({ ...wire, adopt: "true" })).toEqual({
      claim: "1",
      spec: { share: "genomics", clusters: ["fast", "slow"], commonName: "alice", level: "rw", adopt: true },
    }));

  test.each([
    ["[G-12] [X-G02]", "common_name", "*"],
    ["[G-12]", "common_name", "a, b"],
    ["[G-12]", "common_name", ""],
    ["[G-20]", "level", "ro"],
    ["[G-20]", "level", ""],
    ["", "share", "a/b"],
    ["", "claim", ""],
  ])("%s %s = %j is refused", (_, name, value) =>
    expect(problemsOf(glusterRuleMessage.triggers.safeParse({ ...wire, [name]: value }))).toEqual([
      expect.stringMatching(new RegExp(`^${name}: `)),
    ]),
  );
});

describe("a snapshot as triggers", () => {
  const wire = { claim: "1", key: "genomics@monday", share: "genomics", clusters: "fast", snapshot: "genomics-monday" };
  test("is read", () =>
    expect(glusterSnapshotMessage.triggers.parse(wire)).toEqual({
      claim: "1",
      spec: { share: "genomics", clusters: ["fast"], snapshot: "genomics-monday", adopt: false },
    }));
  test.each([
    ["key", "genomics"],
    ["snapshot", "all"],
    ["snapshot", "a.b"],
  ])("%s = %j is refused", (name, value) =>
    expect(problemsOf(glusterSnapshotMessage.triggers.safeParse({ ...wire, [name]: value }))).toHaveLength(1),
  );
});

describe("a cluster as JSON", () => {
  const cluster: ClusterSpec = {
    name: "fast",
    servers: [{ connection: { type: "local" }, host: "s1" }],
    volumePattern: "pool-\\d+-#{size}G",
    mountPointBase: "/run/sharewright/mnt",
    brickRoots: ["/data"],
    exportHost: "gluster.example.org",
    backupVolfileServers: ["s2", "fd00::2"],
    owner: "team A",
    infrastructureNames: defaultInfrastructureNames,
    preflight: "enforce",
  };

  test("arrives whole", () => expect(clustersSchema.parse(JSON.parse(JSON.stringify([cluster])))).toEqual([cluster]));

  test.each<[string, string, Partial<Record<keyof ClusterSpec, unknown>>]>([
    ["[G-83]", "servers", { servers: [] }],
    ["[G-34] [G-112]", "servers.0.host", { servers: [{ connection: { type: "local" }, host: "s1:/volume" }] }],
    ["[G-34] [G-112]", "servers.0.host", { servers: [{ connection: { type: "local" }, host: "user@s1" }] }],
    ["[G-112]", "servers.0.host", { servers: [{ connection: { type: "local" }, host: "" }] }],
    ["[G-112]", "servers.0.host", { servers: [{ connection: { type: "local" } }] }],
    ["[G-112]", "servers.0", { servers: [{ connection: { type: "local" }, host: "s1", volume: "v" }] }],
    ["[G-112]", "exportHost", { exportHost: "s1:/volume" }],
    ["", "volumePattern", { volumePattern: "(" }],
    ["", "mountPointBase", { mountPointBase: "mnt" }],
    ["", "infrastructureNames", { infrastructureNames: [] }],
    ["", "infrastructureNames.0", { infrastructureNames: ["*"] }],
    ["", "certificateDirectory", { certificateDirectory: "/etc/ssl/" }],
  ])("%s %s: %j is refused", (_, path, more) => {
    const problems = problemsOf(clusterSchema.safeParse({ ...cluster, ...more }));
    expect(problems).toEqual([expect.stringMatching(new RegExp(`^${path.replaceAll(".", "\\.")}: `))]);
  });

  test.each(["s1", "s1.example.org", "10.0.0.1", "fd00::1", "::1"])("[G-111] the host %s is one", (name) =>
    expect(problemsOf(clusterSchema.safeParse({ ...cluster, exportHost: name }))).toEqual([]),
  );

  test("is at least one", () => expect(problemsOf(clustersSchema.safeParse([]))).toHaveLength(1));
});

describe("where a client finds a share", () => {
  test("[G-76] [G-86] the export is host and volume, without a user", () =>
    expect(locationOf({ exportHost: "s1", backupVolfileServers: [] }, "genomics", "pool-1")).toEqual({
      export_location: "s1:/pool-1",
      mount_command: "mount -t glusterfs s1:/pool-1 /mnt/genomics",
      fstab_entry: "s1:/pool-1 /mnt/genomics glusterfs defaults,_netdev 0 0",
    }));

  test("W-G17 other servers may tell where the bricks are", () =>
    expect(locationOf({ exportHost: "s1", backupVolfileServers: ["s2", "s3"] }, "genomics", "genomics")).toEqual({
      export_location: "s1:/genomics",
      mount_command: "mount -t glusterfs -o backup-volfile-servers=s2:s3 s1:/genomics /mnt/genomics",
      fstab_entry: "s1:/genomics /mnt/genomics glusterfs defaults,_netdev,backup-volfile-servers=s2:s3 0 0",
    }));

  test("IPv6 addresses among them are in brackets, which a shell must not take for a pattern", () => {
    const location = locationOf({ exportHost: "s1", backupVolfileServers: ["fd00::2", "s3"] }, "g", "g");
    expect(location.mount_command).toContain("-o 'backup-volfile-servers=[fd00::2]:s3' ");
    expect(location.fstab_entry).toContain(",backup-volfile-servers=[fd00::2]:s3 0 0");
  });
});
