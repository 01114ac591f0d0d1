// S-05: NIDs that are no IP addresses: nodes of kfi, gni and ptlf have numbers. As servers, trusted clients and clients of rules; and what nobody can judge.

import { afterEach, describe, expect, test } from "vitest";
import { applyRule } from "../../../src/backends/lustre/access/apply";
import { destroyRule } from "../../../src/backends/lustre/access/destroy";
import { bootstrap, observeSite, planBootstrap } from "../../../src/backends/lustre/bootstrap";
import { checkAccess } from "../../../src/backends/lustre/preflight";
import { applyShare } from "../../../src/backends/lustre/share/apply";
import { ended } from "../../core/fake-host";
import { refusal } from "../../core/refusal";
import { type SandboxSite, type Setting, sandboxSite } from "./sandbox-site";

let world: SandboxSite;
afterEach(() => world.sandbox.remove());

/** Hosts that report these NIDs as their own. */
const start = (reported: string, setting: Setting = {}) => {
  world = sandboxSite(setting);
  world.intercept(({ argv }) => (argv[1] === "list_nids" ? ended(0, `${reported.split(" ").join("\n")}\n`) : undefined));
};
const onlyKfi = { bare: true, fileSystem: { exportNids: ["10761@kfi"] } };
const lctl = (...argv: string[]) => world.sandbox.run(["lctl", ...argv]);
const nodemapOf = async (nid: string) => (await lctl("nodemap_test_nid", nid)).stdout.trim();
const trustedCheck = async () => (await checkAccess(world.site)).find(({ id }) => id === "trusted");
const isOpen = () => {
  const { nodemapActive, nodemaps } = world.sandbox.state();
  return !nodemapActive && nodemaps.every(({ properties }) => properties["deny_mount"] !== "1");
};
describe("S-05 servers", () => {
  test.each(["10761@kfi", "5@gni", "12@ptlf1"])(
    "S-05 a server on %s alone is trusted before anybody is shut out",
    async (nid) => {
      start(nid, { bare: true, fileSystem: { exportNids: [nid] } });
      expect((await trustedCheck())?.found).toBe(`not so: ${nid} (in default)`);
      const done = (await bootstrap(world.site)).map(({ id }) => id);
      expect(done.indexOf("trust-range")).toBeLessThan(done.indexOf("close-default"));
      expect([await nodemapOf(nid), isOpen()]).toEqual(["sw_trusted", false]);
      expect(await trustedCheck()).toMatchObject({ verdict: "good" });
      expect(planBootstrap(world.site, await observeSite(world.site))).toEqual([]);
    },
  );

  test("S-05 neighbours are one range, and trusted clients are ranges", async () => {
    start("10761@kfi 10762@kfi", {
      bare: true,
      fileSystem: { exportNids: ["10761@kfi"], trustedClients: ["[100-199]@kfi", "7"] },
    });
    await bootstrap(world.site);
    const ranges = world.sandbox.state().nodemaps.find(({ name }) => name === "sw_trusted")?.ranges;
    expect(ranges?.map((range) => `${range.start}-${range.end}@${range.net}`)).toEqual([
      "7-7@kfi",
      "100-199@kfi",
      "10761-10762@kfi",
    ]);
  });
});

describe("S-05 what nobody can judge is not taken for trusted", () => {
  test.each([
    ["of a network that is unknown", "10761@kfi 77@kdreg2"],
    ["that is no address of its network", "10761@kfi 10.0.0.300@tcp"],
    ["that has a name for a number", "10761@kfi node7@kfi"],
  ])("S-05 a NID %s: bad for doctor, and bootstrap shuts nobody out", async (_, reported) => {
    const odd = reported.split(" ")[1] ?? "";
    start(reported, onlyKfi);
    expect(await trustedCheck()).toMatchObject({ verdict: "bad", found: expect.stringContaining(odd) });
    expect(await refusal(bootstrap(world.site))).toMatchObject({ code: "PREFLIGHT", summary: expect.stringContaining(odd) });
    expect(isOpen()).toBe(true);
  });

  test("S-05 the MGS may know what we do not: one that it puts into a nodemap that trusts it is trusted", async () => {
    start("10761@kfi 0x2a09@kfi", onlyKfi);
    await expect(bootstrap(world.site)).rejects.toThrow(/0x2a09@kfi/);
    for (const args of [
      ["nodemap_add", "sw_trusted"],
      ...["admin", "trusted"].map((property) => [
        "nodemap_modify",
        "--name",
        "sw_trusted",
        "--property",
        property,
        "--value",
        "1",
      ]),
      ["nodemap_add_range", "--name", "sw_trusted", "--range", "10761@kfi"],
    ])
      await lctl(...args);
    await bootstrap(world.site);
    expect([await trustedCheck(), isOpen()]).toEqual([expect.objectContaining({ verdict: "good" }), false]);
  });

  test.each([
    ["nothing", ""],
    ["its loopback alone", "0@lo"],
  ])("S-05 hosts that report %s: an empty set is not all of them", async (_, reported) => {
    start(reported, onlyKfi);
    expect(await trustedCheck()).toMatchObject({ verdict: "bad", found: expect.stringContaining("tells no NID of its own") });
    expect((await refusal(bootstrap(world.site))).fix).toContain("lctl list_nids");
    expect(isOpen()).toBe(true);
  });

  test("S-05 a range of others that cannot be read, on a network that could be ours, is an error that names it", async () => {
    start("10.0.0.1@tcp");
    const line = " { id: 9, start_nid: node7@kfi, end_nid: node7@kfi }";
    const foreign = (text: string) =>
      world.intercept(({ argv }) => {
        if (argv[1] === "list_nids") return ended(0, "10.0.0.1@tcp\n");
        if (!argv.includes("nodemap.*.ranges")) return undefined;
        const shown = [
          "mgs.MGS.filesystems=scratch",
          "nodemap.default.id=0",
          "nodemap.x.id=1",
          "nodemap.x.ranges=",
          "[",
          text,
          "]",
        ];
        return ended(0, [...shown, "mgs.MGS.filesystems=scratch", ""].join("\n"));
      });
    foreign(line);
    expect(await refusal(checkAccess(world.site))).toMatchObject({ code: "COMMAND_FAILED", said: line });
    foreign(line.replaceAll("kfi", "kdreg"));
    expect((await checkAccess(world.site)).length).toBeGreaterThan(0);
  });
});

