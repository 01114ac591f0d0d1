// What sudo is asked to allow is what is run, on the host where it is run, and nothing near it.
import { afterEach, describe, expect, test } from "vitest";
import { applyRule } from "../../../src/backends/lustre/access/apply";
import { liftBans, readBans } from "../../../src/backends/lustre/access/bans";
import { destroyRule } from "../../../src/backends/lustre/access/destroy";
import { textDigest } from "../../../src/backends/lustre/access/siblings";
import { bootstrap } from "../../../src/backends/lustre/bootstrap";
import { readCapacity } from "../../../src/backends/lustre/capacity";
import { readInventory } from "../../../src/backends/lustre/inspect";
import { findLeftovers } from "../../../src/backends/lustre/leftovers";
import { checkAccess, checkLimits } from "../../../src/backends/lustre/preflight";
import { applyShare } from "../../../src/backends/lustre/share/apply";
import { destroyShare } from "../../../src/backends/lustre/share/destroy";
import { purge, readTrashEntries, restore } from "../../../src/backends/lustre/share/trash";
import { type Duty, type Grant, grantsFor } from "../../../src/backends/lustre/sudoers";
import { toolsOf } from "../../../src/backends/lustre/tools";
import type { Role } from "../../../src/core/host";
import { parseClient } from "../../../src/spec/address";
import { parseLayout } from "../../../src/spec/layout";
import type { AccessRuleSpec, ShareSpec } from "../../../src/spec/lustre";
import { type SandboxSite, sandboxSite } from "./sandbox-site";
import { fileSystem } from "./site";

/** sudo matches the arguments, joined by blanks, against the expression as it is printed; all we use of it is JavaScript's, too. */
function allows(grants: readonly Grant[], line: string): boolean {
  const [tool = "", ...args] = line.split(" ");
  return grants.some((grant) => grant.tool === tool && expressionOf(grant).test(args.join(" ")));
}

const expressions = new Map<string, RegExp>();

function expressionOf({ args }: Grant): RegExp {
  const known = expressions.get(args) ?? new RegExp(`^${args}$`);
  expressions.set(args, known);
  return known;
}

const duty = (role: Role, more: Partial<Duty["fileSystem"]> = {}, adopted: string[] = []): Duty => ({
  role,
  fileSystem: { ...fileSystem, ...more },
  adopted,
  runDirectory: "/run/sharewright",
});

const spec = (name: string, more: Partial<ShareSpec> = {}): ShareSpec => ({
  fileset: `/shares/x/${name}`,
  size: 1024n ** 3n,
  owner: { uid: 1000, gid: 1000 },
  mode: 0o2770,
  removalPolicy: "trash",
  adopt: false,
  ...more,
});
const rule = (share: string, more: Partial<AccessRuleSpec> = {}): AccessRuleSpec => ({
  share: `shares/x/${share}`,
  fileset: `/shares/x/${share}`,
  clients: ["10.1.0.0/24", "10.1.2.7"],
  level: "rw",
  squash: { kind: "root" },
  advisoryReadOnly: false,
  adopt: false,
  ...more,
});

