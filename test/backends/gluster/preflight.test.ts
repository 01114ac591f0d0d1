// What is looked at before the first change and by doctor, on clusters that are in order but for one thing.
import { describe, expect, test } from "vitest";
import type { Volume } from "../../../src/backends/gluster/parse";
import { checkCluster, checkDistinct, checkTls } from "../../../src/backends/gluster/preflight";
import { type ShareRecord, shareMark } from "../../../src/backends/gluster/records";
import { openCluster } from "../../../src/backends/gluster/site";
import type { Check } from "../../../src/core/check";
import { ended } from "../../core/fake-host";
import { type FakeCluster, type FakeMachine, fakeCluster, tlsFiles } from "./fake-cluster";
import { volume } from "./volume";

const july = new Date("2026-07-01T00:00:00Z");

const everybody = "glusterfs-server1,glusterfs-server2,manila-host1";
const pool = (name: string, more: Partial<Volume> = {}): Volume =>
  volume(name, { options: { "auth.ssl-allow": everybody }, ...more });

const server1: FakeMachine = { files: tlsFiles("server1") };
const server2: FakeMachine = { files: tlsFiles("server2") };
const here: FakeMachine = { files: tlsFiles("host", "/etc/ssl") };

/** Two servers in order, a host that mounts, and one free volume. */
function site(more: Partial<FakeCluster> = {}) {
  return fakeCluster({
    servers: { s1: server1, s2: server2 },
    here,
    volumes: [pool("pool-1")],
    ...more,
    spec: { volumePattern: "pool-\\d+", ...more.spec },
  });
}

const checksOf = (more?: Partial<FakeCluster>) => checkCluster(site(more), july);
const notGood = (checks: readonly Check[]) => checks.filter(({ verdict }) => verdict !== "good");
const find = (checks: readonly Check[], id: string) => checks.find((check) => check.id === id);

test("[G-31] [G-40] a cluster in order is good in all that is looked at", async () => {
  const checks = await checksOf();
  expect(notGood(checks)).toEqual([]);
  expect(checks.map(({ id }) => id).sort()).toEqual([
    "agreed-server",
    "glusterd-s1",
    "glusterd-s2",
    "mount-helper",
    "mount-user",
    "pool",
    "pool-volumes",
    "tls-ca",
    ...["dates", "files", "name"].flatMap((what) => ["mounter", "s1", "s2"].map((host) => `tls-${what}-${host}`)),
    "tls-trust",
    "tools-mounter",
    "tools-server-s1",
    "tools-server-s2",
    "version-s1",
    "version-s2",
    "volume-pattern",
  ]);
});

