// cdktf and cdktn: what people do with either works alike on shares, in one process as well; what cannot work is an error that names both.
import { NullProvider } from "@cdktf/provider-null/lib/provider";
import * as cdktf from "cdktf";
import * as cdktn from "cdktn";
import { Construct, type IConstruct } from "constructs";
import { describe, expect, it } from "vitest";
import { LustreFileSystem, type LustreShare, Size } from "../../../lib";
import { errorOf } from "../support";

type Framework = typeof cdktf;
/** Their classes are not assignable to each other; what they are used for here is. */
const frameworks = { cdktf, cdktn: cdktn as unknown as Framework };

function shareIn(stack: Construct): LustreShare {
  const scratch = new LustreFileSystem(stack, "scratch", { fsName: "scratch", exportNids: ["10.0.0.1@tcp"] });
  return scratch.addShare("genomics", { size: Size.tebibytes(10), owner: { uid: 1000, gid: 1000 } });
}

describe.each(Object.entries(frameworks))("issue 14, with %s:", (name, framework) => {
  const { TerraformStack, Testing } = framework;
  const newStack = () => new TerraformStack(Testing.app(), "stack");
  const synthesized = (stack: cdktf.TerraformStack) => JSON.parse(Testing.synth(stack, true));
  /** Something of the user's own. */
  const machine = (scope: Construct, config: Partial<cdktf.TerraformResourceConfig> = {}) =>
    new (class extends framework.TerraformResource {
      tags: Record<string, string> = {};
      constructor() {
        super(scope, "machine", { terraformResourceType: "terraform_data", ...config });
      }
      protected override synthesizeAttributes() {
        return { input: this.tags };
      }
    })();

  it("resources are of the stack's framework", () => {
    const share = shareIn(newStack());
    expect(share.node.defaultChild).toBeInstanceOf(framework.TerraformResource);
    const scope = framework.TerraformStack.of(share).node;
    expect(scope.findAll().filter((one) => one instanceof framework.TerraformProvider)).toHaveLength(1);
  });

  it("aspects visit our resources, and one that sets tags does so where there are any", () => {
    const stack = newStack();
    const share = shareIn(stack);
    const own = machine(stack);
    const visited: string[] = [];
    framework.Aspects.of(stack).add({
      visit(node: IConstruct) {
        if (framework.TerraformResource.isTerraformResource(node)) visited.push(node.node.path);
        if ("tags" in node) Object.assign(node, { tags: { team: "genomics" } });
      },
    });
    const { resource } = synthesized(stack);
    expect(visited).toContain(`${share.node.path}/Default`);
    expect(resource.terraform_data[own.friendlyUniqueId].input).toEqual({ team: "genomics" });
    expect(JSON.stringify(resource.null_resource)).not.toContain("team");
  });

  it("an aspect gives the applied resource an override", () => {
    const stack = newStack();
    const { friendlyUniqueId } = shareIn(stack).node.defaultChild as cdktf.TerraformResource;
    framework.Aspects.of(stack).add({
      visit(node: IConstruct) {
        if (framework.TerraformResource.isTerraformResource(node)) node.addOverride("lifecycle.ignore_changes", ["id"]);
      },
    });
    expect(synthesized(stack).resource.null_resource[friendlyUniqueId].lifecycle).toEqual({ ignore_changes: ["id"] });
  });

  it("escape hatches: overrideLogicalId, addOverride and a reference to it afterwards", () => {
    const stack = newStack();
    const share = shareIn(stack);
    const applied = share.node.defaultChild as cdktf.TerraformResource;
    applied.overrideLogicalId("renamed");
    applied.addOverride("triggers.site", "north");
    new framework.TerraformOutput(stack, "path", { value: share.path, staticId: true });
    const { resource, output } = synthesized(stack);
    expect(resource.null_resource.renamed.triggers).toMatchObject({ site: "north", size: "10 TiB" });
    expect(output.path.value).toBe('${null_resource.renamed.triggers["path"]}');
  });

  it("Testing's matchers see the resources", () => {
    const stack = newStack();
    shareIn(stack);
    const text = Testing.synth(stack, true);
    expect(Testing.toHaveResource(text, "null_resource")).toBe(true);
    expect(Testing.toHaveResourceWithProperties(text, "null_resource", { triggers: { share: "${each.key}" } })).toBe(true);
    expect(Testing.toHaveProvider(text, "null")).toBe(true);
    expect(Testing.toHaveResource(text, "terraform_data")).toBe(false);
  });

  it("dependsOn takes a share and a rule", () => {
    const stack = newStack();
    const share = shareIn(stack);
    const rule = share.grantRead("viz", ["10.3.0.7"]);
    const own = machine(stack, { dependsOn: [share, rule] });
    const { depends_on } = synthesized(stack).resource.terraform_data[own.friendlyUniqueId];
    expect(depends_on).toEqual([expect.stringMatching(/^null_resource\.scratch_genomics_/), expect.stringMatching(/_viz_/)]);
  });

  it("another stack refers to a share", () => {
    const app = Testing.app();
    const [one, two] = ["one", "two"].map((id) => new TerraformStack(app, id));
    if (!one || !two) throw new Error("no stacks");
    new framework.TerraformOutput(two, "path", { value: shareIn(one).path, staticId: true });
    one.prepareStack();
    two.prepareStack();
    expect(JSON.stringify(synthesized(two).output.path)).toContain("data.terraform_remote_state.");
    expect(JSON.stringify(synthesized(one).output)).toContain('.triggers[\\"path\\"]');
  });

  it("TerraformIterator: clients of a list, a resource for each that refers to the share, and the claims iterated over", () => {
    const stack = newStack();
    const share = shareIn(stack);
    const nodes = new framework.TerraformVariable(stack, "nodes", { type: "list(string)" });
    share.grantRead("nodes", nodes.listValue);
    const forEach = framework.TerraformIterator.fromList(nodes.listValue);
    const own = machine(stack, { forEach });
    own.tags = { mount: share.mountCommand, node: forEach.value };
    const claims = stack.node
      .findAll()
      .find((one) => one.node.id === "scratch_share_claims") as unknown as cdktf.TerraformResource;
    const ids = framework.TerraformIterator.fromResources(claims).pluckProperty("id");
    new framework.TerraformOutput(stack, "ids", { value: ids, staticId: true });
    const { resource, output } = synthesized(stack);
    const told = resource.terraform_data[own.friendlyUniqueId];
    expect(told.for_each).toBe("${toset(var.nodes)}");
    expect(told.input.node).toBe("${each.value}");
    expect(output.ids.value).toContain("null_resource.scratch_share_claims");
    expect(JSON.stringify(resource.null_resource)).toContain('"clients":"${join(\\", \\", var.nodes)}"');
  });

  it.each(["before", "behind"])("the user's own provider of hashicorp/null, %s the shares, takes the place of ours", (when) => {
    const stack = newStack();
    const Provider = class extends framework.TerraformProvider {};
    const own = () => new Provider(stack, "own", { terraformResourceType: "null", terraformProviderSource: "null" });
    if (when === "before") own();
    shareIn(stack);
    if (when === "behind") own();
    const { provider, terraform } = synthesized(stack);
    expect(provider).toEqual({ null: [{}] });
    expect(terraform.required_providers.null).toEqual({ source: "null" });
  });

  it("without one, ours says where hashicorp/null comes from", () => {
    const stack = newStack();
    shareIn(stack);
    expect(synthesized(stack).terraform.required_providers.null).toEqual({ source: "null", version: "3.2.4" });
  });

  it("warnings of synthesis stand at the construct", () => {
    const scratch = new LustreFileSystem(newStack(), "scratch", { fsName: "scratch", exportNids: ["10.0.0.1@tcp"] });
    const share = scratch.addShare("small", { size: Size.gibibytes(1), inodes: 2000, owner: { uid: 0, gid: 0 } });
    expect(share.node.metadata.map(({ type }) => type)).toEqual(["@cdktf/warn"]);
  });

  it("fails for a stack in an app of the other one, naming both and the line to change", () => {
    const [other] = Object.keys(frameworks).filter((each) => each !== name) as [keyof typeof frameworks];
    const stack = new TerraformStack(frameworks[other].Testing.app(), "stack");
    const error = errorOf(() => shareIn(stack));
    expect(error).toMatchObject({ constructPath: "stack", property: "cdktf or cdktn" });
    expect(error.message).toContain(`import { TerraformStack } from "${other}"`);
    expect(error.message).toContain(`in place of "${name}"`);
  });
});

