import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  booleanOf,
  brickLimitsIn,
  bricksIn,
  opIn,
  peersIn,
  quotaIn,
  snapshotIn,
  snapshotNamesIn,
  versionIn,
  volumesIn,
} from "../../../src/backends/gluster/parse";
import { golden, golden11, xmlCases } from "./golden";

const out = (name: string) => golden(name).stdout;
const document = (body: string) => `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<cliOutput>${body}</cliOutput>\n`;
const good = "<opRet>0</opRet><opErrno>0</opErrno><opErrstr/>";

describe("how an operation ended", () => {
  test.each([
    ["set-two", { ret: 0, errno: 0, error: "" }],
    ["info-missing", { ret: -1, errno: 30806, error: "Volume does not exist" }],
    // [G-115] -1 with errno 0 is a failure like any other.
    ["create-exists", { ret: -1, errno: 0, error: "Volume vol1 already exists" }],
    ["get-unset-user", { ret: -2, errno: 0, error: "" }],
    [
      "three-busy",
      { ret: -1, errno: 30802, error: "Another transaction is in progress for ra. Please try again after some time." },
    ],
    ["snap-create-dup", { ret: -1, errno: 30812, error: "Snapshot s1 already exists" }],
    ["snap-activate-again", { ret: -1, errno: 22, error: "Snapshot s1 is already activated." }],
    ["peer-probe-self", { ret: 0, errno: 1, error: "" }],
  ])("[G-115] golden %s", (name, op) => expect(opIn(out(name))).toEqual(op));

  test.each([
    ["set-nfs-disable", 30800, /^option : nfs\.disable does not exist\n/],
    ["reset-nfs-disable", 30800, /^Option nfs\.disable does not exist\n/],
    ["snap-create-thick", 30800, /^Snapshots not supported for all bricks in volume vol1\.$/],
  ])("R-13: golden %s of 11.1 is refused, with exit 0", (name, errno, error) => {
    expect(golden11(name).rc).toBe(0);
    expect(opIn(golden11(name).stdout)).toEqual({ ret: -1, errno, error: expect.stringMatching(error) });
  });

  test.each([
    ["nothing", ""],
    ["another document", "<?xml version='1.0'?><html><opRet>0</opRet></html>"],
    ["no result in it", document("<opErrno>0</opErrno>")],
    ["an empty result in it", document("<opRet/><opErrno>0</opErrno>")],
    ["a result that is no number", document("<opRet>good</opRet>")],
    ["text before it", `y\n${document(good)}`],
    ["two answers", document(good) + document(good)],
  ])("[G-115] %s says nothing of how it ended", (_, text) => expect(opIn(text)).toBeUndefined());

  test("[G-115] what is not XML in the transcripts is none here", () => {
    for (const name of xmlCases) expect([name, opIn(out(name)) !== undefined]).toEqual([name, out(name).startsWith("<?xml")]);
  });
});

const plainOptions = { "storage.fips-mode-rchecksum": "on", "transport.address-family": "inet", "nfs.disable": "on" };
const vol1 = {
  name: "vol1",
  id: "4a337249-e482-4497-8346-203e0a072b9a",
  status: "started",
  snapshots: 0,
  replica: 1,
  arbiter: 0,
  disperse: 0,
  redundancy: 0,
  bricks: ["127.1.1.1:/srv/gluster/c1/n1/bricks/vol1/data"],
  members: ["26b4d534-e159-432f-9be0-286c6010014e"],
  options: plainOptions,
};