describe("servers", () => {
  test.each<[string, FakeMachine, string, Check["verdict"], RegExp]>([
    ["[G-41] too old", { version: "glusterfs 9.6" }, "version-s2", "bad", /^glusterfs 9\.6 is older than 10$/],
    ["old, though its number sorts later as text", { version: "glusterfs 3.13.2" }, "version-s2", "bad", /older/],
    ["11", { version: "glusterfs 11.1" }, "version-s2", "good", /^glusterfs 11\.1$/],
    ["newer than any that was tried", { version: "glusterfs 12.0" }, "version-s2", "unknown", /not tried/],
    ["[G-42] no version in what it says", { version: "glusterd 10.3" }, "version-s2", "bad", /"glusterd 10\.3" has no version/],
    ["without gluster", { without: ["gluster"] }, "version-s2", "bad", /^TOOL_MISSING/],
    ["without a tool of locks", { without: ["flock"] }, "tools-server-s2", "bad", /^missing: flock$/],
    ["[G-43] glusterd down", { fails: "GLUSTERD_DOWN" }, "glusterd-s2", "bad", /^GLUSTERD_DOWN/],
    ["cannot be reached", { fails: "CANNOT_CONNECT" }, "glusterd-s2", "bad", /^CANNOT_CONNECT/],
    ["certificates of one that is away are not known", { fails: "CANNOT_CONNECT" }, "tls-files-s2", "unknown", /^CANNOT_CONNECT/],
  ])("%s", async (_, machine, id, verdict, text) => {
    const checks = await checksOf({ servers: { s1: server1, s2: { ...server2, ...machine } } });
    expect(find(checks, id)).toMatchObject({ verdict, found: expect.stringMatching(text) });
    // Whatever is wrong with one, all is still said of the other, and of the volumes.
    for (const other of ["version-s1", "glusterd-s1", "tls-files-s1", "tools-server-s1", "pool-volumes"])
      expect(find(checks, other)).toMatchObject({ verdict: "good" });
  });

  test("a member of the pool that is not connected is named", async () => {
    const peers = [
      { id: "id-0", host: "localhost", connected: true },
      { id: "id-1", host: "s2", connected: false },
    ];
    const checks = await checksOf({ servers: { s1: { ...server1, pool: peers }, s2: server2 } });
    expect(find(checks, "glusterd-s1")).toMatchObject({ verdict: "bad", found: "is not connected to s2" });
  });

  test.each([
    ["standard error", ended(1, "", "no daemon\n")],
    ["standard output", ended(1, "no daemon\n")],
  ])("a glusterd that fails is shown by what it says on %s", async (_, poolList) => {
    const checks = await checksOf({ servers: { s1: server1, s2: { ...server2, poolList } } });
    expect(find(checks, "glusterd-s2")).toMatchObject({ verdict: "bad", found: "no daemon" });
  });

  describe("a server is called as the pool and its bricks call it", () => {
    const [known, localhost] = [
      { id: "id-1", host: "s2", connected: true },
      { id: "id-0", host: "localhost", connected: true },
    ];
    const poolOfTwo = {
      s1: [known, localhost],
      wrong: [
        { ...localhost, host: "s1" },
        { ...known, host: "localhost" },
      ],
    };

    test("by its host in the stack", async () => {
      const servers = { s1: { ...server1, pool: poolOfTwo.s1 }, wrong: { ...server2, pool: poolOfTwo.wrong } };
      const checks = await checksOf({ servers, volumes: [volume("v", { bricks: ["s2:/data/v"] })] });
      expect(find(await checksOf({ servers, volumes: [] }), "name-wrong")).toMatchObject({ verdict: "warning" });
      expect(find(checks, "name-wrong")).toMatchObject({
        verdict: "bad",
        found: "nobody calls it so: the pool calls it s2",
        fix: expect.stringContaining('write "s2" as its servers[].host'),
      });
      expect(find(checks, "name-s1")).toBeUndefined();
    });

    test("also where it is alone in its pool, by its bricks", async () => {
      const volumes = [volume("v")];
      const pool = [localhost];
      expect(find(await checksOf({ servers: { wrong: { ...server1, pool } }, volumes }), "name-wrong")).toMatchObject({
        verdict: "bad",
        found: "nobody calls it so: bricks are on s1",
      });
      expect(find(await checksOf({ servers: { s1: { ...server1, pool } }, volumes }), "name-s1")).toBeUndefined();
      expect(find(await checksOf({ servers: { any: { ...server1, pool } }, volumes: [] }), "name-any")).toBeUndefined();
    });
  });

  test("servers of two pools are no cluster", async () => {
    const alone = (id: string) => [{ id, host: "localhost", connected: true }];
    const servers = { s1: { ...server1, pool: alone("id-0") }, s2: { ...server2, pool: alone("id-1") } };
    expect(find(await checksOf({ servers }), "pool")).toMatchObject({
      verdict: "bad",
      found: expect.stringContaining("s2 and s1"),
    });
  });

  test("without a way to the agreed server, servers and certificates are still looked at", async () => {
    const checks = await checksOf({ servers: { s1: { ...server1, fails: "CANNOT_CONNECT" }, s2: server2 } });
    expect(find(checks, "agreed-server")).toMatchObject({ verdict: "bad" });
    expect(find(checks, "glusterd-s2")).toMatchObject({ verdict: "good" });
    expect(find(checks, "tls-files-s2")).toMatchObject({ verdict: "good" });
  });
});