describe("S-05 clients of a rule", () => {
  const grant = (name: string, clients: string, site = world.site) =>
    applyRule(site, {
      key: `shares/a#${name}`,
      claim: `rule-${name}`,
      spec: {
        share: "shares/a",
        fileset: "/shares/a",
        clients: clients.split(", "),
        level: "rw",
        squash: { kind: "root" },
        advisoryReadOnly: false,
        adopt: false,
      },
    });
  const revoke = (name: string, site = world.site) => destroyRule(site, `shares/a#${name}`, `rule-${name}`);
  const prepare = async (setting: Setting = {}) => {
    start("10.0.0.1@tcp 10761@kfi", setting);
    await lctl("nodemap_add_range", "--name", "sw_trusted", "--range", "10761@kfi");
    const spec = {
      fileset: "/shares/a",
      size: 1024n ** 3n,
      owner: { uid: 0, gid: 0 },
      mode: 0o770,
      adopt: false,
      removalPolicy: "retain",
    } as const;
    await applyShare(world.site, { key: "shares/a", claim: "share-a", spec });
  };
  const letIn = async (...nids: string[]) => {
    const found = await Promise.all(nids.map(nodemapOf));
    return nids.filter((_, index) => /^sw_[a-z2-7]{12}$/.test(found[index] ?? ""));
  };

  test.each(["2.17.0", "2.16.1"] as const)("S-05 ranges and single nodes, to their very ends, on %s", async (version) => {
    await prepare({ version });
    const edges = ["999@kfi", "1000@kfi", "1999@kfi", "2000@kfi", "5@gni", "6@gni", "12@ptlf", "10.1.0.7@tcp"];
    await grant("r", "[1000-1999]@kfi, 5@gni, 12@ptlf, 10.1.0.0/24");
    expect(await letIn(...edges)).toEqual(["1000@kfi", "1999@kfi", "5@gni", "12@ptlf", "10.1.0.7@tcp"]);
    expect(await grant("r", "[1000-1999]@kfi, 5@gni, 12@ptlf, 10.1.0.0/24")).toEqual([]);
    await grant("r", "1000@kfi:1499@kfi, 4294967295@kfi");
    expect(await letIn(...edges, "1499@kfi", "1500@kfi", "4294967295@kfi")).toEqual(["1000@kfi", "1499@kfi", "4294967295@kfi"]);
    await revoke("r");
    expect(await letIn(...edges, "1499@kfi", "4294967295@kfi")).toEqual([]);
  });

  test("S-05 a rule in force is found so by its own nodemap, without the lock of access", async () => {
    await prepare();
    await grant("r", "[1000-1999]@kfi");
    world.commands.splice(0);
    expect(await grant("r", "[1000-1999]@kfi")).toEqual([]);
    expect(world.commands.filter((line) => line.includes("nodemap_test_nid"))).toEqual([]);
  });

  test("S-05 who is cut off is banned by its number, and let in again", async () => {
    await prepare();
    const site = world.stack({ revocation: "cut" });
    const banned = () => world.sandbox.state().nodemaps.find(({ name }) => name === "default")?.banlist ?? [];
    await grant("r", "[1000-1999]@kfi", site);
    await grant("r", "[1000-1499]@kfi", site);
    expect(banned().map((range) => `${range.start}-${range.end}@${range.net}`)).toEqual(["1500-1999@kfi"]);
    await grant("r", "[1000-1999]@kfi", site);
    expect(banned()).toEqual([]);
  });

  test("S-05 a server, a trusted client, and a node in a nodemap of others are refused by name", async () => {
    await prepare({ fileSystem: { trustedClients: ["[20000-20009]@kfi"], preflight: "warn" } });
    await lctl("nodemap_add", "theirs");
    await lctl("nodemap_modify", "--name", "theirs", "--property", "deny_mount", "--value", "1");
    await lctl("nodemap_add_range", "--name", "theirs", "--range", "[500-509]@gni");
    for (const [clients, held] of [
      ["[10000-10999]@kfi", "10761@kfi"],
      ["20005@kfi", "[20000-20009]@kfi"],
      ["[1-9999]@gni", "[500-509]@gni"],
    ] as const)
      expect(await refusal(grant("r", clients))).toMatchObject({ code: "NID_TAKEN", summary: expect.stringContaining(held) });
  });

  test.each(["*@kfi", "[1-4294967295]@kfi", "4294967296@kfi", "10.0.0.5@kfi", "[1-9/2]@gni"])(
    "S-05 %s is refused before it is noted",
    async (clients) => {
      await prepare();
      expect((await refusal(grant("r", clients))).code).toBe("BAD_REQUEST");
    },
  );
});