describe("volumes", () => {
  test.each([
    ["info-one", [vol1]],
    [
      "info-with-options",
      [
        {
          ...vol1,
          options: {
            "auth.ssl-allow": "glusterfs-server-01,manila-host-01,alice",
            "user.manila-share": "5e8e4a0e-0000-4000-8000-000000000001",
            ...plainOptions,
          },
        },
      ],
    ],
  ])("[G-116] golden %s: everything about a volume", (name, expected) => expect(volumesIn(out(name))).toEqual(expected));

  test.each([
    ["info-all", ["vol1 started", "vol2 started", "vol3 started", "vol4 started"]],
    ["info-stopped", ["tt created"]],
    ["info-stopped2", ["tt stopped"]],
    ["clone-info", ["c1 created"]],
    ["clone-info-started", ["c1 started"]],
    ["vol-info-with-snaps", ["v1 started"]],
  ])("golden %s: names and states", (name, expected) =>
    expect(volumesIn(out(name)).map((volume) => `${volume.name} ${volume.status}`)).toEqual(expected),
  );

  test.each([
    ["info-new", plainOptions],
    ["info-restarted", { "storage.fips-mode-rchecksum": "on", "transport.address-family": "inet" }],
  ])("R-13: golden %s of 11.1: everything about a volume, with the options that its glusterd knows", (name, options) =>
    expect(volumesIn(golden11(name).stdout)).toEqual([
      { ...vol1, id: expect.any(String), members: [expect.any(String)], options },
    ]),
  );

  test("golden three-info: a replicated volume, its arbiter and its bricks in their order", () =>
    expect(volumesIn(out("three-info"))).toMatchObject([
      {
        name: "ra",
        replica: 3,
        arbiter: 1,
        disperse: 0,
        bricks: [1, 2, 3].map((n) => `127.3.1.${n}:/srv/gluster/c77/n${n}/bricks/ra`),
      },
    ]));

  test("golden vol-info-with-snaps: how many snapshots it has", () =>
    expect(volumesIn(out("vol-info-with-snaps"))[0]?.snapshots).toBe(5));

  test("[G-116] options are what was set, unset ones are absent, and any value is as it was written", () => {
    const [volume] = volumesIn(out("info-after-sets"));
    expect(volume?.options).toMatchObject({ "user.": "v", "user.shell.owner": '{"a":1}', "auth.ssl-allow": "CN=x" });
    expect(volume?.options["features.quota"]).toBeUndefined();
    // The default that `volume get` shows for it: everybody.
    expect(out("get-unset-auth.ssl-allow")).toContain("<Value>*</Value>");
    expect(volumesIn(out("info-one"))[0]?.options["auth.ssl-allow"]).toBeUndefined();
  });

  test("golden three-info-quota: the options by which a limit is kept", () =>
    expect(volumesIn(out("three-info-quota"))[0]?.options).toMatchObject({
      "features.quota": "on",
      "features.hard-timeout": "0",
    }));

  test.each([
    ["off (DEFAULT)", "off"],
    ["* (DEFAULT)", "*"],
    ["off", "off"],
    ["(DEFAULT)x", "(DEFAULT)x"],
  ])("[X-G11] [G-117] the value %j is %j", (value, expected) => {
    const text = out("info-with-options").replace("glusterfs-server-01,manila-host-01,alice", value);
    expect(volumesIn(text)[0]?.options["auth.ssl-allow"]).toBe(expected);
  });

  test("a cluster without volumes has none", () =>
    expect(volumesIn(document(`${good}<volInfo><volumes><count>0</count></volumes></volInfo>`))).toEqual([]));

  test.each([
    ["an empty answer", ""],
    ["an answer about something else", out("pool-list")],
    ["a volume without a name", out("info-one").replace("<name>vol1</name>", "")],
    ["a volume without an id", out("info-one").replace(/<id>.*<\/id>/, "")],
    ["a volume without bricks", out("info-one").replace(/<bricks>[\s\S]*<\/bricks>/, "")],
    ["a state that nobody knows", out("info-one").replace("<status>1</status>", "<status>7</status>")],
    ["an option without a name", out("info-one").replace("<name>nfs.disable</name>", "")],
  ])("[G-39] [G-110] [G-116] %s is an error, never fewer volumes", (_, text) => expect(() => volumesIn(text)).toThrow());
});

test.each([
  ["pool-list", [["localhost", true]]],
  [
    "three-pool-list",
    [
      ["127.3.1.2", true],
      ["127.3.1.3", true],
      ["localhost", true],
    ],
  ],
  [
    "three-pool-list-one-down",
    [
      ["127.3.1.2", true],
      ["127.3.1.3", false],
      ["localhost", true],
    ],
  ],
])("members of the pool, golden %s", (name, expected) => {
  const peers = peersIn(out(name));
  expect(peers.map(({ host, connected }) => [host, connected])).toEqual(expected);
  for (const { id } of peers) expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
});

describe("bricks", () => {
  test("golden status-detail: size and free space", () =>
    expect(bricksIn(out("status-detail"))).toEqual([
      {
        host: "127.1.1.1",
        path: "/srv/gluster/c1/n1/bricks/vol1/data",
        device: "/dev/vda",
        online: true,
        total: 270_553_174_016n,
        free: 237_277_335_552n,
      },
    ]));

  test.each([
    ["three-status-detail", [true, true, true]],
    ["three-status-detail-brick-down", [true, true, false]],
  ])("golden %s: which are online", (name, expected) =>
    expect(bricksIn(out(name)).map(({ online }) => online)).toEqual(expected),
  );

  test("what has no size is no brick, and a size that is no number is an error", () => {
    const withDaemon = out("status-detail").replace("</volume>", "<node><hostname>Self-heal Daemon</hostname></node></volume>");
    expect(bricksIn(withDaemon)).toHaveLength(1);
    expect(() => bricksIn(out("status-detail").replace("237277335552", "much"))).toThrow("much");
  });
});

