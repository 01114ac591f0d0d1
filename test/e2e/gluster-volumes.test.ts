// Where volumes come from and where they go, on a cluster of three real servers: made on demand, retained, put into the trash, adopted.
import { TerraformOutput } from "cdktf";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type GlusterCluster, GlusterShare, RemovalPolicy, Size, Volume } from "../../lib";
import type { ClientMount } from "../glusterd/client-mount";
import { describeWithGluster } from "../glusterd/describe";
import { until } from "../sshd/processes";
import { applied, noChanges, timeout } from "./cases";
import { content, document, type GlusterBench, makeGlusterBench, marks } from "./support/gluster";
import type { BuildStack, StackBench } from "./support/terraform";

vi.setConfig({ testTimeout: timeout });

describeWithGluster("shares on a cluster of three servers", () => {
  let gluster: GlusterBench;
  let stack: StackBench;
  beforeAll(async () => {
    gluster = await makeGlusterBench({ nodes: [3] });
    cluster().makePool([
      { name: "pool-1-1G", size: "1g" },
      { name: "pool-2-1G", size: "1g" },
    ]);
    stack = gluster.bench.stack();
  }, timeout);
  afterAll(() => gluster?.stop());

  const cluster = () => gluster.rig.clusters[0];
  const host = () => cluster().nodes[0].host;
  const volumes = () => cluster().gluster("volume", "list").trim().split("\n").sort();
  const mountAs = (name: string, volume: string) => gluster.rig.mountAs(`${name}.example.org`, `${host()}:/${volume}`);
  const contentOf = (volume: string) => cluster().nodes.flatMap((node) => content(node, volume));
  const describing =
    (shares: (tank: GlusterCluster) => void): BuildStack =>
    (terraformStack) =>
      shares(gluster.describe(terraformStack));
  const nothing = describing(() => {});

  test("a volume made for a share has its copies on all three servers, and its location is known in the stack", async () => {
    const build = describing((tank) => {
      const climate = new GlusterShare(tank, "climate", {
        cluster: tank,
        size: Size.mebibytes(64),
        provisioning: Volume.create({
          replica: 3,
          bricks: cluster().nodes.map((node) => `${node.host}:${node.brickRoot}`),
          force: true,
        }),
        volumeOptions: { "performance.cache-size": "64MB" },
        removalPolicy: RemovalPolicy.DESTROY,
      });
      climate.grantReadWrite("gpu", "gpu.example.org");
      new TerraformOutput(tank, "export", { value: climate.exportLocation });
    });
    await applied(stack, build);
    expect((await stack.terraform("output")).stdout).toContain(`"${host()}:/climate"`);
    expect(cluster().optionsOf("climate")).toMatchObject({ "performance.cache-size": "64MB" });
    const gpu = await mountAs("gpu", "climate");
    expect(gpu.write("result", 1)).toBe("");
    expect((await mountAs("cpu", "climate")).allowed).toBe(false);
    for (const { machine, brickRoot } of cluster().nodes)
      expect(machine.run(["sh", "-c", `ls ${brickRoot}/climate.*/result`]).status).toBe(0);
    expect((await stack.plan()).stdout).toContain(noChanges);
  });

  test("removed, it is deleted with its bricks, under a client that has it mounted", async () => {
    await applied(stack, nothing);
    expect(volumes()).toEqual(["pool-1-1G", "pool-2-1G"]);
    for (const { machine, brickRoot } of cluster().nodes) expect(machine.run(["ls", brickRoot]).stdout).not.toContain("climate");
  });

  test("a share that is retained or put into the trash keeps its data, lets nobody in, and is picked by nobody", async () => {
    await applied(
      stack,
      describing((tank) => {
        for (const [name, removalPolicy] of [
          ["genomics", RemovalPolicy.RETAIN],
          ["imaging", RemovalPolicy.TRASH],
        ] as const)
          tank.addShare(name, { size: Size.mebibytes(64), removalPolicy }).grantReadWrite("cpu", "cpu.example.org");
      }),
    );
    const { "genomics ready": genomics = "", "imaging ready": imaging = "" } = marks(gluster.rig);
    const mounts: ClientMount[] = [];
    for (const volume of [genomics, imaging]) {
      const cpu = await mountAs("cpu", volume);
      expect(cpu.write("data", 1)).toBe("");
      mounts.push(cpu);
    }
    await applied(stack, nothing);
    expect(marks(gluster.rig)).toEqual({ "genomics retained": genomics, "imaging trash": imaging });
    await until(() => !mounts.some((mount) => mount.isAlive()), "clients to be cut");
    for (const volume of [genomics, imaging]) {
      expect((await mountAs("cpu", volume)).allowed).toBe(false);
      expect(contentOf(volume)).toEqual(["./data"]);
    }
    expect(await document(gluster.bench, "list", stack.dir)).toMatchObject({
      clusters: [{ shares: [{ key: "genomics", state: "retained" }], trash: [{ key: "imaging" }], free: [] }],
    });
    const refused = await stack.apply(describing((tank) => void tank.addShare("other", { size: Size.mebibytes(64) })));
    expect(refused.exitCode).toBe(1);
    expect(refused.stdout).toContain("error NO_FREE_VOLUME");
    expect(refused.stdout).toContain(`tank:${genomics} is the retained share genomics of "stack"`);
    expect(refused.stdout).toContain(`tank:${imaging} is in the trash: imaging of "stack"`);
  });

  test("what is retained comes back with its data by adopt, and not without; what is purged from the trash is free again", async () => {
    const genomics = (adopt: boolean) =>
      describing(
        (tank) => void tank.addShare("genomics", { size: Size.mebibytes(64), adopt }).grantReadWrite("cpu", "cpu.example.org"),
      );
    const refused = await stack.apply(genomics(false));
    expect(refused.exitCode).toBe(1);
    expect(refused.stdout).toMatch(/error FOREIGN_VOLUME[\s\S]*adopt: true/);
    await applied(stack, genomics(true));
    const { "genomics ready": volume = "", "imaging trash": trash = "" } = marks(gluster.rig);
    const cpu = await mountAs("cpu", volume);
    expect(cpu.machine.run(["ls", cpu.directory]).stdout).toBe("data\n");
    const purged = await gluster.bench.sharewright("trash", "purge", "imaging", "--stack", stack.dir);
    expect(purged, purged.stderr).toMatchObject({ exitCode: 0 });
    expect(marks(gluster.rig)).toEqual({ "genomics ready": volume });
    expect(contentOf(trash)).toEqual([]);
  });

  test("a snapshot of bricks that are not on thin LVM is refused, whenever it is tried, and the share goes on [G-71] [G-72]", async () => {
    const build = describing((tank) => {
      const genomics = tank.addShare("genomics", { size: Size.mebibytes(64) });
      genomics.grantReadWrite("cpu", "cpu.example.org");
      genomics.addSnapshot("monday");
    });
    for (const _ of ["first", "second"]) {
      const refused = await stack.apply(build);
      expect(refused.exitCode).toBe(1);
      expect(refused.stdout).toMatch(/error SNAPSHOTS_UNSUPPORTED .*not thinly provisioned[\s\S]*said .*\(opErrno \d+\)/);
    }
    const { "genomics ready": volume = "" } = marks(gluster.rig);
    expect((await mountAs("cpu", volume)).isAlive()).toBe(true);
    const options = Object.entries(cluster().optionsOf(volume)).filter(([name]) => name.startsWith("user.sharewright.snapshot"));
    expect(options.map(([, value]) => value).filter((value) => value !== "NONE")).toEqual([]);
  });
});
