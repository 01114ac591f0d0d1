// S-04: what no access rule of ours made opens the place of a share: refused before it is shown or opened, and before its data goes.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { applyRule } from "../../../src/backends/lustre/access/apply";
import { destroyRule } from "../../../src/backends/lustre/access/destroy";
import { applyShare } from "../../../src/backends/lustre/share/apply";
import { destroyShare } from "../../../src/backends/lustre/share/destroy";
import { restore } from "../../../src/backends/lustre/share/trash";
import type { Site } from "../../../src/backends/lustre/site";
import type { RemovalPolicy } from "../../../src/spec/removal-policy";
import { ended } from "../../core/fake-host";
import { refusal } from "../../core/refusal";
import { type SandboxSite, type Setting, sandboxSite } from "./sandbox-site";

let world: SandboxSite;
const start = (setting: Setting = {}) => {
  world = sandboxSite(setting);
};
afterEach(() => world.sandbox.remove());

const share = (more: { path?: string; adopt?: boolean; removalPolicy?: RemovalPolicy; site?: Site; recreate?: true } = {}) => {
  const { path = "/shares/a", adopt = false, removalPolicy = "retain", site = world.site, recreate } = more;
  const spec = { fileset: path, size: 1024n ** 3n, owner: { uid: 0, gid: 0 }, mode: 0o770, adopt, removalPolicy };
  return applyShare(site, { key: "shares/a", claim: "share-a", spec, ...(recreate ? { recreate } : {}) });
};
const rule = (clients = "10.1.0.5", site = world.site, level: "rw" | "ro" = "rw") =>
  applyRule(site, {
    key: "shares/a#r",
    claim: "rule",
    spec: {
      share: "shares/a",
      fileset: "/shares/a",
      clients: [clients],
      level,
      squash: { kind: "root" },
      advisoryReadOnly: false,
      adopt: false,
    },
  });
const lctl = async (...argv: string[]) => {
  const { exit, stderr } = await world.sandbox.run(["lctl", ...argv]);
  expect([exit, stderr]).toEqual([0, ""]);
};
const on = (path: string) => join(world.sandbox.mount, path);
/** A nodemap of somebody else, with clients. */
async function theirs(name: string, ...filesets: (readonly string[])[]): Promise<void> {
  await lctl("nodemap_add", name);
  for (const property of ["deny_mount", "admin", "trusted"])
    if (world.site.fileSystem.lustreVersion !== "2.16" || property !== "deny_mount")
      await lctl("nodemap_modify", "--name", name, "--property", property, "--value", "0");
  for (const fileset of filesets) await lctl("nodemap_fileset_add", "--name", name, ...fileset);
  await lctl("nodemap_add_range", "--name", name, "--range", "10.66.0.[1-9]@tcp");
}
const openDefault = async () => {
  await lctl("nodemap_fileset_add", "--name", "default", "--fileset", "/shares");
  await lctl("nodemap_modify", "--name", "default", "--property", "deny_mount", "--value", "0");
};
const fileset = (path: string, ...more: string[]) => ["--fileset", path, ...more];

const openers: [string, () => Promise<void>, string][] = [
  ["the very path", () => theirs("slurm", fileset("/shares/a")), 'nodemap "slurm" opens /shares/a to clients'],
  ["a parent of it", () => theirs("slurm", fileset("/shares")), 'nodemap "slurm" opens /shares to clients'],
  ["something in it", () => theirs("slurm", fileset("/shares/a/sub")), 'nodemap "slurm" opens /shares/a/sub to clients'],
  [
    "one of several filesets, to read only",
    () => theirs("slurm", fileset("/else"), fileset("/shares/a", "--alt", "--ro")),
    'nodemap "slurm" opens /shares/a to clients',
  ],
  [
    "a fileset written otherwise",
    () => theirs("slurm", fileset("/x/../shares/")),
    'nodemap "slurm" opens /x/../shares/ to clients',
  ],
  ["the fileset of default", openDefault, 'nodemap "default" opens /shares to clients'],
  [
    "a nodemap of ours on another file system of the MGS",
    () => theirs("sw_abcdefghijkl", fileset("/shares/a")),
    'nodemap "sw_abcdefghijkl" opens /shares/a to clients',
  ],
];

