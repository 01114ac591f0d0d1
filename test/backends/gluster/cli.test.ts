import fc from "fast-check";
import { describe, expect, test } from "vitest";
import * as cli from "../../../src/backends/gluster/cli";
import * as content from "../../../src/backends/gluster/cli-content";
import { lateTimeouts } from "../../../src/backends/gluster/share/steps";
import type { Command } from "../../../src/core/command";
import { maxSslAllowBytes, sslAllow, type VolumeLayout } from "../../../src/spec/gluster";
import { maxOptionBytes } from "../../../src/spec/gluster-options";
import { golden } from "./golden";
import { volume } from "./volume";

const layout: VolumeLayout = { transport: "tcp", bricks: [], force: false };
const three = [1, 2, 3].map((n) => `127.3.1.${n}:/srv/gluster/c77/n${n}/bricks/ra`);
const words = ({ argv }: Command) => argv.slice(1).filter((word) => word !== "--xml" && word !== "--mode=script");

/** Each command that changes something, with the transcript of the same one where there is one. */
const changing: [string, Command, string?][] = [
  ["volume set v1 user.a x auth.ssl-allow a,b", cli.volumeSet("v1", { "user.a": "x", "auth.ssl-allow": "a,b" })],
  ["volume set ra user.x y", cli.volumeSet("ra", { "user.x": "y" }), "three-set-one-down"],
  ["volume reset vol1 cluster.min-free-disk", cli.volumeReset("vol1", "cluster.min-free-disk")],
  ["volume start ra", cli.volumeStart("ra"), "three-start"],
  ["volume stop tt force", cli.volumeStop("tt"), "stop-again-force"],
  ["volume delete tt", cli.volumeDelete("tt"), "delete"],
  [
    `volume create ra replica 3 arbiter 1 transport tcp ${three.join(" ")} force`,
    cli.volumeCreate("ra", { ...layout, replica: 3, arbiter: true, force: true }, three),
    "three-create",
  ],
  [
    `volume create v disperse 3 redundancy 1 transport tcp,rdma ${three.join(" ")}`,
    cli.volumeCreate("v", { ...layout, disperse: 3, redundancy: 1, transport: "tcp,rdma" }, three),
  ],
  ["volume create v transport tcp s1:/b", cli.volumeCreate("v", layout, ["s1:/b"])],
  ["volume quota ra enable", cli.quotaEnable("ra"), "three-quota-enable"],
  ["volume quota ra limit-usage / 20971520", cli.quotaLimit("ra", 20_971_520n), "quota-limit"],
  ["volume quota v1 limit-usage / 9223372036854775807", cli.quotaLimit("v1", 2n ** 63n - 1n)],
  ["volume quota v1 disable", cli.quotaDisable("v1")],
  ["snapshot create s2 v1 no-timestamp", cli.snapshotCreate("s2", "v1"), "snap-create-notimestamp"],
  ["snapshot activate s2 force", cli.snapshotActivate("s2"), "snap-activate"],
  ["snapshot deactivate s3", cli.snapshotDeactivate("s3"), "snap-deactivate"],
  ["snapshot delete s2", cli.snapshotDelete("s2"), "snap-delete"],
  ["snapshot clone c2 s2", cli.snapshotClone("c2", "s2"), "snap-clone"],
];

const looking: [string, Command, string?][] = [
  ["pool list", cli.poolList, "three-pool-list"],
  ["volume info", cli.volumeInfo, "three-info"],
  ["volume status ra detail", cli.volumeStatusDetail("ra"), "three-status-detail"],
  ["volume quota ra list /", cli.quotaList("ra"), "quota-list-root"],
  ["snapshot list v1", cli.snapshotList("v1"), "snap-list-v1"],
  ["snapshot info s1", cli.snapshotInfo("s1"), "snap-info-one"],
];

describe("each command", () => {
  test.each([...changing, ...looking])("[G-113] [G-119] gluster %s", (text, command, transcript) => {
    expect(words(command).join(" ")).toBe(text);
    if (transcript === undefined) return;
    expect(words({ argv: golden(transcript).argv }).join(" ")).toBe(text);
    expect([golden(transcript).rc, golden(transcript).stdout]).toEqual([0, expect.stringContaining("<opRet>0</opRet>")]);
  });

  test.each([...changing, ...looking])("can prompt nobody, and answers in XML: gluster %s", (_, { argv, timeoutMs }) => {
    expect(argv.slice(0, 3)).toEqual(["gluster", "--mode=script", "--xml"]);
    // Longer than the CLI waits itself (120 s, 600 s for work on bricks), so that its own word is heard.
    expect(timeoutMs).toBeGreaterThan(120_000);
  });

  test("the timeouts of a limit are set as other options are, in one go", () => {
    const { argv, rc } = golden("quota-set-timeouts", "xml", "gluster-three");
    expect([words({ argv }), rc]).toEqual([words(cli.volumeSet("dist", lateTimeouts(volume("dist")))), 0]);
  });

  test("[G-119] an option with an empty or no value is put back by a reset, never by a set", () => {
    expect(golden("set-user-empty").rc).toBe(1);
    expect(() => cli.volumeSet("v", { "user.a": "" })).toThrow("not a value for user.a");
  });

  test("the version is asked for plainly", () => expect(cli.glusterVersion.argv).toEqual(golden("version", "plain").argv));
});

