// Shares through the whole backend, against a sandbox.

import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { applyRule } from "../../../src/backends/lustre/access/apply";
import { destroyRule } from "../../../src/backends/lustre/access/destroy";
import { readRecord } from "../../../src/backends/lustre/records";
import { applyShare } from "../../../src/backends/lustre/share/apply";
import { destroyShare } from "../../../src/backends/lustre/share/destroy";
import { observeShare } from "../../../src/backends/lustre/share/observe";
import { planShare } from "../../../src/backends/lustre/share/plan";
import { releaseShare } from "../../../src/backends/lustre/share/release";
import { layoutProblem, parseLayout } from "../../../src/spec/layout";
import { leastNewSize, type ShareSpec } from "../../../src/spec/lustre";
import { removalPolicies } from "../../../src/spec/removal-policy";
import { ended } from "../../core/fake-host";
import { refusal } from "../../core/refusal";
import { type SandboxSite, type Setting, sandboxSite, shareSpec } from "./sandbox-site";

const GiB = 1024n ** 3n;
let world: SandboxSite;
const fresh = (setting: Setting = {}): SandboxSite => {
  world?.sandbox.remove();
  world = sandboxSite(setting);
  return world;
};
beforeEach(() => {
  fresh();
});
afterEach(() => world.sandbox.remove());

const apply = (name: string, more: Partial<ShareSpec> = {}, claim = `c-${name}`, site = world.site) =>
  applyShare(site, { key: `${site.fileSystem.pathPrefix}/${name}`, claim, spec: shareSpec(name, more) });
const destroy = (name: string, claim = `c-${name}`) => destroyShare(world.site, `shares/${name}`, claim);
const lfs = async (...argv: string[]) => (await world.sandbox.run(["lfs", ...argv])).stdout;
const inMount = (...parts: string[]) => join(world.sandbox.mount, ...parts);
const looks =
  /: (lfs (getname|path2fid|project (?!-p)|quota|getstripe)|lctl (get_param|dl|list|nodemap_test)|stat |cat |find |findmnt |df )/;
const changing = () => world.commands.filter((line) => !looks.test(line) || line.includes("-delete"));

/** Without the note of the id that was given last. */
const recorded = (folder: string) => readdirSync(inMount(".sharewright", folder)).filter((name) => !name.startsWith("last-"));

test("after apply there is nothing to do, whatever is asked for, and from whatever was there", async () => {
  const anySpec = fc.record({
    size: fc.bigInt(leastNewSize / 1024n, 1024n ** 3n).map((kib) => kib * 1024n),
    softSize: fc.option(fc.constantFrom(1024n ** 2n, 64n * 1024n ** 2n), { nil: undefined }),
    inodes: fc.option(fc.bigInt(1024n, 10n ** 9n), { nil: undefined }),
    softInodes: fc.option(fc.constant(1024n), { nil: undefined }),
    owner: fc.record({ uid: fc.nat(4294967294), gid: fc.nat(65535) }),
    mode: fc.integer({ min: 0, max: 0o7777 }),
    layout: fc.option(
      fc.constantFrom(
        ...["-c 2", "-c -1 -S 1M", "-E 64M -c 1 -E -1 -c 2", "-E 1M -L mdt -E -1"].map((text) => parseLayout(text) ?? []),
      ),
      { nil: undefined },
    ),
    removalPolicy: fc.constantFrom(...removalPolicies),
    deletionProtection: fc.constantFrom(undefined, true),
    description: fc.option(fc.string({ maxLength: 20 }), { nil: undefined }),
  });
  let count = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(anySpec, { minLength: 2, maxLength: 3 }), async (specs) => {
      count += 1;
      const name = `p${count}`;
      for (const more of specs) {
        const wanted = Object.fromEntries(Object.entries(more).filter(([, value]) => value !== undefined)) as Partial<ShareSpec>;
        if ((wanted.softSize ?? 0n) > (wanted.size ?? 0n)) delete wanted.softSize;
        expect(wanted.layout && layoutProblem(wanted.layout)).toBeUndefined();
        await apply(name, wanted);
        const wish = { key: `shares/${name}`, claim: `c-${name}`, spec: shareSpec(name, wanted) };
        expect(planShare(world.site, wish, await observeShare(world.site, wish.key, wish.spec))).toEqual([]);
      }
    }),
    { numRuns: 12 },
  );
});

