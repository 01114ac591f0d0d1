// GlusterFS in hooks and commands, on the stand-in of `gluster`: dispatch, stacks, documents for machines, what is set aside.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ShareError } from "../../src/core/errors";
import { silentLog } from "../../src/core/log";
import { hook } from "../../src/fronts/hook";
import { joinStack } from "../../src/fronts/stack";
import { parseStackConfig } from "../../src/fronts/stack-config";
import { parseState } from "../../src/fronts/stack-state";
import type { ClusterSpec } from "../../src/spec/gluster";
import { env } from "../../src/spec/request";
import { stackOn } from "../executor/gluster/stack";
import type { Managed } from "../executor/support";
import { type GlusterBench, glusterStackDocument, glusterStateDocument, startGlusterBench } from "./gluster-support";
import { type Document, runCli } from "./support";

const stack = stackOn({ dir: "/nowhere", mounts: "/nowhere/mounts" }, { clusters: [1, 2] });
const share = stack.share("genomics");
const rule = stack.rule("genomics", "cpu", { common_name: "alice" });
const snapshot = stack.snapshot("genomics", "monday");

async function failing(args: readonly string[], environment: Record<string, string>): Promise<ShareError> {
  const sink = { stdout: () => {}, stderr: () => {} };
  return hook(args, environment, sink).then(
    () => expect.fail("the hook succeeded"),
    (error: ShareError) => error,
  );
}

describe("a hook is refused before anything is connected to", () => {
  const without = (name: string, { apply }: Managed) =>
    Object.fromEntries(Object.entries(apply.environment).filter(([key]) => key !== name));

  test.each([
    ["gluster.share", "shares/genomics"],
    ["gluster.share", ""],
    ["gluster.share", "all"],
    ["gluster.share", "genomics#cpu"],
    ["gluster.access-rule", "genomics"],
    ["gluster.access-rule", "genomics@monday"],
    ["gluster.snapshot", "genomics#cpu"],
    ["lustre.share", "genomics"],
  ])("%s with the key %j", async (kind, key) => {
    expect(await failing([kind, "apply", key], share.apply.environment)).toMatchObject({
      code: "BAD_REQUEST",
      summary: `"${key}" is not the key of a ${kind}`,
    });
  });

  test.each([env.clusters, env.spec])("without %s", async (name) => {
    expect(await failing(share.apply.args.slice(1), without(name, share))).toMatchObject({
      code: "BAD_REQUEST",
      summary: `${name} is not set`,
      object: "genomics",
    });
  });

  test.each([share, rule, snapshot])("a destroy of $key without its claim", async (managed) => {
    const { args, environment } = managed.destroy;
    const { [env.claim]: _, ...rest } = environment;
    expect(await failing(args.slice(1), rest)).toMatchObject({ summary: `${env.claim} is not set`, object: managed.key });
  });

  test("with properties that cannot be: each is named with what was written", async () => {
    const text = JSON.stringify({
      ...JSON.parse(share.apply.environment[env.spec] ?? ""),
      size: "1 KiB",
      provisioning: "a pool",
    });
    const { summary } = await failing(share.apply.args.slice(1), { ...share.apply.environment, [env.spec]: text });
    expect(summary).toContain('size = "1 KiB": write a size of at least 1 MiB');
    expect(summary).toContain('provisioning = "a pool": write "pool"');
  });

  test("and repeats no secret", async () => {
    const clusters = JSON.parse(share.apply.environment[env.clusters] ?? "") as ClusterSpec[];
    const connection = { type: "ssh", hosts: ["gl1"], passwordFromEnv: "hunter 2" };
    const text = JSON.stringify([{ ...clusters[0], servers: [{ host: "gl1", connection }] }]);
    const { summary } = await failing(share.apply.args.slice(1), { ...share.apply.environment, [env.clusters]: text });
    expect(summary).toContain("0.servers.0.connection.passwordFromEnv (not shown");
    expect(summary).not.toContain("hunter");
  });
});

