import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  parseDf,
  parseFilesets,
  parseFind,
  parseLfsDf,
  parseLfsGetstripe,
  parseLfsProject,
  parseLfsProjectChildren,
  parseRanges,
  parseTargets,
  parseVersion,
} from "../../../src/backends/lustre/parse";
import { parseGetParam } from "../../../src/backends/lustre/parse-params";
import { parseLfsQuota, parseLfsQuotaAll } from "../../../src/backends/lustre/parse-quota";
import { describeLayout, sameLayout } from "../../../src/backends/lustre/share/layout";
import { ShareError } from "../../../src/core/errors";
import { formatNid } from "../../../src/spec/address";
import { parseLayout } from "../../../src/spec/layout";
import { golden } from "./golden";

const MiB = 1024n ** 2n;
const thrown = (work: () => unknown): ShareError => {
  try {
    work();
  } catch (error) {
    if (ShareError.isShareError(error)) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
};

describe("lfs project", () => {
  test.each([
    ["b000", [[0, false, "/mnt/lustre/shares/p1"]]],
    ["b003", [[1001, true, "/mnt/lustre/shares/p1"]]],
    [
      "b009",
      [
        [1001, true, "/mnt/lustre/shares/p1"],
        [1002, true, "/mnt/lustre/shares/p2"],
        [0, false, "/mnt/lustre/shares/p3"],
      ],
    ],
    ["b012", [[1003, false, "/mnt/lustre/shares/p3"]]],
    ["b020", [[1003, true, "/mnt/lustre/shares/p3"]]],
    ["b023", [[0, false, "/mnt/lustre/shares/p3"]]],
    ["b025", [[1002, false, "/mnt/lustre/shares/p2"]]],
    ["b041", [[0, false, "/run"]]],
  ])("L-36 golden %s: id, inheritance and path", (id, expected) =>
    expect(parseLfsProject(golden(id).stdout).map(({ id: project, inherit, path }) => [project, inherit, path])).toEqual(
      expected,
    ),
  );

  test("L-33 X-L01 without -d there is a line for each child, and none for the directory itself", () => {
    const children = parseLfsProjectChildren(golden("b004").stdout).items;
    expect(children.map(({ path }) => path)).toEqual(["/mnt/lustre/shares/p1/f1", "/mnt/lustre/shares/p1/sub"]);
    expect(golden("b004").command).toBe("lfs project /mnt/lustre/shares/p1");
  });

  test("the highest id is a number", () => expect(parseLfsProject(golden("b032").stdout)[0]?.id).toBe(4294967294));

  test("blanks in a name belong to it", () =>
    expect(parseLfsProject(golden("b051").stdout).map(({ path }) => path)).toContain("/mnt/lustre/shares/a b"));

  test.each([
    ["L-34 L-37 a line of another form", "lfs: something new\n"],
    ["a line break in a name (golden b052)", golden("b052").stdout],
    ["no id", "      P /mnt/x\n"],
    ["a relative path", " 1001 P x\n"],
    ["an unknown flag", " 1001 X /mnt/x\n"],
    ["half a line", " 1001 P"],
  ])("fails with %s: it is not guessed or skipped", (_, text) => {
    const error = thrown(() => parseLfsProject(text));
    expect([error.code, error.summary]).toEqual(["COMMAND_FAILED", "lfs project printed something unknown"]);
    expect(error.said).not.toBe("");
  });
});

test("S-17 an odd line among the children of a directory is told, and the others are read (golden b052)", () => {
  const { items, unread } = parseLfsProjectChildren(`${golden("b052").stdout} 1001 P /mnt/lustre/shares/p1\n`);
  expect(items.at(-1)).toEqual({ id: 1001, inherit: true, path: "/mnt/lustre/shares/p1" });
  expect(unread.length).toBeGreaterThan(0);
});

describe("lfs quota", () => {
  const numbers = (text: string) => {
    const { usedBytes, blockSoft, blockHard, usedInodes, inodeSoft, inodeHard, reliable } = parseLfsQuota(text);
    return [usedBytes / 1024n, blockSoft / 1024n, blockHard / 1024n, usedInodes, inodeSoft, inodeHard, reliable];
  };
  test.each([
    ["L-51 L-54 with its limit", "c015", [16n, 0n, 102400n, 10n, 0n, 0n, true]],
    ["L-52 over the hard limit", "q008", [46088n, 0n, 40960n, 3n, 0n, 20n, true]],
    ["after root wrote", "q015", [81928n, 0n, 40960n, 5n, 0n, 20n, true]],
    ["soft limits, grace running", "q034", [51204n, 10240n, 204800n, 4n, 5n, 100n, true]],
    ["R-02 with a target away", "y343", [4n, 0n, 4096n, 3n, 0n, 0n, false]],
    ["R-02 with a target away, and the MDT's part alone over the limit", "y417", [28n, 0n, 16n, 7n, 0n, 4n, false]],
    ["with inode limits", "c034", [8n, 0n, 204800n, 6n, 1000n, 3000n, true]],
    ["asked through a user's eyes", "c064", [16n, 0n, 102400n, 10n, 0n, 0n, true]],
    ["as 2.16 prints it", "m216-006", [28n, 0n, 102400n, 21n, 0n, 0n, true]],
  ])("%s (golden %s)", (_, id, expected) => expect(numbers(golden(id).stdout)).toEqual(expected));

  const down = "    /mnt/lustre     [4]       0   20480       -       1       0       0       - \n";
  const complaint = golden("l014")
    .stdout.split("\n")
    .find((line) => line.includes("Some errors happened"));
  test("L-52 a number in brackets is not reliable (golden l014)", () => {
    expect(golden("l014").stdout).toContain(down);
    expect(numbers(down)).toEqual([4n, 0n, 20480n, 1n, 0n, 0n, false]);
    expect(complaint).toMatch(/^1 Some errors/);
    expect(numbers(`${down}${complaint}\n`)).toEqual([4n, 0n, 20480n, 1n, 0n, 0n, false]);
  });

  test("L-52 a long mount point may stand on a line of its own", () =>
    expect(
      numbers("/a/very/long/mount/point\n               204800*       0 5242880       -      10       0       0       - \n"),
    ).toEqual([204800n, 0n, 5242880n, 10n, 0n, 0n, true]));

  test.each([
    ["L-53 L-55 nothing", ""],
    ["only a header (golden c060)", golden("c060").stdout],
    ["words", "  /mnt/lustre lots 0 0 - 1 0 0 -\n"],
    ["a negative number", "  /mnt/lustre -1 0 0 - 1 0 0 -\n"],
    ["a missing column", "  /mnt/lustre 0 0 - 1 0 0 -\n"],
    ["human numbers (golden c017)", golden("c017").stdout],
    ["another mount as well", `${golden("c015").stdout}${golden("c015").stdout.replace("16", "oops")}`],
  ])("fails with %s", (_, text) => expect(thrown(() => parseLfsQuota(text)).code).toBe("COMMAND_FAILED"));

  test("any numbers come back", () => {
    const kib = fc.bigInt(0n, 2n ** 60n);
    fc.assert(
      fc.property(kib, kib, kib, kib, kib, kib, (a, b, c, d, e, f) => {
        expect(numbers(`  /mnt/lustre ${a} ${b} ${c} - ${d} ${e} ${f} -\n`)).toEqual([a, b, c, d, e, f, true]);
      }),
    );
  });

  test("X-L03 the list of all ids, with use and limits (golden c076)", () => {
    expect(
      parseLfsQuotaAll(golden("c076").stdout).items.map(({ id, usedInodes, blockHard }) => [id, usedInodes, blockHard / 1024n]),
    ).toEqual([
      [0, 327n, 0n],
      [1001, 10n, 102400n],
      [1002, 6n, 1048576n],
      [5555, 0n, 0n],
      [7777, 0n, 0n],
    ]);
  });
  test("with its header (golden c075) and from 2.16 (m216-014)", () => {
    expect(parseLfsQuotaAll(golden("c075").stdout).items.map(({ id }) => id)).toEqual([0, 1001, 1002, 5555, 7777]);
    expect(parseLfsQuotaAll(golden("m216-014").stdout).items).toHaveLength(31);
  });

  const line = "    /mnt/lustre       4       0   20480       -       1       0       0       - \n";
  const read = [4n, 0n, 20480n, 1n, 0n, 0n, true];
  test.each([
    [
      "before",
      `Disk quotas for prj <unknown> (pid 7):\n     Filesystem  kbytes  bquota  blimit  bgrace   files  iquota  ilimit  igrace \n${line}`,
    ],
    [
      "behind, on a default limit of 2.16",
      `${line}pid 7 is using default block quota setting\npid 7 is using default file quota setting\n`,
    ],
    [
      "on both sides, with empty lines",
      `\n${line}\n2 Some errors happened when getting quota info. Some devices may be not working or deactivated.\n\n`,
    ],
  ])("S-17 notes stand %s the numbers", (_, text) => expect(numbers(text)).toEqual(read));
  test.each(["28", "[28]", "28*", "[28]*"])("S-17 the numbers carry none, one or both of the marks: %s", (number) => {
    const text = `    /mnt/lustre   ${number}       0      16       -   ${number}       0       4       - \n`;
    expect(numbers(text)).toEqual([28n, 0n, 16n, 28n, 0n, 4n, !number.startsWith("[")]);
  });
  test.each([
    ["a note that is not known", `${line}the quota of this project is frozen\n`],
    ["two answers", `${line}${line}`],
    ["two answers in one line", `${line.trimEnd()} ${line.trim()}`],
    ["a mark of another kind", line.replace("4 ", "4! ")],
    ["numbers behind another word", `quota ${line.trim()}\n`],
  ])("S-17 fails with %s: it is never guessed which is mine", (_, text) =>
    expect(thrown(() => parseLfsQuota(text)).summary).toBe("lfs quota printed something unknown"),
  );

  const list = (text: string) => {
    const { items, unclear, unread } = parseLfsQuotaAll(text);
    return [items.map(({ id }) => id), unclear, unread];
  };
  const row = (id: string | number, used = "4") => `    /mnt/lustre ${id} ${used} 0 20480 - 1 0 0 - `;
  test.each<[string, string, unknown]>([
    ["both marks", `${row(7, "[28]*")}\n`, [[7], [], []]],
    ["numbers that cannot be read: its id is taken", `${row(7)}\n${row(8, "4?")}\n${row(9)}\n`, [[7, 9], [8], []]],
    ["a column more: its id is taken", `${row(7)}\n${row(8)} new\n`, [[7], [8], []]],
    ["a name in place of the id", `${row(7)}\n${row("genomics")}\n`, [[7], [], [row("genomics")]]],
    [
      "a long mount point on a line of its own",
      `/a/very/long/mount/point\n  7 4 0 20480 - 1 0 0 - \n${row(8)}\n`,
      [[7, 8], [], []],
    ],
    ["a note of a target that did not answer", `${row(7)}\n1 Some errors happened when getting quota info.\n`, [[7], [], []]],
    ["something else", `lfs quota: cannot\n${row(7)}\n`, [[7], [], ["lfs quota: cannot"]]],
  ])("S-17 L-35 a list of all ids with %s: no line is skipped, and none stops the others", (_, text, expected) =>
    expect(list(text)).toEqual(expected),
  );
});

describe("lfs df and df", () => {
  test("L-86 a line a target (golden a015), MDTs and OSTs apart", () => {
    const { targets, degraded } = parseLfsDf(golden("a015").stdout);
    expect(targets.map(({ name, kind }) => [name, kind])).toEqual([
      ["lfs01-MDT0000", "MDT"],
      ["lfs01-OST0000", "OST"],
      ["lfs01-OST0001", "OST"],
    ]);
    expect(targets.filter(({ kind }) => kind === "OST").reduce((sum, { totalBytes }) => sum + totalBytes, 0n) / 1024n).toBe(
      5750184n,
    );
    expect(degraded).toEqual([]);
  });
  test("X-L18 a target that is away is degraded, the others still count", () => {
    const text = golden("a015").stdout.replace(/^lfs01-OST0001_UUID.*$/m, "OST0001             : inactive device");
    const { targets, degraded } = parseLfsDf(text);
    expect([targets.map(({ name }) => name), degraded]).toEqual([
      ["lfs01-MDT0000", "lfs01-OST0000"],
      [{ name: "OST0001", why: "inactive device" }],
    ]);
  });
  test("X-L19 a file system whose name contains OST", () => {
    const { targets } = parseLfsDf(golden("a015").stdout.replaceAll("lfs01", "OSTfs"));
    expect(targets.map(({ name, kind }) => [name, kind])).toEqual([
      ["OSTfs-MDT0000", "MDT"],
      ["OSTfs-OST0000", "OST"],
      ["OSTfs-OST0001", "OST"],
    ]);
  });
  test("L-87 no target, no size", () => expect(parseLfsDf("")).toEqual({ targets: [], degraded: [] }));
  test.each([
    ["y293", "D"],
    ["y305", "N"],
    ["y306", "N"],
    ["y317", "R"],
  ])("R-09: golden %s has the letter %s behind a target, which counts", (id, state) => {
    const { targets, degraded } = parseLfsDf(golden(id).stdout);
    expect([targets.map((target) => target.state), degraded]).toEqual([[undefined, undefined, state], []]);
  });
  test("R-09: two letters", () =>
    expect(parseLfsDf(/UUID [\s\S]*?\n\n/.exec(golden("y327").stdout)?.[0] ?? "").targets.at(-1)?.state).toBe("DN"));
  test.each(["y357", "y363"])("R-02: golden %s tells which target is away", (id) => {
    const { targets, degraded } = parseLfsDf(golden(id).stdout);
    expect([targets.map(({ name }) => name), degraded]).toEqual([
      ["lfs01-MDT0000", "lfs01-OST0000"],
      [{ name: "lfs01-OST0001", why: "Input/output error" }],
    ]);
  });
  test("R-03: fails with a line that is not known", () =>
    expect(thrown(() => parseLfsDf("df:/tmp Not a Lustre filesystem\n")).summary).toBe("lfs df printed something unknown"));
  test("with an OST down df hangs, and what it printed before still counts (golden l014)", () => {
    expect(parseLfsDf(golden("l014").stdout.split("rc=124")[0] ?? "").targets.map(({ name }) => name)).toEqual([
      "lfs01-MDT0000",
      "lfs01-OST0000",
    ]);
  });
  test("S-17 state letters stand behind every kind of target, and what is not known is an error", () => {
    const marked = golden("a015").stdout.replaceAll(/(\[(?:MDT|OST):\d+\])/g, "$1 DNR");
    expect(parseLfsDf(marked).targets.map(({ state }) => state)).toEqual(["DNR", "DNR", "DNR"]);
    expect(thrown(() => parseLfsDf(golden("a015").stdout.replace("[OST:1]", "[OST:1] D (degraded)"))).said).toContain("degraded");
    expect(thrown(() => parseLfsDf(golden("a015").stdout.replace("[OST:1]", "[XST:1]"))).said).toContain("XST");
  });
  test("S-17 targets are listed with all that are away, and a line that is not known is an error", () => {
    expect(parseTargets(golden("a049").stdout)).toEqual(expect.arrayContaining(["lfs01-OST0001", "lfs01-MDT0000"]));
    expect(parseTargets("\n0: lfs01-OST0000_UUID INACTIVE\n")).toEqual(["lfs01-OST0000"]);
    expect(thrown(() => parseTargets("\n0: lfs01-OST0000_UUID ACTIVE\n1: lfs01-OST0001\n")).said).toContain("OST0001");
  });
  test("S-17 df -P with another file system as well, or without its header, fails", () => {
    const text = golden("a012").stdout;
    expect(() => parseDf(`${text}tmpfs 100 50 50 50% /tmp\n`)).toThrow();
    expect(() => parseDf(text.split("\n")[1] ?? "")).toThrow();
    expect(parseDf(text.replace("192.168.77.1@tcp:/lfs01", "a b@tcp:/lfs01")).totalBytes).toBe(5750184n * 1024n);
  });
  test("L-89 df -P, the second way (golden a012)", () =>
    expect(parseDf(golden("a012").stdout)).toEqual({
      totalBytes: 5750184n * 1024n,
      usedBytes: 2784n * 1024n,
      availableBytes: 5400064n * 1024n,
    }));
  test("df -P fails with anything else", () =>
    expect(thrown(() => parseDf("df: no\n")).summary).toBe("df -P printed something unknown"));
});

describe("lfs getstripe", () => {
  test.each([
    ["b079", "-c 2 -S 4M", true],
    ["b079", "-c 2", true],
    ["b079", "-c 3", false],
    ["b079", "-c 2 -p flash", false],
    ["b081", "-c 2", false],
    ["b090", "-E 64M -c 1 -E -1 -c 2", true],
    ["b090", "-E 32M -c 1 -E -1 -c 2", false],
    ["b090", "-c 2", false],
    // Data on the MDT: plain and with --raw, where what is not set is 0.
    ["y125", "-E 64K -L mdt -E -1 -c 1", true],
    ["y126", "-E 64K -L mdt -E -1 -c 1", true],
    ["y134", "-E 64K -L mdt -E -1 -c 1", true],
    ["y126", "-E 64K -L mdt -E -1 -c 1 -S 4M", false],
    ["y126", "-E 64K -L mdt -E -1 -c 2", false],
    ["y126", "-E 64K -c 1 -E -1 -c 1", false],
    ["y136", "-E 1M -L mdt -E -1", true],
    // Cut to 1 MiB with exit 0, and left out where the maximum is 0.
    ["y137", "-E 2M -L mdt -E -1", false],
    ["y143", "-E 1G -L mdt -E -1", false],
    ["y157", "-E 256K -L mdt -E -1", false],
    ["y154", "-E 64K -L mdt -E -1", false],
  ])("R-03: golden %s is %s: %s", (id, text, same) => {
    const layout = parseLayout(text);
    if (!layout) throw new Error("no layout");
    expect(sameLayout(layout, parseLfsGetstripe(golden(id).stdout))).toBe(same);
  });
  test("a pool and an OST that all files begin on are seen", () => {
    const text = "stripe_count:  1 stripe_size:   1048576 pattern:       raid0 stripe_offset: 3 pool:          flash\n";
    const seen = parseLfsGetstripe(text);
    expect(seen).toEqual([{ end: "EOF", count: 1, size: MiB, pattern: "raid0", index: 3, pool: "flash" }]);
    expect(sameLayout([{ stripeCount: 1, pool: "flash" }], seen)).toBe(false);
    expect(describeLayout(seen)).toBe("-c 1 -S 1M -p flash -i 3");
  });
  test("R-03: no layout of its own is none", () => {
    expect(parseLfsGetstripe(golden("y122").stdout)).toEqual([]);
    expect(describeLayout([])).toBe("default");
  });
  test.each([
    ["y126", "-E 64K -L mdt -E -1 -c 1"],
    ["y154", "-c 1 -S 4M"],
    ["b079", "-c 2 -S 4M"],
  ])("R-11: golden %s is told as lfs setstripe takes it, without what is not set: %s", (id, text) =>
    expect(describeLayout(parseLfsGetstripe(golden(id).stdout))).toBe(text),
  );
  test.each([
    ["", "nothing at all"],
    ["      extension_size: 65536\n", "a line that is not known"],
    ["stripe_count:  1 stripe_size:   4194304 pattern:       raid0 mirror_offset: -1\n", "a component of another form"],
    ["  lcm_layout_gen:    0\n  lcm_entry_count:   0\n", "no component"],
  ])("R-03: fails for %j, %s", (text) =>
    expect(thrown(() => parseLfsGetstripe(text)).summary).toBe("lfs getstripe printed something unknown"),
  );
});

describe("lctl", () => {
  test("get_param: values by name, lists with their lines (golden d028)", () => {
    const params = parseGetParam(golden("d028").stdout);
    expect([
      params.get("nodemap.nm1.admin_nodemap"),
      params.get("nodemap.nm1.ranges"),
      params.get("nodemap.nm1.fileset"),
      params.get("nodemap.nm1.parent"),
    ]).toEqual(["0", "[]", "\n[\n]", ""]);
    expect(params.get("nodemap.nm1.offset")).toContain("start_uid: 0");
    expect(params.size).toBe(23);
  });
  test("get_param of targets (golden c009, q001) and of an MGS without nodemaps (golden d006, e000)", () => {
    expect([...parseGetParam(golden("c009").stdout)]).toEqual([
      ["osd-ldiskfs.lfs01-MDT0000.quota_slave.enabled", "ugp"],
      ["osd-ldiskfs.lfs01-OST0000.quota_slave.enabled", "ugp"],
      ["osd-ldiskfs.lfs01-OST0001.quota_slave.enabled", "ugp"],
    ]);
    expect(parseGetParam(golden("q001").stdout).get("osd-ldiskfs.lfs01-OST0001.quota_slave.root_prj_enable")).toBe("0");
    expect([...parseGetParam(golden("e000").stdout)]).toEqual([["nodemap.active", "0"]]);
    expect(parseGetParam(golden("d204").stdout).get("nodemap.active")).toBe("1");
  });

  test("ranges of all nodemaps (golden d075)", () => {
    const params = parseGetParam(golden("d075").stdout);
    const text = (name: string) =>
      parseRanges(params.get(`nodemap.${name}.ranges`) ?? "").map(
        (range) => `${formatNid(range, range.start)}..${formatNid(range, range.end)}`,
      );
    expect(text("9abc")).toEqual([]);
    expect(text("nm2")).toEqual([
      "fd01::@tcp..fd01::@tcp",
      "fd00::7@tcp..fd00::7@tcp",
      "10.1.0.3@tcp3..10.1.0.3@tcp3",
      "0.0.0.0@o2ib9..255.255.255.255@o2ib9",
      "10.10.0.0@tcp..10.10.255.255@tcp",
      "10.1.0.0@tcp..10.1.0.0@tcp",
    ]);
    expect(text("nm1")).toContain("10.8.0.0@tcp..10.8.1.255@tcp");
  });
  test.each(["d177", "d179"])("banlists (golden %s)", (id) => expect(parseRanges(golden(id).stdout)).toHaveLength(1));
  test("W-L06 an IPv4 prefix shows without its mask, and matches nothing (golden g015, g001)", () => {
    const [, , last] = parseRanges(parseGetParam(golden("g015").stdout).get("nodemap.g2.ranges") ?? "");
    expect(last && formatNid(last, last.end)).toBe("10.3.0.77@tcp");
    expect(golden("g001").stdout).toBe("default\n");
  });

  test.each([
    ["d127", []],
    ["d161", []],
    [
      "d151",
      [
        ["/shares/p1", true, false],
        ["/shares/p2", false, false],
        ["/shares/p3", false, true],
      ],
    ],
    ["d162", [["/shares/p2", false, false]]],
    ["d137", [["/", true, false]]],
    ["d138", [["/shares/a b", true, false]]],
    ["d135", [["/shares/../p1", true, false]]],
  ])("X-L10 filesets (golden %s)", (id, expected) => {
    const { stdout } = golden(id);
    const text = stdout.includes("fileset=") ? (parseGetParam(stdout).get("nodemap.nm1.fileset") ?? "") : stdout;
    expect(parseFilesets(text).map(({ path, primary, readOnly }) => [path, primary, readOnly])).toEqual(expected);
  });
  test.each([
    ["before the first name", "warning: something\nnodemap.active=1\n"],
    ["in place of a name", "nodemap\n"],
  ])("S-17 get_param fails with a line %s", (_, text) =>
    expect(thrown(() => parseGetParam(text)).summary).toBe("lctl get_param printed something unknown"),
  );
  test.each([
    ["a kind that is not known", "\n[\n { primary:     /shares/p1 },\n { secondary:   /shares/p2 }\n]"],
    ["a mode that is not known", "\n[\n { alternate:   /shares/p3, mode: ro, more: 1 },\n oops\n]"],
    ["words", "none set\n"],
  ])("S-17 filesets fail with %s: one that was passed over would open a place that nobody knows of", (_, text) =>
    expect(thrown(() => parseFilesets(text)).code).toBe("COMMAND_FAILED"),
  );
  test.each([
    ["/shares/p1\n", [{ path: "/shares/p1", primary: true, readOnly: false }]],
    ["\n", []],
    ["", []],
  ])("X-L10 the fileset of 2.16 is a bare path: %j", (text, expected) => expect(parseFilesets(text)).toEqual(expected));

  test.each([
    ["L-05", "lustre: 2.16.0", [2, 16]],
    ["L-05", golden("a000").stdout, [2, 17]],
    ["L-09", "2.17.1", [2, 17]],
    ["L-09", "3.0.0", [3, 0]],
    ["L-06", "lustre: 2.15.4", [2, 15]],
    ["W-L16", "2.14.0_ddn52", [2, 14]],
    ["L-08", "unknown", undefined],
  ])("%s version %j", (_, text, expected) => expect(parseVersion(text)).toEqual(expected));
});

describe("find", () => {
  const asked = ["/mnt/a", "/mnt/odd|name", "/mnt/l", "/mnt/b", "/mnt/c/d", "/mnt/.sharewright/shares/s.json"];
  test("what is there, and what is proven absent", () => {
    const found = parseFind(
      'd|770|1000|1000|7|144||/mnt/a\nl|777|0|0|7|145|x|y|/mnt/l\nf|644|0|0|7|146||/mnt/odd|name\n{"key":"s"}\n',
      "find: '/mnt/b': No such file or directory\n/usr/bin/find: '/mnt/c/d': Not a directory\n",
      asked,
    );
    expect([...found.entries]).toEqual([
      ["/mnt/a", { type: "directory", mode: 0o770, uid: 1000, gid: 1000 }],
      ["/mnt/l", { type: "symbolic link", mode: 0o777, uid: 0, gid: 0, link: "x|y" }],
      ["/mnt/odd|name", { type: "regular file", mode: 0o644, uid: 0, gid: 0 }],
    ]);
    expect([found.records, found.absent]).toEqual([['{"key":"s"}'], 2]);
  });
  test("a link cannot pass for something else by its text", () =>
    expect(parseFind("l|777|0|0|7|1|/mnt/a|/mnt/l\n", "", asked).entries.has("/mnt/a")).toBe(false));
  test.each([
    ["another failure", "", "find: '/mnt/a': Input/output error\n"],
    ["no permission", "", "find: '/mnt/a': Permission denied\n"],
    ["a stale mount", "", "find: '/mnt/a': Transport endpoint is not connected\n"],
    ["a record that cannot be read", "", "cat: /mnt/.sharewright/shares/s.json: Input/output error\n"],
    ["garbage", "garbage\n", ""],
    ["a missing mode", "d||0|0|7|1||/mnt/a\n", ""],
    ["a missing owner", "d|770||0|1||/mnt/a\n", ""],
    ["a missing group", "d|770|0||1||/mnt/a\n", ""],
    ["a missing inode", "d|770|0|0|7|||/mnt/a\n", ""],
    ["a missing device", "d|770|0|0||1||/mnt/a\n", ""],
    ["a type that nobody knows", "D|770|0|0|7|1||/mnt/a\n", ""],
    ["what was not asked for", "d|770|0|0|7|1||/mnt/x\n", ""],
  ])("fails with %s: what cannot be read is not absent", (_, stdout, stderr) =>
    expect(thrown(() => parseFind(stdout, stderr, asked)).summary).toBe("find printed something unknown"),
  );
});
