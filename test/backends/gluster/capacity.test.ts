// What volumes hold, by what their bricks say; two of the answers were given by a real glusterd 10.3.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { capacityOf } from "../../../src/backends/gluster/capacity";
import { type BrickStatus, bricksIn, type Volume, volumesIn } from "../../../src/backends/gluster/parse";
import { type ShareRecord, shareMark } from "../../../src/backends/gluster/records";
import { openCluster } from "../../../src/backends/gluster/site";
import { volumeCapacity } from "../../../src/backends/gluster/volume/capacity";
import { fakeCluster, tlsFiles } from "./fake-cluster";
import { volume } from "./volume";

/** "s1:/a sda 7/10": 7 bytes free of 10 on that device; "off": the brick does not answer. */
function brick(text: string): BrickStatus {
  const match = /^(\w+):(\/\w+) (\w*) ?(\d+)\/(\d+)( off)?$/.exec(text);
  if (!match) throw new Error(text);
  const [, host = "", path = "", device = "", free = "", total = "", off] = match;
  return { host, path, device, online: !off, total: BigInt(total), free: BigInt(free) };
}

function made(shape: Partial<Volume>, texts: readonly string[]): [Volume, BrickStatus[]] {
  const bricks = texts.map(brick);
  return [volume("v", { ...shape, bricks: bricks.map(({ host, path }) => `${host}:${path}`) }), bricks];
}

describe("[G-13] a volume holds what its bricks can", () => {
  const arbiter = { replica: 3, arbiter: 1 };
  const disperse = { disperse: 3, redundancy: 1 };
  test.each<[string, Partial<Volume>, string[], [total: bigint, free: bigint] | undefined]>([
    ["one brick", {}, ["s1:/a sda 7/10"], [10n, 7n]],
    ["distributed: the sum", {}, ["s1:/a sda 7/10", "s2:/a sda 5/20"], [30n, 12n]],
    ["a subvolume that is away makes the sum unknown", {}, ["s1:/a sda 7/10", "s2:/a sda 5/20 off"], undefined],
    ["copies: the smallest", { replica: 3 }, ["s1:/a sda 9/10", "s2:/a sda 5/20", "s3:/a sda 8/30"], [10n, 5n]],
    ["copies: those that answer", { replica: 2 }, ["s1:/a sda 9/10 off", "s2:/a sda 5/20"], [20n, 5n]],
    ["copies: none answers", { replica: 2 }, ["s1:/a sda 9/10 off", "s2:/a sda 5/20 off"], undefined],
    ["sets of copies", { replica: 2 }, ["s1:/a x 9/10", "s2:/a x 5/20", "s1:/b y 1/4", "s2:/b y 2/3"], [13n, 6n]],
    ["an arbiter holds names only", arbiter, ["s1:/a x 9/10", "s2:/a x 8/20", "s3:/a x 1/1"], [10n, 8n]],
    ["an arbiter alone holds nothing", arbiter, ["s1:/a x 9/10 off", "s2:/a x 8/20 off", "s3:/a x 1/1"], undefined],
    ["dispersed: data pieces times the smallest", disperse, ["s1:/a x 9/10", "s2:/a x 8/20", "s3:/a x 7/12"], [20n, 14n]],
    ["dispersed: enough answer", disperse, ["s1:/a x 9/10 off", "s2:/a x 8/20", "s3:/a x 7/12"], [24n, 14n]],
    ["dispersed: too few answer", disperse, ["s1:/a x 9/10 off", "s2:/a x 8/20 off", "s3:/a x 7/12"], undefined],
    ["bricks of one file system share it", {}, ["s1:/a sda 8/20", "s1:/b sda 8/20"], [20n, 8n]],
    ["copies on one file system, too", { replica: 2 }, ["s1:/a sda 8/20", "s1:/b sda 8/20"], [10n, 4n]],
    ["devices of one name on two hosts are two", {}, ["s1:/a sda 8/20", "s2:/b sda 8/20"], [40n, 16n]],
    ["memory file systems of one name are told apart by their sizes", {}, ["s1:/a tmpfs 8/20", "s1:/b tmpfs 3/10"], [30n, 11n]],
    ["no device told: nothing is shared", {}, ["s1:/a 8/20", "s1:/b 8/20"], [40n, 16n]],
  ])("%s", (_, shape, texts, wanted) => {
    const space = volumeCapacity(...made(shape, texts));
    expect(space && [space.total, space.free]).toEqual(wanted);
  });

  test("a brick of which nothing is said at all makes the volume unknown", () => {
    const [whole, bricks] = made({}, ["s1:/a sda 7/10", "s2:/a sda 5/20"]);
    expect(volumeCapacity(whole, bricks.slice(1))).toBeUndefined();
  });

  test("never more is free than there is, whatever the shape and the bricks", () => {
    const shapes = fc.constantFrom({}, { replica: 2 }, { replica: 3, arbiter: 1 }, { disperse: 3, redundancy: 1 });
    const brickOf = fc.record({ total: fc.bigInt(0n, 100n), used: fc.bigInt(0n, 100n), online: fc.boolean() });
    fc.assert(
      fc.property(shapes, fc.array(brickOf, { minLength: 6, maxLength: 6 }), (shape, seen) => {
        const bricks = seen.map(({ total, used, online }, index) => {
          const free = used > total ? 0n : total - used;
          return { host: "s1", path: `/${index}`, device: `${index}`, online, total, free };
        });
        const space = volumeCapacity(volume("v", { ...shape, bricks: bricks.map(({ path }) => `s1:${path}`) }), bricks);
        if (!space) return;
        expect(space.free).toBeLessThanOrEqual(space.total);
        expect(space.total).toBeLessThanOrEqual(bricks.reduce((sum, { total }) => sum + total, 0n));
      }),
    );
  });
});

