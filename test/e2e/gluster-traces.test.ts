// What a tenant's root leaves in a volume, on a real GlusterFS: nothing of it is there for the next tenant.
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { RemovalPolicy, Size } from "../../lib";
import { describeWithGluster } from "../glusterd/describe";
import { applied, timeout } from "./cases";
import { content, type GlusterBench, limitOf, makeGlusterBench, marks } from "./support/gluster";
import type { BuildStack, StackBench } from "./support/terraform";

vi.setConfig({ testTimeout: timeout });

describeWithGluster("a volume that was used", () => {
  let gluster: GlusterBench;
  let stack: StackBench;
  beforeAll(async () => {
    gluster = await makeGlusterBench();
    cluster().makePool([{ name: "pool-1-1G", size: "1g" }]);
    stack = gluster.bench.stack();
  }, timeout);
  afterAll(() => gluster?.stop());

  const cluster = () => gluster.rig.clusters[0];
  const node = () => cluster().nodes[0];
  const attributes = () =>
    node()
      .machine.run(["getfattr", "-h", "-m", "-", "--absolute-names", "--", `${node().brickRoot}/pool-1-1G/brick`])
      .stdout.split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"));
  const sharing =
    (name: string, options = {}): BuildStack =>
    (terraformStack) => {
      const share = gluster
        .describe(terraformStack)
        .addShare(name, { size: Size.mebibytes(64), removalPolicy: RemovalPolicy.DESTROY, ...options });
      share.grantReadWrite("cpu", "cpu.example.org");
    };
  const nothing: BuildStack = (terraformStack) => void gluster.describe(terraformStack);

  test("S-11, S-12: keeps no file, name, owner, mode, ACL or attribute of its tenant", async () => {
    await applied(stack, sharing("first"));
    const before = attributes();
    const cpu = await gluster.rig.mountAs("cpu.example.org", `${node().host}:/pool-1-1G`);
    // The id of a user, and an ACL as xattr(7) has it: version 2, then tag, rights and id of each entry.
    const acl = "0x0200000001000700ffffffff02000700d204000004000500ffffffff10000700ffffffff20000500ffffffff";
    const said = cpu.machine.run([
      "sh",
      "-ec",
      `cd "$1"; echo secret >.trashcan; mkdir -p deep/down; echo secret >deep/down/file; ln -s /etc link
       setfattr -n user.secret -v x .; setfattr -n trusted.secret -v x .; setfattr -n security.secret -v x .
       setfattr -n trusted.glusterfs.mine -v x .; chown 1234:5678 .; chmod 2777 .
       cd /; umount "$1"; mount -t glusterfs -o acl "$2" "$1"
       setfattr -n system.posix_acl_access -v ${acl} "$1"; setfattr -n system.posix_acl_default -v ${acl} "$1"`,
      "sh",
      cpu.directory,
      `${node().host}:/pool-1-1G`,
    ]);
    expect(said).toMatchObject({ status: 0, stderr: "" });
    expect(attributes()).toContain("system.posix_acl_default");
    await applied(stack, nothing);
    expect(content(node(), "pool-1-1G")).toEqual([]);
    const { stdout } = node().machine.run(["stat", "-c", "%u:%g %a", "--", `${node().brickRoot}/pool-1-1G/brick`]);
    expect(stdout).toBe("0:0 755\n");
    // All are GlusterFS's own, limit and counters among them while there is a quota.
    expect(before).toEqual(expect.arrayContaining(attributes()));
  });

  test("S-11: keeps none of the shards that a mount does not show", async () => {
    await applied(stack, sharing("second", { volumeOptions: { "features.shard": "on", "features.shard-block-size": "4MB" } }));
    expect(marks(gluster.rig)).toEqual({ "second ready": "pool-1-1G" });
    const cpu = await gluster.rig.mountAs("cpu.example.org", `${node().host}:/pool-1-1G`);
    expect(cpu.write("big", 20)).toBe("");
    expect(content(node(), "pool-1-1G").filter((name) => name.startsWith("./.shard/"))).not.toEqual([]);
    await applied(stack, nothing);
    expect(content(node(), "pool-1-1G")).toEqual([]);
    await applied(stack, sharing("third"));
    expect(marks(gluster.rig)).toEqual({ "third ready": "pool-1-1G" });
  });

  test("S-13: a limit that a client has taken off the bricks is noticed, and set again", async () => {
    const limit = "trusted.glusterfs.quota.limit-set.";
    const client = await gluster.rig.mountAs("cpu.example.org", `${node().host}:/pool-1-1G`);
    const name = attributes().find((one) => one.startsWith(limit)) ?? limit;
    // As GlusterFS's own daemons mount: neither the limit nor its attribute is kept from them.
    const said = client.machine.run([
      "sh",
      "-ec",
      `umount "$1"; glusterfs --process-name fuse --client-pid=-1 --volfile-server="$2" --volfile-id=/pool-1-1G "$1"
       dd if=/dev/zero of="$1/past" bs=1M count=100 status=none; rm "$1/past"; setfattr -x ${limit.slice(0, -1)} "$1"; umount "$1"`,
      "sh",
      client.directory,
      node().host,
    ]);
    expect(said).toMatchObject({ status: 0, stderr: "" });
    expect(attributes()).not.toContain(name);
    expect(limitOf(gluster.rig, "pool-1-1G")).toBeNaN();
    const plan = await gluster.bench.sharewright("plan", stack.dir);
    expect(plan.stdout).toContain("set limit 64 MiB on volume pool-1-1G");
    expect((await gluster.bench.sharewright("doctor", stack.dir)).stdout).toContain("is gone from its bricks: nothing limits it");
    expect(await gluster.bench.sharewright("repair", "--stack", stack.dir)).toMatchObject({ exitCode: 0 });
    expect(limitOf(gluster.rig, "pool-1-1G")).toBe(64 * 1024 ** 2);
    expect(attributes()).toContain(name);
  });
});