describe.each(removalPolicies)("U-10 a protected share that goes by %s", (removalPolicy) => {
  const protectedOne = { removalPolicy, deletionProtection: true } as const;
  const rights = { level: "rw", squash: { kind: "root" }, advisoryReadOnly: false, adopt: false } as const;
  const rule = { share: "shares/a", fileset: "/shares/a", clients: ["10.1.0.1"], ...rights };
  const letIn = () => applyRule(world.site, { key: "shares/a#r", claim: "r", spec: rule });

  test("is not removed, nor is its access closed; once that is lifted, it goes", async () => {
    await apply("a", protectedOne);
    await letIn();
    const before = [await readRecord(world.site, "shares", "shares/a"), changing().length];
    const error = await refusal(destroy("a"));
    expect([error.code, error.exit, error.object]).toEqual(["DELETION_PROTECTED", 3, "shares/a"]);
    expect(error.fix).toContain("deletionProtection: false");
    const released = await refusal(releaseShare(world.site, "shares/a", new Set(["c-a"])));
    expect(released.code).toBe("DELETION_PROTECTED");
    expect([await readRecord(world.site, "shares", "shares/a"), changing().length]).toEqual(before);
    const { done } = await apply("a", { removalPolicy });
    expect(done.map(({ say }) => say)).toEqual(["let it be removed again: deletion protection is lifted"]);
    await destroyRule(world.site, "shares/a#r", "r");
    expect((await destroy("a")).length).toBeGreaterThan(0);
    expect(existsSync(inMount("shares/a"))).toBe(removalPolicy === "retain");
  });

  test("is left alone by a claim that it is no longer of, and by one of a team beside it", async () => {
    await apply("a", protectedOne);
    await apply("a", { ...protectedOne, adopt: true }, "another");
    expect(await destroy("a")).toEqual([]);
    await apply("b", { removalPolicy });
    expect((await destroy("b")).length).toBeGreaterThan(0);
    expect((await refusal(destroy("a", "another"))).code).toBe("DELETION_PROTECTED");
  });

  test("and was never in use leaves nothing behind", async () => {
    world.intercept(({ argv }) => (argv[0] === "mv" && argv.at(-1) === inMount("shares/a") ? ended(1) : undefined));
    expect((await refusal(apply("a", protectedOne))).code).toBe("COMMAND_FAILED");
    world.intercept(() => undefined);
    await destroy("a");
    expect([recorded("shares"), recorded("projects"), recorded("staging")]).toEqual([[], [], []]);
  });
});

test("U-10 protection that comes to a share, and a policy that changes, are told", async () => {
  await apply("a");
  const { done } = await apply("a", { removalPolicy: "destroy", deletionProtection: true });
  expect(done.map(({ say }) => say)).toEqual(["when it is removed: destroy, no longer retain; protect it from being removed"]);
});

test.each([".sharewright", "shares"])(
  "a link in the place of %s is refused by name, and no share is made behind it",
  async (name) => {
    mkdirSync(inMount("elsewhere"));
    symlinkSync("elsewhere", inMount(name));
    const error = await refusal(apply("a"));
    expect([error.code, error.summary.replace(world.sandbox.mount, "MNT")]).toEqual([
      "FOREIGN_DIRECTORY",
      `MNT/${name} is a symbolic link, not a directory`,
    ]);
    expect(existsSync(inMount("elsewhere/a")) || existsSync(inMount("elsewhere/shares/shares:a.json"))).toBe(false);
  },
);

