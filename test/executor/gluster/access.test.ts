// Who may mount a share: common names of certificates.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { slotsOf } from "../../../src/backends/gluster/records";
import { recorded } from "./commands";
import { expectRefusal, infrastructure } from "./expect";
import { type GlusterSite, startGlusterSite } from "./site";

let site: GlusterSite;
beforeAll(async () => {
  site = await startGlusterSite();
});
afterAll(() => site.remove());
beforeEach(() => site.reset());

const exported = "gluster1-1:/pool-1-1G";
const allowed = () => site.options("pool-1-1G")["auth.ssl-allow"];
const clients = () => site.state().mounts.map(({ id }) => id);
const rules = () =>
  slotsOf({ name: "pool-1-1G", options: site.options("pool-1-1G") } as Parameters<typeof slotsOf>[0], "rule").map(
    ({ key }) => key,
  );

async function prepared() {
  const stack = site.stack();
  await site.succeed(stack.share("a").apply);
  return stack;
}

describe("an access rule", () => {
  test("lets its client in and nobody else, the list written sorted, in one transaction with its record [G-08] [G-21]", async () => {
    const stack = await prepared();
    await site.succeed(stack.rule("a", "gpu", { common_name: "zeta" }).apply);
    const { around, changing } = recorded();
    expect(await site.run(stack.rule("a", "cpu", { common_name: "beta" }).apply, { around })).toMatchObject({
      exitCode: 0,
      stderr: "",
    });
    expect(changing()).toEqual([
      `gluster volume set pool-1-1G auth.ssl-allow beta,${infrastructure},zeta user.sharewright.rule.1`,
    ]);
    for (const name of ["beta", "zeta"]) expect(await site.mountAs(name, exported)).toMatchObject({ exit: 0 });
    for (const name of ["bet", "betas", "Beta"]) expect((await site.mountAs(name, exported)).exit).not.toBe(0);
    expect((await site.mountAs("beta", exported, "--authority", "another")).exit).not.toBe(0);
  });

  test("applied again changes nothing [G-07]", async () => {
    const stack = await prepared();
    const rule = stack.rule("a", "cpu", { common_name: "tenant" });
    await site.succeed(rule.apply);
    const before = site.state();
    expect(await site.succeed(rule.apply)).toContain("nothing to do");
    expect(site.state()).toEqual(before);
  });

  test("applied again has glusterd serve what it tells: it may have died after it served something else", async () => {
    const stack = await prepared();
    const rule = stack.rule("a", "cpu", { common_name: "tenant" });
    await site.succeed(rule.apply);
    const { around, changing } = recorded();
    await site.run(rule.apply, { around });
    expect(changing()).toEqual(["gluster volume set pool-1-1G user.sharewright.share"]);
  });

  test("that no volume has on record may have been let in all the same: removed, it has glusterd serve what it tells", async () => {
    const stack = await prepared();
    const mark = site.options("pool-1-1G")["user.sharewright.share"];
    const { around, changing } = recorded();
    await site.run(stack.rule("a", "cpu", { common_name: "tenant" }).destroy, { around });
    expect(changing()).toEqual(["gluster volume set pool-1-1G user.sharewright.share"]);
    expect(site.options("pool-1-1G")["user.sharewright.share"]).toBe(mark);
  });

  test("that is added cuts nobody; that is removed cuts its own clients and nobody else's [G-10] [G-22] [G-23]", async () => {
    const stack = await prepared();
    const one = stack.rule("a", "one", { common_name: "one" });
    const two = stack.rule("a", "two", { common_name: "two" });
    await site.succeed(one.apply);
    await site.mountAs("one", exported, "--keep", "client-one");
    const { around, changing } = recorded();
    await site.run(two.apply, { around });
    await site.mountAs("two", exported, "--keep", "client-two");
    expect(clients()).toEqual(["client-one", "client-two"]);
    await site.run(one.destroy, { around });
    expect(clients()).toEqual(["client-two"]);
    expect(changing().filter((text) => !text.startsWith("gluster volume set pool-1-1G auth.ssl-allow "))).toEqual([]);
    expect(allowed()).toBe(`${infrastructure},two`);
  });

  test("that is removed cuts at once also where somebody has turned dynamic-auth off [G-10] [G-11]", async () => {
    const stack = await prepared();
    const rule = stack.rule("a", "cpu", { common_name: "tenant" });
    await site.succeed(rule.apply);
    await site.gluster("volume set pool-1-1G server.dynamic-auth off");
    await site.mountAs("tenant", exported, "--keep", "client");
    const { around, changing } = recorded();
    await site.run(rule.destroy, { around });
    expect(clients()).toEqual([]);
    expect(changing()).toEqual([
      `gluster volume set pool-1-1G auth.ssl-allow ${infrastructure} server.dynamic-auth on user.sharewright.rule.0`,
    ]);
  });

  test("U-03 of a name that another rule has as well goes without cutting it, and says which [G-09]", async () => {
    const stack = await prepared();
    const one = stack.rule("a", "one", { common_name: "tenant" });
    const two = stack.rule("a", "two", { common_name: "tenant" });
    await site.succeed(one.apply);
    await site.succeed(two.apply);
    expect(allowed()).toBe(`${infrastructure},tenant`);
    await site.mountAs("tenant", exported, "--keep", "client");
    expect(await site.succeed(one.destroy)).toMatch(
      /take back the rule of tenant, whom volume pool-1-1G lets in by a#two of "[^"]+" as well/,
    );
    expect(clients()).toEqual(["client"]);
    await site.succeed(two.destroy);
    expect(clients()).toEqual([]);
    // The last rule that goes leaves the infrastructure.
    expect(allowed()).toBe(infrastructure);
  });

  test("with another name lets the new client in and the old one not [X-G09]", async () => {
    const stack = await prepared();
    await site.succeed(stack.rule("a", "cpu", { common_name: "old" }).apply);
    await site.succeed(stack.rule("a", "cpu", { common_name: "new" }).apply);
    expect(allowed()).toBe(`${infrastructure},new`);
    expect(rules()).toEqual(["a#cpu"]);
  });

  test.each(["glusterfs-server-1", "glusterfs-server-99", "manila-host-1"])(
    "for %s, a server's or the managing host's name, is refused [X-G03]",
    async (name) => {
      const stack = await prepared();
      const before = site.state();
      expectRefusal(await site.run(stack.rule("a", "cpu", { common_name: name }).apply), 2, "BAD_REQUEST");
      expect(site.state()).toEqual(before);
    },
  );

  test.each(["*", "a*", "[ab]", "x?", "a b", "a,b", "a\\b", "a/b", "CN=a", "", "a".repeat(65), "\ntenant"])(
    "for %j is refused before anything is asked of the cluster [G-12] [X-G02]",
    async (name) => {
      let asked = 0;
      const ended = await site.run(site.stack().rule("a", "cpu", { common_name: name }).apply, {
        around: (_, go) => {
          asked += 1;
          return go();
        },
      });
      expectRefusal(ended, 2, "BAD_REQUEST");
      expect(asked).toBe(0);
    },
  );

  test("shuts out a name that was added by hand, and says so [G-24]", async () => {
    const stack = await prepared();
    await site.gluster(`volume set pool-1-1G auth.ssl-allow ${infrastructure},mallory`);
    expect(await site.succeed(stack.rule("a", "cpu", { common_name: "tenant" }).apply)).toContain(
      "let tenant into volume pool-1-1G, and shut out mallory: no access rule explains them",
    );
    expect(allowed()).toBe(`${infrastructure},tenant`);
  });

  test("of a name that was let in by hand makes it the rule's", async () => {
    const stack = await prepared();
    await site.gluster(`volume set pool-1-1G auth.ssl-allow ${infrastructure},tenant`);
    expect(await site.succeed(stack.rule("a", "cpu", { common_name: "tenant" }).apply)).not.toContain("shut out");
    await site.succeed(stack.rule("a", "cpu", { common_name: "tenant" }).destroy);
    expect(allowed()).toBe(infrastructure);
  });

  test("is refused where the list would be longer than glusterd survives, and 4,076 bytes fit", async () => {
    const stack = await prepared();
    const longest = 4076;
    // Names of 64 characters, then one that fills up.
    const names: string[] = [];
    const room = () => longest - infrastructure.length - names.reduce((sum, name) => sum + name.length + 1, 0) - 1;
    while (room() > 65) names.push(`n${String(names.length).padStart(63, "0")}`);
    const last = "z".repeat(room());
    await Promise.all(names.map((name, index) => site.succeed(stack.rule("a", `r${index}`, { common_name: name }).apply)));
    await site.succeed(stack.rule("a", "last", { common_name: last }).apply);
    expect(allowed()).toHaveLength(longest);
    const before = site.state();
    const ended = await site.run(stack.rule("a", "last", { common_name: `${last}z` }).apply);
    expectRefusal(ended, 2, "BAD_REQUEST");
    expect(ended.stderr).toContain("take 4077 bytes in auth.ssl-allow, and more than 4076 would kill glusterd");
    expect(site.state()).toEqual(before);
    expect(site.state().clusters[0]?.servers.map(({ isUp }) => isUp)).toEqual([true, true, true]);
  });

  test("of a share that is not there, or on its way out, is refused", async () => {
    const stack = site.stack();
    const rule = stack.rule("a", "cpu", { common_name: "tenant" });
    expectRefusal(await site.run(rule.apply), 4, "SHARE_NOT_READY");
    await site.succeed(stack.share("a", { removal_policy: "retain" }).apply);
    await site.succeed(stack.share("a", { removal_policy: "retain" }).destroy);
    expectRefusal(await site.run(rule.apply), 4, "SHARE_NOT_READY");
  });

  test("of another stack is not changed or removed", async () => {
    const stack = await prepared();
    const other = site.stack({ owner: "other" });
    await site.succeed(stack.rule("a", "cpu", { common_name: "tenant" }).apply);
    const before = site.state();
    expectRefusal(await site.run(other.rule("a", "cpu", { common_name: "mallory" }).apply), 4, "MANAGED_ELSEWHERE");
    expect(await site.succeed(other.rule("a", "cpu", { common_name: "tenant" }).destroy)).toContain(
      'managed elsewhere, by claim stack-a-cpu of "stack", left alone',
    );
    expect(site.state()).toEqual(before);
  });

  test("that is removed twice, or whose share has gone, is nothing to do", async () => {
    const stack = await prepared();
    const rule = stack.rule("a", "cpu", { common_name: "tenant" });
    await site.succeed(rule.apply);
    await site.succeed(rule.destroy);
    expect(await site.succeed(rule.destroy)).toContain("no record of it on a volume, left alone");
    await site.succeed(stack.share("a").destroy);
    expect(await site.succeed(rule.destroy)).toContain("no record of it on a volume, left alone");
  });
});