const everyBuilder: [string, (name: string) => Command][] = [
  ["volumeStatusDetail", cli.volumeStatusDetail],
  ["quotaList", cli.quotaList],
  ["snapshotList", cli.snapshotList],
  ["snapshotInfo", cli.snapshotInfo],
  ["volumeSet", (name) => cli.volumeSet(name, { "user.a": "x" })],
  ["volumeReset", (name) => cli.volumeReset(name, "auth.allow")],
  ["volumeStart", cli.volumeStart],
  ["volumeStop", cli.volumeStop],
  ["volumeDelete", cli.volumeDelete],
  ["volumeCreate", (name) => cli.volumeCreate(name, layout, ["s1:/b"])],
  ["quotaEnable", cli.quotaEnable],
  ["quotaLimit", (name) => cli.quotaLimit(name, 1n)],
  ["quotaDisable", cli.quotaDisable],
  ["snapshotCreate, the snapshot", (name) => cli.snapshotCreate(name, "v")],
  ["snapshotCreate, the volume", (name) => cli.snapshotCreate("s", name)],
  ["snapshotActivate", cli.snapshotActivate],
  ["snapshotDeactivate", cli.snapshotDeactivate],
  ["snapshotDelete", cli.snapshotDelete],
  ["snapshotClone, the volume", (name) => cli.snapshotClone(name, "s")],
  ["snapshotClone, the snapshot", (name) => cli.snapshotClone("v", name)],
  ["mountVolume", (name) => cli.mountVolume("s1", [], name, "/mnt/x")],
  ["removeBrick", (name) => cli.removeBrick(name, `/data/${name}.claim`)],
];