describe("project ids", () => {
  const idOf = async (name: string) => Number.parseInt(await lfs("project", "-d", inMount("shares", name)), 10);

  test("L-30 L-31 L-33 X-L01 shares made in a row get the ids of the range in a row", async () => {
    for (const name of ["a", "b", "c"]) await apply(name);
    expect(await lfs("project", inMount("shares"))).toMatch(/^10000 P .*\/a\n10001 P .*\/b\n10002 P .*\/c\n$/);
    await destroy("b");
    await apply("d");
    expect(await idOf("d")).toBe(10003);
  });
  test("R-08: an id that was given back rests until all others of the range have been used", async () => {
    const site = world.stack({ projectIds: { start: 10000, end: 10003 } });
    const remake = async (name: string) => {
      await destroy(name);
      await apply(name, { removalPolicy: "destroy" }, `c-${name}`, site);
      return idOf(name);
    };
    for (const name of ["a", "b"]) await apply(name, { removalPolicy: "destroy" }, `c-${name}`, site);
    expect([await remake("b"), await remake("b"), await remake("b"), await remake("a")]).toEqual([10002, 10003, 10001, 10002]);
  });
  test("R-08: a share that takes the place of one just destroyed can be filled at once", async () => {
    const small = { size: 32n * 1024n ** 2n, removalPolicy: "destroy" } as const;
    await apply("a", small);
    await destroy("a");
    await apply("a", small);
    expect(await world.sandbox.operate("write", "shares/a/data", "30M")).toMatchObject({ exit: 0 });
  });
  test("R-08: an adopted id does not move the place in the range", async () => {
    mkdirSync(inMount("shares/old"), { recursive: true });
    await lfs("project", "-p", "20000", "-s", inMount("shares/old"));
    await apply("old", { adopt: true });
    await apply("a");
    expect(await idOf("a")).toBe(10000);
  });
  test.each(["2.16.1", "2.17.0"] as const)("R-09: ids that /etc/projid has names for stop nobody, on %s", async (version) => {
    fresh({ version });
    await lfs("setquota", "-p", "10000", "-B", "1G", world.sandbox.mount);
    writeFileSync(join(world.sandbox.dir, "etc/projid"), "genomics:10000\n");
    await apply("a");
    expect(await idOf("a")).toBe(10001);
    const asked = world.commands.filter((line) => line.includes("quota -a"));
    const [later, before] = ["all: lfs quota -a -n -q -p MNT", "all: lfs quota -a -q -p MNT"];
    expect([...new Set(asked)]).toEqual(version === "2.16.1" ? [later, before] : [later]);
  });
  describe("S-17 an odd line about something else stops no share, and is told", () => {
    const answer = (start: string, text: (mount: string) => string) =>
      world.intercept(({ argv }) =>
        argv.join(" ").startsWith(start) && !argv.includes("-d") ? ended(0, text(world.sandbox.mount)) : undefined,
      );
    const row = (mount: string, id: string | number, used = "4") => `    ${mount} ${id} ${used} 0 20480 - 1 0 0 - \n`;
    const told = () => world.notes.filter((note) => note.includes("something unknown"));

    test("a name in the list of ids: they are asked for one by one", async () => {
      answer("lfs quota -a", (mount) => row(mount, 0) + row(mount, "genomics"));
      await lfs("setquota", "-p", "10000", "-B", "1G", world.sandbox.mount);
      await apply("a");
      expect([await idOf("a"), told()]).toEqual([10001, [expect.stringContaining("genomics")]]);
    });
    test("numbers that cannot be read: that id is not handed out", async () => {
      answer("lfs quota -a", (mount) => row(mount, 0) + row(mount, 10000, "4?") + row(mount, 10001, "[28]*"));
      await apply("a");
      expect([await idOf("a"), told()]).toEqual([10002, []]);
    });
    test("a note in the list, and a new column", async () => {
      answer("lfs quota -a", (mount) => `1 Some errors happened when getting quota info.\n${row(mount, 10000).trimEnd()} new\n`);
      await apply("a");
      expect(await idOf("a")).toBe(10001);
    });
    test("a name with a line break in the prefix", async () => {
      await apply("first");
      answer("lfs project /", (mount) => `    0 - ${mount}/shares/a\nb\n10000 P ${mount}/shares/first\n`);
      await apply("a");
      expect([await idOf("a"), told()]).toEqual([10001, [expect.stringContaining(": b")]]);
    });
    test("but where nothing can be proven it is an error that names the line", async () => {
      answer("lfs quota -a", (mount) => row(mount, "genomics"));
      await lfs("setquota", "-P", "-B", "10G", world.sandbox.mount);
      const { code, said } = await refusal(apply("a"));
      expect([code, said]).toEqual(["COMMAND_FAILED", expect.stringContaining("genomics")]);
    });
  });
  test.each<[string, () => Promise<unknown>]>([
    [
      "on a directory outside the prefix",
      async () => {
        mkdirSync(inMount("home"));
        await lfs("project", "-p", "10000", "-s", inMount("home"));
      },
    ],
    ["with a limit and nothing else", () => lfs("setquota", "-p", "10000", "-B", "1G", world.sandbox.mount)],
    ["with an inode limit alone", () => lfs("setquota", "-p", "10000", "-I", "5000", world.sandbox.mount)],
    ["with a soft limit alone", () => lfs("setquota", "-p", "10000", "-b", "1G", world.sandbox.mount)],
    ["with a soft inode limit alone", () => lfs("setquota", "-p", "10000", "-i", "5000", world.sandbox.mount)],
  ])("X-L03 an id %s is not handed out", async (_, use) => {
    await use();
    await apply("a");
    expect(await lfs("project", "-d", inMount("shares/a"))).toMatch(/^10001 P /);
  });
  test("a default quota of the file system takes no id away", async () => {
    await apply("first");
    await lfs("setquota", "-P", "-B", "10G", world.sandbox.mount);
    await apply("a");
    expect(await lfs("project", "-d", inMount("shares/a"))).toMatch(/^10001 P /);
  });
  test("L-32 a range without a free id is an error that says so", async () => {
    const site = world.stack({ projectIds: { start: 10000, end: 10001 } });
    await apply("a", {}, "a", site);
    await apply("b", {}, "b", site);
    expect((await refusal(apply("c", {}, "c", site))).code).toBe("PROJECT_IDS_EXHAUSTED");
  });
  test.each(["lfs quota -a", "lfs project MNT", "find MNT/.sharewright/projects"])(
    "L-35 a look that fails fails the allocation: %s",
    async (look) => {
      await apply("a");
      world.intercept(({ argv }) =>
        argv.join(" ").replaceAll(world.sandbox.mount, "MNT").startsWith(look.replace(" -a", " -a")) && !argv.includes("-d")
          ? ended(5, "", "Input/output error")
          : undefined,
      );
      expect((await refusal(apply("b"))).code).toBe("COMMAND_FAILED");
      expect(existsSync(inMount("shares/b"))).toBe(false);
    },
  );
});