describe.each([
  ["2.16.1", {}],
  ["2.17.0", { site: "staging" }],
] as const)("on Lustre %s", (version, named) => {
  let world: SandboxSite;
  afterEach(() => world.sandbox.remove());

  test("every command line that is run is allowed on its host, and what none of them uses is known", async () => {
    const hosts = { client: "client", mds: "mds", mgs: "mgs" } as const;
    world = sandboxSite({ version, bare: true, hosts, fileSystem: { pathPrefix: "shares/x", revocation: "cut", ...named } });
    const { site } = world;
    const cut = version === "2.17.0";
    const usual = { ...site, fileSystem: { ...site.fileSystem, revocation: cut ? ("cut" as const) : ("lazy" as const) } };

    await bootstrap(usual);
    await Promise.all([checkLimits(usual), checkAccess(usual)]);
    const share = (name: string, more: Partial<ShareSpec> = {}) =>
      applyShare(usual, { key: `shares/x/${name}`, claim: name, spec: spec(name, more) });
    await share("a.1_B-c", { layout: parseLayout("-E 64M -c 1 -E -1 -c -1 -S 4M") ?? [] });
    await share("a.1_B-c", { size: 2n * 1024n ** 3n, owner: { uid: 7, gid: 8 }, mode: 0o750, inodes: 5000n });
    await share("a.1_B-c", { size: 1024n ** 3n });
    await share("b", { removalPolicy: "destroy" });
    await share("b", { removalPolicy: "destroy", layout: parseLayout("-c 2") ?? [] });
    await world.sandbox.run(["lfs", "project", "-p", "77", "-s", `${world.sandbox.mount}/shares/x/b`]);
    await share("b", { removalPolicy: "destroy" });
    const open = (name: string, share: string, more: Partial<AccessRuleSpec> = {}) =>
      applyRule(usual, { key: `shares/x/${share}#${name}`, claim: `r-${name}`, stack: "s1", spec: rule(share, more) });
    await open("cpu.1", "a.1_B-c");
    await open("gpu", "b", {
      clients: ["10.3.0.0/16"],
      level: "ro",
      squash: { kind: "all", uid: 5, gid: 6 },
      rbac: ["file_perms"],
    });
    if (cut) await open("six", "b", { clients: ["fd00::5"], squash: { kind: "none" } });
    await open("cpu.1", "a.1_B-c", { clients: ["10.1.0.0/25"], level: "ro" });
    await destroyRule(usual, "shares/x/a.1_B-c#cpu.1", "r-cpu.1");
    const intent = { level: "ro" as const, squash: "root", clients: textDigest("10.6.0.1@tcp") };
    const intents = new Map(["p", "q"].map((name) => [`shares/x/b#${name}`, intent]));
    for (const name of ["p", "q"]) await open(name, "b", { clients: ["10.6.0.1"] });
    const read = rule("b", { clients: ["10.6.0.1"], level: "ro" });
    for (const name of ["p", "q"])
      await applyRule(usual, { key: `shares/x/b#${name}`, claim: `r-${name}`, stack: "s1", spec: read, intents });
    for (const name of ["p", "q"]) await destroyRule(usual, `shares/x/b#${name}`, `r-${name}`);
    if (cut) {
      await open("both", "b", { clients: ["10.4.0.1"] });
      await open("one", "a.1_B-c", { clients: ["10.4.0.1"] });
      await destroyRule({ ...usual, fileSystem: { ...usual.fileSystem, revocation: "ban" } }, "shares/x/b#both", "r-both");
      await readBans(usual);
      await liftBans(usual, [parseClient("10.4.0.1", "tcp"), parseClient("10.1.2.7", "tcp")], false);
      await destroyRule(usual, "shares/x/a.1_B-c#one", "r-one");
    }
    await destroyShare(usual, "shares/x/a.1_B-c", "a.1_B-c");
    const [trashed] = await readTrashEntries(usual);
    await restore(usual, trashed?.name ?? "", "d");
    await share("d", { adopt: true });
    await destroyShare(usual, "shares/x/d", "d");
    await purge(usual, (await readTrashEntries(usual))[0]?.name ?? "");
    await destroyRule(usual, "shares/x/b#gpu", "r-gpu");
    if (cut) await destroyRule(usual, "shares/x/b#six", "r-six");
    await destroyShare(usual, "shares/x/b", "b");
    await readCapacity(usual);
    await findLeftovers([usual], await readInventory(usual), { claims: new Set() });

    const made = { ...usual.fileSystem, mountPoint: "MNT", mds: { connection: { type: "local" as const } } };
    const grantsOf = new Map<Role, Grant[]>(
      (["client", "mds", "mgs"] as const).map((role) => [role, grantsFor(duty(role, made))]),
    );
    const rules = (role: Role) => grantsOf.get(role) ?? [];
    const run = [...new Set(world.commands)].map((line) => line.split(/: (.*)/s) as [Role, string]);
    expect(run.filter(([role, line]) => !allows(rules(role), line)).map((pair) => pair.join(": "))).toEqual([]);
    for (const role of ["client", "mds", "mgs"] as const) expect(run.some(([host]) => host === role)).toBe(true);
    // What is left over: locks, which this transport does not take, and ways back from a run that was cut off.
    const changing = (["client", "mds", "mgs"] as const).flatMap((role) =>
      rules(role)
        .filter(({ group }) => group !== "looks" && group !== "processes")
        .filter((grant) => !run.some(([host, line]) => host === role && allows([grant], line)))
        .map(({ tool, args }) => `${role}: ${tool} ${args}`),
    );
    expect(changing).toMatchSnapshot();
  });
});