describe("connections", () => {
  const withClusters: typeof import("../../src/fronts/gluster/clusters").withClusters = async (...asked) =>
    (await import("../../src/fronts/gluster/clusters")).withClusters(...asked);
  const local = (path: string) => ({ type: "local" as const, path: [path] });
  const cluster = (name: string, paths: readonly string[], more: Partial<ClusterSpec> = {}): ClusterSpec => ({
    ...(stack.clusters[0] as ClusterSpec),
    name,
    servers: paths.map((path) => ({ connection: local(path), host: path.slice(1) })),
    ...more,
  });

  test("are one for each machine, over servers and clusters; what mounts has its own", async () => {
    const clusters = [cluster("a", ["/s1", "/s2"], { client: local("/s1") }), cluster("b", ["/s2"])];
    await withClusters(clusters, silentLog(), async ([a, b]) => {
      const [s1, s2] = a?.servers ?? [];
      expect(b?.servers[0]?.transport).toBe(s2?.transport);
      expect(s1?.transport).not.toBe(s2?.transport);
      expect(a?.client?.transport).not.toBe(s1?.transport);
      expect(a?.here.transport).toBe(b?.here.transport);
      expect([s1?.name, s1?.address, a?.here.name]).toEqual(["server s1 (local)", "s1", "client (local)"]);
    });
  });

  test("over SSH are named by server and way, and made at their first use", async () => {
    const connection = { type: "ssh" as const, hosts: ["127.0.0.1"], port: 1, user: "admin" };
    const spec = cluster("a", [], { servers: [{ connection, host: "gl1" }], client: connection });
    await withClusters([spec], silentLog(), async ([access]) => {
      const [server] = access?.servers ?? [];
      expect(server?.name).toBe("server gl1 (ssh admin@127.0.0.1:1)");
      await expect(server?.transport.run({ argv: ["true"] })).rejects.toMatchObject({ host: server?.name });
    });
  });
});

describe("a stack", () => {
  let gluster: typeof import("../../src/fronts/gluster/hooks").gluster;
  let clustersIn: typeof import("../../src/fronts/gluster/choose").clustersIn;
  beforeAll(async () => {
    ({ gluster } = await import("../../src/fronts/gluster/hooks"));
    ({ clustersIn } = await import("../../src/fronts/gluster/choose"));
  });
  const read = (code: readonly Managed[], applied: readonly Managed[] = [], overrides = {}) =>
    joinStack(
      parseStackConfig(glusterStackDocument(stack.clusters, code, overrides), "/work/stack", [gluster]),
      parseState(applied.length === 0 ? "" : JSON.stringify(glusterStateDocument(applied))),
    );

  test("has its clusters once, and its objects with claims and clusters", () => {
    const { placed, objects, claims } = read([share, rule, snapshot], [share, rule, snapshot]);
    expect(clustersIn({ placed })).toEqual(stack.clusters);
    expect(placed.map(({ kind }) => kind).filter((kind) => !(kind in gluster.kinds))).toEqual([]);
    expect(objects).toMatchObject([
      { kind: "gluster.share", key: "genomics", claim: "stack-genomics", isNew: false, changed: [], place: stack.clusters },
      { kind: "gluster.access-rule", key: "genomics#cpu", claim: "stack-genomics-cpu", isNew: false, changed: [] },
      { kind: "gluster.snapshot", key: "genomics@monday", claim: "stack-genomics-monday", isNew: false, changed: [] },
    ]);
    expect([...claims].sort()).toEqual(["stack-genomics", "stack-genomics-cpu", "stack-genomics-monday"]);
  });

  test("tells what leaves it, and where that may be", () => {
    expect(read([share], [share, snapshot]).leaving).toEqual([
      { kind: "gluster.snapshot", key: "genomics@monday", claim: "stack-genomics-monday", place: stack.clusters },
    ]);
  });

  test("reads a reference within a property: the snapshot that a clone is made of", () => {
    const clone = stack.share("clone");
    const provisioning = 'clone ${null_resource.genomics_monday.triggers["key"]}';
    const { objects } = read([share, snapshot, clone], [], { clone: { provisioning } });
    expect(objects.find(({ key }) => key === "clone")).toMatchObject({
      triggers: { provisioning: "clone genomics@monday" },
      unknown: [],
    });
  });

  test("does not know what is referred to elsewhere", () => {
    const { objects } = read([share, rule], [], { "genomics#cpu": { common_name: "host-${aws_instance.vm.id}" } });
    expect(objects.find(({ key }) => key === "genomics#cpu")).toMatchObject({ unknown: ["common_name"] });
  });

  test("whose claims have left the code is told", () => {
    const { notes } = joinStack(
      parseStackConfig({ resource: {} }, "/work/stack", [gluster]),
      parseState(JSON.stringify(glusterStateDocument([snapshot]))),
    );
    expect(notes).toEqual([expect.stringContaining("null_resource.gluster_snapshot_claims (genomics@monday) has left the code")]);
  });
});