describe("R-08: small limits", () => {
  const MiB = 1024n ** 2n;
  /** As an earlier version of the executor made it. */
  async function madeSmall(size: string): Promise<void> {
    await apply("a");
    const file = inMount(".sharewright/shares/shares:a.json");
    writeFileSync(file, readFileSync(file, "utf8").replace('"10 GiB"', `"${size}"`));
    await lfs("setquota", "-p", "10000", "-B", size.replace(/ (.)iB/, "$1"), world.sandbox.mount);
    world.notes.length = 0;
  }

  test("a new share that leaves nothing to write is refused before anything is changed, the first one too", async () => {
    for (const size of [MiB, 15n * MiB]) {
      const error = await refusal(apply("a", { size }));
      expect([error.code, error.fix]).toEqual(["BAD_REQUEST", expect.stringContaining("16 MiB or more")]);
    }
    expect(readdirSync(inMount())).toEqual([]);
    await apply("a", { size: 16n * MiB });
    expect((await refusal(apply("b", { size: MiB }))).code).toBe("BAD_REQUEST");
  });
  test("one that is there already is left in peace, and told of when something changes", async () => {
    await madeSmall("4 MiB");
    await apply("a", { size: 4n * MiB });
    expect(world.notes).toEqual([]);
    await apply("a", { size: 4n * MiB, mode: 0o750 });
    expect(world.notes).toEqual([expect.stringMatching(/^size 4 MiB: .*16 MiB or more/)]);
  });
  test("X-L17 use that grows while a limit is lowered brings the old one back, and is refused", async () => {
    await apply("a", { size: 10n * 1024n ** 3n });
    world.commands.length = 0;
    const limits = () => world.commands.flatMap((line) => / -B (\d+)k/.exec(line)?.[1] ?? []);
    world.intercept(({ argv }) => {
      const limit = argv.slice(0, 3).join(" ") === "lfs quota -q" ? limits().at(-1) : undefined;
      return limit === undefined ? undefined : ended(0, `${inMount("")} 5200000 0 ${limit} - 10 0 0 -\n`);
    });
    expect((await refusal(apply("a", { size: 5n * 1024n ** 3n }))).code).toBe("SHRINK_BELOW_USE");
    expect(limits()).toEqual(["5242880", "10485760"]);
  });
  test("it may always be raised, also to what is small still, and not be lowered", async () => {
    await madeSmall("4 MiB");
    await apply("a", { size: 8n * MiB });
    expect(await lfs("quota", "-q", "-p", "10000", world.sandbox.mount)).toContain(" 8192 ");
    expect((await refusal(apply("a", { size: 4n * MiB }))).code).toBe("BAD_REQUEST");
    await apply("a", { size: 16n * MiB });
  });
  test("inodes that are no whole units are told of", async () => {
    await apply("a", { inodes: 2000n });
    expect(world.notes).toEqual([
      expect.stringContaining("inodes 2000: servers hand inodes out in units of 1024, so that the share holds 1024"),
    ]);
  });
});