describe.each(openers)("S-04 by %s", (_, open, summary) => {
  const refused = {
    code: "ALREADY_OPEN",
    summary: expect.stringContaining(summary),
    fix: expect.stringContaining("fileset_del"),
  };

  test("S-04 no share is made, in one look at the MGS", async () => {
    start();
    await open();
    world.commands.splice(0);
    expect(await refusal(share())).toMatchObject(refused);
    expect(existsSync(on("shares/a"))).toBe(false);
    expect(existsSync(on(".sharewright"))).toBe(false);
    expect(world.commands.filter((line) => line.includes("get_param mgs."))).toHaveLength(1);
  });

  test("S-04 no share is restored", async () => {
    start();
    await share({ removalPolicy: "trash" });
    await destroyShare(world.site, "shares/a", "share-a");
    await open();
    const [name = ""] = readdirSync(on(".sharewright/trash")).filter((entry) => !entry.endsWith(".json"));
    expect(await refusal(restore(world.site, name, undefined))).toMatchObject(refused);
    expect(existsSync(on("shares/a"))).toBe(false);
  });

  test("S-04 no rule opens it, and what is in force stays", async () => {
    start();
    await share();
    await rule();
    await open();
    await rule();
    expect(await refusal(rule("10.1.0.6", world.stack({ preflight: "warn" })))).toMatchObject(refused);
    expect(readdirSync(on(".sharewright/rules"))).toHaveLength(1);
    expect((await world.sandbox.run(["lctl", "nodemap_test_nid", "10.1.0.5@tcp"])).stdout).toMatch(/^sw_/);
  });

  test("S-04 its data does not go", async () => {
    start();
    await share({ removalPolicy: "destroy" });
    await open();
    expect(await refusal(destroyShare(world.site, "shares/a", "share-a"))).toMatchObject({ code: "STILL_OPEN" });
    expect(existsSync(on("shares/a"))).toBe(true);
  });
});

test("S-04 an adopted share outside the prefix, which default opens", async () => {
  start();
  await world.sandbox.run(["mkdir", "-p", on("data/old")]);
  await world.sandbox.run(["lfs", "project", "-p", "777", "-s", on("data/old")]);
  await lctl("nodemap_fileset_add", "--name", "default", "--fileset", "/data");
  await lctl("nodemap_modify", "--name", "default", "--property", "deny_mount", "--value", "0");
  expect(await refusal(share({ path: "/data/old", adopt: true }))).toMatchObject({
    code: "ALREADY_OPEN",
    summary: expect.stringContaining('nodemap "default" opens /data to clients, and with it /data/old'),
  });
  await lctl("nodemap_modify", "--name", "default", "--property", "deny_mount", "--value", "1");
  await share({ path: "/data/old", adopt: true });
});

test.each(["default", "slurm"])("S-04 on 2.16, by the one fileset of %s", async (name) => {
  start({ version: "2.16.1" });
  if (name !== "default") await theirs(name);
  await lctl("nodemap_set_fileset", "--name", name, "--fileset", "/shares");
  expect((await refusal(share())).code).toBe("ALREADY_OPEN");
  await lctl("nodemap_set_fileset", "--name", name, "--fileset", "/.sharewright/closed");
  await share();
});

test("S-04 a separate MGS is asked, and that it is one", async () => {
  start({ hosts: { client: "client", mgs: "mgs", mds: "mds" } });
  await theirs("slurm", fileset("/shares"));
  expect((await refusal(share())).code).toBe("ALREADY_OPEN");
  start({ hosts: { client: "client", mgs: "mds", mds: "mds" } });
  expect((await refusal(share())).code).toBe("NOT_MGS");
});

test("S-04 where no MGS is named at all, that is told, and limits are made", async () => {
  start({ hosts: { client: "client", mgs: "client", mds: "client" } });
  await share();
  expect(world.notes.filter((line) => line.startsWith("not verified: nodemaps that show"))).toHaveLength(1);
});

describe("S-04 what shows the whole file system to clients that are not trusted", () => {
  const whole: [string, () => Promise<void>, string][] = [
    ["a nodemap without a fileset", () => theirs("slurm"), "slurm, whose clients are not trusted"],
    ["one whose fileset is the root", () => theirs("slurm", fileset("/")), "slurm, whose clients are not trusted"],
    [
      "a default that is open",
      () => lctl("nodemap_modify", "--name", "default", "--property", "deny_mount", "--value", "0"),
      "clients in no nodemap: may mount the whole file system",
    ],
    ["nodemaps that are not in force", () => lctl("nodemap_activate", "0"), "nodemap.active is 0"],
  ];
  test.each(whole)("S-04 %s: no share is made, unless preflight is told to warn", async (_, open, found) => {
    start();
    await open();
    expect(await refusal(share())).toMatchObject({ code: "PREFLIGHT", summary: expect.stringContaining(found) });
    expect(existsSync(on("shares/a"))).toBe(false);
    await share({ site: world.stack({ preflight: "warn" }) });
    expect(world.notes.filter((line) => line.includes(found))).toHaveLength(1);
  });
});

test.each<[string, () => Promise<void>]>([
  ["a nodemap of others that opens something else", () => theirs("slurm", fileset("/sharesx"), fileset("/else", "--alt"))],
  [
    "one that may not mount",
    async () => {
      await theirs("slurm", fileset("/shares"));
      await lctl("nodemap_modify", "--name", "slurm", "--property", "deny_mount", "--value", "1");
    },
  ],
  [
    "one whose clients are trusted with everything",
    async () => {
      await theirs("hpc");
      for (const property of ["admin", "trusted"])
        await lctl("nodemap_modify", "--name", "hpc", "--property", property, "--value", "1");
    },
  ],
  ["one without clients, which shows everything to nobody", () => lctl("nodemap_add", "empty")],
])("S-04 %s is in nobody's way", async (_, open) => {
  start();
  await open();
  await share();
  await rule();
});

