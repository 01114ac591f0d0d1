// Clusters that have nothing to do with each other, and shares of one name on them: in one stack, and in stacks of their own.
import { TerraformStack, Testing } from "cdktf";
import { describe, expect, it } from "vitest";
import { GlusterShare } from "../../../lib";
import { errorOf, newStack, synth } from "../support";
import { clustersOf, newCluster, server, tenGibibytes } from "./support";

const staging = { servers: [server("t1")], site: "staging" };

function filled(stack: TerraformStack, props: object, id: string): void {
  const share = newCluster(stack, props, id).addShare("genomics", { size: tenGibibytes });
  share.grantReadWrite("cpu", "cpu.example.org");
  share.addSnapshot("monday");
}

describe("U-01 shares of one name on two clusters of a stack", () => {
  it("have claims of their own by the site of their cluster, and hooks that know only that", () => {
    const stack = newStack();
    filled(stack, {}, "tank");
    filled(stack, staging, "other");
    const { locals } = synth(stack);
    for (const name of ["gluster", "gluster-staging"]) {
      expect(locals[`${name}_share_claims`]).toEqual({ genomics: "retain" });
      expect(locals[`${name}_rule_claims`]).toEqual({ "genomics#cpu": {} });
      expect(locals[`${name}_snapshot_claims`]).toEqual({ "genomics@genomics-monday": {} });
    }
    const known = (block: string) => clustersOf(stack, block).map(({ name, site }) => [name, site]);
    expect(known("gluster_share_claims")).toEqual([["tank", undefined]]);
    expect(known("gluster-staging_share_claims")).toEqual([["other", "staging"]]);
  });

  it.each([["before"], ["after"]])(
    "leave the first as it is deployed, byte for byte, when the second is declared %s it",
    (when) => {
      const built = (...parts: [object, string][]) => {
        const stack = newStack();
        for (const [props, id] of parts) filled(stack, props, id);
        return synth(stack);
      };
      const alone = built([{}, "tank"]);
      const both = when === "before" ? built([staging, "other"], [{}, "tank"]) : built([{}, "tank"], [staging, "other"]);
      for (const [address, resource] of Object.entries(alone.resource["null_resource"] ?? {}))
        expect(JSON.stringify(both.resource["null_resource"]?.[address])).toBe(JSON.stringify(resource));
      for (const name of Object.keys(alone.locals))
        if (name !== "sharewright_clusters") expect(both.locals[name]).toEqual(alone.locals[name]);
    },
  );

  it("fail without a site, and the error names both places and the way", () => {
    const stack = newStack();
    newCluster(stack).addShare("genomics", { size: tenGibibytes });
    const error = errorOf(() =>
      newCluster(stack, { servers: [server("t1")] }, "other").addShare("genomics", { size: tenGibibytes }),
    );
    expect(error).toMatchObject({ constructPath: "stack/other/genomics", property: "shareName", value: '"genomics"' });
    expect(error.problem).toBe(
      "is already declared by stack/tank/genomics, and a stack has a name once for all clusters of a site",
    );
    expect(error.fix).toContain("`site`");
  });

  it("fail for one share on clusters of two sites", () => {
    const stack = newStack();
    const clusters = [newCluster(stack), newCluster(stack, staging, "other")];
    const error = errorOf(() => new GlusterShare(stack, "genomics", { clusters, size: tenGibibytes }));
    expect(error).toMatchObject({ constructPath: "stack/genomics", property: "clusters", value: '"other, tank"' });
  });

  it.each([
    ["a cluster", { servers: [server("s2")] }, "servers"],
    ["the name of a cluster", { servers: [server("t1")], clusterName: "tank" }, "clusterName"],
    ["a site that is no name", { servers: [server("t1")], site: "9" }, "site"],
  ])("fail for %s in two sites of a stack", (_title, props, property) => {
    const stack = newStack();
    newCluster(stack);
    expect(errorOf(() => newCluster(stack, { site: "staging", ...props }, "other"))).toMatchObject({ property });
  });
});

describe("U-01 shares of one name in two stacks", () => {
  it("are one where the clusters have a server in common, and the error names both places", () => {
    const app = Testing.app();
    filled(new TerraformStack(app, "prod"), {}, "tank");
    const error = errorOf(() => filled(new TerraformStack(app, "staging"), { servers: [server("s2")] }, "tank"));
    expect(error).toMatchObject({ constructPath: "staging/tank/genomics" });
    expect(error.problem).toBe(
      "is already declared by prod/tank/genomics, on the same cluster: staging/tank and prod/tank have a server in common",
    );
  });

  it("are two where the servers differ, or where their user says so", () => {
    const app = Testing.app();
    filled(new TerraformStack(app, "prod"), {}, "tank");
    filled(new TerraformStack(app, "test"), { servers: [server("t1")] }, "tank");
    filled(new TerraformStack(app, "staging"), { site: "staging" }, "tank");
  });
});