describe("the right file system", () => {
  test("L-03 L-19 NOT_LUSTRE, and nothing else is run", async () => {
    world.intercept(({ argv }) => (argv[1] === "getname" ? ended(25, "", "cannot get lov name") : undefined));
    expect((await refusal(apply("a"))).code).toBe("NOT_LUSTRE");
    expect((await refusal(destroy("a"))).code).toBe("NOT_LUSTRE");
    expect(changing()).toEqual([]);
  });
  test("another Lustre is not this one", async () => {
    const error = await refusal(apply("a", {}, "c", world.stack({ fsName: "other" })));
    expect([error.code, error.summary.replaceAll(world.sandbox.mount, "MNT")]).toEqual([
      "NOT_LUSTRE",
      'MNT is the file system "scratch", not "other"',
    ]);
    expect(changing()).toEqual([]);
  });
  test("another file system that is mounted there on the way is noticed by the device, and refused by its name", async () => {
    await apply("a");
    world.intercept(({ argv }) => {
      if (argv[1] === "setquota") world.sandbox.change((state) => Object.assign(state, { fsName: "other" }));
      return undefined;
    });
    world.commands.splice(0);
    const error = await refusal(apply("a", { size: 64n * GiB }));
    expect([error.code, error.summary.replaceAll(world.sandbox.mount, "MNT")]).toEqual([
      "NOT_LUSTRE",
      'MNT is the file system "other", not "scratch"',
    ]);
    const asked = world.commands.filter((line) => /getname|setquota/.test(line));
    expect(asked.at(-1)).toBe("all: lfs getname -n MNT");
  });
  test("L-21 L-46 L-50 limits are set on the MDS's mount, once it is proven to be this file system", async () => {
    fresh({ hosts: { client: "client", mds: "mds" } });
    await apply("a");
    expect(world.commands.filter((line) => line.includes("setquota"))).toEqual([
      "mds: lfs setquota -p 10000 -b 0k -B 10485760k -i 0 -I 0 MNT",
    ]);
    const { site } = world;
    const elsewhere = { ...site, mds: { ...site.mds, mount: "/mnt/other" } };
    expect(await refusal(applyShare(elsewhere, { key: "shares/b", claim: "b", spec: shareSpec("b") }))).toMatchObject({
      code: "NOT_LUSTRE",
      host: "mds (mds)",
    });
  });
  test("S-01 a mount point that is a directory of the file system, and not its root, is refused before anything is done", async () => {
    mkdirSync(inMount("part"));
    const { site } = world;
    const part = { ...site, client: { ...site.client, mount: inMount("part") }, mds: { ...site.mds, mount: inMount("part") } };
    const rule = {
      share: "shares/a",
      fileset: "/shares/a",
      clients: ["10.1.0.1"],
      level: "rw" as const,
      squash: { kind: "root" as const },
    };
    for (const work of [
      () => applyShare(part, { key: "shares/a", claim: "a", spec: shareSpec("a") }),
      () => destroyShare(part, "shares/a", "a"),
      () => applyRule(part, { key: "shares/a#r", claim: "r", spec: { ...rule, advisoryReadOnly: false, adopt: false } }),
      () => destroyRule(part, "shares/a#r", "r"),
    ])
      expect(await refusal(work())).toMatchObject({
        code: "NOT_ROOT",
        summary: expect.stringContaining('is a part of the file system "scratch"'),
      });
    expect(changing()).toEqual([]);
    expect(existsSync(inMount("part/.sharewright"))).toBe(false);
  });
  test("S-01 so is one that shows the fileset of a nodemap, or a mounted directory", async () => {
    const [inode, fid] = ["144115205272502362", "[0x200000401:0x5a:0x0]"];
    world.intercept(({ argv }) => {
      if (argv[1] === "path2fid") return ended(0, `${fid}\n`);
      return argv[0] === "find" ? ended(0, `d|755|0|0|7|${inode}||${inMount("")}\n`) : undefined;
    });
    expect((await refusal(apply("a"))).code).toBe("NOT_ROOT");
    expect(changing()).toEqual([]);
  });
  test("S-01 and that of an MDS of its own", async () => {
    fresh({ hosts: { client: "client", mds: "mds" } });
    mkdirSync(inMount("part"));
    const { site } = world;
    const part = { ...site, mds: { ...site.mds, mount: inMount("part") } };
    expect(await refusal(applyShare(part, { key: "shares/b", claim: "b", spec: shareSpec("b") }))).toMatchObject({
      code: "NOT_ROOT",
      host: "mds (mds)",
    });
    expect(world.commands.filter((line) => line.includes("setquota"))).toEqual([]);
  });
  test("L-20 without an MDS of its own the client's mount is used", async () => {
    await apply("a");
    expect(world.commands.filter((line) => line.includes("setquota"))).toEqual([
      "all: lfs setquota -p 10000 -b 0k -B 10485760k -i 0 -I 0 MNT",
    ]);
  });
});