describe("the host that mounts", () => {
  test("[G-32] a server mounts where there is no mount helper here; without one there, either, that is said", async () => {
    const without = ["mount.glusterfs"];
    const elsewhere = await checksOf({ here: { without } });
    expect(find(elsewhere, "mount-helper")).toMatchObject({ verdict: "good", about: expect.stringContaining("s1") });
    const nowhere = await checksOf({ here: { without }, servers: { s1: { ...server1, without }, s2: server2 } });
    expect(find(nowhere, "mount-helper")).toMatchObject({
      verdict: "bad",
      found: "mount.glusterfs is not installed",
      fix: expect.stringContaining("glusterfs-client"),
    });
  });

  test("[G-33] any other failure of the look is passed on as it is", async () => {
    expect(find(await checksOf({ here: { ...here, fails: "OUTPUT_TOO_LONG" } }), "mounter")).toMatchObject({
      verdict: "bad",
      found: expect.stringContaining("OUTPUT_TOO_LONG"),
    });
  });

  test("has to be root", async () => {
    const check = find(await checksOf({ here: { ...here, uid: "1000" } }), "mount-user");
    expect(check).toMatchObject({
      verdict: "bad",
      found: expect.stringContaining("uid 1000"),
      fix: expect.stringContaining("sudo"),
    });
  });

  test("needs its tools", async () => {
    const checks = await checksOf({ here: { ...here, without: ["findmnt"] } });
    expect(find(checks, "tools-mounter")).toMatchObject({ verdict: "bad", found: "missing: findmnt" });
  });
});

describe("TLS before the first change", () => {
  async function tls(more: Partial<FakeCluster>) {
    const access = site(more);
    const result = await checkTls(await openCluster(access), { host: access.here, from: "s1", backups: [] }, july);
    return { ...result, asked: access.asked };
  }

  test("tells the names of all hosts, and reads no key", async () => {
    const { checks, names, asked } = await tls({});
    expect(notGood(checks)).toEqual([]);
    expect(names).toEqual({ servers: ["glusterfs-server1", "glusterfs-server2"], mounter: "manila-host1" });
    expect(asked.filter((line) => line.includes(".key"))).toEqual(
      expect.arrayContaining(["test -r /etc/ssl/glusterfs.key", "test -r /usr/lib/ssl/glusterfs.key"]),
    );
    expect(asked.filter((line) => line.startsWith("cat") && line.includes(".key"))).toEqual([]);
  });

  test("looks in certificateDirectory alone where it is named", async () => {
    const directory = "/srv/tls";
    const { checks, asked } = await tls({
      spec: { certificateDirectory: directory },
      servers: {
        s1: { files: { ...tlsFiles("server1", directory), ...tlsFiles("stranger") } },
        s2: { files: tlsFiles("server2", directory) },
      },
      here: { files: tlsFiles("host", directory) },
    });
    expect(notGood(checks)).toEqual([]);
    expect(asked.filter((line) => line.includes("/usr/lib/ssl"))).toEqual([]);
  });

  test("a server that mounts is looked at once, and has one name", async () => {
    const access = site();
    const cluster = await openCluster(access);
    const { checks, names } = await checkTls(cluster, { host: cluster.server, from: "s1", backups: [] }, july);
    expect(names).toEqual({ servers: ["glusterfs-server1", "glusterfs-server2"], mounter: "glusterfs-server1" });
    expect(checks.filter(({ id }) => id.startsWith("tls-files"))).toHaveLength(2);
  });

  test("of a host that cannot be read no name is told", async () => {
    const { names } = await tls({ servers: { s1: server1, s2: {} }, here: {} });
    expect(names).toEqual({ servers: ["glusterfs-server1"], mounter: undefined });
  });

  test("a name that would be a pattern is never told, whatever the preflight", async () => {
    const { names } = await tls({ servers: { s1: server1, s2: { files: tlsFiles("wild") } } });
    expect(names.servers).toEqual(["glusterfs-server1"]);
  });
});