describe("near misses are refused", () => {
  const client = grantsFor(duty("client"));
  const mds = grantsFor(duty("mds"));
  const mgs = grantsFor(duty("mgs"));
  const good: [readonly Grant[], string][] = [
    [client, "chown --no-dereference 1000:1000 /mnt/lustre/shares/a"],
    [client, "chmod 00770 /mnt/lustre/shares/a/."],
    [client, "kill -s TERM 4194304"],
    [client, "mkdir -m 0711 -- /mnt/lustre/shares"],
    [grantsFor(duty("client", { site: "staging" })), "ln -s -T -- staging /mnt/lustre/.sharewright/shares/site"],
    [mds, "find /mnt/lustre /mnt/lustre/.sharewright/shares/site -maxdepth 0 -printf %y|%m|%U|%G|%D|%i|%l|%p\\n"],
    [client, "lfs project /mnt/lustre/shares"],
    [client, "find /mnt/lustre/shares/a -mindepth 1 -maxdepth 1 -print -quit"],
    [client, "mv -T -- /mnt/lustre/.sharewright/staging/shares:a /mnt/lustre/shares/a"],
    [client, "find /mnt/lustre/.sharewright/trash/shares:a.10000 -xdev -depth -printf . -delete"],
    [client, "dd of=/mnt/lustre/.sharewright/shares/shares:a.json.tmp conv=fsync status=none"],
    [
      client,
      "find /mnt/lustre/shares/a /mnt/lustre/.sharewright/staging/shares:a -maxdepth 0 -printf %y|%m|%U|%G|%D|%i|%l|%p\\n",
    ],
    [client, "flock -w 900 /mnt/lustre/.sharewright/locks/shares:a#cpu tee /mnt/lustre/.sharewright/locks/shares:a#cpu~holder"],
    [client, "lfs setstripe -E 64M -c 1 -E -1 -c 2 /mnt/lustre/shares/a"],
    [client, "kill -s KILL -- -4711 4711"],
    [mds, "lfs setquota -p 10000 -b 0k -B 1048576k -i 0 -I 0 /mnt/lustre"],
    [mgs, "lctl nodemap_modify --name sw_abcdefghij23 --property admin --value 0"],
    [mgs, "lctl conf_param scratch.quota.mdt=ugp"],
    [mgs, "lctl nodemap_add_range --name sw_abcdefghij23 --range 10.1.0.[0-255]@tcp"],
  ];
  test.each(["client", "mds", "mgs", "server"] as const)("doctor may ask for the tools of the %s, and try sudo", (role) => {
    for (const tool of toolsOf(role)) expect(allows(grantsFor(duty(role)), `${tool} --version`)).toBe(true);
    expect(allows(grantsFor(duty(role)), "true")).toBe(true);
    expect(allows(grantsFor(duty(role)), "true x")).toBe(false);
  });

  test.each(good)("what they are near to is allowed (%#)", (grants, line) => expect(allows(grants, line)).toBe(true));

  test.each<[string, readonly Grant[], string]>([
    ["another path", client, "chown --no-dereference 1000:1000 /etc/shadow"],
    ["another prefix", client, "chown --no-dereference 1000:1000 /mnt/lustre/home/a"],
    ["the prefix itself", client, "chown --no-dereference 1000:1000 /mnt/lustre/shares"],
    ["something in a share", client, "chown --no-dereference 1000:1000 /mnt/lustre/shares/a/b"],
    ["..", client, "chown --no-dereference 1000:1000 /mnt/lustre/shares/.."],
    ["a way out", client, "chown --no-dereference 1000:1000 /mnt/lustre/shares/../../../etc/shadow"],
    ["a second path", client, "chown --no-dereference 1000:1000 /mnt/lustre/shares/a /etc/shadow"],
    ["a second path before", client, "chown --no-dereference 1000:1000 /etc/shadow /mnt/lustre/shares/a"],
    ["another option", client, "chown -R 1000:1000 /mnt/lustre/shares/a"],
    ["one more option", client, "chown --no-dereference -R 1000:1000 /mnt/lustre/shares/a"],
    ["a reference file", client, "chown --no-dereference --reference=/etc/shadow /mnt/lustre/shares/a"],
    ["names in place of numbers", client, "chown --no-dereference root:root /mnt/lustre/shares/a"],
    ["the set-user-id bit", client, "chmod 04755 /mnt/lustre/shares/a/."],
    ["S-20 the mode of a file", client, "chmod 02755 /mnt/lustre/shares/a"],
    ["S-20 the mode of what lies in a share", client, "chmod 00777 /mnt/lustre/shares/a/link/."],
    ["S-20 a prefix that anybody may write to", client, "mkdir -m 0777 -- /mnt/lustre/shares"],
    ["S-20 a prefix that may be listed", client, "mkdir -m 0755 -- /mnt/lustre/shares"],
    ["S-20 a staged share that anybody may write to", client, "mkdir -m 0777 -- /mnt/lustre/.sharewright/staging/shares:a"],
    ["S-20 records that anybody may write to", client, "mkdir -m 0777 -- /mnt/lustre/.sharewright"],
    ["S-20 the number of a process that is taken for -1", client, "kill -s TERM 4294967295"],
    ["S-20 a process number that is taken for 1", client, "kill -s TERM 4294967297"],
    ["S-20 a group that is taken for everybody", client, "kill -s KILL -- -4294967295 4711"],
    ["S-20 a process of more digits than there are", mgs, "kill -s KILL -- -4711 10000000"],
    ["S-20 another signal", client, "kill -s HUP 4711"],
    ["S-20 a process among others", client, "kill -s TERM 4711 1"],
    [
      "S-20 looking at what lies in a share",
      client,
      "find /mnt/lustre/shares/a/link/shadow -maxdepth 0 -printf %y|%m|%U|%G|%D|%i|%l|%p\\n",
    ],
    ["S-20 listing what lies in a share", client, "lfs project /mnt/lustre/shares/a/link"],
    ["S-20 names of what lies in a share", client, "find /mnt/lustre/shares/a/link -mindepth 1 -maxdepth 1 -print -quit"],
    ["a mode in letters", client, "chmod u+s /mnt/lustre/shares/a/."],
    ["the records themselves", client, "chmod 00777 /mnt/lustre/.sharewright/."],
    ["a folder of records", client, "chmod 00777 /mnt/lustre/.sharewright/shares/."],
    ["a record in place of a share", client, "mv -T -- /mnt/lustre/.sharewright/shares/shares:a.json /mnt/lustre/shares/a"],
    ["a record from the trash", client, "mv -T -- /mnt/lustre/.sharewright/trash/shares:a.1.json /mnt/lustre/shares/a"],
    ["no -T", client, "mv -- /mnt/lustre/.sharewright/staging/shares:a /mnt/lustre/shares/a"],
    ["deleting a share in place", client, "find /mnt/lustre/shares/a -xdev -depth -printf . -delete"],
    ["deleting all of the trash", client, "find /mnt/lustre/.sharewright/trash -xdev -depth -printf . -delete"],
    ["deleting across file systems", client, "find /mnt/lustre/.sharewright/trash/shares:a.10000 -depth -printf . -delete"],
    ["running something", client, "find /mnt/lustre/.sharewright/shares -maxdepth 1 -type f -name shares:a.json -exec sh {} +"],
    ["reading any file", client, "find /etc -maxdepth 1 -type f -name *.json -exec cat {} +"],
    ["writing elsewhere", client, "dd of=/etc/passwd conv=fsync status=none"],
    ["writing a share", client, "dd of=/mnt/lustre/shares/a conv=fsync status=none"],
    ["reading by dd", client, "dd if=/etc/shadow of=/mnt/lustre/.sharewright/shares/shares:a.json.tmp conv=fsync status=none"],
    ["locking with another command", client, "flock -n /mnt/lustre/.sharewright/locks/shares:a sh -c id"],
    ["writing by tee", client, "flock -n /mnt/lustre/.sharewright/locks/shares:a tee /etc/passwd"],
    [
      "writing into a lock",
      client,
      "flock -n /mnt/lustre/.sharewright/locks/shares:a tee /mnt/lustre/.sharewright/locks/shares:a",
    ],
    ["reading by cat", client, "cat /etc/shadow"],
    ["a look at anything", client, "find /mnt/lustre/shares/a /etc/shadow -maxdepth 0 -printf %y|%m|%U|%G|%D|%i|%l|%p\\n"],
    [
      "contents of anything",
      client,
      "find /etc/shadow -maxdepth 0 -path */.sharewright/shares/*.json -exec cat {} + -o -printf %y|%m|%U|%G|%D|%i|%l|%p\\n",
    ],
    [
      "contents of what is no record",
      client,
      "find /mnt/lustre/shares/a -maxdepth 0 -path * -exec cat {} + -o -printf %y|%m|%U|%G|%D|%i|%l|%p\\n",
    ],
    ["another program", client, "find /mnt/lustre/shares/a -maxdepth 0 -path */.sharewright/shares/*.json -exec sh {} +"],
    ["a link that leads away", client, "ln -s -T -- /etc /mnt/lustre/.sharewright/projects/10000"],
    ["a link elsewhere", client, "ln -s -T -- shares/a /mnt/lustre/shares/b"],
    ["a template of a layout", client, "lfs setstripe --copy=/etc/x /mnt/lustre/shares/a"],
    ["an option in place of a value", client, "lfs setstripe -c --yaml=/etc/x /mnt/lustre/shares/a"],
    ["projects of a whole tree", client, "lfs project -p 5 -s -r /mnt/lustre/shares/a"],
    ["every process", client, "kill -s KILL -- -1 4711"],
    ["process 1", client, "kill -s TERM 1"],
    ["limits on the client, where the MDS is another host", client, "lfs setquota -p 1 -b 0k -B 0k -i 0 -I 0 /mnt/lustre"],
    ["limits of users", mds, "lfs setquota -u 10000 -b 0k -B 1048576k -i 0 -I 0 /mnt/lustre"],
    ["directories on the MDS", mds, "mkdir -m 0700 -- /mnt/lustre/.sharewright"],
    ["a nodemap of others", mgs, "lctl nodemap_modify --name slurm --property admin --value 1"],
    ["admin of default", mgs, "lctl nodemap_modify --name default --property admin --value 1"],
    ["another setting", mgs, "lctl conf_param scratch.sys.timeout=1"],
    ["an upcall", mgs, "lctl set_param -P mdt.*.identity_upcall=/tmp/x"],
    ["nodemaps off", mgs, "lctl nodemap_activate 0"],
    ["two ranges", mgs, "lctl nodemap_add_range --name sw_abcdefghij23 --range 10.1.0.1@tcp --range 10.2.0.1@tcp"],
    ["any parameter", mgs, "lctl get_param sptlrpc.*"],
    ["a line break", client, "chown --no-dereference 1000:1000 /mnt/lustre/shares/a\n/etc/shadow"],
  ])("%s", (_, grants, line) => expect(allows(grants, line)).toBe(false));
});

