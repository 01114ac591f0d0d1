// The life of a share on a volume of the pool, through Terraform on a real GlusterFS, with clients that really mount it.
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { RemovalPolicy, Size } from "../../lib";
import type { ClientMount } from "../glusterd/client-mount";
import { describeWithGluster } from "../glusterd/describe";
import { managerName, serverName } from "../glusterd/identities";
import { until } from "../sshd/processes";
import { applied, noChanges, timeout } from "./cases";
import { content, document, type GlusterBench, limitOf, makeGlusterBench, marks } from "./support/gluster";
import { type SteadyWriter, steadyWriter } from "./support/steady-writer";
import type { BuildStack, StackBench } from "./support/terraform";

const infrastructure = [serverName, managerName];

interface Described {
  size: Size;
  clients: string[];
}

vi.setConfig({ testTimeout: timeout });

describeWithGluster("the life of a share on a volume of the pool", () => {
  let gluster: GlusterBench;
  let stack: StackBench;
  let before: Record<string, string>;
  let alice: ClientMount;
  let atWork: SteadyWriter;
  beforeAll(async () => {
    gluster = await makeGlusterBench();
    cluster().makePool([
      { name: "pool-1-1G", size: "1g" },
      { name: "pool-2-3G", size: "3g" },
      { name: "pool-3-2G", size: "2g" },
      { name: "other-4-2G", size: "2g" },
    ]);
    before = cluster().optionsOf("pool-3-2G");
    stack = gluster.bench.stack();
  }, timeout);
  afterAll(() => gluster?.stop());

  const cluster = () => gluster.rig.clusters[0];
  const node = () => cluster().nodes[0];
  const location = () => `${node().host}:/pool-3-2G`;
  const allowed = () => cluster().optionsOf("pool-3-2G")["auth.ssl-allow"]?.split(",");
  const mountAs = (name: string) => gluster.rig.mountAs(`${name}.example.org`, location());

  const describing =
    (shares: Record<string, Described>): BuildStack =>
    (terraformStack) => {
      const tank = gluster.describe(terraformStack);
      for (const [name, { size, clients }] of Object.entries(shares)) {
        const share = tank.addShare(name, { size, removalPolicy: RemovalPolicy.DESTROY });
        for (const client of clients) share.grantReadWrite(client, `${client}.example.org`);
      }
    };
  const genomics = (size: Size, ...clients: string[]) => describing({ genomics: { size, clients } });

  test("the smallest free volume that holds it is taken, closed, limited and opened; a second plan changes nothing [G-35] [G-48] [G-61]", async () => {
    await applied(stack, genomics(Size.mebibytes(1200), "alice"));
    expect(marks(gluster.rig)).toEqual({ "genomics ready": "pool-3-2G" });
    expect(cluster().optionsOf("pool-3-2G")).toMatchObject({
      "client.ssl": "on",
      "server.ssl": "on",
      "server.dynamic-auth": "on",
    });
    expect(allowed()).toEqual(["alice.example.org", ...infrastructure]);
    expect(limitOf(gluster.rig, "pool-3-2G")).toBe(1200 * 2 ** 20);
    expect((await stack.plan()).stdout).toContain(noChanges);
  });

  test("what the stack has is listed, as described, and all checks are good", async () => {
    const about = async <T>(command: string) => document<T>(gluster.bench, command, stack.dir);
    expect(await about("list")).toMatchObject({
      clusters: [
        {
          shares: [{ key: "genomics", state: "ready", volume: "pool-3-2G", exportLocation: location() }],
          rules: [{ key: "genomics#alice", commonName: "alice.example.org" }],
          free: ["pool-1-1G", "pool-2-3G"],
        },
      ],
    });
    expect(await about("status")).toMatchObject({
      shares: [{ key: "genomics", verdict: "good", usedBytes: "0", exportLocation: location() }],
      rules: [{ key: "genomics#alice", verdict: "good", inForce: true }],
    });
    expect(await about("plan")).toMatchObject({ objects: [{ verdict: "good" }, { verdict: "good" }] });
    expect(await about("capacity")).toMatchObject({ clusters: [{ shares: 1, promised: String(1200 * 2 ** 20) }] });
    const { checks } = await about<{ checks: { about: string; verdict: string }[] }>("doctor");
    expect(checks.filter(({ verdict }) => verdict !== "good")).toEqual([]);
  });

  test("who has the name mounts it over TLS; another name, and the same name of another CA, do not [X-G02]", async () => {
    alice = await mountAs("alice");
    const bob = await mountAs("bob");
    const impostor = await gluster.rig.mountAs(gluster.rig.strangers.issue("alice.example.org"), location());
    expect([alice, bob, impostor].map((mount) => mount.allowed)).toEqual([true, false, false]);
    atWork = await steadyWriter(alice);
  });

  test("a name is added and nobody is cut; a name is removed and that client alone is cut, in the middle of its work [G-08] [G-10] [G-23]", async () => {
    await applied(stack, genomics(Size.mebibytes(1200), "alice", "bob"));
    expect(allowed()).toEqual(["alice.example.org", "bob.example.org", ...infrastructure]);
    const bob = await mountAs("bob");
    const bobAtWork = await steadyWriter(bob);
    await applied(stack, genomics(Size.mebibytes(1200), "alice", "bob", "carol"));
    await bobAtWork.writesOn();
    await applied(stack, genomics(Size.mebibytes(1200), "alice", "carol"));
    await bobAtWork.isCut();
    expect((await mountAs("bob")).allowed).toBe(false);
    expect(allowed()).toEqual(["alice.example.org", "carol.example.org", ...infrastructure]);
    // From before bob came.
    await atWork.writesOn();
  });

  test("it shrinks and grows in place, under a client at work, and the limit is enforced; below what is used it does not shrink [X-G12] [G-104] [G-105]", async () => {
    await applied(stack, genomics(Size.mebibytes(40), "alice"));
    expect(limitOf(gluster.rig, "pool-3-2G")).toBe(40 * 2 ** 20);
    expect(alice.write("large", 60)).toContain("Disk quota exceeded");
    const refused = await stack.apply(genomics(Size.mebibytes(10), "alice"));
    expect(refused.exitCode).toBe(1);
    expect(refused.stdout).toMatch(
      /error SHRINK_BELOW_USE +the new limit 10 MiB is below, or too near, the 40(\.\d)? MiB that are in use/,
    );
    expect(limitOf(gluster.rig, "pool-3-2G")).toBe(40 * 2 ** 20);
    await applied(stack, genomics(Size.mebibytes(100), "alice"));
    expect(alice.write("large", 60)).toBe("");
    // Full again, as it is when it is removed.
    await applied(stack, genomics(Size.mebibytes(64), "alice"));
    expect(alice.write("rest", 60)).toContain("Disk quota exceeded");
    await atWork.writesOn();
    expect((await stack.plan()).stdout).toContain(noChanges);
  });

  test("removed, it is emptied and back in the pool as it was, and its clients are cut [G-63] [X-G10]", async () => {
    const kept = cluster().optionsOf("pool-3-2G");
    expect(content(node(), "pool-3-2G")).toEqual(expect.arrayContaining(["./large", "./steady"]));
    await applied(stack, describing({}));
    await atWork.isCut();
    expect(content(node(), "pool-3-2G")).toEqual([]);
    expect(marks(gluster.rig)).toEqual({});
    const after = cluster().optionsOf("pool-3-2G");
    expect(kept["features.quota"]).toBe("on");
    const ofQuota = { "features.quota": "off", "features.inode-quota": "off" };
    const freed = Object.fromEntries(
      Object.keys(after)
        .filter((name) => name.startsWith("user."))
        .map((name) => [name, "NONE"]),
    );
    expect(after).toEqual({ ...before, ...ofQuota, ...freed });
  });

  test("the next share that takes it begins empty, and those who had it before see nothing of it", async () => {
    await applied(stack, describing({ climate: { size: Size.mebibytes(1500), clients: ["bob"] } }));
    expect(marks(gluster.rig)).toEqual({ "climate ready": "pool-3-2G" });
    const bob = await mountAs("bob");
    expect(bob.machine.run(["find", bob.directory, "-mindepth", "1"]).stdout).toBe("");
    expect(bob.write("of-bob", 1)).toBe("");
    const seen = () => alice.machine.run(["ls", alice.directory]).stdout;
    await until(() => !alice.isAlive(), "alice to be cut");
    expect(seen()).not.toContain("of-bob");
    expect((await mountAs("alice")).allowed).toBe(false);
    expect(seen()).not.toContain("of-bob");
  });
});
