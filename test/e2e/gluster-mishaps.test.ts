// A sample of what dies at the wrong moment, on a real GlusterFS through Terraform: glusterd, or the executor, at some command of each
// operation. Whatever the apply says then, the next one reaches the end, and no data is lost that was not to be deleted.
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { RemovalPolicy, Size } from "../../lib";
import { describeWithGluster } from "../glusterd/describe";
import { managerName, serverName } from "../glusterd/identities";
import { until } from "../sshd/processes";
import { applied, noChanges, timeout } from "./cases";
import { content, type GlusterBench, limitOf, makeGlusterBench, marks } from "./support/gluster";
import { type Blow, type Saboteur, sabotage } from "./support/sabotage";
import type { BuildStack, StackBench } from "./support/terraform";

vi.setConfig({ testTimeout: timeout });

const infrastructure = [serverName, managerName];

interface Share {
  mebibytes: number;
  clients: string[];
}

/** What the code says after each operation. */
const operations: Record<string, Share | undefined> = {
  create: { mebibytes: 64, clients: [] },
  grant: { mebibytes: 64, clients: ["alice.example.org"] },
  resize: { mebibytes: 96, clients: ["alice.example.org"] },
  withdraw: { mebibytes: 96, clients: [] },
  destroy: undefined,
};

const looks = / (info|status|list)\b/;

