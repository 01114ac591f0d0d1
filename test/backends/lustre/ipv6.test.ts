// S-06: what is known of IPv6 clients. Lustre prints a prefix without its length, lets prefixes overlap, and refuses what covers everything.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { applyRule } from "../../../src/backends/lustre/access/apply";
import { destroyRule } from "../../../src/backends/lustre/access/destroy";
import { readRecord } from "../../../src/backends/lustre/records";
import { applyShare } from "../../../src/backends/lustre/share/apply";
import type { Site } from "../../../src/backends/lustre/site";
import { ended } from "../../core/fake-host";
import { refusal } from "../../core/refusal";
import { type SandboxSite, sandboxSite } from "./sandbox-site";

let world: SandboxSite;
beforeEach(async () => {
  world = sandboxSite();
  for (const name of ["a", "b"]) {
    const spec = { fileset: `/shares/${name}`, size: 1024n ** 3n, owner: { uid: 0, gid: 0 }, mode: 0o770, adopt: false } as const;
    await applyShare(world.site, { key: `shares/${name}`, claim: `share-${name}`, spec: { ...spec, removalPolicy: "retain" } });
  }
});
afterEach(() => world.sandbox.remove());

const grant = (share: string, name: string, clients: string, site: Site = world.site) =>
  applyRule(site, {
    key: `shares/${share}#${name}`,
    claim: `rule-${name}`,
    spec: {
      share: `shares/${share}`,
      fileset: `/shares/${share}`,
      clients: clients.split(", "),
      level: "rw",
      squash: { kind: "root" },
      advisoryReadOnly: false,
      adopt: false,
    },
  });
const revoke = (share: string, name: string) => destroyRule(world.site, `shares/${share}#${name}`, `rule-${name}`);
const lctl = (...argv: string[]) => world.sandbox.run(["lctl", ...argv]);
const nodemapOf = async (address: string) => (await lctl("nodemap_test_nid", `${address}@tcp`)).stdout.trim();
/** Which of some addresses may mount anything, as the MGS has it. */
const letIn = async (...addresses: string[]): Promise<string[]> => {
  const found = await Promise.all(addresses.map(nodemapOf));
  return addresses.filter((_, index) => /^sw_[a-z2-7]{12}$/.test(found[index] ?? ""));
};
const ours = () => world.sandbox.state().nodemaps.filter(({ name }) => /^sw_[a-z2-7]{12}$/.test(name));
const folder = (name: string) => join(world.sandbox.mount, ".sharewright", name);
const prefixes = () =>
  readdirSync(folder("nodemaps"))
    .filter((name) => name.startsWith("sw_"))
    .flatMap((name) => JSON.parse(readFileSync(join(folder("nodemaps"), name), "utf8")).prefixes ?? []);
const changes = () => world.commands.filter((line) => /: lctl nodemap_(?!test)/.test(line)).map((line) => line.split(" ")[2]);

const [first, second, fifth, middle, last] = ["fd00::", "fd00::2", "fd00::5", "fd00::1:0:0", "fd00::ffff:ffff:ffff:ffff"];
const all = [first, second, fifth, middle, last] as const;
const few = `fd00::/126, ${last}`;

describe("S-06 a prefix is forgotten with its range", () => {
  test("S-06 a network, five of its addresses, and the network again: each is what is in force", async () => {
    await grant("a", "r", "fd00::/64");
    expect([await letIn(...all), prefixes()]).toEqual([all, ["fd00::/64@tcp"]]);
    await grant("a", "r", few);
    expect([await letIn(...all), prefixes()]).toEqual([
      [first, second, last],
      ["fd00::/126@tcp", `${last}@tcp`],
    ]);
    expect(await grant("a", "r", "fd00::/64")).not.toEqual([]);
    expect([await letIn(...all), prefixes()]).toEqual([all, ["fd00::/64@tcp"]]);
    expect(await grant("a", "r", "fd00::/64")).toEqual([]);
    await revoke("a", "r");
    expect([await letIn(...all), ours()]).toEqual([[], []]);
  });

  test.each([
    ["fewer", "fd00::/64", few, [first, second, last]],
    ["more", few, "fd00::/64", all],
    ["others", "fd00::/64", "fd00::/127, fd01::/64", [first]],
  ])(
    "S-06 cut off after any command while there become %s, the next run ends in what is asked for",
    async (_, from, to, expected) => {
      for (let cut = 1; ; cut += 1) {
        await grant("a", "r", from);
        let left = cut;
        world.intercept(({ argv }) => {
          if (!/^(dd|mv|nodemap_(add|del|modify).*)$/.test(argv[0] === "lctl" ? (argv[1] ?? "") : argv[0])) return undefined;
          left -= 1;
          return left < 0 ? ended(1, "", "cut off") : undefined;
        });
        const done = await grant("a", "r", to).then(
          () => true,
          () => false,
        );
        world.intercept(() => undefined);
        await grant("a", "r", to);
        expect([cut, await letIn(...all)]).toEqual([cut, expected]);
        expect(await grant("a", "r", to)).toEqual([]);
        if (done) return;
      }
    },
  );

  test("S-06 a record that an earlier version wrote, with both lengths: the nodemap is made anew, since nothing tells which holds", async () => {
    await grant("a", "r", few);
    const [name = ""] = ours().map((nodemap) => nodemap.name);
    const file = join(folder("nodemaps"), `${name}.json`);
    const record = JSON.parse(readFileSync(file, "utf8"));
    writeFileSync(file, `${JSON.stringify({ ...record, prefixes: ["fd00::/64@tcp", ...record.prefixes] })}\n`);
    await grant("a", "r", "fd00::/64");
    expect([await letIn(...all), prefixes()]).toEqual([all, ["fd00::/64@tcp"]]);
    expect(ours().map((nodemap) => nodemap.name)).not.toContain(name);
  });
});