describe("as a real glusterd tells it", () => {
  const read = (name: string) => readFileSync(join(__dirname, `../../fixtures/gluster-capacity/${name}.xml`), "utf8");
  const volumes = new Map(volumesIn(read("info-arbiter-disperse")).map((one) => [one.name, one]));
  const total = 270553174016n;

  test("two sets with an arbiter each, all on one file system, one brick down [G-91]", () => {
    const bricks = bricksIn(read("status-detail-arbiter-offline"));
    expect(bricks.map(({ online }) => online)).toEqual([false, true, true, true, true, true]);
    // Four data bricks share the file system: two sets of a quarter each.
    expect(volumeCapacity(volumes.get("arb") as Volume, bricks)?.total).toBe((total / 4n) * 2n);
  });

  test("dispersed over three bricks of one file system", () => {
    const space = volumeCapacity(volumes.get("disp") as Volume, bricksIn(read("status-detail-disperse")));
    expect(space?.total).toBe((total / 3n) * 2n);
  });
});

describe("[G-13] the capacity of a cluster", () => {
  const record = (key: string, name: string, size: bigint): ShareRecord => ({
    key,
    volume: name,
    claim: "claim",
    owner: "stack",
    state: "ready",
    origin: "pool",
    size,
    removalPolicy: "retain",
    infrastructure: ["glusterfs-server1"],
    kept: [],
    looked: true,
    shown: true,
    before: {},
    options: [],
  });
  const share = (name: string, size: bigint): Volume =>
    volume(name, {
      bricks: [`s1:/bricks/${name}`],
      options: { ...shareMark(record(name, name, size)), "features.quota": "on" },
    });
  const status = (name: string, device: string): BrickStatus[] => [
    { host: "s1", path: `/bricks/${name}`, device, online: true, total: 1000n, free: 600n },
  ];
  const seen = async () =>
    capacityOf(
      await openCluster(
        fakeCluster({
          servers: { s1: { files: tlsFiles("server1") } },
          volumes: [share("a", 1024n), share("b", 2048n), volume("c"), volume("d", { status: "stopped" }), volume("e")],
          quotas: { a: { limit: 1024n, used: 7n } },
          bricks: {
            a: status("a", "sda"),
            b: status("b", "sda"),
            c: status("c", "sdb"),
            e: status("e", "sdc").map((one) => ({ ...one, online: false })),
          },
        }),
      ),
    );

  test("counts a file system once, whatever number of volumes is on it", async () => {
    const { space, volumes } = await seen();
    expect(volumes.map((one) => [one.volume, one.share, one.space?.total, one.quota?.used])).toEqual([
      ["a", "a", 1000n, 7n],
      ["b", "b", 1000n, undefined],
      ["c", undefined, 1000n, undefined],
      ["d", undefined, undefined, undefined],
      ["e", undefined, undefined, undefined],
    ]);
    expect(space).toEqual({ total: 2000n, free: 1200n });
  });

  test("tells what shares were promised, and whatever could not be asked", async () => {
    const { promised, shares, degraded, notes } = await seen();
    expect({ promised, shares }).toEqual({ promised: 3072n, shares: 2 });
    expect(degraded).toEqual([{ name: "s1:/bricks/e", why: "brick of e: does not answer" }]);
    expect(notes).toEqual(["the total leaves out d, e: not started, or too few bricks answer"]);
  });

  test("S-17 [G-29] what the bricks of one volume say that cannot be read is told, and the others count", async () => {
    const odd = status("b", "sdb").map((one) => ({ ...one, total: "12 GB" as never }));
    const volumes = [volume("a", { bricks: ["s1:/bricks/a"] }), volume("b", { bricks: ["s1:/bricks/b"] })];
    const cluster = await openCluster(
      fakeCluster({ servers: { s1: { files: tlsFiles("server1") } }, volumes, bricks: { a: status("a", "sda"), b: odd } }),
    );
    const { space, degraded } = await capacityOf(cluster);
    expect(space).toEqual({ total: 1000n, free: 600n });
    expect(degraded).toEqual([{ name: "b", why: expect.stringContaining("12 GB") }]);
  });

  test("is unknown, and no error, where no brick tells [G-29]", async () => {
    const cluster = await openCluster(fakeCluster({ servers: { s1: {} }, volumes: [volume("a")] }));
    const { space, degraded } = await capacityOf(cluster);
    expect(space).toBeUndefined();
    expect(degraded).toMatchObject([{ name: "a", why: expect.stringContaining("volume status a detail") }]);
  });
});
