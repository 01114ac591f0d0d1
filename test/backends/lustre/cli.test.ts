import { describe, expect, test } from "vitest";
import * as cli from "../../../src/backends/lustre/cli";
import { type Command, defaultTimeoutMs } from "../../../src/core/command";
import { parseLayout } from "../../../src/spec/layout";
import { golden } from "./golden";

const mount = "/mnt/lustre";
const limits = { blockSoft: 0n, blockHard: 1024n ** 3n, inodeSoft: 0n, inodeHard: 0n };

describe("each command is the one that was measured", () => {
  test("R-09: lfs df -l, also where a target is away (golden y357)", () =>
    expect(cli.lfsDf(mount).argv.join(" ")).toBe(golden("y357").command));
  test.each<[string, Command, string]>([
    ["a032", cli.lfsGetname(mount), ""],
    ["y603", cli.lfsPath2fid(mount), ""],
    ["b009", cli.lfsProjectOf("/mnt/lustre/shares/p1", "/mnt/lustre/shares/p2", "/mnt/lustre/shares/p3"), ""],
    ["b004", cli.lfsProjectChildren("/mnt/lustre/shares/p1"), ""],
    ["b002", cli.lfsProjectSet(1001, "/mnt/lustre/shares/p1"), ""],
    ["c015", cli.lfsQuota(1001, mount), ""],
    ["y269", cli.lfsQuotaAll(mount), ""],
    ["m216-014", cli.lfsQuotaAll(mount, "2.16"), ""],
    ["b079", cli.lfsGetstripe("/mnt/lustre/shares/st"), ""],
    ["a012", cli.dfPosix(mount), ""],
    ["a006", cli.lctlDl(), ""],
    ["a037", cli.lctlListCommands(), ""],
    ["a007", cli.lctlListNids(), ""],
    ["a000", cli.lctlGetParam("version"), ""],
    ["d007", cli.lctlNodemapAdd("nm1"), ""],
    ["d076", cli.lctlNodemapTestNid("10.1.0.3@tcp"), ""],
    ["d180", cli.lctlBanlistDel("default", "172.16.0.4@tcp"), ""],
  ])("golden %s", (id, { argv }) => {
    expect(argv.join(" ")).toBe(golden(id).command);
    expect(golden(id).exit).toBe(0);
  });

  test.each<[string, Command, string]>([
    ["d179", cli.lctlBanlistAdd("default", "172.16.0.4@tcp"), "lctl nodemap_banlist_add --name default --range 172.16.0.4@tcp"],
    [
      "b090",
      cli.lfsSetstripe(parseLayout("-E 64M -c 1 -E -1 -c 2") ?? [], "/mnt/lustre/shares/st"),
      "lfs setstripe -E 64M -c 1 -E -1 -c 2 /mnt/lustre/shares/st",
    ],
    [
      "f015",
      cli.lctlNodemapFilesetAdd("c2", "/shares/p1", false),
      "lctl nodemap_fileset_add --name c2 --fileset /shares/p1 --alt",
    ],
    ["f023", cli.lctlNodemapFilesetDel("c2", "/shares/p1"), "lctl nodemap_fileset_del --name c2 --fileset /shares/p1"],
    ["g018", cli.lctlNodemapAddRange("g1", "10.9.0.[0-255]@tcp"), "lctl nodemap_add_range --name g1 --range 10.9.0.[0-255]@tcp"],
  ])("golden %s, among others", (id, { argv }, text) => {
    expect(argv.join(" ")).toBe(text);
    expect(golden(id).command).toContain(text);
  });
});

describe("commands of which the form matters", () => {
  test.each(["blockSoft", "blockHard"])("R-08: %s of less than a KiB never becomes 0, which is no limit", (name) => {
    for (const bytes of [1n, 1000n, 1023n, 1025n])
      expect(() => cli.lfsSetquota(10000, { ...limits, [name]: bytes }, mount)).toThrow("no whole KiB");
  });
  test("L-22 L-26 L-44 limits in KiB, all four, so that none is left over", () => {
    expect(cli.lfsSetquota(10000, limits, mount).argv).toEqual([
      "lfs",
      "setquota",
      "-p",
      "10000",
      "-b",
      "0k",
      "-B",
      "1048576k",
      "-i",
      "0",
      "-I",
      "0",
      mount,
    ]);
    expect(cli.lfsSetquota(10000, { ...limits, blockHard: 5n * 1024n ** 3n }, mount).argv[7]).toBe("5242880k");
    expect(
      cli
        .lfsSetquota(1, { blockSoft: 1024n ** 2n, blockHard: 2n ** 62n, inodeSoft: 5n, inodeHard: 2n ** 53n }, mount)
        .argv.slice(4, 12),
    ).toEqual(["-b", "1024k", "-B", "4503599627370496k", "-i", "5", "-I", "9007199254740992"]);
  });
  test("W-L30 clearing goes back to the default", () =>
    expect(cli.lfsSetquotaDelete(1, mount).argv).toEqual(["lfs", "setquota", "-p", "1", "--delete", mount]));
  test("an advisory read-only fileset", () =>
    expect(cli.lctlNodemapFilesetAdd("n", "/p", true).argv.slice(-2)).toEqual(["--alt", "--ro"]));
  test("a property", () =>
    expect(cli.lctlNodemapModify("n", "admin", "0").argv.join(" ")).toBe(
      "lctl nodemap_modify --name n --property admin --value 0",
    ));
  test("owners of links, not of what they lead to", () =>
    expect(cli.chown(1, 2, "/x").argv).toEqual(["chown", "--no-dereference", "1:2", "/x"]));
  test("S-20 set-id bits go with a mode of five digits only, and to directories alone", () =>
    expect(cli.chmod("0770", "/x").argv).toEqual(["chmod", "00770", "/x/."]));
  test("a rename never goes into a directory of that name", () =>
    expect(cli.mv("/a", "/b").argv).toEqual(["mv", "-T", "--", "/a", "/b"]));
  test("a claim is an exclusive create", () =>
    expect(cli.lnExclusive("shares/a", "/p/10000").argv).toEqual(["ln", "-s", "-T", "--", "shares/a", "/p/10000"]));
  test("W-L12 a deletion neither leaves the file system nor follows links, and reports its progress", () => {
    const command = cli.findDelete("/trash/x");
    expect(command.argv.slice(0, 4)).toEqual(["find", "/trash/x", "-xdev", "-depth"]);
    expect(command.argv).not.toContain("-L");
    expect(command.argv).toContain("-printf");
    expect(command.idleTimeoutMs).toBeGreaterThan(defaultTimeoutMs / 2);
  });
  test("a record is on the storage before its name is", () =>
    expect(cli.writeFile("/r.tmp", "text\n")).toEqual({
      argv: ["dd", "of=/r.tmp", "conv=fsync", "status=none"],
      stdin: "text\n",
    }));
  test("X-L20 every command has a deadline: its own or the common one; lfs df, which hangs, a short one", () => {
    expect(defaultTimeoutMs).toBeGreaterThan(0);
    expect(cli.lfsDf(mount).timeoutMs).toBeLessThan(defaultTimeoutMs);
    expect(cli.dfPosix(mount).timeoutMs).toBeLessThan(defaultTimeoutMs);
  });
});