describe("S-13: limits on bricks", () => {
  const [size, limit] = ["0x000000000000000000000000000000000000000000000002", "0x0000000005f5e100ffffffffffffffff"];
  const quota = "trusted.glusterfs.quota";
  const file = (path: string, ...lines: string[]) => `# file: ${path}\n${lines.map((line) => `${quota}.${line}\n`).join("")}\n`;

  // Seen with 10.3, but for the numbers of the last two.
  test.each<[string, string, bigint | undefined]>([
    ["as it is", file("/b", "dirty=0x3000", `limit-set.1=${limit}`, `size.1=${size}`), 100_000_000n],
    ["taken off", file("/b", "dirty=0x3000", `size.1=${size}`), undefined],
    ["of a brick without quota", "", undefined],
    ["of quota that was switched on anew", file("/b", `limit-set.1=${limit}`, `size.1=${size}`, `size.2=${size}`), undefined],
    ["set by hand while quota was off", file("/b", "limit-set=0x31", `limit-set.10=${limit}`, `limit-set.9=0x31`), 100_000_000n],
  ])("%s", (_, text, expected) => expect(brickLimitsIn(text, ["/b"]).get("/b")).toBe(expected));

  test("are told of each brick", () =>
    expect([...brickLimitsIn(file("/b", `limit-set.1=${limit}`) + file("/a", `size.1=${size}`), ["/a", "/b", "/c"])]).toEqual([
      ["/a", undefined],
      ["/b", 100_000_000n],
      ["/c", undefined],
    ]));

  test.each(["nonsense", `${quota}.size.1=0x00`, "# file: /other\n", `# file: /b\n${quota}.size.1=x`])("fails for %j", (text) =>
    expect(() => brickLimitsIn(text, ["/b"])).toThrow("not a line of getfattr"),
  );
});

describe("limit and use of a volume", () => {
  test.each([
    ["quota-list-root", { limit: 20_971_520n, used: 0n }],
    ["quota-list-root-quotad-down", { limit: 20_971_520n, used: 0n }],
    ["quota-list-root-none", { limit: undefined, used: 0n }],
  ])("golden %s", (name, expected) => expect(quotaIn(out(name))).toEqual(expected));

  test("S-14: below nothing it cannot be", () =>
    expect(quotaIn(out("quota-list-root").replace("<used_space>0<", "<used_space>-512<"))).toEqual({
      limit: 20_971_520n,
      used: undefined,
    }));

  test("[G-107] the use is in bytes", () =>
    expect(quotaIn(out("quota-list-root").replace("<used_space>0<", "<used_space>10737418240<"))?.used).toBe(10n * 1024n ** 3n));

  test("of another path they are not the volume's", () =>
    expect(quotaIn(out("quota-list-root").replace("<path>/</path>", "<path>/sub</path>"))).toBeUndefined());

  test("are exact beyond what a double holds", () =>
    expect(quotaIn(out("quota-list-root").replace("20971520", "9223372036854775807"))?.limit).toBe(9_223_372_036_854_775_807n));
});

describe("snapshots", () => {
  test.each([
    ["snap-list-none-v1", []],
    [
      "snap-list-v1",
      [
        "s1",
        "s2",
        "manila-5e8e4a0e-0000-4000-8000-000000000001_GMT-2026.11.22-01.58.20",
        "manila-5e8e4a0e-0000-4000-8000-000000000002_GMT-2026.11.22-01.58.29",
        "s3",
      ],
    ],
  ])("golden %s: their names", (name, expected) => expect(snapshotNamesIn(out(name))).toEqual(expected));

  test.each([
    ["snap-info-one", { name: "s1", volume: "v1", active: false }],
    ["snap-info-active", { name: "s1", volume: "v1", active: true }],
    ["snap-info-activated", { name: "s10", volume: "v1", active: true }],
  ])("golden %s", (name, expected) => expect(snapshotIn(out(name))).toEqual(expected));

  test("a list without one is not taken for one", () => expect(() => snapshotIn(out("snap-info-none"))).toThrow());
});

test.each([
  [golden("version", "plain").stdout, [10, 3]],
  [golden11("version", "plain").stdout, [11, 1]],
  ["glusterfs 3.6.2beta3 built on", [3, 6]],
  ["glusterfs 10.3-5", [10, 3]],
  ["foo 1.1.1", undefined],
  ["glusterfs 3-6", undefined],
  ["glusterfs 3.6beta3", undefined],
  ["", undefined],
])("[G-120] [G-121] the version in %j is compared by its first two numbers", (text, expected) =>
  expect(versionIn(text)).toEqual(expected),
);

test.each<[string | undefined, boolean | undefined]>([
  ...["0", "Off", "no", "False", "disable", "OFF"].map((word) => [word, false] as [string, boolean]),
  ...["1", "true", "enAble", "on", "YES"].map((word) => [word, true] as [string, boolean]),
  [undefined, undefined],
  ["maybe", undefined],
  ["", undefined],
])("[G-118] %j is %j: an unset option and unknown text are neither on nor off", (text, expected) =>
  expect(booleanOf(text)).toBe(expected),
);

test("[G-116] an answer that was cut off anywhere is an error, not a shorter list", () => {
  const text = out("info-all").trimEnd();
  fc.assert(
    fc.property(fc.integer({ min: 0, max: text.length - 1 }), (length) => {
      const part = text.slice(0, length);
      expect(opIn(part)).toBeUndefined();
      expect(() => volumesIn(part)).toThrow();
    }),
  );
});
