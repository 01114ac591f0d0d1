// What Terraform is told of shares that must not be removed, and of how those go that may be.
import { Testing } from "cdktf";
import { describe, expect, it } from "vitest";
import { RemovalPolicy } from "../../../lib";
import { newCluster, tenGibibytes } from "../gluster/support";
import { newFileSystem, newStack, rootOwner, synth, tenTebibytes } from "../support";

interface Wish {
  removalPolicy?: RemovalPolicy;
  deletionProtection?: boolean;
}

/** A stack with a share of each system. */
function stackWith(carrier: string, wish: Wish) {
  const stack = newStack({ "sharewright:carrier": carrier });
  newFileSystem(stack).addShare("a", { size: tenTebibytes, owner: rootOwner, ...wish });
  newCluster(stack).addShare("b", { size: tenGibibytes, ...wish });
  return stack;
}

const blocks = { scratch_deletion_protection: "shares/a", gluster_deletion_protection: "b" };

describe.each(["null_resource", "terraform_data"])("U-10 deletionProtection, carried by %s", (carrier) => {
  it.each(Object.entries(blocks))("puts the share into %s, which loses no instance and has no hook", (name, key) => {
    const { resource, locals } = synth(stackWith(carrier, { deletionProtection: true }));
    expect(locals[name]).toEqual({ [key]: "" });
    expect(locals[`${name}_map`]).toBe(`\${tomap(local.${name})}`);
    expect(resource[carrier]?.[name]).toEqual({
      for_each: `\${local.${name}_map}`,
      lifecycle: { prevent_destroy: true },
    });
  });

  it.each([{}, { deletionProtection: false }])("leaves the blocks there, empty, with %j", (wish) => {
    const { resource, locals } = synth(stackWith(carrier, wish));
    for (const name of Object.keys(blocks)) {
      expect(locals[name]).toEqual({});
      expect(resource[carrier]).toHaveProperty(name);
    }
  });

  it("lets a share out of its block by false alone", () => {
    const lifted = Object.entries(blocks).map(([name, key]) => ({
      from: `${carrier}.${name}["${key}"]`,
      to: `${carrier}.${name}_lifted["${key}"]`,
    }));
    const movedWith = (wish: Wish) => synth(stackWith(carrier, wish)).moved?.filter(({ from }) => from.startsWith(`${carrier}.`));
    expect(movedWith({ deletionProtection: false })).toEqual(lifted);
    for (const wish of [{}, { deletionProtection: true }]) expect(movedWith(wish) ?? []).toEqual([]);
    expect(Testing.synthHcl(stackWith(carrier, { deletionProtection: false }))).toContain(`from = ${lifted[0]?.from}`);
  });

  it("changes neither claims nor where they are", () => {
    const claims = (wish: Wish) => {
      const { resource, locals } = synth(stackWith(carrier, wish));
      const names = ["scratch_share_claims", "gluster_share_claims"];
      return names.map((name) => [resource[carrier]?.[name], locals[name]]);
    };
    expect(claims({ deletionProtection: true })).toEqual(claims({}));
  });
});

describe("U-10 the removal policy", () => {
  it("is shown by the claim where that replaces nothing, so with terraform_data", () => {
    const built = synth(stackWith("terraform_data", { removalPolicy: RemovalPolicy.TRASH }));
    for (const [noun, key] of [
      ["scratch_share_claims", "shares/a"],
      ["gluster_share_claims", "b"],
    ] as const) {
      const claims = built.resource["terraform_data"]?.[noun];
      expect(claims).toMatchObject({ input: { removal_policy: "${each.value}" }, triggers_replace: { share: "${each.key}" } });
      expect(built.locals[noun]).toEqual({ [key]: "trash" });
    }
    expect(built.output).toBeUndefined();
    expect(built.resource["terraform_data"]?.["scratch_rule_claims"]).not.toHaveProperty("input");
  });

  it("is an output where all arguments of a claim are triggers, of what does not stay", () => {
    const outputs = (removalPolicy: RemovalPolicy) => synth(stackWith("null_resource", { removalPolicy })).output;
    expect(outputs(RemovalPolicy.DESTROY)).toMatchObject({
      scratch_share_removal_policies: { value: { "shares/a": "destroy" } },
      gluster_share_removal_policies: { value: { b: "destroy" } },
    });
    expect(outputs(RemovalPolicy.RETAIN)).toBeUndefined();
    const claims = synth(stackWith("null_resource", { removalPolicy: RemovalPolicy.TRASH })).resource["null_resource"];
    expect(claims?.["scratch_share_claims"]).not.toHaveProperty("input");
    expect(claims?.["scratch_share_claims"]?.triggers).toEqual({ share: "${each.key}" });
  });
});