describe("commands without a storage to ask", () => {
  let bench: GlusterBench;
  beforeAll(async () => {
    bench = await startGlusterBench();
  });
  afterAll(() => bench.remove());

  test.each([
    [["release", "genomics#cpu"], "only a share can be released"],
    [["release", "genomics@monday"], "only a share can be released"],
    [["release", "genomics", "--cluster", "south"], 'no GlusterFS cluster "south"'],
    [["trash", "list", "--cluster", "south"], 'no GlusterFS cluster "south"'],
    [["trash", "list", "--file-system", "scratch"], "no Lustre file system"],
    [["trash", "restore", "genomics", "--as", "other"], "comes back under its own name"],
    [["bootstrap"], "no Lustre file system"],
  ])("%j is refused", async (args, text) => {
    bench.write([bench.stack.share("genomics")]);
    const { exitCode, stderr } = await bench.sharewright(...args);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(text)]);
  });

  test("sudoers prints no rules, and says why", async () => {
    const connection = { type: "ssh" as const, hosts: ["gl1"], user: "admin", sudo: ["sudo", "-n"] };
    const specOf = (spec: ClusterSpec) => ({ ...spec, servers: [{ connection, host: "gl1" }] });
    const remote = stackOn({ dir: "/nowhere", mounts: "/mnt" }, { specOf });
    bench.write([]);
    const document = glusterStackDocument(remote.clusters, [remote.share("genomics")]);
    bench.writeDocument(document);
    const { exitCode, stdout } = await bench.sharewright("sudoers", "--role", "server");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^# server gl1: GlusterFS, reached over SSH with sudo: no rules are printed.* amount to root/);
  });
});