describe("volumes", () => {
  test("S-11: a free one that holds something on a brick is told, and is none that can be taken", async () => {
    const checks = await checksOf({ volumes: [volume("pool-1")], content: "/bricks/pool-1/.glusterfs/unlink/x\n" });
    expect(find(checks, "used-pool-1")).toMatchObject({
      verdict: "warning",
      found: "is not empty (s1:/bricks/pool-1/.glusterfs/unlink/x)",
    });
    expect(find(checks, "pool-volumes")).toBeUndefined();
  });

  test("[G-44] no volume matches the pattern", async () => {
    expect(notGood(await checksOf({ volumes: [volume("home")] }))).toMatchObject([
      { id: "volume-pattern", verdict: "bad", found: 'no volume matches "pool-\\d+"' },
    ]);
  });

  test.each<[string, Partial<Volume>, RegExp, RegExp]>([
    ["stopped", { status: "stopped" }, /^is stopped/, /^gluster volume start pool-1$/],
    ["with snapshots", { snapshots: 2 }, /snapshots/, /snapshot list pool-1/],
    [
      "[X-G01] with no list of names",
      { options: {} },
      /^auth\.ssl-allow is not set/,
      new RegExp(`auth\\.ssl-allow ${everybody}$`),
    ],
    [
      "[X-G02] with a pattern in the list",
      { options: { "auth.ssl-allow": `*,${everybody}` } },
      /"\*"/,
      new RegExp(` ${everybody}$`),
    ],
    [
      "that would shut out a server and the host that mounts",
      { options: { "auth.ssl-allow": "glusterfs-server1,glusterfs-server9" } },
      /does not let glusterfs-server2, manila-host1 in/,
      /allow glusterfs-server1,glusterfs-server2,glusterfs-server9,manila-host1$/,
    ],
  ])("a free volume %s", async (_, more, found, fix) => {
    const checks = await checksOf({ volumes: [pool("pool-1", more), pool("pool-2")] });
    expect(notGood(checks)).toMatchObject([
      { id: "pool-pool-1", verdict: "bad", found: expect.stringMatching(found), fix: expect.stringMatching(fix) },
    ]);
    expect(find(checks, "pool-volumes")).toMatchObject({ found: "1 of 2 can be taken" });
  });

  const record: ShareRecord = {
    key: "genomics",
    volume: "pool-9",
    owner: "stack",
    state: "ready",
    origin: "pool",
    size: 1024n,
    removalPolicy: "retain",
    infrastructure: ["glusterfs-server1"],
    kept: [],
    looked: true,
    shown: true,
    before: {},
    options: [],
  };

  test("a share whose TLS, names or quota somebody changed", async () => {
    const changed = pool("pool-9", {
      options: { ...shareMark(record), "auth.ssl-allow": "glusterfs-server1", "client.ssl": "off" },
    });
    const [check] = notGood(await checksOf({ volumes: [pool("pool-1"), changed] }));
    expect(check).toMatchObject({ id: "share-genomics", verdict: "bad" });
    for (const text of ["client.ssl is off", "server.ssl is not set", "server.dynamic-auth is not set", "quota is not on"])
      expect(check?.found).toContain(text);
  });

  test("[G-36] a mark that cannot be read", async () => {
    const broken = pool("pool-2", { options: { "user.sharewright.share": "mine" } });
    expect(notGood(await checksOf({ volumes: [pool("pool-1"), broken] }))).toMatchObject([{ id: "mark-pool-2", verdict: "bad" }]);
  });
});

describe("several clusters", () => {
  const cluster = (name: string, id: string) => ({ id, spec: { ...site().spec, name } });

  test.each([
    ["one needs no look", [cluster("a", "1")], []],
    ["different ones are good", [cluster("a", "1"), cluster("b", "2")], ["good"]],
    ["one under two names is bad", [cluster("a", "1"), cluster("b", "1"), cluster("c", "2")], ["bad"]],
  ])("%s", (_, clusters, verdicts) => {
    expect(checkDistinct(clusters).map(({ verdict }) => verdict)).toEqual(verdicts);
  });

  test("both names are told", () => {
    expect(checkDistinct([cluster("a", "1"), cluster("b", "1")])).toMatchObject([
      { about: "clusters a, b", found: expect.stringContaining("1") },
    ]);
  });
});
