// Access through the whole backend, against a sandbox.

import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { applyRule } from "../../../src/backends/lustre/access/apply";
import { destroyRule } from "../../../src/backends/lustre/access/destroy";
import { infrastructureIntervals, reportedNids } from "../../../src/backends/lustre/access/infrastructure";
import { type RuleRecord, readRecord } from "../../../src/backends/lustre/records";
import { applyShare } from "../../../src/backends/lustre/share/apply";
import { destroyShare } from "../../../src/backends/lustre/share/destroy";
import type { Site } from "../../../src/backends/lustre/site";
import { formatInterval } from "../../../src/spec/address";
import type { AccessRuleSpec } from "../../../src/spec/lustre";
import type { RemovalPolicy } from "../../../src/spec/removal-policy";
import { ended } from "../../core/fake-host";
import { refusal } from "../../core/refusal";
import { type SandboxSite, type Setting, sandboxSite } from "./sandbox-site";

let world: SandboxSite;
const fresh = async (
  setting: Setting = {},
  shares: Record<string, RemovalPolicy> = { a: "destroy", b: "retain" },
): Promise<void> => {
  world?.sandbox.remove();
  world = sandboxSite(setting);
  for (const [name, removalPolicy] of Object.entries(shares)) {
    const mode = name === "a" ? 0o770 : 0o700;
    const spec = {
      fileset: `/shares/${name}`,
      size: 1024n ** 3n,
      owner: { uid: 1000, gid: 1000 },
      mode,
      removalPolicy,
      adopt: false,
    };
    await applyShare(world.site, { key: `shares/${name}`, claim: `share-${name}`, spec });
  }
  world.commands.splice(0);
};
beforeEach(() => fresh());
afterEach(() => world.sandbox.remove());

type More = Partial<AccessRuleSpec> & { claim?: string; keys?: string[]; site?: Site };
const grant = (
  share: string,
  name: string,
  clients: string,
  { claim = `rule-${name}`, keys, site = world.site, ...more }: More = {},
) =>
  applyRule(site, {
    key: `shares/${share}#${name}`,
    claim,
    stack: `stack of ${site.fileSystem.owner}`,
    ...(keys ? { keys } : {}),
    spec: {
      share: `shares/${share}`,
      fileset: `/shares/${share}`,
      clients: clients.split(", "),
      level: "rw",
      squash: { kind: "root" },
      advisoryReadOnly: false,
      adopt: false,
      ...more,
    },
  });
const revoke = (share: string, name: string, site = world.site) => destroyRule(site, `shares/${share}#${name}`, `rule-${name}`);
const lctl = (...argv: string[]) => world.sandbox.run(["lctl", ...argv]);
const nodemapOf = async (nid: string) => (await lctl("nodemap_test_nid", nid)).stdout.trim();
/** Paths that an address may mount, and whether only to read. */
const reachOf = async (address: string): Promise<string[]> => {
  const found = await nodemapOf(`${address}@tcp`);
  const nodemap = world.sandbox.state().nodemaps.find(({ name }) => name === found);
  return (nodemap?.filesets ?? [])
    .map(({ path }) => `${path}${nodemap?.properties["readonly_mount"] === "1" ? " ro" : ""}`)
    .sort();
};
const record = (share: string, name: string) => readRecord(world.site, "rules", `shares/${share}#${name}`);
const recordFile = (key: string) => join(world.sandbox.mount, ".sharewright/rules", `${key.replaceAll("/", ":")}.json`);
const put = (content: RuleRecord) => writeFileSync(recordFile(content.key), `${JSON.stringify(content)}\n`);
const changes = () => world.commands.filter((line) => /: lctl (nodemap_(?!test)|set_param|conf_param)/.test(line));
/** Of tenants. */
const ours = () => world.sandbox.state().nodemaps.filter(({ name }) => /^sw_[a-z2-7]{12}$/.test(name));

describe("R-05: squash of everybody", () => {
  const note = "shares/a#cpu: users of its clients act as 1000:1000 once their own kernel has let them through, and by mode 0770";
  test("says whom the client's own kernel lets in, when the rule is made and when it changes, and not again", async () => {
    const all = { squash: { kind: "all", uid: 1000, gid: 1000 } } as const;
    await grant("a", "cpu", "10.1.0.1", all);
    expect(world.notes.filter((line) => line.startsWith(note))).toHaveLength(1);
    await grant("a", "cpu", "10.1.0.1", all);
    expect(world.notes.filter((line) => line.startsWith(note))).toHaveLength(1);
    await grant("a", "cpu", "10.1.0.2", all);
    expect(world.notes.filter((line) => line.startsWith(note))).toHaveLength(2);
  });
});