test("S-06 bans are known piece by piece, so that each is lifted", async () => {
  const site = world.stack({ revocation: "cut" });
  const bans = () => world.sandbox.state().nodemaps.find(({ name }) => name === "default")?.banlist ?? [];
  const banned = async (address: string) => (await nodemapOf(address)) === "default" && bans().length > 0;
  await grant("a", "r", "fd00::/125", site);
  await grant("a", "r", "fd00::/127", site);
  expect([bans().length, await banned(second), await letIn("fd00::1")]).toEqual([2, true, ["fd00::1"]]);
  await grant("a", "r", "fd00::8/125", site);
  await grant("a", "r", "fd00::/126", site);
  await grant("a", "r", "fd00::4/126", site);
  await grant("a", "r", "fd00::/124", site);
  expect([bans(), await letIn("fd00::", "fd00::f")]).toEqual([[], ["fd00::", "fd00::f"]]);
});

describe("S-06 what is in force is asked, not inferred", () => {
  test.each([
    ["shorter", "fd00::/126", "fd00::/64"],
    ["longer", "fd00::/64", "fd00::/126"],
  ])("S-06 a prefix that somebody put in by hand, %s than the record says", async (_, clients, byHand) => {
    await grant("a", "r", clients);
    const before = await letIn(...all);
    const [name = ""] = ours().map((nodemap) => nodemap.name);
    await lctl("nodemap_del_range", "--name", name, "--range", `${clients}@tcp`);
    await lctl("nodemap_add_range", "--name", name, "--range", `${byHand}@tcp`);
    // The shorter one lets more in: the address behind the rule's last tells.
    await grant("a", "r", clients);
    expect(await letIn(...all)).toEqual(before);
  });

  test("S-06 an address that somebody put into a nodemap of ours by hand goes, without a word about its length", async () => {
    await grant("a", "r", "10.1.0.0/24");
    const [name = ""] = ours().map((nodemap) => nodemap.name);
    await lctl("nodemap_add_range", "--name", name, "--range", "fd00::/64@tcp");
    await grant("b", "r", "10.2.0.0/24");
    expect([await letIn(...all), await letIn("10.1.0.7", "10.2.0.7")]).toEqual([[], ["10.1.0.7", "10.2.0.7"]]);
  });

  test("S-06 a nodemap of others right beside ours, whose length nobody tells, is in nobody's way", async () => {
    await lctl("nodemap_add", "theirs");
    await lctl("nodemap_add_range", "--name", "theirs", "--range", "fd00::/64@tcp");
    await grant("a", "r", "fd00:0:0:1::/64");
    expect(await nodemapOf("fd00::7")).toBe("theirs");
    await revoke("a", "r");
    expect(ours()).toEqual([]);
  });

  test.each([
    ["around ours", "fd00::/56@tcp"],
    ["within ours", "fd00::5@tcp"],
  ])("S-06 a prefix of others that came later, %s, is in the way of no other rule, and of no removal", async (_, theirs) => {
    await grant("a", "r", "fd00::/64");
    await grant("b", "s", "fd00:0:0:1::/64");
    await lctl("nodemap_add", "theirs");
    await lctl("nodemap_modify", "--name", "theirs", "--property", "deny_mount", "--value", "1");
    await lctl("nodemap_add_range", "--name", "theirs", "--range", theirs);
    world.commands.splice(0);
    await grant("b", "t", "10.2.0.0/24");
    expect(world.commands.filter((line) => line.includes("nodemap_del_range"))).toEqual([]);
    await revoke("b", "s");
    await revoke("a", "r");
    expect([await nodemapOf("fd00::5"), ours().length]).toEqual(["theirs", 1]);
  });

  test("S-06 an IPv4 address in IPv6, which is printed with dots, is read back", async () => {
    await grant("a", "r", "::ffff:a09:901");
    expect(await grant("a", "r", "::ffff:a09:901")).toEqual([]);
    expect(await letIn("::ffff:a09:901")).toHaveLength(1);
    await revoke("a", "r");
    expect(ours()).toEqual([]);
  });
});

