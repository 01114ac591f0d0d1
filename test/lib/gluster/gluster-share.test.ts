import { Resource } from "@cdktf/provider-null/lib/resource";
import { TerraformOutput, type TerraformResource, TerraformStack, TerraformVariable, Testing } from "cdktf";
import { describe, expect, it } from "vitest";
import {
  GlusterShare,
  type GlusterShareOptions,
  GlusterTransport,
  Pool,
  RemovalPolicy,
  Size,
  Volume,
  type VolumeCreateOptions,
} from "../../../lib";
import { glusterShareMessage } from "../../../src/spec/gluster";
import { errorOf, hookOf, newStack, synth, synthText, triggersOf } from "../support";
import { newCluster, received, resourceOf, server, tenGibibytes } from "./support";

function share(stack: TerraformStack, options: Partial<GlusterShareOptions> = {}, id = "genomics"): GlusterShare {
  const servers = ["1", "2", "3"].map((number) => server(`${id}-${number}`));
  const cluster = newCluster(stack, { servers }, `cluster-of-${id}`);
  return new GlusterShare(stack, id, { cluster, size: tenGibibytes, ...options });
}

const readBack = (stack: TerraformStack, id: string) => glusterShareMessage.triggers.parse(received(stack, id)).spec;

const locationProperties = ["volumeName", "exportLocation", "mountCommand", "fstabEntry"] as const;