test("S-04 a nodemap of a rule whose filesets somebody took out: no share is made until the rule is applied again, which mends it", async () => {
  start();
  await share();
  await rule();
  const name = (await world.sandbox.run(["lctl", "nodemap_test_nid", "10.1.0.5@tcp"])).stdout.trim();
  await lctl("nodemap_fileset_del", "--name", name, "--fileset", "/shares/a");
  const spec = {
    fileset: "/shares/b",
    size: 1024n ** 3n,
    owner: { uid: 0, gid: 0 },
    mode: 0o770,
    adopt: false,
    removalPolicy: "retain",
  } as const;
  const other = () => applyShare(world.site, { key: "shares/b", claim: "share-b", spec });
  expect(await refusal(other())).toMatchObject({ code: "PREFLIGHT", summary: expect.stringContaining(name) });
  await rule();
  await other();
});

test("S-04 a share that is made anew while its rules are in force: they are ours", async () => {
  start();
  await share();
  await rule();
  await world.sandbox.run(["rm", "-r", on("shares/a")]);
  await share({ recreate: true });
  expect(existsSync(on("shares/a"))).toBe(true);
});

describe("S-04 access is taken away, whatever others open", () => {
  const open: [string, () => Promise<void>][] = [
    ["a nodemap that opens its place", () => theirs("slurm", fileset("/shares"))],
    ["a nodemap that shows everything", () => theirs("slurm")],
    ["nodemaps that are not in force", () => lctl("nodemap_activate", "0")],
  ];
  test.each(open)("S-04 beside %s: fewer clients, and to read only; but no further ones", async (_, begin) => {
    start();
    await share();
    await rule("10.1.0.[5-6]");
    await begin();
    await rule("10.1.0.5");
    expect((await world.sandbox.run(["lctl", "nodemap_test_nid", "10.1.0.6@tcp"])).stdout.trim()).toBe("default");
    await rule("10.1.0.5", world.site, "ro");
    expect(["ALREADY_OPEN", "PREFLIGHT"]).toContain((await refusal(rule("10.1.0.[5-7]", world.site, "ro"))).code);
    expect(["ALREADY_OPEN", "PREFLIGHT"]).toContain((await refusal(rule())).code);
  });

  test.each<[string, () => Promise<void>, () => Promise<void>]>([
    [
      'nodemap "default" shows the whole file system',
      () => lctl("nodemap_modify", "--name", "default", "--property", "deny_mount", "--value", "0"),
      () => lctl("nodemap_modify", "--name", "default", "--property", "deny_mount", "--value", "1"),
    ],
    ["nodemap.active is 0", () => lctl("nodemap_activate", "0"), () => lctl("nodemap_activate", "1")],
  ])("S-03 a rule is not gone while its clients see everything: %s", async (why, open, shut) => {
    start();
    await share();
    await rule();
    await open();
    const revoke = (site = world.site) => destroyRule(site, "shares/a#r", "rule");
    expect(await refusal(revoke())).toMatchObject({ code: "STILL_OPEN", summary: expect.stringContaining(why) });
    await shut();
    await revoke();
    expect(readdirSync(on(".sharewright/rules"))).toEqual([]);
    await rule();
    await open();
    await revoke({ ...world.site, fileSystem: { ...world.site.fileSystem, preflight: "warn" } });
    expect(world.notes).toContainEqual(expect.stringContaining(why));
  });

  test("S-03 a host that does not tell its NIDs keeps no rule from being taken away, and lets nobody in meanwhile", async () => {
    start();
    await share();
    await rule();
    world.intercept(({ argv }) => (argv[1] === "list_nids" ? ended(1, "", "no such device") : undefined));
    await destroyRule(world.site, "shares/a#r", "rule");
    expect(readdirSync(on(".sharewright/rules"))).toEqual([]);
    expect((await refusal(rule())).code).toBe("COMMAND_FAILED");
  });

  test.each(["2.17.0", "2.16.1"] as const)(
    "S-03 on %s a rule is not gone while default shows its share to its clients",
    async (version) => {
      start({ version });
      await share();
      await rule();
      if (version === "2.17.0") await openDefault();
      else await lctl("nodemap_set_fileset", "--name", "default", "--fileset", "/shares");
      const revoke = () => destroyRule(world.site, "shares/a#r", "rule");
      expect(await refusal(revoke())).toMatchObject({ code: "STILL_OPEN", summary: expect.stringContaining('"default"') });
      if (version === "2.17.0") await lctl("nodemap_modify", "--name", "default", "--property", "deny_mount", "--value", "1");
      else await lctl("nodemap_set_fileset", "--name", "default", "--fileset", "/.sharewright/closed");
      await revoke();
      expect(readdirSync(on(".sharewright/rules"))).toEqual([]);
    },
  );
});
