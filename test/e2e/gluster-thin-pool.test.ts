// Snapshots and clones on a real GlusterFS. They need bricks on thin LVM, so this is opt-in: on a host (or virtual machine) with LVM,
//
//   truncate -s 4G /var/tmp/thin.img && vgcreate thin "$(losetup --find --show /var/tmp/thin.img)" && lvcreate -l 90%FREE -T thin/pool
//   SHAREWRIGHT_TEST_THIN_POOL=thin/pool npx vitest run test/e2e/gluster-thin-pool.test.ts
//
// as root. Logical volumes named sharewright-test-* are made in the pool and removed; bricks are on XFS (xfsprogs).
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { RemovalPolicy, Size } from "../../lib";
import { managerName, serverName } from "../glusterd/identities";
import { noGluster } from "../glusterd/rig";
import { run } from "../sshd/processes";
import { applied, noChanges, timeout } from "./cases";
import { type GlusterBench, makeGlusterBench, marks } from "./support/gluster";
import type { StackBench } from "./support/terraform";

vi.setConfig({ testTimeout: timeout });

const pool = process.env["SHAREWRIGHT_TEST_THIN_POOL"] ?? "";
const why = noGluster() !== "" ? `no GlusterFS (${noGluster()})` : "no thin pool (SHAREWRIGHT_TEST_THIN_POOL)";
const isHere = pool !== "" && noGluster() === "";

describe.skipIf(!isHere)(isHere ? "snapshots on thin LVM" : `snapshots on thin LVM [not run: ${why}]`, () => {
  let gluster: GlusterBench;
  let stack: StackBench;
  const logicalVolume = `${pool.split("/")[0]}/sharewright-test-${process.pid}`;
  beforeAll(async () => {
    gluster = await makeGlusterBench();
    run(["lvcreate", "--yes", "--virtualsize", "1g", "--thin", pool, "--name", logicalVolume.split("/")[1] ?? ""]);
    run(["mkfs.xfs", "-q", `/dev/${logicalVolume}`]);
    const brick = `${node().brickRoot}/thin`;
    const { status, stderr } = node().machine.run([
      "sh",
      "-ec",
      `mkdir ${brick}; mount -o nouuid /dev/${logicalVolume} ${brick}`,
    ]);
    expect(status, stderr).toBe(0);
    cluster().gluster("volume", "create", "pool-1-1G", `${node().host}:${brick}/brick`);
    cluster().gluster("volume", "set", "pool-1-1G", "auth.ssl-allow", `${serverName},${managerName}`);
    cluster().gluster("volume", "start", "pool-1-1G");
    stack = gluster.bench.stack();
  }, timeout);
  afterAll(async () => {
    await gluster?.stop();
    run(["lvremove", "--yes", logicalVolume]);
  });

  const cluster = () => gluster.rig.clusters[0];
  const node = () => cluster().nodes[0];
  const mountAs = (name: string, volume: string) => gluster.rig.mountAs(`${name}.example.org`, `${node().host}:/${volume}`);
  const volumes = () => cluster().gluster("volume", "list").trim().split("\n").sort();
  const size = Size.mebibytes(256);
  const apply = ({ snapshot, clone }: { snapshot: boolean; clone: boolean }) =>
    applied(stack, (terraformStack) => {
      const tank = gluster.describe(terraformStack);
      const genomics = tank.addShare("genomics", { size, removalPolicy: RemovalPolicy.DESTROY });
      genomics.grantReadWrite("cpu", "cpu.example.org");
      if (!snapshot) return;
      const monday = genomics.addSnapshot("monday");
      if (!clone) return;
      const experiment = tank.addShare("experiment", { size, fromSnapshot: monday, removalPolicy: RemovalPolicy.DESTROY });
      experiment.grantReadWrite("gpu", "gpu.example.org");
    });

  test("a clone begins with what was there when the snapshot was taken, and opens to its own clients only [G-28] [G-67] [G-75] [X-G06]", async () => {
    await apply({ snapshot: false, clone: false });
    const cpu = await mountAs("cpu", "pool-1-1G");
    expect(cpu.write("before", 1)).toBe("");
    await apply({ snapshot: true, clone: false });
    expect(cpu.write("after", 1)).toBe("");
    await apply({ snapshot: true, clone: true });
    expect(marks(gluster.rig)).toEqual({ "genomics ready": "pool-1-1G", "experiment ready": "experiment" });
    expect((await stack.plan()).stdout).toContain(noChanges);
    expect((await mountAs("cpu", "experiment")).allowed).toBe(false);
    const gpu = await mountAs("gpu", "experiment");
    expect(gpu.machine.run(["ls", gpu.directory]).stdout).toBe("before\n");
    expect(gpu.write("of-gpu", 1)).toBe("");
    expect(cpu.machine.run(["ls", cpu.directory]).stdout).toBe("after\nbefore\n");
    expect(cluster().gluster("snapshot", "info", "genomics-monday")).toMatch(/Status +: Stopped/);
  });

  test("a clone that is removed is deleted, then the snapshot; the share stays [G-64] [G-78] [X-G04]", async () => {
    await apply({ snapshot: true, clone: false });
    expect(volumes()).toEqual(["pool-1-1G"]);
    expect(cluster().gluster("snapshot", "list")).toContain("genomics-monday");
    await apply({ snapshot: false, clone: false });
    expect(cluster().gluster("snapshot", "list")).not.toContain("genomics-monday");
    const cpu = await mountAs("cpu", "pool-1-1G");
    expect(cpu.machine.run(["ls", cpu.directory]).stdout).toBe("after\nbefore\n");
  });
});