describe("GlusterShare", () => {
  it("defaults", () => {
    const stack = newStack();
    new GlusterShare(stack, "genomics", { cluster: newCluster(stack), size: tenGibibytes });
    expect(resourceOf(synth(stack), "genomics")).toMatchSnapshot();
    expect(synth(stack).locals["gluster_share_claims"]).toEqual({ genomics: "retain" });
    expect(readBack(stack, "genomics")).toEqual({
      share: "genomics",
      clusters: ["tank"],
      size: 10n * 1024n ** 3n,
      provisioning: { kind: "pool" },
      volumeOptions: {},
      removalPolicy: "retain",
      adopt: false,
      allowRestart: false,
    });
  });

  it("everything set", () => {
    const stack = newStack();
    new GlusterShare(stack, "genomics", {
      cluster: newCluster(stack),
      shareName: "genome-data",
      size: Size.tebibytes(1.5),
      provisioning: Volume.create({ replica: 3, arbiter: true, transport: GlusterTransport.TCP_RDMA, force: true }),
      removalPolicy: RemovalPolicy.TRASH,
      adopt: true,
      volumeOptions: { "performance.cache-size": "256MB", "cluster.min-free-disk": "10%" },
      allowRestart: true,
    });
    expect(triggersOf(stack, "genomics")).toMatchInlineSnapshot(`
      {
        "allow_restart": "true",
        "claim": "\${local.gluster_share_claims_ids["genome-data"]}",
        "clusters": "tank",
        "export_location": "s1:/genome-data",
        "fstab_entry": "s1:/genome-data /mnt/genome-data glusterfs defaults,_netdev,backup-volfile-servers=s2:s3 0 0",
        "mount_command": "mount -t glusterfs -o backup-volfile-servers=s2:s3 s1:/genome-data /mnt/genome-data",
        "provisioning": "create replica 3 arbiter 1 transport tcp,rdma force bricks s1:/data/a s2:/data/a s3:/data/a s1:/data/b s2:/data/b s3:/data/b",
        "removal_policy": "trash",
        "share": "genome-data",
        "size": "1536 GiB",
        "volume": "genome-data",
        "volume_options": "cluster.min-free-disk=10% performance.cache-size=256MB",
      }
    `);
    expect(readBack(stack, "genomics")).toMatchObject({ volumeOptions: { "performance.cache-size": "256MB" } });
    expect(hookOf(synth(stack), "genomics")).toEqual(["gluster.share", "adopt"]);
  });

  it("imported", () => {
    const stack = newStack();
    const imported = GlusterShare.fromShareName(stack, "theirs", { cluster: newCluster(stack), shareName: "climate" });
    expect(imported.shareName).toBe("climate");
    imported.grantReadWrite("viz", "viz.example.org");
    imported.addSnapshot("monday");
    const { locals } = synth(stack);
    expect(locals).toMatchObject({
      gluster_share_claims: {},
      gluster_rule_claims: { "climate#viz": {} },
      gluster_snapshot_claims: { "climate@climate-monday": {} },
    });
    const shares = Object.values(synth(stack).resource["null_resource"] ?? {}).map(({ triggers }) => triggers?.["share"]);
    expect(shares.filter((name) => name === "climate")).toHaveLength(2);
  });

  it("is told apart from what is imported without instanceof", () => {
    const stack = newStack();
    const cluster = newCluster(stack);
    expect(GlusterShare.isGlusterShare(cluster.addShare("mine", { size: tenGibibytes }))).toBe(true);
    expect(GlusterShare.isGlusterShare(GlusterShare.fromShareName(stack, "theirs", { cluster, shareName: "x" }))).toBe(false);
    expect(GlusterShare.isGlusterShare(null)).toBe(false);
  });

  it("may be on any of several clusters", () => {
    const stack = newStack();
    const clusters = [newCluster(stack), newCluster(stack, { servers: [server("t1")] }, "other")];
    new GlusterShare(stack, "genomics", { clusters, size: tenGibibytes });
    expect(triggersOf(stack, "genomics")).toMatchObject({ clusters: "tank, other", provisioning: "pool" });
  });

  it("takes a token for its size", () => {
    const stack = newStack();
    share(stack, { size: Size.bytes(new TerraformVariable(stack, "bytes", { type: "number" }).numberValue) });
    expect(triggersOf(stack, "genomics")).toMatchObject({ size: "${var.bytes} B" });
  });

  it("can stand in dependsOn", () => {
    const stack = newStack();
    new Resource(stack, "dependent", { dependsOn: [share(stack)] });
    expect(resourceOf(synth(stack), "dependent")).toEqual({ depends_on: ["null_resource.genomics"] });
  });

  describe("its location", () => {
    it("is known where its volume is created: references to triggers, so that a resize leaves who uses them without a diff", () => {
      const stack = newStack();
      const mine = share(stack, { provisioning: Volume.create() });
      new TerraformOutput(stack, "all", { value: locationProperties.map((property) => mine[property]) });
      const names = ["volume", "export_location", "mount_command", "fstab_entry"];
      expect(JSON.parse(synthText(stack)).output.all.value).toEqual(
        names.map((name) => `\${null_resource.genomics.triggers["${name}"]}`),
      );
      expect(triggersOf(stack, "genomics")).toMatchObject({
        volume: "genomics",
        export_location: "genomics-1:/genomics",
        mount_command: "mount -t glusterfs -o backup-volfile-servers=genomics-2:genomics-3 genomics-1:/genomics /mnt/genomics",
        fstab_entry:
          "genomics-1:/genomics /mnt/genomics glusterfs defaults,_netdev,backup-volfile-servers=genomics-2:genomics-3 0 0",
      });
    });

    it("has IPv6 addresses of backup servers in brackets, as mount.glusterfs reads them", () => {
      const stack = newStack();
      const cluster = newCluster(stack, { servers: [server("fd00::1"), server("fd00::2"), server("s3")] });
      cluster.addShare("v6", { size: tenGibibytes, provisioning: Volume.create() });
      const triggers = Object.values(synth(stack).resource["null_resource"] ?? {}).find(({ triggers }) => triggers?.["volume"]);
      expect(triggers?.triggers).toMatchObject({
        mount_command: "mount -t glusterfs -o 'backup-volfile-servers=[fd00::2]:s3' fd00::1:/v6 /mnt/v6",
        fstab_entry: "fd00::1:/v6 /mnt/v6 glusterfs defaults,_netdev,backup-volfile-servers=[fd00::2]:s3 0 0",
      });
    });

    it.each(locationProperties)("fails as %s where its volume is picked, naming the command that tells", (property) => {
      const error = errorOf(() => share(newStack(), { provisioning: Pool.pick() })[property]);
      expect(error).toMatchObject({ constructPath: "stack/genomics", property });
      expect(error.problem).toContain("hooks of Terraform cannot hand anything back");
      expect(error.fix).toContain("sharewright list --json");
    });

    it("fails for a clone that may be on several clusters", () => {
      const stack = newStack();
      const clusters = [newCluster(stack), newCluster(stack, { servers: [server("t1")] }, "other")];
      const fromSnapshot = new GlusterShare(stack, "a", { clusters, size: tenGibibytes }).addSnapshot("monday");
      const clone = new GlusterShare(stack, "b", { clusters, size: tenGibibytes, fromSnapshot });
      expect(errorOf(() => clone.exportLocation).problem).toContain('"tank, other"');
    });
  });

  describe("a volume that is created", () => {
    const provisioningOf = (options: VolumeCreateOptions, hosts = ["s1", "s2", "s3"], brickRoots = ["/data/a", "/data/b"]) => {
      const stack = newStack();
      const cluster = newCluster(stack, { servers: hosts.map(server), brickRoots });
      new GlusterShare(stack, "v", { cluster, size: tenGibibytes, provisioning: Volume.create(options) });
      return triggersOf(stack, "v")?.["provisioning"];
    };

    it.each<[string, VolumeCreateOptions, string]>([
      [
        "over all servers and roots",
        {},
        "create transport tcp bricks s1:/data/a s2:/data/a s3:/data/a s1:/data/b s2:/data/b s3:/data/b",
      ],
      [
        "with the copies of a file on different servers",
        { replica: 2 },
        "create replica 2 transport tcp bricks s1:/data/a s2:/data/a s3:/data/a s1:/data/b s2:/data/b s3:/data/b",
      ],
      [
        "in whole sets, however many bricks there could be",
        { disperse: 4, redundancy: 1, force: true },
        "create disperse 4 redundancy 1 transport tcp force bricks s1:/data/a s2:/data/a s3:/data/a s1:/data/b",
      ],
      ["where it is told to be", { bricks: ["s3:/other"] }, "create transport tcp bricks s3:/other"],
      [
        "with an arbiter",
        { replica: 3, arbiter: true, bricks: ["s1:/a", "s2:/a", "s3:/arbiter"] },
        "create replica 3 arbiter 1 transport tcp bricks s1:/a s2:/a s3:/arbiter",
      ],
      [
        "with two copies on one server, when that is accepted",
        { replica: 2, bricks: ["s1:/a", "s1:/b"], force: true },
        "create replica 2 transport tcp force bricks s1:/a s1:/b",
      ],
    ])("lies %s", (_title, options, text) => expect(provisioningOf(options)).toBe(text));

    it.each<[string, VolumeCreateOptions, string, string]>([
      ["more copies than servers", { replica: 4 }, "replica", "needs bricks on 4 different servers, and there are 3"],
      ["more fragments than servers", { disperse: 5 }, "disperse", "needs bricks on 5 different servers, and there are 3"],
      [
        "more copies than places, even if forced",
        { replica: 7, force: true },
        "replica",
        "needs 7 bricks, and servers and brickRoots of the cluster give 6",
      ],
      ["one copy", { replica: 1 }, "replica", "range"],
      ["half a copy", { replica: 2.5 }, "replica", "range"],
      ["two fragments", { disperse: 2 }, "disperse", "range"],
      ["no redundancy", { disperse: 3, redundancy: 0 }, "redundancy", "range"],
      ["a transport that is none", { transport: "udp" as GlusterTransport }, "transport", "possible values"],
      ["a brick on a host that is no server", { bricks: ["s9:/data"] }, "bricks", "none of the cluster's `servers`"],
    ])("fails for %s", (_title, options, property, problem) => {
      const error = errorOf(() => provisioningOf(options));
      expect(error).toMatchObject({ constructPath: "stack/v", property: `Volume.create.${property}` });
      expect(error.problem).toContain(problem);
      expect(error.message).toContain(error.fix);
    });

    it.each<[string, VolumeCreateOptions, string]>([
      ["copies and fragments", { replica: 2, disperse: 3 }, "either replicated or dispersed"],
      ["an arbiter of two copies", { replica: 2, arbiter: true }, "an arbiter belongs to replica 3"],
      ["redundancy of copies", { replica: 2, redundancy: 1 }, "redundancy belongs to disperse"],
      ["redundancy of half of the fragments", { disperse: 3, redundancy: 2 }, "less than half"],
      ["no bricks", { bricks: [] }, "bricks is empty"],
      ["an incomplete set", { replica: 2, bricks: ["s1:/a", "s2:/a", "s3:/a"] }, "a multiple of 2, not 3"],
      ["a brick without a host", { bricks: ["/data"] }, "is no brick"],
      ["a brick with a relative directory", { bricks: ["s1:data"] }, "is no brick"],
      ["a brick twice", { bricks: ["s1:/a", "s1:/a"] }, "twice"],
      ["two bricks of a set on one server", { replica: 2, bricks: ["s1:/a", "s2:/a", "s3:/a", "s3:/b"] }, "s3:/a s3:/b"],
    ])("fails for %s", (_title, options, problem) => {
      const error = errorOf(() => provisioningOf(options));
      expect(error).toMatchObject({ constructPath: "stack/v", property: "Volume.create" });
      expect(error.message).toContain(problem);
    });

    it("fails without places for bricks", () => {
      const stack = newStack();
      const cluster = newCluster(stack, { brickRoots: undefined } as never);
      const error = errorOf(() => cluster.addShare("v", { size: tenGibibytes, provisioning: Volume.create() }));
      expect(error).toMatchObject({ constructPath: "stack/tank/v", property: "Volume.create.bricks" });
      expect(error.problem).toContain("stack/tank");
    });

    it("fails for a token among the bricks", () => {
      const stack = newStack();
      const token = new TerraformVariable(stack, "v", { type: "string" }).stringValue;
      const error = errorOf(() => share(stack, { provisioning: Volume.create({ bricks: [token] }) }));
      expect(error).toMatchObject({ property: "Volume.create.bricks" });
    });

    it("fails on several clusters", () => {
      const stack = newStack();
      const clusters = [newCluster(stack), newCluster(stack, { servers: [server("t1")] }, "other")];
      const error = errorOf(() => new GlusterShare(stack, "v", { clusters, size: tenGibibytes, provisioning: Volume.create() }));
      expect(error).toMatchObject({ property: "clusters", value: '"tank, other"' });
    });

    it("fails for a name that would make it one of the pool", () => {
      const error = errorOf(() => share(newStack(), { shareName: "pool-7-10G", provisioning: Volume.create() }));
      expect(error).toMatchObject({ property: "shareName", value: '"pool-7-10G"' });
      expect(error.problem).toContain("stack/cluster-of-genomics");
    });
  });

  describe("a clone", () => {
    it("refers to its snapshot, so that that is made first, and to nothing else", () => {
      const stack = newStack();
      const cluster = newCluster(stack);
      const fromSnapshot = new GlusterShare(stack, "genomics", { cluster, size: tenGibibytes }).addSnapshot("monday");
      const clone = new GlusterShare(stack, "copy", { cluster, size: tenGibibytes, fromSnapshot });
      (fromSnapshot.node.defaultChild as TerraformResource).overrideLogicalId("snap");
      new TerraformOutput(stack, "where", { value: clone.exportLocation });
      expect(triggersOf(stack, "copy")).toMatchObject({
        provisioning: 'clone ${null_resource.snap.triggers["key"]}',
        export_location: "s1:/copy",
      });
      expect(readBack(stack, "copy")).toMatchObject({ provisioning: { kind: "clone", snapshot: "genomics@genomics-monday" } });
    });

    it("fails together with provisioning, on another cluster, and with a name of the pool", () => {
      const stack = newStack();
      const cluster = newCluster(stack);
      const other = newCluster(stack, { servers: [server("t1")] }, "other");
      const fromSnapshot = cluster.addShare("genomics", { size: tenGibibytes }).addSnapshot("monday");
      const clone = (id: string, options: object, on = cluster) =>
        errorOf(() => new GlusterShare(stack, id, { cluster: on, size: tenGibibytes, fromSnapshot, ...options }));
      expect(clone("a", { provisioning: Pool.pick() })).toMatchObject({ property: "fromSnapshot" });
      expect(clone("b", {}, other)).toMatchObject({ property: "fromSnapshot", value: '"other"' });
      expect(clone("c", {}, other).problem).toContain("stack/tank/genomics/monday");
      expect(clone("pool-1-1G", {})).toMatchObject({ property: "shareName" });
    });
  });

  const failures: [string, Partial<GlusterShareOptions>, string, string][] = [
    ["an empty name, which would cost every volume its configuration", { shareName: "" }, "shareName", '""'],
    ["a name with /", { shareName: "a/b" }, "shareName", '"a/b"'],
    ["a name with a dot", { shareName: "a.b" }, "shareName", '"a.b"'],
    ["a name that begins like an option", { shareName: "-a" }, "shareName", '"-a"'],
    ["a word of gluster", { shareName: "all" }, "shareName", '"all"'],
    ["a name that is too long", { shareName: "a".repeat(65) }, "shareName", `"${"a".repeat(65)}"`],
    ["a name with a line break", { shareName: "a\n" }, "shareName", '"a\\n"'],
    ["size 0", { size: Size.bytes(0) }, "size", '"0 B"'],
    ["a size below the minimum", { size: Size.kibibytes(1023) }, "size", '"1023 KiB"'],
    ["a size that is none", { size: Size.pebibytes(8192) }, "size", '"8 EiB"'],
    ["a removal policy that is none", { removalPolicy: "forget" as RemovalPolicy }, "removalPolicy", '"forget"'],
    ["an option of access", { volumeOptions: { "auth.ssl-allow": "*" } }, 'volumeOptions["auth.ssl-allow"]', '"*"'],
    [
      "an option of marks",
      { volumeOptions: { "user.sharewright.share": "x" } },
      'volumeOptions["user.sharewright.share"]',
      '"x"',
    ],
    ["an option of size", { volumeOptions: { "features.quota": "off" } }, 'volumeOptions["features.quota"]', '"off"'],
    [
      "S-15: an option of the whole cluster",
      { volumeOptions: { "client.strict-locks": "on" } },
      'volumeOptions["client.strict-locks"]',
      '"on"',
    ],
    ["S-15: an export by others", { volumeOptions: { "ganesha.enable": "on" } }, 'volumeOptions["ganesha.enable"]', '"on"'],
    [
      "S-15: an option that no release has",
      { volumeOptions: { "performance.cahce-size": "1MB" } },
      'volumeOptions["performance.cahce-size"]',
      '"1MB"',
    ],
    ["an option with a short name", { volumeOptions: { "cache-size": "1" } }, 'volumeOptions["cache-size"]', '"1"'],
    [
      "an option with a line break, which would rewrite the volume",
      { volumeOptions: { "performance.cache-size": "1\ntype=9" } },
      'volumeOptions["performance.cache-size"]',
      '"1\\ntype=9"',
    ],
    [
      "an option that would kill glusterd",
      { volumeOptions: { "performance.cache-size": "1".repeat(4090) } },
      'volumeOptions["performance.cache-size"]',
      `"${"1".repeat(4090)}"`,
    ],
    ["an option that is no text", { volumeOptions: { "a.b": 1 as never } }, 'volumeOptions["a.b"]', "1"],
  ];
  it.each(failures)("fails for %s", (_title, options, property, value) => {
    const error = errorOf(() => share(newStack(), options));
    expect(error).toMatchObject({ constructPath: "stack/genomics", property, value });
    expect(error.message).toContain(error.fix);
  });

  it.each([
    ["shareName", (token: string) => ({ shareName: token })],
    ["removalPolicy", (token: string) => ({ removalPolicy: token as RemovalPolicy })],
    ['volumeOptions["a.b"]', (token: string) => ({ volumeOptions: { "a.b": token } })],
  ])("fails for a token as %s", (property, options) => {
    const stack = newStack();
    const token = new TerraformVariable(stack, "v", { type: "string" }).stringValue;
    expect(errorOf(() => share(stack, options(token)))).toMatchObject({ constructPath: "stack/genomics", property });
  });

  it("fails for a volume of a pool on a cluster without a pattern", () => {
    const stack = newStack();
    const cluster = newCluster(stack, { volumePattern: undefined } as never);
    const error = errorOf(() => cluster.addShare("s", { size: tenGibibytes }));
    expect(error).toMatchObject({ constructPath: "stack/tank/s", property: "provisioning" });
    expect(error.problem).toContain("stack/tank");
  });

  it("fails without a cluster, with both properties, an empty list, and one twice", () => {
    const stack = newStack();
    const cluster = newCluster(stack);
    const on = (id: string, clusters: object) => errorOf(() => new GlusterShare(stack, id, { size: tenGibibytes, ...clusters }));
    expect(on("a", {})).toMatchObject({ property: "cluster", problem: "is missing" });
    expect(on("b", { cluster, clusters: [cluster] })).toMatchObject({ property: "cluster" });
    expect(on("c", { clusters: [] })).toMatchObject({ property: "clusters", problem: "is empty" });
    expect(on("d", { clusters: [cluster, cluster] })).toMatchObject({ property: "clusters", value: '"tank"' });
  });

  it("fails for a share that is declared already: in the stack on whatever cluster, in the app on the same", () => {
    const app = Testing.app();
    const [a, b] = [new TerraformStack(app, "a"), new TerraformStack(app, "b")];
    const cluster = newCluster(a);
    cluster.addShare("genomics", { size: tenGibibytes });
    const inStack = errorOf(() =>
      newCluster(a, { servers: [server("t1")] }, "other").addShare("genomics", { size: tenGibibytes }),
    );
    expect(inStack).toMatchObject({ constructPath: "a/other/genomics", property: "shareName", value: '"genomics"' });
    expect(inStack.problem).toContain("a/tank/genomics");
    const inApp = errorOf(() => newCluster(b, { clusterName: "ours" }).addShare("genomics", { size: tenGibibytes }));
    expect(inApp).toMatchObject({ constructPath: "b/tank/genomics", property: "shareName" });
    newCluster(b, { servers: [server("t1")] }, "elsewhere").addShare("climate", { size: tenGibibytes });
  });

  it("fails for a cluster of another stack, saying how to share one definition", () => {
    const app = Testing.app();
    const cluster = newCluster(new TerraformStack(app, "a"));
    const b = new TerraformStack(app, "b");
    for (const build of [
      () => new GlusterShare(b, "s", { cluster, size: tenGibibytes }),
      () => GlusterShare.fromShareName(b, "t", { cluster, shareName: "t" }),
    ]) {
      const error = errorOf(build);
      expect(error).toMatchObject({ property: "cluster", value: '"a/tank"' });
      expect(error.fix).toContain("one function");
    }
  });
});
