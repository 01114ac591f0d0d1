// A new nodemap is a copy of `default` (golden y005 to y116, y572 to y575): whatever `default` holds, nodemaps of ours are what they have to be.
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import { applyRule } from "../../../src/backends/lustre/access/apply";
import { destroyRule } from "../../../src/backends/lustre/access/destroy";
import { accessDifferences } from "../../../src/backends/lustre/access/differences";
import { bootstrap, observeSite, planBootstrap } from "../../../src/backends/lustre/bootstrap";
import { inspectAccess, readInventory } from "../../../src/backends/lustre/inspect";
import { checkAccess, checkLimits, checkOwnNodemaps } from "../../../src/backends/lustre/preflight";
import { applyShare } from "../../../src/backends/lustre/share/apply";
import { ShareError } from "../../../src/core/errors";
import type { Nodemap, State } from "../../../src/sandbox/state";
import { parseClient } from "../../../src/spec/address";
import type { AccessLevel, AccessRuleSpec, Squash } from "../../../src/spec/lustre";
import { ended } from "../../core/fake-host";
import { type SandboxSite, sandboxSite } from "./sandbox-site";

let world: SandboxSite;
afterEach(() => world.sandbox.remove());

const versions = ["2.17.0", "2.16.1"] as const;
const tenant = "10.1.0.5@tcp";
const trusted = "10.7.0.5@tcp";

const nodemap = (state: State, name: string): Nodemap => {
  const found = state.nodemaps.find((one) => one.name === name);
  if (!found) throw new Error(`no ${name}`);
  return found;
};
const ours = () => world.sandbox.state().nodemaps.filter(({ name }) => /^sw_[a-z2-7]{12}$/.test(name));
const lctl = (...words: string[]) => world.sandbox.run(["lctl", ...words]);

async function share(): Promise<void> {
  const limits = { size: 1024n ** 3n, owner: { uid: 1000, gid: 1000 }, mode: 0o770 };
  const spec = { fileset: "/shares/a", ...limits, removalPolicy: "destroy" as const, adopt: false };
  await applyShare(world.site, { key: "shares/a", claim: "share-a", spec });
}

const ruleSpec = (level: AccessLevel, squash: Squash): AccessRuleSpec => ({
  share: "shares/a",
  fileset: "/shares/a",
  clients: ["10.1.0.0/24"],
  level,
  squash,
  advisoryReadOnly: false,
  adopt: false,
});
const grant = (level: AccessLevel = "rw", squash: Squash = { kind: "root" }) =>
  applyRule(world.site, { key: "shares/a#r", claim: "rule", spec: ruleSpec(level, squash) });
const revoke = () => destroyRule(world.site, "shares/a#r", "rule");

async function mount(nid: string, path: string, ...more: string[]) {
  const { stdout } = await world.sandbox.operate("mount-as", nid, `10.0.0.1@tcp:/scratch${path}`, "--json", ...more);
  return JSON.parse(stdout);
}

// ---- tenants ---------------------------------------------------------------------------------------------------------------

const flag = fc.constantFrom("0", "1");
const id = fc.constantFrom("1", "99", "65534");
const anyDefault = fc.record({
  properties: fc.record({
    admin_nodemap: flag,
    trusted_nodemap: flag,
    readonly_mount: flag,
    deny_mount: flag,
    deny_unknown: flag,
    forbid_encryption: flag,
    audit_mode: flag,
    map_mode: fc.constantFrom("all", "uid", "gid", "uid,gid", "projid"),
    squash_uid: id,
    squash_gid: id,
    squash_projid: id,
    child_raise_privileges: fc.constantFrom("none", "admin,trusted", "deny_mount"),
  }),
  capabilities: fc.constantFrom("", "type: mask\ncaps: cap_chown,cap_dac_read_search", "type: set\ncaps: "),
  filesets: fc.constantFrom([], [{ path: "/elsewhere", primary: true, readOnly: false }]),
  sepol: fc.constant(""),
});

/** Who writes what: the user, and what comes of it for a level of rw. */
const squashes: [Squash, string, { uid: string; errno: number }[]][] = [
  [
    { kind: "root" },
    "root is squashed to 65534:65534, users keep their ids",
    [
      { uid: "1000", errno: 0 },
      { uid: "0", errno: 13 },
    ],
  ],
  [
    { kind: "none" },
    "root stays root, users keep their ids",
    [
      { uid: "1000", errno: 0 },
      { uid: "0", errno: 0 },
    ],
  ],
  [{ kind: "all", uid: 1000, gid: 1000 }, "root is squashed to 1000:1000, users act as 1000:1000", []],
];

