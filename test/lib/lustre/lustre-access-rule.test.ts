import { Resource } from "@cdktf/provider-null/lib/resource";
import { type TerraformStack, TerraformVariable } from "cdktf";
import { describe, expect, it } from "vitest";
import { AccessLevel, LustreAccessRule, type LustreAccessRuleProps, LustreShare, LustreVersion, Squash } from "../../../lib";
import { ruleMessage } from "../../../src/spec/lustre";
import { errorOf, hookOf, newFileSystem, newStack, rootOwner, synth, tenTebibytes, triggersOf, warningsOf } from "../support";

function rule(
  stack: TerraformStack,
  props: Partial<LustreAccessRuleProps> = {},
  lustreVersion = LustreVersion.V2_17,
): LustreAccessRule {
  const fileSystem = newFileSystem(stack, { lustreVersion });
  const share = new LustreShare(stack, "genomics", { fileSystem, size: tenTebibytes, owner: rootOwner });
  return new LustreAccessRule(stack, "cpu", { share, clients: ["10.1.0.0/24"], level: AccessLevel.READ_WRITE, ...props });
}

describe("LustreAccessRule", () => {
  it("defaults", () => {
    const stack = newStack();
    rule(stack);
    const { resource, locals } = synth(stack);
    expect(locals["scratch_rule_claims"]).toEqual({ "shares/genomics#cpu": {} });
    expect(resource["null_resource"]?.["cpu"]).toMatchSnapshot();
    expect(resource["null_resource"]?.["scratch_rule_claims"]).toMatchSnapshot();
  });

  it("everything set", () => {
    const stack = newStack();
    rule(stack, {
      ruleName: "readers",
      clients: ["10.1.0.5", "10.2.0.0/16", "10.3.0.[1-20]@tcp", "10.4.0.1@o2ib:10.4.0.9@o2ib", "fd00::/64@tcp"],
      level: AccessLevel.READ_ONLY,
      squash: Squash.all(1000, 0),
      rbac: ["fscrypt_admin", "file_perms", "file_perms"],
      advisoryReadOnly: true,
    });
    const triggers = { ...triggersOf(stack, "cpu"), fileset: "/shares/genomics" };
    expect(ruleMessage.triggers.parse(triggers).spec).toEqual({
      share: "shares/genomics",
      fileset: "/shares/genomics",
      clients: ["10.1.0.5", "10.2.0.0/16", "10.3.0.[1-20]@tcp", "10.4.0.1@o2ib:10.4.0.9@o2ib", "fd00::/64@tcp"],
      level: "ro",
      squash: { kind: "all", uid: 1000, gid: 0 },
      rbac: ["file_perms", "fscrypt_admin"],
      advisoryReadOnly: true,
      adopt: false,
    });
  });

  it("U-04 takes its share along when that is adopted", () => {
    const stack = newStack();
    const fileSystem = newFileSystem(stack);
    const share = new LustreShare(stack, "old", { fileSystem, size: tenTebibytes, owner: rootOwner, adopt: true });
    new LustreAccessRule(stack, "r", { share, clients: ["10.1.0.1"], level: AccessLevel.READ_ONLY });
    expect(hookOf(synth(stack), "r")).toEqual(["lustre.access-rule", "adopt"]);
  });

  it("takes tokens as clients, as the whole list, and as ids to squash to", () => {
    const stack = newStack();
    const text = new TerraformVariable(stack, "vm", { type: "string" }).stringValue;
    const list = new TerraformVariable(stack, "vms", { type: "list(string)" }).listValue;
    const uid = new TerraformVariable(stack, "uid", { type: "number" }).numberValue;
    const squash = Squash.all(uid, 5);
    const mine = rule(stack, { clients: ["10.1.0.1", text, `${text}@tcp1`], squash });
    new LustreAccessRule(stack, "list", { share: mine.share, clients: list, level: AccessLevel.READ_WRITE });
    new LustreAccessRule(stack, "mixed", {
      share: mine.share,
      clients: ["10.1.0.1", ...list, text],
      level: AccessLevel.READ_WRITE,
      squash,
    });
    expect(triggersOf(stack, "cpu")).toMatchObject({
      clients: "10.1.0.1, ${var.vm}, ${var.vm}@tcp1",
      squash: "all ${var.uid}:5",
    });
    expect(triggersOf(stack, "list")).toMatchObject({ clients: '${join(", ", var.vms)}' });
    expect(triggersOf(stack, "mixed")).toMatchObject({ clients: '10.1.0.1, ${join(", ", var.vms)}, ${var.vm}' });
  });

  it("means the net of the first export NID where a client has none", () => {
    const stack = newStack();
    const fileSystem = newFileSystem(stack, { exportNids: ["10.0.0.1@o2ib1"] });
    const a = fileSystem.addShare("a", { size: tenTebibytes, owner: rootOwner });
    a.grantReadWrite("x", ["10.1.0.1"]);
    a.grantRead("y", ["10.1.0.1@o2ib1"]);
    expect(() => stack.runAllValidations()).toThrow(/10\.1\.0\.1@o2ib1/);
  });

  it("S-05 takes numbers for clients where nodes have numbers, and finds what contradicts", () => {
    const stack = newStack();
    const fileSystem = newFileSystem(stack, { exportNids: ["10761@kfi"], trustedClients: ["[1-9]"] });
    const a = fileSystem.addShare("a", { size: tenTebibytes, owner: rootOwner });
    a.grantReadWrite("x", ["[1000-1999]", "5@gni", "10.1.0.1@tcp"]);
    const resources = Object.values(synth(stack).resource["null_resource"] ?? {});
    expect(resources.map(({ triggers }) => triggers?.["clients"])).toContain("[1000-1999], 5@gni, 10.1.0.1@tcp");
    a.grantRead("y", ["1500@kfi"]);
    expect(() => stack.runAllValidations()).toThrow(/1500@kfi/);
  });

  it("can stand in dependsOn, so that a machine waits until it may mount", () => {
    const stack = newStack();
    new Resource(stack, "machine", { dependsOn: [rule(stack)] });
    expect(synth(stack).resource["null_resource"]?.["machine"]).toEqual({ depends_on: ["null_resource.cpu"] });
  });

  it("hands what the stack asks of all its rules to the hook, also of those that come later", () => {
    const stack = newStack();
    const mine = rule(stack);
    mine.share.grantReadWrite("later", ["10.2.0.0/24"]);
    expect(synth(stack).resource["null_resource"]?.["cpu"]?.provisioner[0]?.["local-exec"].environment).toMatchObject({
      SHAREWRIGHT_RULES_0: "${local.scratch_rule_intents[0]}",
    });
  });

  const failures: [string, Partial<LustreAccessRuleProps>, string, string][] = [
    ["no clients", { clients: [] }, "clients", "empty"],
    ["everybody", { clients: ["0.0.0.0/0"] }, "clients", "every address"],
    ["everybody on IPv6", { clients: ["::/0"] }, "clients", "every address"],
    ["S-06 everybody on IPv6, in two halves", { clients: ["::/1", "8000::/1"] }, "clients", "together every address"],
    ["S-05 all nodes of kfi, which Lustre takes for one", { clients: ["*@kfi"] }, "clients", "node 0 alone"],
    ["S-05 an address on a network of numbers", { clients: ["10.1.0.1@gni"] }, "clients", "is no node of gni"],
    ["S-05 a number of 33 bits", { clients: ["4294967296@ptlf"] }, "clients", "is no node of ptlf"],
    ["S-06 everybody, in two halves", { clients: ["0.0.0.0/1", "10.1.0.1", "128.0.0.0/1"] }, "clients", "together every address"],
    ["host bits in a prefix", { clients: ["10.1.0.1/24"] }, "clients", "host bits"],
    ["an address that is none", { clients: ["10.1.0.256"] }, "clients", "10.1.0.256"],
    ["a net that is none", { clients: ["10.1.0.1@eth0"] }, "clients", "10.1.0.1@eth0"],
    ["a malformed NID", { clients: ["10.1.0.1@tcp@tcp"] }, "clients", "10.1.0.1@tcp@tcp"],
    ["a DNS name", { clients: ["node1.example.org"] }, "clients", "node1.example.org"],
    ["a range that is not contiguous", { clients: ["10.[1-2].0.1@tcp"] }, "clients", "contiguous"],
    ["a NID range over two nets", { clients: ["10.1.0.1@tcp:10.1.0.9@o2ib"] }, "clients", "10.1.0.9@o2ib"],
    ["an expression of Terraform as text", { clients: ["${var.vm}"] }, "clients", "${var.vm}"],
    ["a bad rule name", { ruleName: "a#b" }, "ruleName", "cannot be used"],
    ["a level that is none", { level: "rwx" as AccessLevel }, "level", "possible values"],
    ["a role that is none", { rbac: ["root"] }, "rbac", "possible values"],
    ["squashing to root", { squash: Squash.all(0, 5) }, "squash", "root"],
    ["a uid that means unset", { squash: Squash.all(4294967295, 5) }, "squash.uid", "range"],
    ["a negative gid", { squash: Squash.all(5, -5) }, "squash.gid", "range"],
    ["an advisory level rw", { advisoryReadOnly: true }, "advisoryReadOnly", "rw"],
    ["more clients than a hook can be given", { clients: Array<string>(9000).fill("10.1.0.1") }, "clients", "bytes"],
  ];
  it.each(failures)("fails for %s", (_title, props, property, problem) => {
    const error = errorOf(() => rule(newStack(), props));
    expect(error).toMatchObject({ constructPath: "stack/cpu", property });
    expect(error.problem).toContain(problem);
    expect(error.value).toBeDefined();
    expect(error.message).toContain(error.fix);
  });

  it.each([
    ["IPv6", { clients: ["fd00::1"] }, "clients"],
    ["a role of 2.17", { rbac: ["hsm_ops"] }, "rbac"],
    ["a level for each share", { level: AccessLevel.READ_ONLY, advisoryReadOnly: true }, "advisoryReadOnly"],
  ])("fails on 2.16 for %s", (_title, props, property) => {
    expect(errorOf(() => rule(newStack(), props, LustreVersion.V2_16))).toMatchObject({ constructPath: "stack/cpu", property });
  });

  it("fails for the same rule twice", () => {
    const stack = newStack();
    const share = new LustreShare(stack, "s", { fileSystem: newFileSystem(stack), size: tenTebibytes, owner: rootOwner });
    share.grantRead("viz", ["10.1.0.1"]);
    const error = errorOf(() => share.grantReadWrite("other", ["10.2.0.1"], { ruleName: "viz" }));
    expect(error).toMatchObject({ constructPath: "stack/s/other", property: "ruleName", value: '"shares/s#viz"' });
    expect(error.problem).toContain("stack/s/viz");
  });
});