describe("a stack that was applied", () => {
  let bench: GlusterBench;
  let own: Managed;
  let cpu: Managed;
  beforeAll(async () => {
    bench = await startGlusterBench();
    own = bench.stack.share("genomics", { size: "1 GiB", removal_policy: "trash" });
    cpu = bench.stack.rule("genomics", "cpu", { common_name: "alice" });
    await bench.deploy(own, cpu);
  });
  afterAll(() => bench.remove());
  beforeEach(() => bench.write([own, cpu], [own, cpu]));

  const location = {
    cluster: "east",
    volume: "pool-1-1G",
    exportLocation: "gluster1-1:/pool-1-1G",
    mountCommand: "mount -t glusterfs -o backup-volfile-servers=gluster1-2:gluster1-3 gluster1-1:/pool-1-1G /mnt/genomics",
    fstabEntry: "gluster1-1:/pool-1-1G /mnt/genomics glusterfs defaults,_netdev,backup-volfile-servers=gluster1-2:gluster1-3 0 0",
  };

  test("has nothing to do", async () => {
    const { exitCode, document } = await bench.json("plan");
    expect(document.objects.map(({ key, verdict }: Document) => [key, verdict])).toEqual([
      ["genomics", "good"],
      ["genomics#cpu", "good"],
    ]);
    expect(exitCode).toBe(0);
  });

  test("status shows use and who is let in", async () => {
    const { document } = await bench.json("status");
    expect(document.shares).toMatchObject([
      { kind: "gluster.share", key: "genomics", state: "ready", size: String(1024 ** 3), usedBytes: "0", ...location },
    ]);
    expect(document.rules).toMatchObject([{ key: "genomics#cpu", commonName: "alice", inForce: true }]);
    expect(document.snapshots).toEqual([]);
    const { stdout } = await bench.sharewright("status");
    expect(stdout).toContain("gluster1-1:/pool-1-1G");
    expect(stdout).not.toContain("has no share");
  });

  test("list tells where clients find a share", async () => {
    const { document, exitCode } = await bench.json("list");
    expect(exitCode).toBe(0);
    expect(document.fileSystems).toEqual([]);
    expect(document.clusters).toMatchObject([
      {
        cluster: "east",
        shares: [{ key: "genomics", state: "ready", claim: "stack-genomics", managedBy: "stack", origin: "pool", ...location }],
        rules: [{ key: "genomics#cpu", commonName: "alice", volume: "pool-1-1G" }],
        snapshots: [],
        trash: [],
        free: ["pool-2-1G", "pool-3-2G"],
        broken: [],
      },
    ]);
  });

  test("capacity tells what is promised", async () => {
    const { document } = await bench.json("capacity");
    expect(document.fileSystems).toEqual([]);
    expect(document.clusters).toMatchObject([{ cluster: "east", promised: String(1024 ** 3), shares: 1 }]);
    expect((await bench.sharewright("capacity")).stdout).toContain("pool-1-1G (genomics)");
  });

  test("doctor finds everything good", async () => {
    const { document, exitCode } = await bench.json("doctor");
    expect(document.checks.filter(({ verdict }: Document) => verdict !== "good")).toEqual([]);
    expect(exitCode).toBe(0);
  });

  test("list --unclaimed shows what the state does not explain", async () => {
    bench.write([own, cpu], [own]);
    expect((await bench.json("list", "--unclaimed")).document.unclaimed).toEqual([
      {
        kind: "access rule",
        name: "genomics#cpu",
        cluster: "east",
        why: expect.stringContaining("whose claim went without a hook"),
      },
    ]);
  });

  test("another stack's share is not released", async () => {
    bench.write([own], [bench.stack.share("other")]);
    const { document } = await bench.json("release", "genomics");
    expect(document.error).toMatchObject({ code: "MANAGED_ELSEWHERE" });
  });

  test("drift is found, and repaired", async () => {
    await bench.gluster("volume set pool-1-1G auth.ssl-allow glusterfs-server-1,mallory");
    const { exitCode, document } = await bench.json("plan");
    expect(exitCode).toBe(9);
    expect(document.objects.some(({ verdict }: Document) => verdict === "drifted")).toBe(true);
    const repaired = await bench.json("repair");
    expect([repaired.exitCode, repaired.document.left]).toEqual([0, []]);
    expect((await bench.json("plan")).exitCode).toBe(0);
    expect(await bench.gluster("volume info pool-1-1G")).not.toContain("mallory");
  });

  test("a share whose mark is lost is not made anew, unless that is asked for", async () => {
    const info = await bench.gluster("volume info pool-1-1G");
    const [, mark = ""] = /^user\.sharewright\.share: (\S+)$/m.exec(info) ?? [];
    await bench.gluster("volume set pool-1-1G user.sharewright.share NONE");
    const { document } = await bench.json("plan");
    expect(document.objects[0]).toMatchObject({ key: "genomics", verdict: "refused", refusal: { code: "VOLUME_MISSING" } });
    const { stdout, exitCode } = await bench.sharewright("repair", "genomics");
    expect([exitCode, stdout]).toEqual([9, expect.stringContaining("repair --recreate genomics")]);
    expect(await bench.gluster("volume info")).not.toContain("key=genomics&");
    await bench.gluster(`volume set pool-1-1G user.sharewright.share ${mark}`);
    expect((await bench.json("plan")).exitCode).toBe(0);
  });

  test("U-10 the removal of a protected share is refused, and status and list say that it is protected", async () => {
    const share = bench.stack.share("genomics", { size: "1 GiB", removal_policy: "trash", deletion_protection: "true" });
    expect((await bench.hook(share.apply)).stdout).toContain("protect it from being removed");
    bench.write([share], [share]);
    expect((await bench.json("status")).document.shares).toMatchObject([{ key: "genomics", deletionProtection: true }]);
    for (const command of ["status", "list"])
      expect((await bench.sharewright(command)).stdout, command).toContain("trash, protected");
    bench.write([], [share]);
    const [leaving] = (await bench.json("plan")).document.objects;
    expect(leaving).toMatchObject({ verdict: "refused", refusal: { code: "DELETION_PROTECTED" } });
    expect((await bench.hook(own.apply)).stdout).toContain("deletion protection is lifted");
  });

  test("what leaves the code goes to the trash, comes back, and is deleted for good", async () => {
    bench.write([], [own, cpu]);
    const leaving = (await bench.json("plan")).document.objects;
    expect(leaving.map(({ key, verdict }: Document) => [key, verdict])).toEqual([
      ["genomics", "leaving"],
      ["genomics#cpu", "leaving"],
    ]);
    for (const { destroy } of [cpu, own]) expect((await bench.hook(destroy)).exitCode).toBe(0);
    bench.write([]);
    bench.writeDocument(glusterStackDocument(bench.stack.clusters, []));
    const trash = async () => (await bench.json("trash", "list")).document.trash;
    expect(await trash()).toMatchObject([{ name: "genomics", key: "genomics", state: "trash", since: expect.any(String) }]);
    expect((await bench.sharewright("trash", "restore", "genomics")).exitCode).toBe(0);
    expect(await trash()).toEqual([]);
    expect((await bench.json("list", "--unclaimed")).document.unclaimed).toMatchObject([{ kind: "share", name: "genomics" }]);
    const again = bench.stack.share("genomics", { size: "1 GiB", removal_policy: "trash", adopt: "true" });
    expect((await bench.hook(again.apply)).exitCode).toBe(0);
    expect((await bench.hook(again.destroy)).exitCode).toBe(0);
    const { document } = await bench.json("trash", "purge", "--older-than", "0");
    expect(document.purged).toMatchObject([{ name: "genomics" }]);
    expect(await trash()).toEqual([]);
    expect((await bench.json("list")).document.clusters[0].free).toEqual(["pool-1-1G", "pool-2-1G", "pool-3-2G"]);
  });
});