describe("issue 14, both in one process:", () => {
  it("each stack gets its own, in whatever order, and the same JSON", () => {
    const described = [...Object.values(frameworks), ...Object.values(frameworks).reverse()].map(
      ({ TerraformStack, Testing }) => {
        const stack = new TerraformStack(Testing.app(), "stack");
        shareIn(stack).grantRead("viz", ["10.3.0.7"]);
        return JSON.parse(Testing.synth(stack, true));
      },
    );
    expect(new Set(described.map((each) => JSON.stringify(each))).size).toBe(1);
  });

  it("fails for an element of cdktf in a stack of cdktn, naming both and what to import", () => {
    const stack = new cdktn.TerraformStack(cdktn.Testing.app(), "stack");
    new NullProvider(stack as unknown as cdktf.TerraformStack, "theirs");
    const error = errorOf(() => shareIn(stack));
    expect(error).toMatchObject({ constructPath: "stack/theirs", property: "cdktf or cdktn" });
    expect(error.message).toContain("this is made of cdktf, its stack of cdktn");
    expect(error.fix).toContain('from "cdktn" in place of "cdktf"');
  });

  it("fails for a stack that comes from neither, such as a mock", () => {
    class Mock extends Construct {
      constructor() {
        super(undefined as unknown as Construct, "mock");
        Object.defineProperty(this, Symbol.for("cdktf/TerraformStack"), { value: true });
      }
    }
    expect(errorOf(() => shareIn(new Mock())).message).toContain("perhaps from a mock");
  });
});