describe("places", () => {
  test("L-04 the first apply makes the records for root alone, and the prefix to walk through", async () => {
    await apply("a");
    const modes = (
      await world.sandbox.run(["stat", "-c", "%a %n", inMount(".sharewright"), inMount("shares"), inMount("shares/a")])
    ).stdout;
    expect(modes.replaceAll(`${world.sandbox.mount}/`, "")).toBe("700 .sharewright\n711 shares\n770 shares/a\n");
  });
  test("L-02 later ones make nothing of that again", async () => {
    await apply("a");
    world.commands.splice(0);
    await apply("a");
    expect(changing()).toEqual([]);
  });
  test("X-L15 a prefix that is a link is refused before any change", async () => {
    mkdirSync(inMount("elsewhere"));
    symlinkSync(inMount("elsewhere"), inMount("shares"));
    const error = await refusal(apply("a"));
    expect([error.code, error.summary]).toEqual([
      "FOREIGN_DIRECTORY",
      expect.stringContaining("is a symbolic link, not a directory"),
    ]);
    expect(readdirSync(inMount("elsewhere"))).toEqual([]);
  });
  test("W-L32 a prefix with a project of its own is refused: a share would take that one's id", async () => {
    mkdirSync(inMount("shares"));
    await lfs("project", "-p", "5", "-s", inMount("shares"));
    expect((await refusal(apply("a"))).summary).toContain("has project 5");
    expect(readdirSync(inMount("shares"))).toEqual([]);
  });
  test("records that others can read are refused", async () => {
    await apply("a");
    chmodSync(inMount(".sharewright"), 0o755);
    expect((await refusal(apply("b"))).summary).toMatch(/\.sharewright is open to others \(mode 755\)/);
  });
  test("what find cannot say is neither there nor absent", async () => {
    await apply("a");
    world.intercept(({ argv }) => (argv[0] === "find" ? ended(1, "", "") : undefined));
    expect((await refusal(apply("a"))).code).toBe("COMMAND_FAILED");
    expect((await refusal(destroy("a"))).code).toBe("COMMAND_FAILED");
  });
  test("nor is what find says of some and is silent about of others", async () => {
    await apply("a", { removalPolicy: "destroy" });
    world.intercept(({ argv }) =>
      argv[0] === "find" ? ended(1, "", `find: '${argv[1]}': No such file or directory\n`) : undefined,
    );
    expect((await refusal(destroy("a"))).code).toBe("COMMAND_FAILED");
    expect(existsSync(inMount("shares/a"))).toBe(true);
  });
});