describe.each(versions)("R-01: a nodemap of a tenant on %s", (version) => {
  test("whatever `default` holds, a client that a rule lets in can mount and sees what the rule says", async () => {
    world = sandboxSite({ version, fileSystem: { preflight: "warn" } });
    await share();
    const made = new Map<string, string>();
    const level = fc.constantFrom<AccessLevel>("rw", "ro");
    await fc.assert(
      fc.asyncProperty(anyDefault, level, fc.constantFrom(...squashes), async (like, asked, [squash, identity, users]) => {
        world.sandbox.change((state) => {
          const { properties, ...rest } = nodemap(state, "default");
          const known = Object.entries(like.properties).filter(([name]) => name in properties);
          const its = { ...like, capabilities: version === "2.17.0" ? like.capabilities : "" };
          Object.assign(nodemap(state, "default"), rest, its, { properties: { ...properties, ...Object.fromEntries(known) } });
        });
        await grant(asked, squash);
        const path = version === "2.17.0" ? "/shares/a" : "";
        expect(await mount(tenant, path)).toMatchObject({
          exit: 0,
          root: "/shares/a",
          access: asked,
          identity: expect.stringContaining(identity),
        });
        for (const { uid, errno } of users) {
          const { write } = await mount(tenant, path, "--write", "file:4K", "--uid", uid, "--gid", uid);
          expect(write.errno).toBe(asked === "ro" ? 30 : errno);
        }
        // All that is not looked at by a mount of the sandbox is the same as well: of one rule there is one nodemap.
        const { name: _, id: __, ranges: ___, ...content } = ours()[0] as Nodemap;
        const rule = `${asked} ${identity}`;
        expect(made.get(rule) ?? JSON.stringify(content)).toBe(JSON.stringify(content));
        made.set(rule, JSON.stringify(content));
        expect(await grant(asked, squash)).toEqual([]);
        await revoke();
      }),
      { numRuns: 8 },
    );
  });

  test("has all its properties before its first range, of which only what `default` has otherwise is set", async () => {
    world = sandboxSite({ version });
    await share();
    world.sandbox.change((state) => Object.assign(nodemap(state, "default").properties, { audit_mode: "0", squash_uid: "99" }));
    let before: Nodemap | undefined;
    world.intercept(({ argv }) => {
      if (argv[1] === "nodemap_add_range") before ??= ours()[0];
      return undefined;
    });
    world.commands.splice(0);
    await grant();
    expect(before).toMatchObject({ ranges: [], properties: ours()[0]?.properties, capabilities: ours()[0]?.capabilities });
    const set = world.commands.flatMap(
      (line) => /nodemap_modify .*--property (\S+)|nodemap_(set_cap)/.exec(line)?.slice(1) ?? [],
    );
    const names = set.filter((name) => name !== undefined);
    expect(names).toEqual(expect.arrayContaining(["audit_mode", "squash_uid"]));
    expect(names.length).toBeLessThan(7);
    if (version === "2.16.1") expect(names.join()).not.toMatch(/deny_mount|child_raise|set_cap/);
  });
});

test("R-09: the first rule of a file system says nothing of other file systems, which the logs `nodemap` and `params` are not", async () => {
  world = sandboxSite();
  await share();
  await grant();
  expect(world.notes.filter((note) => /file system|MGS/.test(note))).toEqual([]);
});

describe("R-01: a nodemap that an earlier version left to `default`", () => {
  const inherited = { deny_mount: "1", forbid_encryption: "1", audit_mode: "0", child_raise_privileges: "admin" };
  async function asBefore(): Promise<void> {
    world = sandboxSite();
    await share();
    await grant();
    world.sandbox.change((state) => {
      for (const { name } of ours()) {
        Object.assign(nodemap(state, name).properties, inherited);
        nodemap(state, name).capabilities = "type: mask\ncaps: cap_chown";
      }
    });
  }
  const rule = { key: "shares/a#r", spec: ruleSpec("rw", { kind: "root" }) };
  const differences = async () => {
    const { seen, features } = await inspectAccess(world.site, await readInventory(world.site));
    return accessDifferences(rule.key, rule.spec, [parseClient("10.1.0.0/24", "tcp")], seen.live, features);
  };

  test("is drift for plan and status, bad for doctor, and mended by the next apply", async () => {
    await asBefore();
    const name = ours()[0]?.name ?? "";
    expect((await mount(tenant, "/shares/a")).exit).toBe(1);
    expect(await differences()).toEqual([
      { attribute: "forbid_encryption", wanted: "0", found: `1 (nodemap ${name})` },
      { attribute: "audit_mode", wanted: "1", found: `0 (nodemap ${name})` },
      { attribute: "child_raise_privileges", wanted: "none", found: `admin (nodemap ${name})` },
      { attribute: "capabilities", wanted: "off", found: `type: mask, caps: cap_chown (nodemap ${name})` },
      { attribute: "deny_mount", wanted: "0", found: `1 (nodemap ${name})` },
    ]);
    expect(await checkOwnNodemaps(world.site)).toMatchObject({
      verdict: "bad",
      found: expect.stringContaining("(deny_mount=1)"),
    });
    expect((await grant()).map(({ say }) => say)).toEqual([
      `set forbid_encryption=0 audit_mode=1 child_raise_privileges=none capabilities=off deny_mount=0 on nodemap ${name}`,
    ]);
    expect((await mount(tenant, "/shares/a")).exit).toBe(0);
    expect([await differences(), await checkOwnNodemaps(world.site)]).toEqual([[], expect.objectContaining({ verdict: "good" })]);
  });

  test("is also mended by what doctor says to do by hand", async () => {
    await asBefore();
    await byHand((await checkOwnNodemaps(world.site)).fix);
    expect([(await mount(tenant, "/shares/a")).exit, await differences()]).toEqual([0, []]);
  });
});

