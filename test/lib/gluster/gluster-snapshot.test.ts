import { Resource } from "@cdktf/provider-null/lib/resource";
import { type TerraformResource, TerraformStack, Testing } from "cdktf";
import { describe, expect, it } from "vitest";
import { GlusterShare, GlusterSnapshot } from "../../../lib";
import { glusterSnapshotMessage } from "../../../src/spec/gluster";
import { errorOf, newStack, synth, triggersOf } from "../support";
import { newCluster, received, resourceOf, server, tenGibibytes } from "./support";

describe("GlusterSnapshot", () => {
  it("defaults", () => {
    const stack = newStack();
    const share = new GlusterShare(stack, "genomics", { cluster: newCluster(stack), size: tenGibibytes });
    new GlusterSnapshot(stack, "monday", { share });
    expect(resourceOf(synth(stack), "monday")).toMatchSnapshot();
    expect(synth(stack).locals["gluster_snapshot_claims"]).toEqual({ "genomics@genomics-monday": {} });
    expect(glusterSnapshotMessage.triggers.parse(received(stack, "monday"))).toEqual({
      claim: "4711",
      spec: { share: "genomics", clusters: ["tank"], snapshot: "genomics-monday", adopt: false },
    });
  });

  it("has the name that it is given", () => {
    const stack = newStack();
    const share = new GlusterShare(stack, "genomics", { cluster: newCluster(stack), size: tenGibibytes });
    const snapshot = new GlusterSnapshot(stack, "monday", { share, snapshotName: "before-upgrade" });
    expect(snapshot).toMatchObject({ snapshotName: "before-upgrade", share });
    expect(triggersOf(stack, "monday")).toMatchObject({ key: "genomics@before-upgrade", snapshot: "before-upgrade" });
  });

  it("refers to its share, so that that is made first, whatever its logical id becomes", () => {
    const stack = newStack();
    const share = new GlusterShare(stack, "genomics", { cluster: newCluster(stack), size: tenGibibytes });
    new GlusterSnapshot(stack, "monday", { share });
    (share.node.defaultChild as TerraformResource).overrideLogicalId("renamed");
    expect(triggersOf(stack, "monday")).toMatchObject({ share: '${null_resource.renamed.triggers["share"]}' });
  });

  it("can stand in dependsOn", () => {
    const stack = newStack();
    const share = new GlusterShare(stack, "genomics", { cluster: newCluster(stack), size: tenGibibytes });
    new Resource(stack, "dependent", { dependsOn: [new GlusterSnapshot(stack, "monday", { share })] });
    expect(resourceOf(synth(stack), "dependent")).toEqual({ depends_on: ["null_resource.monday"] });
  });

  it.each([
    ["an empty name", ""],
    ["a name with a dot", "v1.2"],
    ["a name with @", "a@b"],
    ["a word of gluster", "all"],
    ["a name that is too long", "a".repeat(65)],
  ])("fails for %s", (_title, snapshotName) => {
    const share = newCluster(newStack()).addShare("genomics", { size: tenGibibytes });
    const error = errorOf(() => share.addSnapshot("monday", { snapshotName }));
    expect(error).toMatchObject({ constructPath: "stack/tank/genomics/monday", property: "snapshotName" });
    expect(error.value).toBe(JSON.stringify(snapshotName));
  });

  it("fails for a name that another snapshot of the cluster has, anywhere in the app", () => {
    const app = Testing.app();
    const [a, b] = [new TerraformStack(app, "a"), new TerraformStack(app, "b")];
    const cluster = newCluster(a);
    cluster.addShare("one", { size: tenGibibytes }).addSnapshot("s", { snapshotName: "nightly" });
    const shares = [
      cluster.addShare("two", { size: tenGibibytes }),
      GlusterShare.fromShareName(b, "two", { cluster: newCluster(b), shareName: "two" }),
    ];
    for (const share of shares) {
      const error = errorOf(() => share.addSnapshot("s", { snapshotName: "nightly" }));
      expect(error).toMatchObject({ property: "snapshotName", value: '"nightly"' });
      expect(error.problem).toContain("a/tank/one/s");
    }
    const elsewhere = newCluster(a, { servers: [server("t1")] }, "other").addShare("three", { size: tenGibibytes });
    elsewhere.addSnapshot("s", { snapshotName: "nightly" });
  });

  it("fails for a share of another stack", () => {
    const app = Testing.app();
    const share = newCluster(new TerraformStack(app, "a")).addShare("genomics", { size: tenGibibytes });
    const error = errorOf(() => new GlusterSnapshot(new TerraformStack(app, "b"), "s", { share }));
    expect(error).toMatchObject({ constructPath: "b/s", property: "share", value: '"a/tank/genomics"' });
  });
});