describe("preflight", () => {
  test.each<[string, (state: ReturnType<SandboxSite["sandbox"]["state"]>) => void, string]>([
    [
      "X-L16 project quota not enforced on an OST",
      (state) => {
        state.parameters["osd-ldiskfs.scratch-OST0001.quota_slave.enabled"] = "ug";
      },
      "project quota enforced: not on scratch-OST0001",
    ],
    [
      "W-L09 root exempt on an MDT",
      (state) => {
        state.parameters["osd-ldiskfs.scratch-MDT0000.quota_slave.root_prj_enable"] = "0";
      },
      "project quota enforced for root: not on scratch-MDT0000",
    ],
  ])("%s: refused before the first change", async (_, harm, summary) => {
    world.sandbox.change(harm);
    const error = await refusal(apply("a"));
    expect([error.code, error.summary]).toEqual(["PREFLIGHT", summary]);
    expect(existsSync(inMount(".sharewright"))).toBe(false);
  });
  test("S-14 is not asked where a limit is only raised", async () => {
    await apply("a");
    world.sandbox.change((state) => {
      state.parameters["osd-ldiskfs.scratch-OST0001.quota_slave.enabled"] = "ug";
    });
    await apply("a", { size: 100n * GiB });
    expect(Object.values(world.sandbox.state().quotas).map(({ blockHard }) => blockHard)).toContain(100 * 1024 * 1024);
    expect((await refusal(apply("a", { size: 50n * GiB }))).code).toBe("PREFLIGHT");
    expect((await refusal(apply("a", { size: 200n * GiB, mode: 0o755 }))).code).toBe("PREFLIGHT");
  });
  test("S-08 a share that is made lies where its key says", async () => {
    const elsewhere = applyShare(world.site, { key: "shares/a", claim: "c", spec: { ...shareSpec("a"), fileset: "/shares/b" } });
    expect(await refusal(elsewhere)).toMatchObject({
      code: "BAD_REQUEST",
      summary: "a share that is made lies at /shares/a, not at /shares/b",
    });
    mkdirSync(inMount("shares/b"), { recursive: true });
    const there = applyShare(world.site, { key: "shares/a", claim: "c", spec: { ...shareSpec("a"), fileset: "/shares/b" } });
    expect((await refusal(there)).code).toBe("FOREIGN_DIRECTORY");
    const { site } = world;
    await apply("b2");
    const rule = {
      share: "shares/b2",
      fileset: "/shares/b",
      clients: ["10.1.0.1"],
      level: "rw" as const,
      squash: { kind: "root" as const },
    };
    const open = applyRule(site, { key: "shares/b2#r", claim: "r", spec: { ...rule, advisoryReadOnly: false, adopt: false } });
    expect((await refusal(open)).code).toBe("SHARE_NOT_READY");
  });
  test("warn goes on, and says so", async () => {
    world.sandbox.change((state) => {
      state.parameters["osd-ldiskfs.scratch-OST0001.quota_slave.enabled"] = "ug";
    });
    await apply("a", {}, "c", world.stack({ preflight: "warn" }));
    expect(world.notes.join("\n")).toContain("project quota enforced: not on scratch-OST0001");
  });
  test.each([
    ["L-06 too old is refused", "version=2.15.4\n", "is older than 2.16"],
    ["L-08 without a number is refused", "version=unknown\n", "has no version in it"],
    ["L-07 that is not told is refused", "", "Lustre version of the client: it does not tell any"],
  ])("a client's version %s", async (_, told, words) => {
    fresh({ hosts: { client: "client", mgs: "mgs", mds: "mds" } });
    const targets = ["lmv.scratch-clilmv-f.target_obd=\n0: scratch-MDT0000_UUID ACTIVE", "lov.scratch-clilov-f.target_obd="];
    world.intercept(({ argv }) => {
      const isClients = argv[1] === "get_param" && argv.some((word) => word.startsWith("lov."));
      return isClients ? ended(told === "" ? 2 : 0, `${told}${targets.join("\n")}\n`) : undefined;
    });
    expect((await refusal(apply("a"))).summary).toContain(words);
  });
  test("a client that does not tell its targets is refused: nobody knows whether all of them enforce quotas", async () => {
    fresh({ hosts: { client: "client", mgs: "mgs", mds: "mds" } });
    world.intercept(({ argv }) => (argv.some((word) => word.startsWith("lov.")) ? ended(2, "version=2.17.0\n") : undefined));
    expect((await refusal(apply("a"))).summary).toContain("does not tell its targets");
  });
});