// ---- servers, executor and trusted clients -----------------------------------------------------------------------------------

/** Does what a fix says, one command after the other; `after` is called behind each. */
async function byHand(fix: string | undefined, after: () => Promise<void> = async () => {}): Promise<void> {
  const commands = [...(fix ?? "").matchAll(/on the (?:MGS|client): ((?:[^;']|'[^']*')+(?:; (?!on the )(?:[^;']|'[^']*')+)*)/g)];
  expect(commands.length, fix).toBeGreaterThan(0);
  for (const line of commands.flatMap(([, text = ""]) => text.split("; "))) {
    const words = line.split(" ").map((word) => word.replaceAll("'", ""));
    const { exitCode, stderr } = await world.site.mgs.transport.run({ argv: words as [string, ...string[]] });
    expect([line, exitCode, stderr]).toEqual([line, 0, ""]);
    await after();
  }
}

describe.each(versions)("R-01: trusted clients on %s", (version) => {
  const bare = (more = {}) => sandboxSite({ version, bare: true, fileSystem: { trustedClients: ["10.7.0.0/24"], ...more } });
  const sees = async (nid: string) => {
    const { exit, root, access, identity } = await mount(nid, "");
    return { exit, root, access, isRoot: /root stays root|nobody is squashed/.test(identity ?? "") };
  };
  const all = { exit: 0, root: "/", access: "rw", isRoot: true };

  test("can always mount while the fixes of doctor are done by hand, one by one", async () => {
    world = bare();
    const seen: unknown[] = [];
    const look = async () => {
      seen.push(await sees(trusted), await sees("10.0.0.1@tcp"));
    };
    const checks = [...(await checkLimits(world.site)), ...(await checkAccess(world.site))];
    const bad = checks.filter(({ verdict }) => verdict === "bad");
    expect(bad.map(({ id }) => id)).toEqual([
      "quota-enabled",
      "quota-root-prj-enable",
      "trusted",
      "default-closed",
      "nodemap-active",
    ]);
    await look();
    for (const { fix } of bad) await byHand(fix, look);
    expect(seen.length).toBeGreaterThan(30);
    expect(seen.filter((one) => JSON.stringify(one) !== JSON.stringify(all))).toEqual([]);
    // What was set for good takes effect later.
    await new Promise((resolve) => setTimeout(resolve, 2 * world.sandbox.state().persistDelayMs));
    expect((await sees("10.9.9.9@tcp")).root).not.toBe("/");
    const after = [...(await checkLimits(world.site)), ...(await checkAccess(world.site))];
    expect(after.filter(({ verdict }) => verdict === "bad")).toEqual([]);
    expect(planBootstrap(world.site, await observeSite(world.site))).toEqual([]);
  });

  test("are let in by bootstrap where `default` was closed, read-only and squashing before", async () => {
    world = bare();
    world.sandbox.change((state) => {
      const { properties } = nodemap(state, "default");
      Object.assign(properties, { readonly_mount: "1", squash_uid: "99", deny_unknown: "1", map_mode: "uid", audit_mode: "0" });
      if (version === "2.17.0") properties["deny_mount"] = "1";
    });
    await bootstrap(world.site);
    expect([await sees(trusted), await sees("10.0.0.1@tcp")]).toEqual([all, all]);
    expect(planBootstrap(world.site, await observeSite(world.site))).toEqual([]);
  });

  test("a prepared sandbox is what bootstrap makes of a bare one", async () => {
    const prepared = sandboxSite({ version });
    const { nodemaps, parameters, persistent, nodemapActive, nextNodemapId, nextRangeId } = prepared.sandbox.state();
    expect(planBootstrap(prepared.site, await observeSite(prepared.site))).toEqual([]);
    prepared.sandbox.remove();
    world = sandboxSite({ version, bare: true });
    await bootstrap(world.site);
    // Whether users need accounts on the servers is the site's affair.
    for (const name of [...Object.keys(parameters), ...Object.keys(persistent)].filter((one) =>
      one.endsWith("identity_upcall"),
    )) {
      delete parameters[name];
      delete persistent[name];
    }
    expect(world.sandbox.state()).toMatchObject({
      nodemaps,
      parameters,
      persistent,
      nodemapActive,
      nextNodemapId,
      nextRangeId,
    });
  });
});

describe("R-09: servers on a network whose nodes have numbers", () => {
  const onKfi = (bare: boolean) => {
    world = sandboxSite({ bare });
    world.intercept(({ argv }) => (argv[1] === "list_nids" ? ended(0, "10.0.0.1@tcp\n10761@kfi\n") : undefined));
  };
  const test10761 = async () => (await lctl("nodemap_test_nid", "10761@kfi")).stdout.trim();

  test("are trusted by bootstrap, too, before anybody is shut out", async () => {
    onKfi(true);
    const [trusted] = (await checkAccess(world.site)).filter(({ id }) => id === "trusted");
    expect(trusted?.fix).toContain("lctl nodemap_add_range --name sw_trusted --range 10761@kfi");
    await bootstrap(world.site);
    expect(await test10761()).toBe("sw_trusted");
    expect(planBootstrap(world.site, await observeSite(world.site))).toEqual([]);
  });

  test("are told of by doctor where `default` is closed already, and bootstrap refuses to take them from others", async () => {
    onKfi(false);
    const [found] = (await checkAccess(world.site)).filter(({ verdict }) => verdict === "bad");
    expect(found?.found).toBe("not so: 10761@kfi (in default)");
    await lctl("nodemap_add", "cray");
    await lctl("nodemap_add_range", "--name", "cray", "--range", "[10761-10824]@kfi");
    const error = await bootstrap(world.site).catch((reason: unknown) => reason);
    expect(ShareError.isShareError(error) && [error.code, error.summary]).toEqual([
      "NID_TAKEN",
      expect.stringContaining("10761@kfi is a server"),
    ]);
    expect(await test10761()).toBe("cray");
  });
});

describe("R-01: a nodemap that shuts trusted clients out", () => {
  test("which is ours is bad for doctor, and mended by bootstrap", async () => {
    world = sandboxSite();
    await lctl("nodemap_modify", "--name", "sw_trusted", "--property", "deny_mount", "--value", "1");
    const [found] = (await checkAccess(world.site)).filter(({ verdict }) => verdict === "bad");
    expect(found).toMatchObject({ id: "trusted", found: "not so: 10.0.0.1@tcp (in sw_trusted, deny_mount=1)" });
    expect((await bootstrap(world.site)).map(({ say }) => say)).toEqual(["set deny_mount=0 on nodemap sw_trusted"]);
    expect((await checkAccess(world.site)).filter(({ verdict }) => verdict === "bad")).toEqual([]);
  });

  test.each([
    ["deny_mount", "1"],
    ["readonly_mount", "1"],
    ["admin", "0"],
  ])(
    "which is a site's own (%s=%s) is bad for doctor and refused by bootstrap, which does not touch it",
    async (property, value) => {
      world = sandboxSite();
      await lctl("nodemap_del", "sw_trusted");
      await lctl("nodemap_add", "servers");
      for (const [name, wanted] of Object.entries({ admin: "1", trusted: "1", deny_mount: "0", [property]: value }))
        await lctl("nodemap_modify", "--name", "servers", "--property", name, "--value", wanted);
      await lctl("nodemap_add_range", "--name", "servers", "--range", "10.0.0.1@tcp");
      const [found] = (await checkAccess(world.site)).filter(({ verdict }) => verdict === "bad");
      expect(found?.found).toBe(`not so: 10.0.0.1@tcp (in servers, ${property}=${value})`);
      const error = await bootstrap(world.site).catch((reason: unknown) => reason);
      expect(ShareError.isShareError(error) && error.summary).toBe(
        `10.0.0.1@tcp is a server, the executor or a trusted client, but in nodemap "servers", where it is not trusted (${property}=${value})`,
      );
      expect(found?.fix).toBe(
        'take it out of "servers", or give that nodemap admin=1, trusted=1, readonly_mount=0, deny_mount=0 and no fileset',
      );
    },
  );
});
