// What is told of a cluster: whose its volumes are, and what is not as its record says.
import { describe, expect, test } from "vitest";
import { inspectCluster } from "../../../src/backends/gluster/inspect";
import type { Volume } from "../../../src/backends/gluster/parse";
import { type ShareRecord, shareMark, slotMark } from "../../../src/backends/gluster/records";
import { type FakeCluster, fakeCluster } from "./fake-cluster";
import { volume } from "./volume";

const GiB = 1024n ** 3n;

function record(name: string, more: Partial<ShareRecord> = {}): ShareRecord {
  return {
    key: name,
    volume: name,
    claim: "claim",
    owner: "stack",
    state: "ready",
    origin: "pool",
    size: GiB,
    removalPolicy: "retain",
    infrastructure: ["glusterfs-server1"],
    kept: [],
    looked: true,
    shown: true,
    before: {},
    options: [],
    ...more,
  };
}

const inOrder = {
  "client.ssl": "on",
  "server.ssl": "on",
  "server.dynamic-auth": "on",
  "auth.ssl-allow": "glusterfs-server1",
  "features.quota": "on",
  "features.hard-timeout": "0",
  "features.soft-timeout": "0",
};

/** The volume of a share that is as it should be, but for what is given; undefined unsets an option. */
function share(name: string, more: Partial<ShareRecord> = {}, options: Record<string, string | undefined> = {}): Volume {
  const all = Object.entries({ ...inOrder, ...shareMark(record(name, more)), ...options });
  return volume(name, { options: Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== undefined)) });
}

const inspect = (fake: Partial<FakeCluster>) =>
  inspectCluster(fakeCluster({ servers: { s1: {} }, spec: { volumePattern: "pool-\\d+-#{size}G" }, ...fake }));
const names = (volumes: readonly Volume[]) => volumes.map(({ name }) => name);

describe("whose a volume is", () => {
  test("shares of all owners by key, free ones by the pattern, others", async () => {
    const volumes = [
      share("zoo", { owner: "other", state: "retained" }),
      share("pool-1-2G", { key: "genomics", volume: "pool-1-2G" }),
      volume("pool-2-2G"),
      volume("home"),
      volume("my-pool-1-2G"),
    ];
    const { shares, free, others, broken } = await inspect({ volumes });
    expect(shares.map((one) => [one.record.key, one.volume.name])).toEqual([
      ["genomics", "pool-1-2G"],
      ["zoo", "zoo"],
    ]);
    expect([names(free), names(others), broken]).toEqual([["pool-2-2G"], ["home", "my-pool-1-2G"], []]);
  });

  test.each<[string, Record<string, string>, "free" | "others" | "broken"]>([
    ["freed again", { "user.sharewright.share": "NONE" }, "free"],
    ["freed by Manila", { "user.manila-share": "NONE" }, "free"],
    ["marked by Manila", { "user.manila-share": "5e8e4a0e-0000-4000-8000-000000000001" }, "others"],
    ["[G-36] with a mark that cannot be read", { "user.sharewright.share": "mine!" }, "broken"],
    ["with the mark of its parent only", shareMark(record("genomics")), "broken"],
  ])("a pool volume %s", async (_, options, group) => {
    const found = await inspect({ volumes: [volume("pool-1-2G", { options })] });
    const groups = { free: names(found.free), others: names(found.others), broken: found.broken.map((one) => one.volume) };
    expect(groups).toEqual({ free: [], others: [], broken: [], [group]: ["pool-1-2G"] });
    expect(found.shares).toEqual([]);
  });

  test("without a pattern nothing is free", async () => {
    const { free, others } = await inspect({ spec: {}, volumes: [volume("pool-1-2G")] });
    expect([free, names(others)]).toEqual([[], ["pool-1-2G"]]);
  });

  test("a clone that inherited records of its parent has its own only", async () => {
    const parent = share("parent");
    const slots = slotMark(parent, "rule", { key: "parent#a", volume: "parent", claim: "c", owner: "stack", name: "alice" });
    const clone = share("clone", {}, slots);
    const { shares } = await inspect({ volumes: [clone] });
    expect(shares).toMatchObject([{ record: { key: "clone" }, rules: [], notes: expect.arrayContaining([]) }]);
  });
});