describeWithGluster("what dies in the middle of an operation", () => {
  let gluster: GlusterBench;
  let stack: StackBench;
  let saboteur: Saboteur;
  /** The commands of each operation that change something: the how-manieth each is. */
  const changes: Record<string, number[]> = {};
  beforeAll(async () => {
    gluster = await makeGlusterBench();
    cluster().makePool([{ name: "pool-1-1G", size: "1g" }]);
    saboteur = sabotage(node());
    stack = gluster.bench.stack();
  }, timeout);
  afterAll(() => gluster?.stop());

  const cluster = () => gluster.rig.clusters[0];
  const node = () => cluster().nodes[0];

  const describing =
    (share?: Share): BuildStack =>
    (terraformStack) => {
      const tank = gluster.describe(terraformStack);
      if (!share) return;
      const size = Size.mebibytes(share.mebibytes);
      const genomics = tank.addShare("genomics", { size, removalPolicy: RemovalPolicy.DESTROY });
      for (const client of share.clients) genomics.grantReadWrite("cpu", client);
    };

  /** The storage is as the code says, and what was written is there. */
  async function isAsDescribed(share?: Share): Promise<void> {
    if (!share) {
      expect(marks(gluster.rig)).toEqual({});
      expect(content(node(), "pool-1-1G")).toEqual([]);
      expect(cluster().optionsOf("pool-1-1G")["features.quota"]).toBe("off");
      return;
    }
    expect(marks(gluster.rig)).toEqual({ "genomics ready": "pool-1-1G" });
    expect(cluster().optionsOf("pool-1-1G")["auth.ssl-allow"]?.split(",")).toEqual([...share.clients, ...infrastructure]);
    expect(limitOf(gluster.rig, "pool-1-1G")).toBe(share.mebibytes * 2 ** 20);
    const mount = await gluster.rig.mountAs(managerName, `${node().host}:/pool-1-1G`);
    expect(mount.allowed, mount.message).toBe(true);
    if (!content(node(), "pool-1-1G").includes("./data")) expect(mount.write("data", 1)).toBe("");
    expect(mount.machine.run(["ls", mount.directory]).stdout).toBe("data\n");
    mount.unmount();
  }

  test("undisturbed, each operation reaches its end", async () => {
    for (const [operation, share] of Object.entries(operations)) {
      saboteur.rest();
      await applied(stack, describing(share));
      changes[operation] = saboteur.heard().flatMap((command, index) => (looks.test(command) ? [] : [index + 1]));
      await isAsDescribed(share);
    }
  });

  test("glusterd that dies while it switches the limit on, and comes back just before it is asked again", async () => {
    saboteur.prepare({ match: "quota pool-1-1G enable", victim: "glusterd", when: { during: 30 } });
    expect((await stack.apply(describing(operations["create"]))).exitCode).toBe(1);
    expect(saboteur.rest()).toBeDefined();
    await node().start();
    await applied(stack, describing(operations["create"]));
    await isAsDescribed(operations["create"]);
    await applied(stack, describing());
    await isAsDescribed();
  });

  test("glusterd that dies after it has closed the volume to others, and before it stores that", async () => {
    saboteur.prepare({ match: "client.ssl", victim: "glusterd", when: "unwritten" });
    expect((await stack.apply(describing(operations["create"]))).exitCode).toBe(1);
    expect(saboteur.rest()).toBeDefined();
    await node().start();
    // It is served with TLS by bricks without, and not said to be.
    expect(cluster().optionsOf("pool-1-1G")["client.ssl"]).toBeUndefined();
    expect((await gluster.rig.mountAs(managerName, `${node().host}:/pool-1-1G`)).allowed).toBe(false);
    await applied(stack, describing(operations["create"]));
    await isAsDescribed(operations["create"]);
  });

  test("a client that glusterd lets in without a trace, since it died before it stored that, is shut out with its rule", async () => {
    saboteur.prepare({ match: "alice", victim: "glusterd", when: "unwritten" });
    expect((await stack.apply(describing(operations["grant"]))).exitCode).toBe(1);
    expect(saboteur.rest()).toBeDefined();
    await node().start();
    const alice = await gluster.rig.mountAs("alice.example.org", `${node().host}:/pool-1-1G`);
    expect(alice.allowed).toBe(true);
    expect(cluster().optionsOf("pool-1-1G")["auth.ssl-allow"]).not.toContain("alice");
    await applied(stack, describing(operations["create"]));
    await until(() => !alice.isAlive(), "alice to be cut");
    expect((await gluster.rig.mountAs("alice.example.org", `${node().host}:/pool-1-1G`)).allowed).toBe(false);
    await applied(stack, describing());
    await isAsDescribed();
  });

  test("a client that glusterd shuts out without a trace is let in by its rule", async () => {
    await applied(stack, describing(operations["grant"]));
    saboteur.prepare({ match: "auth.ssl-allow", victim: "glusterd", when: "unwritten" });
    expect((await stack.apply(describing(operations["create"]))).exitCode).toBe(1);
    expect(saboteur.rest()).toBeDefined();
    await node().start();
    await applied(stack, describing(operations["grant"]));
    // A brick whose glusterd was away looks for it every three seconds.
    let alice = await gluster.rig.mountAs("alice.example.org", `${node().host}:/pool-1-1G`);
    for (const end = Date.now() + 20_000; !alice.allowed && Date.now() < end; )
      alice = await gluster.rig.mountAs("alice.example.org", `${node().host}:/pool-1-1G`);
    expect(alice.allowed, alice.message).toBe(true);
    alice.unmount();
    await applied(stack, describing());
    await isAsDescribed();
  });

  const oneOf = <T>(values: readonly T[]): T => values[Math.floor(Math.random() * values.length)] as T;
  const moments: readonly Blow["when"][] = ["before", { during: 5 }, { during: 20 }, { during: 50 }, "after"];
  const momentsOf = { glusterd: [...moments, "unwritten"], executor: moments } as const;

  for (const victim of ["glusterd", "executor"] as const)
    test(`${victim} killed: the next apply reaches the end, and nothing is lost`, async () => {
      for (const [operation, share] of Object.entries(operations)) {
        const [nth, when] = [oneOf(changes[operation] ?? []), oneOf(momentsOf[victim])];
        saboteur.prepare({ nth, victim, when });
        const disturbed = await stack.apply(describing(share));
        const command = saboteur.rest();
        console.log(
          `${operation}: ${victim} killed ${JSON.stringify(when)} ${command?.slice(0, 100)}; exit ${disturbed.exitCode}`,
        );
        expect(command).toBeDefined();
        if (share && operation !== "create") expect(content(node(), "pool-1-1G")).toContain("./data");
        if (!node().isUp()) await node().start();
        await applied(stack, describing(share)).catch((error: unknown) => {
          throw new Error(`${error}\nafter ${JSON.stringify(when)} ${command}\n${disturbed.stdout}`);
        });
        await isAsDescribed(share);
        expect((await stack.plan()).stdout).toContain(noChanges);
      }
    });
});