describe("R-05: a squash of everybody that does not let everybody in is warned of", () => {
  const account = Squash.all(6000, 6000);
  const warnings = (owner: { uid: number; gid: number }, mode: number | undefined, squash = account) => {
    const stack = newStack();
    const fileSystem = newFileSystem(stack);
    const share = new LustreShare(stack, "s", { fileSystem, size: tenTebibytes, owner, ...(mode === undefined ? {} : { mode }) });
    share.grantReadWrite("cpu", ["10.1.0.0/24"], { squash });
    return warningsOf(stack);
  };
  const its = { uid: 6000, gid: 6000 };

  it("where the mode was not written down", () =>
    expect(warnings(its, undefined)).toEqual([
      "stack/s/cpu: `squash` users of its clients act as 6000:6000 once their own kernel has let them through, and by mode 0770 that is root, uid 6000, group 6000 alone; mode 0777 would let in everybody; write `mode` on the share, also if these are meant",
    ]));
  it("not where it was, nor where everybody is let in", () => {
    expect(warnings(its, 0o770)).toEqual([]);
    expect(warnings(its, 0o777)).toEqual([]);
  });
  it("whatever was written, where nobody is let in", () =>
    expect(warnings({ uid: 1, gid: 1 }, 0o770)).toEqual([
      expect.stringContaining("whom the share, of 1:1 with mode 0770, does not let in; give the share to these ids"),
    ]));
  it("not for another squash, nor for ids that only the deployment knows", () => {
    expect(warnings(its, undefined, Squash.root())).toEqual([]);
    const uid = new TerraformVariable(newStack(), "uid", {}).numberValue;
    expect(warnings(its, undefined, Squash.all(uid, 6000))).toEqual([]);
  });
});