describe("adopted shares outside the prefix", () => {
  const grants = grantsFor(duty("client", {}, ["/home/old+data"]));

  test("are one directory each, and looks reach what is beside them", () => {
    expect(allows(grants, "chown --no-dereference 1:1 /mnt/lustre/home/old+data")).toBe(true);
    expect(allows(grants, "mv -T -- /mnt/lustre/home/old+data /mnt/lustre/.sharewright/trash/shares:a.7")).toBe(true);
    expect(allows(grants, "lfs project /mnt/lustre/home")).toBe(true);
    expect(
      allows(
        grants,
        "find /mnt/lustre/home /mnt/lustre/home/old+data /mnt/lustre/.sharewright/trash/shares:a.7 -maxdepth 0 -printf %y|%m|%U|%G|%D|%i|%l|%p\\n",
      ),
    ).toBe(true);
    expect(allows(grants, "lfs project /mnt/lustre/home/other")).toBe(false);
    for (const other of ["home", "home/olddata", "home/oldddata", "home/old+data/x"])
      expect(allows(grants, `chown --no-dereference 1:1 /mnt/lustre/${other}`)).toBe(false);
  });
});

test("S-20 no expression falls into parts that are not anchored at both ends", () => {
  const all = (["client", "mds", "mgs", "server"] as const).flatMap((role) => grantsFor(duty(role, {}, ["/home/old+data"])));
  const topLevel = (args: string) => args.replaceAll(/\\./g, "").replaceAll(/\[[^\]]*\]/g, "");
  const withoutGroups = (args: string): string => {
    const inner = args.replaceAll(/\([^()]*\)/g, "");
    return inner === args ? args : withoutGroups(inner);
  };
  expect(all.map(({ args }) => withoutGroups(topLevel(args))).filter((args) => /[|()]/.test(args))).toEqual([]);
  // Whatever varies may hold no blank, with which one argument could pass for two.
  const loose = (args: string) => args.replaceAll(/\\./g, "").replaceAll(/\[[^\]^][^\]]*\]|\[\^[^\]]* [^\]]*\]/g, "");
  expect(all.map(({ args }) => loose(args)).filter((args) => /\[\^|\.[*+]/.test(args))).toEqual([]);
});

test("no rule is longer than sudo takes, with the longest names there are", () => {
  const long = { mountPoint: `/mnt/${"m".repeat(60)}`, pathPrefix: `${"p".repeat(49)}/${"q".repeat(50)}` };
  const lengths = grantsFor(duty("client", long)).map(({ args }) => args.length);
  expect(Math.max(...lengths)).toBeLessThan(1024 - 2);
});