describe("no command line carries what could ruin a cluster", () => {
  const bad = [
    "",
    " ",
    "all",
    "help",
    "volume",
    "-v",
    "--mode=interactive",
    "a b",
    "a\n",
    "\na",
    "a/b",
    "a.b",
    "a'b",
    'a"b',
    "ä",
    "a;b",
    "v".repeat(151),
  ];
  test.each(everyBuilder)("%s takes a name of a volume or snapshot, and nothing else", (_, build) => {
    for (const name of bad) expect(() => build(name), JSON.stringify(name)).toThrow(/not the name|no brick/);
    for (const name of ["v", "_v", "1abc", "allof", "share-5e8e4a0e-0000-4000-8000-000000000001", "v".repeat(150)])
      expect(build(name).argv.some((word) => word.includes(name))).toBe(true);
  });

  test("an empty name is what the real one takes, and must never see", () => {
    expect(golden("name-empty")).toMatchObject({ rc: 0, stdout: expect.stringContaining("<opRet>0</opRet>") });
  });

  const printable = fc.string({
    unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
    minLength: 1,
  });
  const ruinous = fc.constantFrom(" ", "\n", "\r", "\t", "\0", '"', "'", "\\", "\x7f", "ä", "\u2028");

  test("values have no blanks, quotes, line feeds or control characters", () => {
    fc.assert(
      fc.property(printable, ruinous, printable, (before, mark, after) => {
        expect(() => cli.volumeSet("v", { "user.a": before + mark + after })).toThrow("not a value for user.a");
        expect(() => cli.volumeSet("v", { "user.a": mark })).toThrow("not a value for user.a");
      }),
    );
    fc.assert(
      fc.property(
        printable.filter((text) => !/["'\\]/.test(text)),
        (value) => {
          expect(words(cli.volumeSet("v", { "user.a": value }))).toEqual(["volume", "set", "v", "user.a", value]);
        },
      ),
    );
  });

  test("an option and its value together are not longer than glusterd survives", () => {
    expect(sslAllow.length + maxSslAllowBytes).toBe(maxOptionBytes);
    expect(golden("set-ssl-allow-4076").argv.at(-1)).toHaveLength(maxSslAllowBytes);
    expect(cli.volumeSet("v", { [sslAllow]: "a".repeat(maxSslAllowBytes) }).argv.at(-1)).toHaveLength(4076);
    expect(() => cli.volumeSet("v", { [sslAllow]: "a".repeat(maxSslAllowBytes + 1) })).toThrow("4077 bytes would kill glusterd");
  });

  test.each(["", "force", "all", "group", "help", "auth", "auth.", "Auth.allow", "a b.c", "a.b\n", "-a.b", "a=b.c"])(
    "%j is no option: a reset of it could reset all, a set could set many",
    (option) => {
      expect(() => cli.volumeReset("v", option)).toThrow("not the name of an option");
      expect(() => cli.volumeSet("v", { [option]: "x" })).toThrow("not the name of an option");
    },
  );

  test("options of users are never reset, which always fails", () => {
    expect(golden("reset-user").stdout).toContain("<opRet>-1</opRet>");
    expect(() => cli.volumeReset("v", "user.sharewright.share")).toThrow("cannot be reset");
  });

  test.each<[string, Partial<VolumeLayout>, string[]]>([
    ["none", {}, []],
    ["too few for a replica", { replica: 3 }, three.slice(0, 2)],
    ["one too many for a dispersed one", { disperse: 3 }, [...three, "s4:/b"]],
  ])("a volume is made of whole sets of bricks: %s", (_, more, bricks) =>
    expect(() => cli.volumeCreate("v", { ...layout, ...more }, bricks)).toThrow("bricks"),
  );
});

describe("mounts", () => {
  test("[G-122] making, mounting, looking, unmounting, removing", () => {
    expect(cli.makeMountPoint("/m/x").argv).toEqual(["mkdir", "-p", "-m", "0700", "--", "/m/x"]);
    expect(cli.mountVolume("s1", [], "v", "/m/x")).toMatchObject({
      argv: ["mount", "-t", "glusterfs", "s1:/v", "/m/x"],
      // Its process stays, and would keep our locks.
      daemon: true,
    });
    expect(cli.mountVolume("s1", ["s2", "fd00::2"], "v", "/m/x").argv.slice(3, 5)).toEqual([
      "-o",
      "backup-volfile-servers=s2:[fd00::2]",
    ]);
    expect(cli.mountOf("/m/x").argv).toEqual(["findmnt", "-n", "-r", "-o", "SOURCE,FSTYPE", "--mountpoint", "/m/x"]);
    expect(cli.unmount("/m/x").argv).toEqual(["umount", "--", "/m/x"]);
    expect(cli.removeMountPoint("/m/x").argv).toEqual(["rmdir", "--", "/m/x"]);
    expect(content.chownRoot("/m/x", "0:0").argv).toEqual(["chown", "-h", "0:0", "--", "/m/x"]);
  });

  test("[G-58] S-11: only a directory is passed over, by no name that a tenant may choose", () => {
    const kept = "! ( -type d ( -path /m/x/.trashcan -o -path /m/x/.trashcan/internal_op ) )";
    expect(content.wipe("/m/x").argv.join(" ")).toBe(`find /m/x -xdev -mindepth 1 ${kept} -delete -print`);
    expect(content.firstEntry("/m/x").argv.join(" ")).toBe(`find /m/x -mindepth 1 ${kept} -print -quit`);
  });

  test("a wipe may take as long as it makes progress", () =>
    expect(content.wipe("/m/x")).toMatchObject({ idleTimeoutMs: expect.any(Number), progressOnly: true }));

  test("a brick whose path is a pattern for find is still that brick", () =>
    expect(content.firstBrickEntry("/b[1]*").argv).toContain("/b\\[1\\]\\*/.trashcan"));
});

describe("bricks of made volumes", () => {
  test("are named for volume and claim, also on IPv6 hosts", () =>
    expect(cli.bricksOf("v", "4711", ["s1:/data", "fd00::1:/data/b"])).toEqual(["s1:/data/v.4711", "fd00::1:/data/b/v.4711"]));

  test("are what can be deleted", () => {
    expect(cli.removeBrick("v", "/data/v.4711").argv).toEqual(["rm", "-rf", "--one-file-system", "--", "/data/v.4711"]);
    expect(cli.exists("/data/v.4711").argv).toEqual(["test", "-e", "/data/v.4711"]);
  });

  test.each(["/data", "/data/v", "/data/w.4711", "/data/v.4711/", "/data/v.4711/sub", "data/v.4711", "/data/../v.4711", "/", ""])(
    "%j is none, and is not deleted",
    (path) => expect(() => cli.removeBrick("v", path)).toThrow("no brick of v"),
  );
});