describe("removal", () => {
  test("L-38 L-39 L-42 destroy leaves nothing of the share", async () => {
    await apply("a", { removalPolicy: "destroy" });
    writeFileSync(inMount("shares/a/data"), "x");
    await destroy("a");
    expect(existsSync(inMount("shares/a"))).toBe(false);
    for (const folder of ["shares", "projects", "staging", "trash"]) expect(recorded(folder)).toEqual([]);
    expect(await lfs("quota", "-q", "-p", "10000", world.sandbox.mount)).toMatch(/ 0 +0 +0 +- +0 +0 +0 +-/);
    expect(await destroy("a")).toEqual([]);
  });
  test("X-L23 trash keeps data, id and limit until the purge", async () => {
    await apply("a", { removalPolicy: "trash" });
    writeFileSync(inMount("shares/a/data"), "x");
    await destroy("a");
    expect(existsSync(inMount(".sharewright/trash/shares:a.10000/data"))).toBe(true);
    await apply("a");
    expect(await lfs("project", "-d", inMount("shares/a"))).toMatch(/^10001 P /);
  });
  test("L-40 clearing the limits failed: the removal says so, and the next one finishes it", async () => {
    await apply("a", { removalPolicy: "destroy" });
    world.intercept(({ argv }) => (argv[1] === "setquota" ? ended(1, "", "setquota failed: Input/output error") : undefined));
    const error = await refusal(destroy("a"));
    expect([error.code, error.summary]).toEqual(["COMMAND_FAILED", "could not clear the limits of project 10000"]);
    expect((await readRecord(world.site, "shares", "shares/a"))?.state).toBe("deleting");
    world.intercept(() => undefined);
    await destroy("a");
    expect(recorded("projects")).toEqual([]);
  });
  test("L-43 a project id that cannot be read stops the removal: whose data it is is not known", async () => {
    await apply("a", { removalPolicy: "destroy" });
    world.intercept(({ argv }) => (argv[1] === "project" ? ended(0, "garbage\n") : undefined));
    expect((await refusal(destroy("a"))).summary).toBe("lfs project printed something unknown");
    expect(existsSync(inMount("shares/a"))).toBe(true);
  });
  test("of a claim that is not the owner touches nothing", async () => {
    await apply("a", { removalPolicy: "destroy" });
    expect(await destroy("a", "stranger")).toEqual([]);
    expect(world.notes).toContainEqual(
      expect.stringContaining('shares/a: managed elsewhere, by claim c-a of "team", left alone'),
    );
    expect(existsSync(inMount("shares/a"))).toBe(true);
  });
  test("L-41 W-L10 a nodemap of others that still opens it: its data is not removed", async () => {
    await apply("a", { removalPolicy: "destroy" });
    for (const argv of ["nodemap_add theirs", "nodemap_fileset_add --name theirs --fileset /shares/../shares/a/sub/ --alt"])
      await world.sandbox.run(["lctl", ...argv.split(" ")]);
    const error = await refusal(destroy("a"));
    expect([error.code, error.summary]).toEqual([
      "STILL_OPEN",
      'nodemap "theirs" still opens /shares/a (by /shares/../shares/a/sub/)',
    ]);
    expect(existsSync(inMount("shares/a"))).toBe(true);
  });
  test("a directory that others put in its place is not removed as if it were the share", async () => {
    await apply("a", { removalPolicy: "destroy" });
    rmSync(inMount("shares/a"), { recursive: true });
    mkdirSync(inMount("shares/a"));
    writeFileSync(inMount("shares/a/theirs"), "x");
    const error = await refusal(destroy("a"));
    expect(error.summary).toContain("has project 0, not 10000");
    expect(existsSync(inMount("shares/a/theirs"))).toBe(true);
  });
});

describe("adopt", () => {
  const prepare = async (path: string, id: number) => {
    mkdirSync(inMount(path), { recursive: true });
    await lfs("project", "-p", String(id), "-s", inMount(path));
    await lfs("setquota", "-p", String(id), "-B", "5G", world.sandbox.mount);
  };
  const adopt = (fileset: string, name = "x") => apply(name, { fileset, adopt: true, size: 5n * GiB });
  beforeEach(async () => {
    await apply("a");
  });
  test("L-92 X-L22 outside the prefix: taken over in place, and removed from its place", async () => {
    await prepare("data/old", 777);
    writeFileSync(inMount("data/old/file"), "x");
    await adopt("/data/old");
    expect((await readRecord(world.site, "shares", "shares/x"))?.projectId).toBe(777);
    expect(await lfs("quota", "-q", "-p", "777", world.sandbox.mount)).toContain("5242880");
    await apply("x", { fileset: "/data/old", adopt: true, size: 5n * GiB, removalPolicy: "trash" });
    await destroy("x");
    expect(existsSync(inMount(".sharewright/trash/shares:x.777/file"))).toBe(true);
    expect(existsSync(inMount("data/old"))).toBe(false);
  });
  test.each<[string, () => Promise<string>, string]>([
    [
      "an id of one of our shares",
      async () => {
        await prepare("data/old", 10000);
        return "/data/old";
      },
      "its project 10000 belongs to shares/a",
    ],
    [
      "an id that a neighbour has",
      async () => {
        await prepare("data/old", 777);
        await prepare("data/twin", 777);
        return "/data/old";
      },
      "its project 777 is also on",
    ],
    [
      "a place inside another project",
      async () => {
        await prepare("data", 5);
        await prepare("data/old", 777);
        return "/data/old";
      },
      "has project 5",
    ],
  ])("L-95 %s is refused", async (_, make, words) => {
    const error = await refusal(adopt(await make()));
    expect([error.code, error.summary]).toEqual(["ADOPT_REFUSED", expect.stringContaining(words)]);
    expect(await readRecord(world.site, "shares", "shares/x")).toBeUndefined();
  });
  test("L-95 W-L11 a place behind a link is refused", async () => {
    await prepare("real/old", 777);
    symlinkSync("real", inMount("data"));
    expect(await refusal(adopt("/data/old"))).toMatchObject({
      code: "FOREIGN_DIRECTORY",
      summary: expect.stringContaining("is a symbolic link, not a directory"),
    });
    expect(await readRecord(world.site, "shares", "shares/x")).toBeUndefined();
  });
});