describe("what is told of a share", () => {
  test("limit, use, rules, snapshots and where clients find it", async () => {
    const plain = share("genomics");
    const rule = { key: "genomics#a", volume: "genomics", claim: "c", owner: "stack", name: "alice" };
    const snapshot = { key: "genomics@monday", volume: "genomics", claim: "c", owner: "stack", name: "monday" };
    const slots = { ...slotMark(plain, "rule", rule), ...slotMark(plain, "snapshot", snapshot) };
    const { shares } = await inspect({
      volumes: [share("genomics", {}, { ...slots, "auth.ssl-allow": "alice,glusterfs-server1" })],
      quotas: { genomics: { limit: GiB, used: 7n } },
      spec: { backupVolfileServers: ["s2"] },
    });
    expect(shares).toMatchObject([
      {
        quota: { limit: GiB, used: 7n },
        rules: [{ key: "genomics#a", name: "alice" }],
        snapshots: [{ key: "genomics@monday", name: "monday" }],
        location: { export_location: "s1:/genomics", fstab_entry: expect.stringContaining("backup-volfile-servers=s2") },
        notes: [],
      },
    ]);
  });

  test.each<[string, Partial<ShareRecord>, Record<string, string | undefined>, bigint | undefined, RegExp[]]>([
    ["all is well", {}, {}, GiB, []],
    ["on, spelled otherwise", {}, { "client.ssl": "ON", "server.dynamic-auth": "enable" }, GiB, []],
    ["TLS off", {}, { "client.ssl": "off" }, GiB, [/^client\.ssl is off, not on$/]],
    ["TLS unset", {}, { "server.ssl": undefined }, GiB, [/^server\.ssl is not set, not on$/]],
    ["dynamic-auth off", {}, { "server.dynamic-auth": "off" }, GiB, [/^server\.dynamic-auth is off/]],
    [
      "a stranger let in",
      {},
      { "auth.ssl-allow": "eve,glusterfs-server1" },
      GiB,
      [/^auth\.ssl-allow is eve,glusterfs-server1, not glu/],
    ],
    ["everybody let in", {}, { "auth.ssl-allow": undefined }, GiB, [/^auth\.ssl-allow is not set/]],
    ["no quota", {}, { "features.quota": "off" }, undefined, [/^quota is not on/]],
    ["quota that counts late", {}, { "features.soft-timeout": "60" }, GiB, [/features\.soft-timeout should be 0/]],
    ["a limit that cannot be read", {}, {}, undefined, [/^its limit cannot be read; it should be 1 GiB$/]],
    ["another limit", {}, {}, 2n * GiB, [/^its limit is 2 GiB, not 1 GiB$/]],
    ["on its way, nothing is held against it", { state: "closed" }, { "features.quota": undefined }, undefined, []],
  ])("%s", async (_, more, options, limit, wanted) => {
    const quotas = limit === undefined ? {} : { genomics: { limit, used: 0n } };
    const { shares } = await inspect({ volumes: [share("genomics", more, options)], quotas });
    const notes = shares[0]?.notes ?? ["no share at all"];
    expect(notes.length).toBe(wanted.length);
    for (const [index, pattern] of wanted.entries()) expect(notes[index]).toMatch(pattern);
  });

  test("a stopped volume is said to be stopped; its limit is not asked for", async () => {
    const access = fakeCluster({ servers: { s1: {} }, volumes: [{ ...share("genomics"), status: "stopped" }] });
    const { shares } = await inspectCluster(access);
    expect(shares[0]?.notes).toEqual(["the volume is stopped, not started"]);
    expect(access.asked.filter((line) => line.includes("quota"))).toEqual([]);
  });

  test("S-17: one that is over its limit, and whose bricks cannot be asked, keeps nobody from the others", async () => {
    const volumes = [share("genomics"), share("climate")];
    const quotas = { genomics: { limit: GiB, used: 2n * GiB }, climate: { limit: GiB, used: 7n } };
    const { shares } = await inspect({ volumes, quotas });
    expect(shares.map(({ record: { key }, quota }) => [key, quota?.used])).toEqual([
      ["climate", 7n],
      ["genomics", 2n * GiB],
    ]);
  });
  test("a share that is on two volumes is said to be on both", async () => {
    const volumes = [share("genomics"), share("pool-1-2G", { key: "genomics" })].map((one) => ({
      ...one,
      options: { ...one.options, ...shareMark(record("genomics", { volume: one.name })) },
    }));
    const quotas = { genomics: { limit: GiB, used: 0n }, "pool-1-2G": { limit: GiB, used: 0n } };
    const { shares } = await inspect({ volumes, quotas });
    expect(shares.map(({ notes }) => notes)).toEqual([
      ["it is on several volumes: genomics, pool-1-2G"],
      ["it is on several volumes: genomics, pool-1-2G"],
    ]);
  });
});
