import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { NullProvider } from "@cdktf/provider-null/lib/provider";
import { Resource } from "@cdktf/provider-null/lib/resource";
import { type TerraformResource, type TerraformStack, Testing } from "cdktf";
import { Construct } from "constructs";
import { describe, expect, it } from "vitest";
import { Carrier, LustreShare } from "../../../lib";
import { newCluster, tenGibibytes } from "../gluster/support";
import { errorOf, newFileSystem, newStack, rootOwner, type Synthesized, synth, tenTebibytes, validationErrors } from "../support";

const root = join(__dirname, "../../..");

function stackWithShare(context: Record<string, unknown> = {}, carrier?: Carrier): TerraformStack {
  const stack = newStack(context);
  const fileSystem = newFileSystem(stack, carrier ? { carrier } : {});
  new LustreShare(stack, "genomics", { fileSystem, size: tenTebibytes, owner: rootOwner }).grantRead("viz", ["10.1.0.5"]);
  return stack;
}

describe("carrier null_resource", () => {
  it("is the default, with one provider block", () => {
    const { resource, provider, moved } = synth(stackWithShare());
    expect(Object.keys(resource)).toEqual(["null_resource"]);
    expect(provider).toEqual({ null: [{}] });
    expect(moved).toBeUndefined();
  });

  it.each(["before", "after"])("leaves the provider block to a stack that makes its own %s the shares", (when) => {
    const stack = newStack();
    if (when === "before") new NullProvider(stack, "mine");
    newFileSystem(stack).addShare("genomics", { size: tenTebibytes, owner: rootOwner });
    if (when === "after") new NullProvider(stack, "mine");
    expect(synth(stack).provider).toEqual({ null: [{}] });
  });

  it("keeps its provider block beside one with an alias", () => {
    const stack = newStack();
    newFileSystem(stack);
    new NullProvider(stack, "mine", { alias: "other" });
    expect(synth(stack).provider).toEqual({ null: [{}, { alias: "other" }] });
  });
});

describe("carrier terraform_data", () => {
  it.each([
    ["a property", () => stackWithShare({}, Carrier.TERRAFORM_DATA)],
    ["the context", () => stackWithShare({ "sharewright:carrier": "terraform_data" })],
  ])("is chosen by %s and needs no provider", (_title, build) => {
    const { resource, provider } = synth(build());
    expect(Object.keys(resource)).toEqual(["terraform_data"]);
    expect(provider).toBeUndefined();
  });

  it("says the same as null_resource in triggers_replace", () => {
    const [data, plain] = [synth(stackWithShare({}, Carrier.TERRAFORM_DATA)), synth(stackWithShare())];
    const translated = JSON.parse(
      JSON.stringify(plain.resource["null_resource"])
        .replaceAll("null_resource", "terraform_data")
        .replaceAll('"triggers"', '"triggers_replace"')
        .replaceAll("self.triggers", "self.triggers_replace")
        .replaceAll(".triggers[", ".triggers_replace["),
    );
    // For what plans show of a claim a null_resource has no place.
    const withoutShown = JSON.parse(
      JSON.stringify(data.resource["terraform_data"], (name, value) => (name === "input" ? undefined : value)),
    );
    expect(withoutShown).toEqual(translated);
  });

  it("moves every address from null_resource, so that a live stack changes over without a hook", () => {
    const { resource, moved } = synth(stackWithShare({}, Carrier.TERRAFORM_DATA));
    const addresses = Object.keys(resource["terraform_data"] ?? {}).sort();
    expect(moved?.map(({ from }) => from).sort()).toEqual(addresses.map((id) => `null_resource.${id}`));
    expect(moved?.map(({ to }) => to).sort()).toEqual(addresses.map((id) => `terraform_data.${id}`));
  });

  it("U-11 leaves out moves that cannot be: from an address that the stack has, or beside a move of the user's own", () => {
    const stack = newStack();
    const fileSystem = newFileSystem(stack, { carrier: Carrier.TERRAFORM_DATA });
    const share = (id: string) => new LustreShare(stack, id, { fileSystem, size: tenTebibytes, owner: rootOwner });
    for (const id of ["kept", "taken", "renamed"]) share(id);
    new NullProvider(stack, "null");
    new Resource(new Construct(stack, "mine"), "taken").overrideLogicalId("taken");
    (stack.node.findChild("renamed").node.defaultChild as TerraformResource).moveFromId("terraform_data.former");
    const moves = synth(stack).moved?.map(({ from, to }) => `${from} ${to}`);
    expect(moves).toContain("null_resource.kept terraform_data.kept");
    expect(moves).toContain("terraform_data.former terraform_data.renamed");
    expect(moves?.filter((move) => /taken|null_resource.renamed/.test(move))).toEqual([]);
  });

  it("does not load the package of the provider", () => {
    const script = `
      const { App, TerraformStack, Testing } = require("cdktf");
      const { LustreFileSystem } = require("./lib");
      const stack = new TerraformStack(Testing.app({ context: { "sharewright:carrier": process.argv[1] } }), "stack");
      new LustreFileSystem(stack, "scratch", { fsName: "scratch", exportNids: ["10.0.0.1@tcp"] });
      console.log(Object.keys(require.cache).some((file) => file.includes("provider-null")));`;
    const loaded = ["terraform_data", "null_resource"].map((carrier) =>
      execFileSync(process.execPath, ["--require", "tsx/cjs", "-e", script, carrier], { cwd: root, encoding: "utf8" }).trim(),
    );
    expect(loaded).toEqual(["false", "true"]);
  });

  it("does not start a process to validate itself", () => {
    expect(validationErrors(stackWithShare({}, Carrier.TERRAFORM_DATA))).toBe("");
  });
});