describe("grant and revoke", () => {
  test("L-64 L-66 X-L10 a rule: the nodemap is complete before its first range, and read back", async () => {
    await grant("a", "r", "10.1.0.0/24");
    const verbs = changes().map((line) => line.split(" ")[2]);
    expect(verbs.at(-1)).toBe("nodemap_add_range");
    expect(verbs.slice(0, -1)).not.toContain("nodemap_add_range");
    expect(await reachOf("10.1.0.77")).toEqual(["/shares/a"]);
    expect((await record("a", "r"))?.live?.clients).toBe("10.1.0.0/24@tcp");
    expect((await record("a", "r"))?.pending).toBeUndefined();
  });
  test("L-65 ro", async () => {
    await grant("a", "r", "10.1.0.5", { level: "ro" });
    expect(await reachOf("10.1.0.5")).toEqual(["/shares/a ro"]);
  });
  test("a second time there is nothing to do", async () => {
    await grant("a", "r", "10.1.0.0/24");
    world.commands.splice(0);
    expect(await grant("a", "r", "10.1.0.0/24")).toEqual([]);
    expect(changes()).toEqual([]);
  });
  test("X-L12 L-69 a revocation is proven by the MGS, at the edges of the range and beside them", async () => {
    await grant("a", "r", "10.1.0.0/24");
    world.commands.splice(0);
    await revoke("a", "r");
    const asked = world.commands.flatMap((line) => /nodemap_test_nid (\S+)/.exec(line)?.[1] ?? []);
    expect(asked.sort()).toEqual(["10.0.255.255@tcp", "10.1.0.0@tcp", "10.1.0.255@tcp", "10.1.1.0@tcp"]);
    expect(await nodemapOf("10.1.0.7@tcp")).toBe("default");
    expect([ours(), readdirSync(join(world.sandbox.mount, ".sharewright/rules"))]).toEqual([[], []]);
  });
  test("X-L12 an MGS that says otherwise is believed, not the exit code", async () => {
    world.intercept(({ argv }) =>
      argv[1] === "nodemap_test_nid" && argv[2]?.startsWith("10.1.0.255") ? ended(0, "default\n") : undefined,
    );
    expect((await refusal(grant("a", "r", "10.1.0.0/24"))).summary).toMatch(
      /^10\.1\.0\.255@tcp should be in nodemap "sw_\w+", but the MGS puts it into "default"$/,
    );
  });
  test("L-79 W-L07 a revocation that fails keeps the rule on record until it is done", async () => {
    await grant("a", "r", "10.1.0.0/24");
    world.intercept(({ argv }) => (argv[1] === "nodemap_del_range" ? ended(22, "", "Invalid argument") : undefined));
    expect((await refusal(revoke("a", "r"))).code).toBe("COMMAND_FAILED");
    expect(await record("a", "r")).toMatchObject({ leaving: true });
    world.intercept(() => undefined);
    await revoke("a", "r");
    expect(await nodemapOf("10.1.0.7@tcp")).toBe("default");
  });
  test.each([
    ["L-76 a nodemap that cannot be made", "nodemap_add"],
    ["L-77 a range that cannot be added", "nodemap_add_range"],
  ])("%s is an error of the rule, which the next run goes on with", async (_, verb) => {
    world.intercept(({ argv }) =>
      argv[1] === verb ? ended(1, "", "error: invalid ioctl errno: 1: permission denied") : undefined,
    );
    expect((await refusal(grant("a", "r", "10.1.0.5"))).code).toBe("COMMAND_FAILED");
    world.intercept(() => undefined);
    await grant("a", "r", "10.1.0.5");
    expect(await reachOf("10.1.0.5")).toEqual(["/shares/a"]);
  });
  test("L-75 a rule of an IPv6 network whose nodemap somebody removed is made again", async () => {
    await grant("a", "r", "fd00:1::/64");
    await lctl("nodemap_del", ours()[0]?.name ?? "");
    await grant("a", "r", "fd00:1::/64");
    expect([await reachOf("fd00:1::7"), ours().length]).toEqual([["/shares/a"], 1]);
  });
  test("R-11: taking a rule over changes nothing but its record, and is said", async () => {
    await grant("a", "r", "10.1.0.5");
    const done = await grant("a", "r", "10.1.0.5", { claim: "another", adopt: true, site: world.stack({ owner: "others" }) });
    expect(done.map(({ say }) => say)).toEqual(['take it over from claim rule-r of "team"']);
    expect(await record("a", "r")).toMatchObject({ claim: "another", owner: "others" });
  });
  test("a claim that is not the owner revokes nothing", async () => {
    await grant("a", "r", "10.1.0.5");
    await destroyRule(world.site, "shares/a#r", "stranger");
    expect(await reachOf("10.1.0.5")).toEqual(["/shares/a"]);
  });
  test("L-70 L-71 a rule that was never applied is nothing to remove", async () => {
    expect(await revoke("a", "never")).toEqual([]);
    expect(changes()).toEqual([]);
  });
  test("X-L11 revocation of mounted clients is said to be lazy", async () => {
    await grant("a", "r", "10.1.0.5");
    await revoke("a", "r");
    expect(world.notes).toContain(
      "clients that have /shares/a mounted keep it until they unmount (revocation: lazy): 10.1.0.5@tcp",
    );
  });
});