describe("a server that does not answer", () => {
  let bench: GlusterBench;
  beforeAll(async () => {
    bench = await startGlusterBench();
    const objects = [
      bench.stack.share("genomics"),
      bench.stack.rule("genomics", "cpu", { common_name: "alice" }),
      bench.stack.rule("genomics", "gpu", { common_name: "bob" }),
    ];
    await bench.deploy(...objects);
    await bench.sharewright("sandbox", "gluster", "down", "gluster1-1");
  });
  afterAll(() => bench.remove());

  test.each(["plan", "status", "list", "capacity", "doctor"])("is told once by %s", async (command) => {
    const { stdout, stderr } = await bench.sharewright(command);
    expect((stdout + stderr).match(/note: server gluster1-1 .* does not answer/g)).toHaveLength(1);
  });

  test("is bad once in doctor, not in the words of each of the others", async () => {
    const { document } = await bench.json("doctor");
    const bad = document.checks.filter(({ id, verdict }: Document) => id.startsWith("glusterd-") && verdict !== "good");
    expect(bad).toMatchObject([{ id: "glusterd-gluster1-1", verdict: "bad" }]);
  });
});

describe("a cluster that does not answer", () => {
  let bench: GlusterBench;
  beforeAll(async () => {
    bench = await startGlusterBench([1, 2]);
    bench.write([bench.stack.share("genomics")]);
    for (const number of [1, 2, 3]) await bench.sharewright("sandbox", "gluster", "down", `gluster2-${number}`);
  });
  afterAll(() => bench.remove());

  test.each(["list", "capacity"])("%s shows the others, and exits 5", async (command) => {
    const { document, exitCode } = await bench.json(command);
    expect(document.clusters).toMatchObject([{ cluster: "east" }, { cluster: "west", error: { code: "GLUSTERD_DOWN" } }]);
    expect(exitCode).toBe(5);
  });

  test("plan says so, and that the share may be there", async () => {
    const { document, exitCode } = await bench.json("plan");
    expect(document.notes).toContainEqual(expect.stringContaining('cluster "west" cannot be looked at: GLUSTERD_DOWN'));
    expect(document.objects).toMatchObject([{ key: "genomics", verdict: "refused", refusal: { code: "GLUSTERD_DOWN" } }]);
    expect(exitCode).toBe(9);
  });

  test("what is in the trash cannot be told", async () => {
    expect((await bench.json("trash", "list")).document.error).toMatchObject({ code: "GLUSTERD_DOWN" });
    expect((await bench.json("trash", "list", "--cluster", "east")).document.trash).toEqual([]);
  });

  test("doctor finds it bad, and the others good", async () => {
    const { document, exitCode } = await bench.json("doctor");
    const found = (id: string) =>
      document.checks.filter((check: Document) => check.id === id).map(({ verdict }: Document) => verdict);
    expect(found("agreed-server")).toEqual(["good", "bad"]);
    expect(exitCode).toBe(3);
  });
});

test("a stack without shares of either system says so", async () => {
  const bench = await startGlusterBench();
  try {
    bench.writeDocument({ resource: {} });
    for (const command of ["plan", "status", "list", "capacity", "doctor"]) {
      const { stderr, exitCode } = await runCli([command, bench.directory], { TERRAFORM_BINARY_NAME: "/bin/true" }, "/");
      expect([command, exitCode, stderr]).toEqual([command, 2, expect.stringContaining("LustreFileSystem or a GlusterCluster")]);
    }
  } finally {
    bench.remove();
  }
});
