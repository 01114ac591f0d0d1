import { TerraformStack, TerraformVariable, Testing } from "cdktf";
import { describe, expect, it } from "vitest";
import { Carrier, Connection, type GlusterClusterProps, Preflight } from "../../../lib";
import { errorOf, newFileSystem, newStack, synth } from "../support";
import { clustersOf, newCluster, server, tenGibibytes } from "./support";

const ssh = (host: string, user = "root") => Connection.ssh({ host, user });

describe("GlusterCluster", () => {
  it("defaults", () => {
    const stack = newStack();
    newCluster(stack, { servers: [server("s1"), server("s2")], volumePattern: undefined, brickRoots: undefined } as never);
    expect(clustersOf(stack, "gluster_share_claims")).toEqual([
      {
        name: "tank",
        servers: [
          { connection: { type: "local" }, host: "s1" },
          { connection: { type: "local" }, host: "s2" },
        ],
        mountPointBase: "/var/lib/sharewright/mnt",
        exportHost: "s1",
        backupVolfileServers: ["s2"],
        owner: "stack",
        infrastructureNames: ["glusterfs-server*", "manila-host*"],
        preflight: "enforce",
      },
    ]);
    expect(synth(stack)).toMatchSnapshot();
  });

  it("everything set", () => {
    const stack = newStack();
    newCluster(stack, {
      servers: [
        { connection: ssh("s1.example.org"), host: "10.0.0.1" },
        { connection: Connection.local({ path: ["/opt/gluster/sbin"] }), host: "fd00::2" },
      ],
      volumePattern: "pool-\\d+-#{size}G",
      mountPointBase: "/run/shares",
      brickRoots: ["/data/a", "/data/b"],
      exportHost: "gluster.example.org",
      backupVolfileServers: ["10.0.0.1"],
      owner: "storage team",
      clusterName: "dc1",
      infrastructureNames: ["server*", "operator"],
      client: ssh("client1"),
      certificateDirectory: "/etc/ssl",
      preflight: Preflight.WARN,
    });
    expect(clustersOf(stack, "gluster_rule_claims")).toEqual([
      {
        name: "dc1",
        servers: [
          { connection: { type: "ssh", hosts: ["s1.example.org"], user: "root" }, host: "10.0.0.1" },
          { connection: { type: "local", path: ["/opt/gluster/sbin"] }, host: "fd00::2" },
        ],
        volumePattern: "pool-\\d+-#{size}G",
        mountPointBase: "/run/shares",
        brickRoots: ["/data/a", "/data/b"],
        exportHost: "gluster.example.org",
        backupVolfileServers: ["10.0.0.1"],
        owner: "storage team",
        infrastructureNames: ["server*", "operator"],
        client: { type: "ssh", hosts: ["client1"], user: "root" },
        certificateDirectory: "/etc/ssl",
        preflight: "warn",
      },
    ]);
  });

  it("has every server but the one that clients mount from as backup, also when that is not the first", () => {
    const stack = newStack();
    newCluster(stack, { exportHost: "s2" });
    newCluster(stack, { servers: [server("t1"), server("t2")], exportHost: "t.example.org" }, "other");
    expect(clustersOf(stack, "gluster_share_claims").map((cluster) => cluster.backupVolfileServers)).toEqual([
      ["s1", "s3"],
      ["t1", "t2"],
    ]);
  });

  it("shares its claim blocks with all clusters of the stack; destroy hooks are told of every one, also of those that come later", () => {
    const stack = newStack();
    newCluster(stack).addShare("genomics", { size: tenGibibytes });
    newCluster(stack, { servers: [server("t1")] }, "other");
    const { locals, resource } = synth(stack);
    expect(locals).toMatchObject({
      gluster_rule_claims: {},
      gluster_share_claims: { genomics: "retain" },
      gluster_snapshot_claims: {},
    });
    for (const block of ["gluster_share_claims", "gluster_rule_claims", "gluster_snapshot_claims"]) {
      expect(clustersOf(stack, block).map(({ name }) => name)).toEqual(["tank", "other"]);
    }
    const applied = Object.keys(resource["null_resource"] ?? {}).filter(
      (id) => !/_claims$|_deletion_protection$|^sharewright_stack$/.test(id),
    );
    expect(applied.map((id) => clustersOf(stack, id).map(({ name }) => name))).toEqual([["tank"]]);
  });

  it("has access rules and snapshots destroyed before shares", () => {
    const stack = newStack();
    newCluster(stack);
    const blocks = synth(stack).resource["null_resource"] as Record<string, { depends_on?: string[] }>;
    const dependsOn = (block: string) => blocks[block]?.depends_on;
    expect(dependsOn("gluster_rule_claims")).toEqual(["local.gluster_share_claims_ids"]);
    expect(dependsOn("gluster_snapshot_claims")).toEqual(["local.gluster_share_claims_ids"]);
    expect(dependsOn("gluster_share_claims")).toBeUndefined();
  });

  it("says the same on both carriers", () => {
    const stackOn = (carrier: Carrier) => {
      const stack = newStack();
      const share = newCluster(stack, { carrier }).addShare("genomics", { size: tenGibibytes });
      share.grantReadWrite("cpu", "cpu.example.org");
      share.addSnapshot("monday");
      return synth(stack);
    };
    const [plain, data] = [stackOn(Carrier.NULL_RESOURCE), stackOn(Carrier.TERRAFORM_DATA)];
    const translated = JSON.parse(
      JSON.stringify(plain.resource["null_resource"])
        .replaceAll("null_resource", "terraform_data")
        .replaceAll('"triggers"', '"triggers_replace"')
        .replaceAll("self.triggers", "self.triggers_replace")
        .replaceAll(".triggers[", ".triggers_replace["),
    );
    // For what plans show of a claim a null_resource has no place.
    const withoutShown = JSON.parse(
      JSON.stringify(data.resource["terraform_data"], (name, value) => (name === "input" ? undefined : value)),
    );
    expect(withoutShown).toEqual(translated);
    expect(Object.keys(translated)).toHaveLength(8);
  });

  it("can be in a stack with a Lustre file system, but not with one whose claims have the same addresses", () => {
    const stack = newStack();
    newFileSystem(stack);
    newCluster(stack);
    expect(Object.keys(synth(stack).locals).filter((name) => name.endsWith("_claims"))).toHaveLength(5);
    const error = errorOf(() => newFileSystem(stack, { fsName: "gluster" }, "gluster"));
    expect(error).toMatchObject({ value: '"gluster_share_claims"' });
    expect(error.problem).toContain("gluster.share and of lustre.share");
  });

  it("shows a mistake in the volume pattern at the character", () => {
    const error = errorOf(() => newCluster(newStack(), { volumePattern: "pool-(\\d+-#{size}G" }));
    expect(error).toMatchObject({ constructPath: "stack/tank", property: "volumePattern" });
    expect(error.message).toMatchInlineSnapshot(`
      "stack/tank: \`volumePattern\` cannot be used: Unterminated group, at character 6
               pool-(\\d+-#{size}G
                    ^
        value  "pool-(\\\\d+-#{size}G"
        fix    write a regular expression of JavaScript for whole names of volumes, such as "pool-\\\\d+-#{size}G"; #{size} stands for the size in GiB"
    `);
  });

  const failures: [string, Partial<GlusterClusterProps>, string, string][] = [
    ["no servers", { servers: [] }, "servers", '"[]"'],
    ["a server with a volume (G-34)", { servers: [server("s1:/v")] }, "servers.host", '"s1:/v"'],
    ["a server with a user (G-112)", { servers: [server("root@s1")] }, "servers.host", '"root@s1"'],
    ["an empty host", { servers: [server("")] }, "servers.host", '""'],
    ["a server twice", { servers: [server("s1"), server("s1")] }, "servers.host", '"s1"'],
    [
      "a server that is one of several hosts",
      { servers: [{ connection: Connection.ssh({ hosts: ["a", "b"] }), host: "s1" }] },
      "servers.connection",
      '"a, b"',
    ],
    ["a bad cluster name", { clusterName: "a, b" }, "clusterName", '"a, b"'],
    ["an empty pattern", { volumePattern: "" }, "volumePattern", '""'],
    ["a pattern of two lines", { volumePattern: "a\nb" }, "volumePattern", '"a\\nb"'],
    ["two sizes in a pattern", { volumePattern: "#{size}#{size}" }, "volumePattern", '"#{size}#{size}"'],
    ["a relative mount point base", { mountPointBase: "mnt" }, "mountPointBase", '"mnt"'],
    ["the root as mount point base", { mountPointBase: "/" }, "mountPointBase", '"/"'],
    ["a mount point base with ..", { mountPointBase: "/a/../b" }, "mountPointBase", '"/a/../b"'],
    ["no brick roots", { brickRoots: [] }, "brickRoots", '"[]"'],
    ["a brick root with a host", { brickRoots: ["s1:/data"] }, "brickRoots", '"s1:/data"'],
    ["a brick root with a blank", { brickRoots: ["/my data"] }, "brickRoots", '"/my data"'],
    ["a brick root twice", { brickRoots: ["/a", "/a"] }, "brickRoots", '"/a"'],
    ["an export host that is none", { exportHost: "a b" }, "exportHost", '"a b"'],
    ["a backup server that is none", { backupVolfileServers: ["s2:s3"] }, "backupVolfileServers", '"s2:s3"'],
    ["a backup server twice", { backupVolfileServers: ["s2", "s2"] }, "backupVolfileServers", '"s2"'],
    ["an owner with a control character", { owner: "a\nb" }, "owner", '"a\\nb"'],
    ["a carrier that is none", { carrier: "native" as never }, "carrier", '"native"'],
    ["no infrastructure names", { infrastructureNames: [] }, "infrastructureNames", '"[]"'],
    ["every name as infrastructure", { infrastructureNames: ["*"] }, "infrastructureNames", '"*"'],
    ["a pattern within an infrastructure name", { infrastructureNames: ["a*b"] }, "infrastructureNames", '"a*b"'],
    ["a relative tool directory", { client: Connection.local({ path: ["bin"] }) }, "client.path", '"bin"'],
    [
      "a relative tool directory of a server",
      { servers: [{ connection: Connection.local({ path: ["bin"] }), host: "s1" }] },
      "servers.connection.path",
      '"bin"',
    ],
    ["a relative certificate directory", { certificateDirectory: "ssl" }, "certificateDirectory", '"ssl"'],
    ["a preflight that is none", { preflight: "maybe" as Preflight }, "preflight", '"maybe"'],
  ];
  it.each(failures)("fails for %s", (_title, props, property, value) => {
    const error = errorOf(() => newCluster(newStack(), props));
    expect(error).toMatchObject({ constructPath: "stack/tank", property, value });
    expect(error.message).toContain(error.fix);
  });

  it.each([
    ["servers.host", (token: string) => ({ servers: [server(token)] })],
    ["clusterName", (token: string) => ({ clusterName: token })],
    ["volumePattern", (token: string) => ({ volumePattern: token })],
    ["mountPointBase", (token: string) => ({ mountPointBase: token })],
    ["brickRoots", (token: string) => ({ brickRoots: [token] })],
    ["exportHost", (token: string) => ({ exportHost: token })],
    ["backupVolfileServers", (token: string) => ({ backupVolfileServers: [token] })],
    ["owner", (token: string) => ({ owner: token })],
    ["infrastructureNames", (token: string) => ({ infrastructureNames: [token] })],
    ["certificateDirectory", (token: string) => ({ certificateDirectory: token })],
  ])("fails for a token as %s", (property, props) => {
    const stack = newStack();
    const token = new TerraformVariable(stack, "v", { type: "string" }).stringValue;
    const error = errorOf(() => newCluster(stack, props(token)));
    expect(error).toMatchObject({ constructPath: "stack/tank", property });
    expect(error.problem).toContain("token");
  });

  describe("the same cluster twice in a stack", () => {
    it.each([
      ["the same name", { clusterName: "tank", servers: [server("t1")] }, "clusterName", '"tank"'],
      ["a server in common", { servers: [server("t1"), server("s2")] }, "servers", '"s2"'],
    ])("fails for %s", (_title, props, property, value) => {
      const stack = newStack();
      newCluster(stack);
      const error = errorOf(() => newCluster(stack, props, "second"));
      expect(error).toMatchObject({ constructPath: "stack/second", property, value });
      expect(error.problem).toContain("stack/tank");
    });

    it("is seen through another login", () => {
      const stack = newStack();
      newCluster(stack, { servers: [{ connection: ssh("s1"), host: "10.0.0.1" }] });
      const again = errorOf(() =>
        newCluster(stack, { servers: [{ connection: ssh("s1", "admin"), host: "10.0.0.1" }] }, "again"),
      );
      expect(again).toMatchObject({ property: "servers", value: '"10.0.0.1"' });
    });

    it("is not seen in equal addresses behind different bastions", () => {
      const stack = newStack();
      for (const site of ["north", "south"]) {
        const connection = Connection.ssh({ host: "10.0.0.1", jump: Connection.ssh({ host: `bastion.${site}.example.org` }) });
        newCluster(stack, { servers: [{ connection, host: "10.0.0.1" }] }, site);
      }
      expect(clustersOf(stack, "gluster_share_claims")).toHaveLength(2);
    });

    it("is allowed in two stacks of an app", () => {
      const app = Testing.app();
      for (const id of ["a", "b"]) newCluster(new TerraformStack(app, id));
    });
  });

  it("fails for clusters of one stack on different carriers", () => {
    const stack = newStack();
    newCluster(stack);
    const error = errorOf(() => newCluster(stack, { servers: [server("t1")], carrier: Carrier.TERRAFORM_DATA }, "second"));
    expect(error).toMatchObject({ constructPath: "stack/second", property: "carrier", value: '"terraform_data"' });
    expect(error.problem).toContain("stack/tank");
  });

  it("fails for more clusters than a hook can be told of", () => {
    const stack = newStack();
    const servers = (cluster: number) =>
      Array.from({ length: 200 }, (_, index) => server(`node-${index}.c${cluster}.example.org`));
    const error = errorOf(() => {
      for (let cluster = 0; cluster < 10; cluster += 1) newCluster(stack, { servers: servers(cluster) }, `c${cluster}`);
    });
    expect(error).toMatchObject({ property: "servers" });
    expect(error.problem).toContain("100000 bytes");
  });
});