test("20 rules of one share at once are all in the list", async () => {
  const stack = await prepared();
  const names = Array.from({ length: 20 }, (_, index) => `tenant-${String(index).padStart(2, "0")}`);
  await Promise.all(names.map((name) => site.succeed(stack.rule("a", name, { common_name: name }).apply)));
  expect(allowed()).toBe([...infrastructure.split(","), ...names].sort().join(","));
  expect(rules()).toHaveLength(20);
});

describe("a volume that is adopted", () => {
  const spec = { volumePattern: "none" };

  async function adopted() {
    await site.gluster("volume set pool-1-1G client.ssl on server.ssl on");
    await site.gluster("volume stop pool-1-1G");
    await site.gluster("volume start pool-1-1G");
    await site.gluster(`volume set pool-1-1G auth.ssl-allow ${infrastructure},old-one,old-two`);
    await site.mountAs("old-one", exported, "--write", "data:1M", "--keep", "client");
    const stack = site.stack({ spec });
    return { stack, share: stack.share("pool-1-1G", { adopt: "true" }) };
  }

  test("keeps its data, its clients and those whom it lets in; a rule for one of them takes that one over [G-81]", async () => {
    const { stack, share } = await adopted();
    await site.succeed(share.apply);
    expect(clients()).toEqual(["client"]);
    expect(site.entries("pool-1-1G")).toEqual(["data"]);
    expect(allowed()).toBe(`${infrastructure},old-one,old-two`);
    expect(await site.succeed(share.apply)).toContain("nothing to do");
    const rule = stack.rule("pool-1-1G", "one", { common_name: "old-one" });
    await site.succeed(rule.apply);
    expect(clients()).toEqual(["client"]);
    await site.succeed(rule.destroy);
    expect(clients()).toEqual([]);
    expect(allowed()).toBe(`${infrastructure},old-two`);
  });

  test("without being asked for is not taken", async () => {
    await adopted();
    const before = site.state();
    expectRefusal(await site.run(site.stack({ spec }).share("pool-1-1G").apply), 4, "NO_FREE_VOLUME");
    expect(site.state()).toEqual(before);
  });

  test("is closed and emptied when it is destroyed, and has its options again", async () => {
    const { share } = await adopted();
    await site.succeed(share.apply);
    await site.succeed(share.destroy);
    expect(site.entries("pool-1-1G")).toEqual([]);
    expect(clients()).toEqual([]);
    expect(site.options("pool-1-1G")).toMatchObject({ "client.ssl": "on", "server.ssl": "on", "auth.ssl-allow": infrastructure });
    expect(site.options("pool-1-1G")).not.toHaveProperty(["server.dynamic-auth"]);
  });

  test("without TLS is restarted only by consent, before anything is marked", async () => {
    const stack = site.stack({ spec });
    const before = site.state();
    expectRefusal(await site.run(stack.share("pool-1-1G", { adopt: "true" }).apply), 3, "RESTART_NEEDED");
    expect(site.state()).toEqual(before);
    await site.succeed(stack.share("pool-1-1G", { adopt: "true", allow_restart: "true" }).apply);
    expect(site.volume("pool-1-1G")).toMatchObject({ servesTls: true, status: "Started" });
  });

  test.each(["", "*", `${infrastructure},a*`, "tenant"])("whose list is %j is refused [G-04] [X-G01]", async (list) => {
    await site.gluster(list === "" ? "volume reset pool-1-1G auth.ssl-allow" : `volume set pool-1-1G auth.ssl-allow ${list}`);
    const before = site.state();
    const ended = await site.run(site.stack({ spec }).share("pool-1-1G", { adopt: "true", allow_restart: "true" }).apply);
    expectRefusal(ended, 3, "VOLUME_OPEN");
    expect(site.state()).toEqual(before);
  });
});