describe("S-06 clients that are together every address", () => {
  test.each([
    ["IPv6", "::/1, 8000::/1"],
    ["IPv4", "0.0.0.0/1, 128.0.0.0/1"],
    ["IPv4 in more than two parts", "10.0.0.0@tcp:255.255.255.255@tcp, 0.0.0.0/5, 8.0.0.0/7, 10.0.0.5"],
  ])("S-06 %s: refused before anybody else can compile it", async (_, clients) => {
    const { code, summary } = await refusal(grant("a", "r", clients));
    expect([code, summary]).toEqual(["BAD_REQUEST", expect.stringContaining("together every address there is")]);
    expect(readdirSync(folder("rules"))).toEqual([]);
    await grant("b", "r", "10.2.0.0/24", world.stack({ owner: "others" }));
  });

  test("S-06 of two rules: each part is a range that the MGS takes", async () => {
    await grant("a", "r", "::/1");
    await grant("a", "s", "8000::/1");
    expect(await letIn("::1", "7fff::1", "8000::", "ffff::1")).toHaveLength(4);
    await revoke("a", "s");
    expect(await letIn("::1", "8000::")).toEqual(["::1"]);
  });
});

describe("S-06 a wish that the MGS refuses", () => {
  // Not a network that every version knows.
  const odd = "10.5.0.1@efa";

  test("S-06 is withdrawn, what was in force stays, and no other stack is in its way", async () => {
    await grant("a", "r", "10.1.0.0/24");
    const { code, said, fix } = await refusal(grant("a", "r", odd));
    expect([code, said]).toEqual(["BAD_REQUEST", expect.stringContaining("can't parse")]);
    expect(fix).toContain("nodemap_add_range");
    const record = await readRecord(world.site, "rules", "shares/a#r");
    expect([record?.live?.clients, record?.pending]).toEqual(["10.1.0.0/24@tcp", undefined]);
    await grant("b", "r", "10.2.0.0/24", world.stack({ owner: "others" }));
    expect(await letIn("10.1.0.7", "10.2.0.7")).toHaveLength(2);
  });

  test.each([
    ["apply", () => grant("b", "s", "10.3.0.0/24", world.stack({ owner: "others" }))],
    ["revocation", () => revoke("b", "r")],
  ])("S-06 of a run that was cut off stands in the way of no %s", async (_, work) => {
    await grant("b", "r", "10.2.0.0/24");
    const cut = "lctl nodemap_add ";
    world.intercept(({ argv }) => (argv.join(" ").startsWith(cut) ? ended(1, "", "cut off") : undefined));
    await refusal(grant("a", "r", odd));
    world.intercept(() => undefined);
    expect((await readRecord(world.site, "rules", "shares/a#r"))?.pending?.clients).toBe(odd);
    await work();
    expect(await readRecord(world.site, "rules", "shares/a#r")).toBeUndefined();
    expect(world.notes.filter((line) => line.startsWith("shares/a#r: the MGS refuses"))).toHaveLength(1);
    world.commands.splice(0);
    await grant("b", "t", "10.4.0.0/24");
    expect(changes().filter((verb) => verb === "nodemap_add_range")).toHaveLength(1);
  });

  test.each(["10.5.0.1@efa", "fd00::5@efa"])(
    "S-06 of %s: its rule can be removed, and nobody is stopped by asking where it falls",
    async (clients) => {
      world.intercept(({ argv }) => (argv[1] === "nodemap_add" ? ended(1, "", "cut off") : undefined));
      await refusal(grant("a", "r", clients));
      world.intercept(() => undefined);
      await revoke("a", "r");
      await grant("b", "t", "10.4.0.0/24");
      expect([await readRecord(world.site, "rules", "shares/a#r"), await letIn("10.4.0.7")]).toEqual([undefined, ["10.4.0.7"]]);
    },
  );

  test("S-06 no host but the MGS can refuse one: off it, the wish is kept", async () => {
    let moved = false;
    world.intercept(({ argv }) => {
      moved ||= argv[1] === "nodemap_add_range";
      if (!moved || argv[0] !== "lctl") return undefined;
      return argv[1] === "get_param" ? ended(0, "") : ended(1, "", "nodemap_add_range: Invalid argument");
    });
    expect((await refusal(grant("a", "r", "10.1.0.0/24"))).code).toBe("NOT_MGS");
  });
});