describe("one compiler for all rules", () => {
  test("X-L04 X-L05 a client of two shares has both", async () => {
    await grant("a", "r", "10.1.0.0/24");
    await grant("b", "q", "10.1.0.5");
    expect([await reachOf("10.1.0.5"), await reachOf("10.1.0.6")]).toEqual([["/shares/a", "/shares/b"], ["/shares/a"]]);
  });
  test("X-L04 on 2.16 that is a conflict which names both", async () => {
    await fresh({ version: "2.16.1" });
    await grant("a", "r", "10.1.0.0/24");
    const error = await refusal(grant("b", "q", "10.1.0.5"));
    expect([error.code, error.summary]).toEqual([
      "ACCESS_CONFLICT",
      "shares/a#r and shares/b#q: several shares for one client need Lustre 2.17 (10.1.0.5@tcp)",
    ]);
    expect(await reachOf("10.1.0.5")).toEqual(["/shares/a"]);
  });
  test("X-L06 on 2.16 ranges are in brackets, and it works", async () => {
    await fresh({ version: "2.16.1" });
    await grant("a", "r", "10.1.0.0/20");
    expect(changes().filter((line) => line.includes("add_range"))).toEqual([
      expect.stringContaining("--range 10.1.[0-15].[0-255]@tcp"),
    ]);
    expect(await reachOf("10.1.15.255")).toEqual(["/shares/a"]);
  });
  test("X-L05 L-74 a contradiction is refused alone, and forgotten", async () => {
    await grant("a", "r", "10.1.0.0/24");
    const error = await refusal(grant("a", "q", "10.1.0.5", { level: "ro" }));
    expect(error.summary).toBe(
      "shares/a#q and shares/a#r: level rw and ro for one client on one share (10.1.0.5@tcp)".replace(
        "#q and shares/a#r",
        "#r and shares/a#q",
      ),
    );
    expect([await record("a", "q"), await reachOf("10.1.0.5")]).toEqual([undefined, ["/shares/a"]]);
  });
  test("a refused change leaves in force what was", async () => {
    await grant("a", "r", "10.1.0.0/24");
    await grant("a", "q", "10.2.0.0/24", { level: "ro" });
    await refusal(grant("a", "q", "10.1.0.5", { level: "ro" }));
    expect((await record("a", "q"))?.live?.clients).toBe("10.2.0.0/24@tcp");
    expect(await reachOf("10.2.0.5")).toEqual(["/shares/a ro"]);
  });
  test("clients change places between rules of one stack in one apply, whichever comes first", async () => {
    await grant("a", "old", "10.1.0.5");
    await grant("a", "new", "10.1.0.5", { level: "ro", keys: ["shares/a#new"] });
    expect(await reachOf("10.1.0.5")).toEqual(["/shares/a ro"]);
    await revoke("a", "old");
    expect(await reachOf("10.1.0.5")).toEqual(["/shares/a ro"]);
  });
  test("a rule of a share that is not ready is refused, and so is one whose share is somewhere else", async () => {
    expect((await refusal(grant("none", "r", "10.1.0.5"))).code).toBe("SHARE_NOT_READY");
    expect((await refusal(grant("a", "r", "10.1.0.5", { fileset: "/shares/b" }))).code).toBe("SHARE_NOT_READY");
    expect(ours()).toEqual([]);
  });
});