describe.each(["null_resource", "terraform_data"])("U-04 adopt, carried by %s", (carrier) => {
  const build = (adopt: boolean) => {
    const stack = newStack({ "sharewright:carrier": carrier });
    const lustre = newFileSystem(stack).addShare("a", { size: tenTebibytes, owner: rootOwner, adopt });
    lustre.grantRead("viz", ["10.1.0.5"]);
    const gluster = newCluster(stack).addShare("b", { size: tenGibibytes, adopt });
    gluster.grantReadWrite("cpu", "cpu.example.org");
    gluster.addSnapshot("monday");
    return synth(stack);
  };
  const applied = ["scratch_a", "scratch_a_viz", "tank_b", "tank_b_cpu", "tank_b_monday"];
  const actions = (built: Synthesized) =>
    Object.entries(built.resource[carrier] ?? {}).flatMap(([id, { provisioner }]) => {
      const isApplied = applied.some((name) => id.startsWith(`${name}_`)) && !id.includes("claims");
      return isApplied ? [provisioner[0]?.["local-exec"].interpreter[4]] : [];
    });
  const withoutHooks = (built: Synthesized) =>
    JSON.parse(JSON.stringify(built, (name, value) => (name === "provisioner" ? undefined : value)));

  it("is what hooks are started as, and nothing that Terraform compares: setting it or taking it out later replaces nothing", () => {
    const [adopting, plain] = [build(true), build(false)];
    expect(actions(adopting)).toEqual(applied.map(() => "adopt"));
    expect(actions(plain)).toEqual(applied.map(() => "apply"));
    expect(withoutHooks(adopting)).toEqual(withoutHooks(plain));
  });
});

describe("choosing a carrier", () => {
  it("prefers the property to the context", () => {
    const stack = stackWithShare({ "sharewright:carrier": "terraform_data" }, Carrier.NULL_RESOURCE);
    expect(Object.keys(synth(stack).resource)).toEqual(["null_resource"]);
  });

  it("fails for a name in the context that is none", () => {
    const error = errorOf(() => stackWithShare({ "sharewright:carrier": "docker" }));
    expect(error).toMatchObject({ constructPath: "stack/scratch", property: "context sharewright:carrier", value: '"docker"' });
  });

  it("carries the same into HCL", () => {
    const text = Testing.synthHcl(stackWithShare({}, Carrier.TERRAFORM_DATA));
    expect(text).toMatch(/resource "terraform_data" "genomics" \{\s+triggers_replace = \{/);
    expect(text).toContain("from = null_resource.genomics");
  });
});