describe("no wish is lost, and none outlives its refusal", () => {
  test("W-L29 clients that cannot be read are refused before anybody else could trip over them", async () => {
    const error = await refusal(grant("a", "r", "10.1.0.5/24"));
    expect([error.code, error.summary, error.fix]).toEqual([
      "BAD_REQUEST",
      'clients: "10.1.0.5/24" has host bits set',
      'write "10.1.0.0/24" for the whole network or "10.1.0.5" for the one address',
    ]);
    expect(readdirSync(join(world.sandbox.mount, ".sharewright/rules"))).toEqual([]);
  });
  test("going back to what is in force, while a change was cut off half-way", async () => {
    await grant("a", "r", "10.1.0.5");
    const live = (await record("a", "r")) as RuleRecord;
    put({ ...live, pending: { ...live.live, clients: "10.9.9.9" } as NonNullable<RuleRecord["pending"]> });
    await grant("a", "r", "10.1.0.5");
    expect([await reachOf("10.1.0.5"), await nodemapOf("10.9.9.9@tcp"), (await record("a", "r"))?.live?.clients]).toEqual([
      ["/shares/a"],
      "default",
      "10.1.0.5@tcp",
    ]);
  });
  test("a rule whose removal was cut off and that is wanted again", async () => {
    await grant("a", "r", "10.1.0.5");
    put({ ...((await record("a", "r")) as RuleRecord), leaving: true });
    await grant("a", "r", "10.1.0.5");
    expect([await reachOf("10.1.0.5"), (await record("a", "r"))?.leaving]).toEqual([["/shares/a"], undefined]);
  });
  test("W-L28 what a neighbour let in of a rule that is refused is closed again", async () => {
    await lctl("nodemap_add", "theirs");
    await lctl("nodemap_add_range", "--name", "theirs", "--range", "10.1.0.7@tcp");
    // As a hook does that was cut off before its turn: recorded, and compiled along by the next one.
    const spec = { share: "shares/a", fileset: "/shares/a", clients: "10.1.0.0/24", level: "rw", squash: "root" } as const;
    put({ format: 1, kind: "lustre.access-rule", key: "shares/a#r", claim: "rule-r", owner: "team", pending: spec });
    await grant("b", "q", "10.2.0.5");
    expect(await reachOf("10.1.0.8")).toEqual(["/shares/a"]);
    expect((await refusal(grant("a", "r", "10.1.0.0/24"))).code).toBe("NID_TAKEN");
    expect([await nodemapOf("10.1.0.8@tcp"), await record("a", "r"), await reachOf("10.2.0.5")]).toEqual([
      "default",
      undefined,
      ["/shares/b"],
    ]);
  });
  test("a record that cannot be read stops everything, and is named", async () => {
    await grant("a", "r", "10.1.0.5");
    const text = readFileSync(recordFile("shares/a#r"), "utf8");
    writeFileSync(recordFile("shares/a#r"), text.replace('"level":"rw"', '"level":"rwx"'));
    const error = await refusal(grant("b", "q", "10.2.0.5"));
    expect([error.code, error.summary.replaceAll(world.sandbox.mount, "MNT")]).toEqual([
      "RECORD_BROKEN",
      expect.stringMatching(/^a record in MNT\/\.sharewright\/rules\/shares:a#r\.json has a bad "live.level": /),
    ]);
    expect(await reachOf("10.1.0.5")).toEqual(["/shares/a"]);
  });
});

describe("what is not ours", () => {
  beforeEach(async () => {
    await lctl("nodemap_add", "slurm");
    await lctl("nodemap_add_range", "--name", "slurm", "--range", "10.5.0.[0-255]@tcp");
  });
  const foreign = () => world.sandbox.state().nodemaps.filter((nodemap) => !ours().some(({ name }) => name === nodemap.name));

  test.each([
    [
      "L-78 a client of others",
      "10.5.0.7",
      /^10\.5\.0\.\[0-255\]@tcp is in the nodemap "slurm", which sharewright does not manage$/,
    ],
    ["L-78 a network around it", "10.4.0.0/14", /@tcp is in the nodemap "slurm", which sharewright does not manage$/],
    ["X-L09 L-61 a server", "10.0.0.1", /^10\.0\.0\.1@tcp is a server, the executor or a trusted client/],
    ["X-L09 a network with a server in it", "10.0.0.0/24", /^10\.0\.0\.1@tcp is a server, the executor or a trusted client/],
  ])("%s is refused by name", async (_, clients, summary) => {
    const before = foreign();
    const error = await refusal(grant("a", "r", clients));
    expect([error.code, error.summary]).toEqual(["NID_TAKEN", expect.stringMatching(summary)]);
    expect([foreign(), ours(), await record("a", "r")]).toEqual([before, [], undefined]);
  });
  test.each([
    ["2.17", "error: invalid ioctl: 000ce042 errno: 17: File exists\nnodemap_add_range: File exists\n"],
    ["2.16", "error: nodemap_add_range: cannot add range '10.1.0.5@tcp' to nodemap 'x': File exists\n"],
  ])(
    "X-L07 a range that others take between our look and our step is never taken for ours, in the words of %s",
    async (_, words) => {
      let taken = false;
      world.intercept(({ argv }) => {
        if (argv[1] !== "nodemap_add_range") return undefined;
        taken = true;
        return ended(17, "", words);
      });
      expect((await refusal(grant("a", "r", "10.1.0.5"))).code).toBe("COMMAND_FAILED");
      expect(taken).toBe(true);
      world.intercept(() => undefined);
      await lctl("nodemap_add_range", "--name", "slurm", "--range", "10.1.0.5@tcp");
      expect((await refusal(grant("a", "r", "10.1.0.5"))).summary).toBe(
        '10.1.0.5@tcp is in the nodemap "slurm", which sharewright does not manage',
      );
      expect(await nodemapOf("10.1.0.5@tcp")).toBe("slurm");
    },
  );
  test("R-09: an IPv6 client inside a prefix of others, whose length the MGS does not print, is refused by name", async () => {
    await lctl("nodemap_add_range", "--name", "slurm", "--range", "fd00::/48@tcp");
    const error = await refusal(grant("a", "r", "fd00:0:0:1::/64"));
    expect([error.code, error.summary]).toEqual([
      "NID_TAKEN",
      'fd00:0:0:1::@tcp is in the nodemap "slurm", which sharewright does not manage',
    ]);
    expect([ours(), await nodemapOf("fd00:0:0:1::7@tcp")]).toEqual([[], "slurm"]);
  });
  test("X-L09 W-L28 a server that is in no nodemap yet is refused as well", async () => {
    await lctl("nodemap_del_range", "--name", "sw_trusted", "--range", "10.0.0.1@tcp");
    const error = await refusal(grant("a", "r", "10.0.0.0/24", { site: world.stack({ preflight: "warn" }) }));
    expect([error.code, error.summary]).toEqual([
      "NID_TAKEN",
      "10.0.0.1@tcp is a server, the executor or a trusted client, which cannot be a tenant",
    ]);
    expect(ours()).toEqual([]);
  });
  test("X-L09 a trusted client is refused, too", async () => {
    const site = world.stack({ trustedClients: ["10.7.0.5"], preflight: "warn" });
    expect((await refusal(grant("a", "r", "10.7.0.0/24", { site }))).code).toBe("NID_TAKEN");
  });
  test("X-L09 so is every host that the file system names, each asked once", async () => {
    await fresh({ hosts: { client: "client", mgs: "mgs", mds: "mds" } });
    const { site } = world;
    world.intercept(() => undefined);
    const all: Site = { ...site, servers: [{ ...site.mds, role: "server" }] };
    const found = infrastructureIntervals(all, await reportedNids(all));
    expect(found.map(formatInterval)).toEqual(["10.0.0.1@tcp"]);
    expect(world.commands.filter((line) => line.includes("list_nids")).sort()).toEqual([
      "client: lctl list_nids",
      "mds: lctl list_nids",
      "mgs: lctl list_nids",
    ]);
  });
});

describe("preflight", () => {
  const checks: [string, Setting, (state: ReturnType<SandboxSite["sandbox"]["state"]>) => void, string][] = [
    [
      "X-L08 nodemaps not in force",
      {},
      (state) => {
        state.nodemapActive = false;
      },
      "nodemaps in force: nodemap.active is 0: every client sees everything",
    ],
    [
      "W-L03 an open default",
      {},
      (state) => {
        nodemap(state, "default").properties["deny_mount"] = "0";
      },
      "clients in no nodemap: may mount the whole file system",
    ],
    [
      "W-L03 a server that is not trusted",
      {},
      (state) => {
        nodemap(state, "sw_trusted").properties["trusted_nodemap"] = "0";
      },
      "servers and executor in a trusted nodemap: not so: 10.0.0.1@tcp (in sw_trusted, trusted=0)",
    ],
    [
      "a version that is another one",
      { fileSystem: { lustreVersion: "2.16" } },
      () => {},
      "features of the MGS: lustreVersion is 2.16, but it has several filesets a nodemap: exports would be mounted otherwise",
    ],
    [
      "2.16 for 2.17",
      { version: "2.16.1", fileSystem: { lustreVersion: "2.17" } },
      () => {},
      "features of the MGS: lustreVersion is 2.17, but it has one fileset a nodemap only",
    ],
    [
      "W-L03 2.16: a default that opens the shares",
      { version: "2.16.1" },
      (state) => {
        nodemap(state, "default").filesets = [{ path: "/shares", alternate: false, readOnly: false }] as never;
      },
      "clients in no nodemap: may mount /shares",
    ],
  ];
  const nodemap = (state: ReturnType<SandboxSite["sandbox"]["state"]>, name: string) => {
    const found = state.nodemaps.find((one) => one.name === name);
    if (!found) throw new Error(`no ${name}`);
    return found;
  };
  test.each(checks)("%s: no rule comes into force", async (_, setting, harm, summary) => {
    await fresh(setting);
    world.sandbox.change(harm);
    const error = await refusal(grant("a", "r", "10.1.0.5"));
    expect([error.code, error.summary]).toEqual(["PREFLIGHT", summary]);
    expect([ours(), changes(), await record("a", "r")]).toEqual([[], [], undefined]);
  });
  test("X-L08 a rule that a neighbour compiled along is still judged by itself, and closed again", async () => {
    await grant("b", "q", "10.2.0.5");
    const spec = { share: "shares/a", fileset: "/shares/a", clients: "10.1.0.0/24", level: "rw", squash: "root" } as const;
    put({ format: 1, kind: "lustre.access-rule", key: "shares/a#r", claim: "rule-r", owner: "team", pending: spec });
    await revoke("b", "q");
    expect(await reachOf("10.1.0.8")).toEqual(["/shares/a"]);
    world.sandbox.change((state) => {
      state.nodemapActive = false;
    });
    expect((await refusal(grant("a", "r", "10.1.0.0/24"))).code).toBe("PREFLIGHT");
    expect([ours(), await record("a", "r")]).toEqual([[], undefined]);
  });
  test("another host than the MGS is refused: its nodemaps look empty", async () => {
    await fresh({ hosts: { client: "client", mgs: "mgs", mds: "mds" } });
    const site = { ...world.site, mgs: { ...world.site.mds, role: "mgs" as const } };
    expect((await refusal(grant("a", "r", "10.1.0.5", { site }))).code).toBe("NOT_MGS");
    expect(changes()).toEqual([]);
  });
  const offTheMgs = () =>
    world.intercept(({ argv }) =>
      argv[1] === "get_param" && argv.some((word) => word.startsWith("nodemap."))
        ? ended(2, "nodemap.active=0\nnodemap.default.id=0\n")
        : undefined,
    );
  test("S-02 the MGS moves after its lock was had: no removal succeeds, no record goes, no data is deleted", async () => {
    await grant("a", "r", "10.1.0.5");
    await grant("b", "r", "10.1.0.6");
    const before = [ours(), world.sandbox.state().quotas];
    offTheMgs();
    expect((await refusal(revoke("a", "r"))).code).toBe("NOT_MGS");
    expect((await refusal(destroyShare(world.site, "shares/b", "share-b"))).code).toBe("NOT_MGS");
    expect((await refusal(grant("b", "r", "10.1.0.7"))).code).toBe("NOT_MGS");
    expect([ours(), world.sandbox.state().quotas]).toEqual(before);
    expect(await record("a", "r")).toMatchObject({ leaving: true });
    expect(existsSync(join(world.sandbox.mount, "shares/b"))).toBe(true);
    world.intercept(() => undefined);
    await revoke("a", "r");
    expect([await reachOf("10.1.0.5"), await record("a", "r")]).toEqual([[], undefined]);
  });
  test.each([
    ["begins with it, and moves while it is read", (text: string) => text.replace(/mgs\.MGS\.filesystems=[^=]*$/, "")],
    ["was another node when it began", (text: string) => text.replace(/^mgs\.MGS\.filesystems=\n(?:\w+\n)*/, "")],
  ])("S-02 an answer that %s is none of the MGS", async (_, cut) => {
    await grant("a", "r", "10.1.0.5");
    const looked = world.commands.find((line) => line.includes("nodemap.*.ranges")) ?? "";
    const { stdout } = await world.sandbox.run(looked.replace(/^all: /, "").split(" "));
    world.intercept(({ argv }) => (argv.includes("nodemap.*.ranges") ? ended(0, cut(stdout)) : undefined));
    expect(cut(stdout)).not.toBe(stdout);
    expect((await refusal(revoke("a", "r"))).code).toBe("NOT_MGS");
  });
  describe.each(["No space left on device", "Disk quota exceeded", "Read-only file system"])("S-16 %s", (why) => {
    const full = () =>
      world.intercept(({ argv }) =>
        argv[0] === "dd" || (why.startsWith("Read-only") && ["mv", "rm"].includes(argv[0]))
          ? ended(1, "", `${argv[0]}: failed to open: ${why}\n`)
          : undefined,
      );
    test("does not keep a rule from being revoked", async () => {
      await grant("a", "r", "10.1.0.5");
      await grant("b", "r", "10.1.0.5");
      await grant("b", "s", "10.1.0.6");
      full();
      const isGone = !why.startsWith("Read-only");
      const work = revoke("b", "s");
      if (isGone) await work;
      else expect((await refusal(work)).said).toContain(why);
      expect(await reachOf("10.1.0.6")).toEqual([]);
      expect((await record("b", "s")) === undefined).toBe(isGone);
      expect(world.notes.join("\n")).toContain(
        "shares/b#s is closed without a record that it is going, since dd: failed to open",
      );
      world.intercept(() => undefined);
      await revoke("b", "s");
      expect(await record("b", "s")).toBeUndefined();
    });
    test.each([
      ["clients", "10.1.0.0/25", {}],
      ["rights", "10.1.0.0/24", { level: "ro" as const }],
    ])("does not keep a rule from having less %s; that it is not recorded is told", async (_, clients, more) => {
      await grant("a", "r", "10.1.0.0/24");
      await grant("b", "s", "10.2.0.0/24");
      const reach = async () => [await reachOf("10.1.0.5"), await reachOf("10.1.0.200"), await reachOf("10.2.0.5")];
      full();
      expect((await refusal(grant("a", "r", clients, more))).said).toContain(why);
      const after = await reach();
      expect(after).toEqual(
        "level" in more ? [["/shares/a ro"], ["/shares/a ro"], ["/shares/b"]] : [["/shares/a"], [], ["/shares/b"]],
      );
      expect(world.notes.join("\n")).toContain("shares/a#r is closed to whom it gives up, but not recorded as that");
      expect((await refusal(grant("a", "r", "10.3.0.0/16"))).said).toContain(why);
      expect([await reachOf("10.3.0.5"), ...(await reach())]).toEqual([[], ...after]);
      world.intercept(() => undefined);
      await grant("a", "r", clients, more);
      expect([await reach(), (await record("a", "r"))?.pending]).toEqual([after, undefined]);
    });
    test("does not keep a share from being closed; it is told, and nothing else is done", async () => {
      await grant("a", "r", "10.1.0.5");
      full();
      expect((await refusal(destroyShare(world.site, "shares/a", "share-a"))).said).toContain(why);
      expect(await reachOf("10.1.0.5")).toEqual([]);
      expect(existsSync(join(world.sandbox.mount, "shares/a"))).toBe(true);
      world.intercept(() => undefined);
      await destroyShare(world.site, "shares/a", "share-a");
      expect(existsSync(join(world.sandbox.mount, "shares/a"))).toBe(false);
    });
  });
  describe("S-03 a removal is judged by what its addresses reach", () => {
    const loseNodemaps = () => {
      for (const { name } of ours()) rmSync(join(world.sandbox.mount, `.sharewright/nodemaps/${name}.json`));
    };
    test.each(["10.1.0.0/24", "10.1.0.5", "fd00::/64", "10.1.0.[1-3]@tcp"])(
      "of %s, with the record of its nodemap lost",
      async (clients) => {
        await grant("a", "r", clients);
        const [{ name = "" } = {}] = ours();
        loseNodemaps();
        expect(await refusal(revoke("a", "r"))).toMatchObject({ code: "STILL_OPEN", summary: expect.stringContaining(name) });
        expect(await record("a", "r")).toBeDefined();
        await lctl("nodemap_del", name);
        await revoke("a", "r");
        expect(await record("a", "r")).toBeUndefined();
      },
    );
    test("of clients that only a run which was cut off had asked for, and another had let in", async () => {
      world.intercept(({ argv }) => (argv[1] === "nodemap_add" ? ended(1, "", "cut off") : undefined));
      await refusal(grant("a", "r", "10.1.0.0/24"));
      world.intercept(() => undefined);
      await grant("b", "s", "10.1.0.0/24");
      expect(await reachOf("10.1.0.7")).toEqual(["/shares/a", "/shares/b"]);
      loseNodemaps();
      world.intercept(({ argv }) => (argv[0] === "lctl" && argv[1] === "get_param" ? ended(null, "") : undefined));
      await refusal(grant("a", "r", "10.9.0.5"));
      world.intercept(() => undefined);
      expect((await refusal(revoke("a", "r"))).code).toBe("STILL_OPEN");
    });
    test("nor does a rule become narrower while a nodemap without a record still holds whom it left", async () => {
      await grant("a", "r", "fd00::/125, 10.1.0.0/24");
      await grant("b", "s", "10.1.0.0/24");
      const v6 = await nodemapOf("fd00::1@tcp");
      rmSync(join(world.sandbox.mount, `.sharewright/nodemaps/${v6}.json`));
      expect(await refusal(grant("a", "r", "10.1.0.0/24"))).toMatchObject({
        code: "STILL_OPEN",
        summary: expect.stringContaining(v6),
      });
      await lctl("nodemap_del", v6);
      await grant("a", "r", "10.1.0.0/24");
    });
    test("with all records lost", async () => {
      await grant("a", "r", "10.1.0.5");
      rmSync(join(world.sandbox.mount, ".sharewright"), { recursive: true });
      expect((await refusal(revoke("a", "r"))).code).toBe("STILL_OPEN");
      expect((await refusal(destroyShare(world.site, "shares/a", "share-a"))).code).toBe("FOREIGN_DIRECTORY");
      for (const { name } of ours()) await lctl("nodemap_del", name);
      expect(await revoke("a", "r")).toEqual([]);
    });
    test("with its own record lost as well", async () => {
      await grant("a", "r", "10.1.0.5");
      loseNodemaps();
      rmSync(recordFile("shares/a#r"));
      expect((await refusal(revoke("a", "r"))).code).toBe("STILL_OPEN");
    });
    test("with its own record lost alone: it is closed all the same", async () => {
      await grant("a", "r", "10.1.0.5");
      rmSync(recordFile("shares/a#r"));
      await revoke("a", "r");
      expect(ours()).toEqual([]);
    });
    test.each(["retain", "trash", "destroy"] as const)("nor is a share let go of, by %s", async (removalPolicy) => {
      await grant("a", "r", "10.1.0.5");
      const file = join(world.sandbox.mount, ".sharewright/shares/shares:a.json");
      const share = JSON.parse(readFileSync(file, "utf8"));
      writeFileSync(file, `${JSON.stringify({ ...share, spec: { ...share.spec, removal_policy: removalPolicy } })}\n`);
      loseNodemaps();
      expect((await refusal(destroyShare(world.site, "shares/a", "share-a"))).code).toBe("STILL_OPEN");
      expect(existsSync(join(world.sandbox.mount, "shares/a"))).toBe(true);
    });
    test("what another rule still gives is no reason to fail", async () => {
      await grant("a", "r", "10.1.0.0/24");
      await grant("a", "s", "10.1.0.5");
      await revoke("a", "r");
      expect([await reachOf("10.1.0.5"), await reachOf("10.1.0.6")]).toEqual([["/shares/a"], []]);
    });
  });
  test("L-10 L-12 commands about nodemaps go to the MGS, the others to the client", async () => {
    await fresh({ hosts: { client: "client", mgs: "mgs", mds: "mds" } });
    await grant("a", "r", "10.1.0.5");
    expect(changes().every((line) => line.startsWith("mgs: "))).toBe(true);
    expect(world.commands.filter((line) => line.startsWith("mgs: ") && !line.startsWith("mgs: lctl"))).toEqual([]);
  });
});

describe("removal of a share closes it first", () => {
  test("X-L14 L-38 L-41 for its clients, while those of other shares stay", async () => {
    await grant("a", "r", "10.1.0.0/24");
    await grant("b", "q", "10.1.0.5, 10.3.0.0/24");
    world.commands.splice(0);
    await destroyShare(world.site, "shares/a", "share-a");
    const order = world.commands
      .map((line) =>
        line.includes("nodemap_del_range") || line.includes("nodemap_fileset_del")
          ? "close"
          : / (mv -T -- MNT\/shares|find .* -delete)/.test(line)
            ? "data"
            : "",
      )
      .filter(Boolean);
    expect([order.lastIndexOf("close") >= 0, order.lastIndexOf("close") < order.indexOf("data")]).toEqual([true, true]);
    expect([await reachOf("10.1.0.5"), await nodemapOf("10.1.0.6@tcp"), await reachOf("10.3.0.9")]).toEqual([
      ["/shares/b"],
      "default",
      ["/shares/b"],
    ]);
  });
  test("X-L14 L-41 what cannot be closed keeps its data", async () => {
    await grant("a", "r", "10.1.0.0/24");
    world.intercept(({ argv }) => (argv[1] === "nodemap_del_range" ? ended(1, "", "Operation not permitted") : undefined));
    expect((await refusal(destroyShare(world.site, "shares/a", "share-a"))).code).toBe("COMMAND_FAILED");
    expect(world.commands.filter((line) => / mv -T -- MNT\/shares| -delete/.test(line))).toEqual([]);
  });
});

describe("cut", () => {
  const cut = () => world.stack({ revocation: "cut" });
  const banned = () =>
    world.sandbox
      .state()
      .nodemaps.find(({ name }) => name === "default")
      ?.banlist.map(({ start, end }) => `${start}-${end}`);

  test("X-L11 who loses access is banned, and let in again by a new grant", async () => {
    await grant("a", "r", "10.1.0.0/24", { site: cut() });
    await revoke("a", "r", cut());
    expect(banned()).toEqual(["10.1.0.0-10.1.0.255"]);
    await grant("b", "q", "10.1.0.0/25", { site: cut() });
    expect(banned()).toEqual(["10.1.0.128-10.1.0.255"]);
  });
  test("a lazy stack beside a cutting one is not stopped by its bans, and lifts them for its own clients", async () => {
    await grant("a", "r", "10.1.0.0/24", { site: cut() });
    await revoke("a", "r", cut());
    await grant("b", "q", "10.9.0.5");
    expect(banned()).toEqual(["10.1.0.0-10.1.0.255"]);
    await grant("b", "q", "10.1.0.0/24");
    expect(banned()).toEqual([]);
  });
  test("an IPv6 prefix, which the MGS prints without its length, is let in again as well", async () => {
    await grant("a", "r", "fd00:1::/64", { site: cut() });
    await revoke("a", "r", cut());
    expect(banned()).toHaveLength(1);
    await grant("a", "r", "fd00:1::/64", { site: cut() });
    expect(banned()).toEqual([]);
  });
});
