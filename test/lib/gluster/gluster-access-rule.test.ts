import { Resource } from "@cdktf/provider-null/lib/resource";
import { TerraformStack, TerraformVariable, Testing } from "cdktf";
import { describe, expect, it } from "vitest";
import { AccessLevel, GlusterAccessRule, type GlusterAccessRuleProps, GlusterShare } from "../../../lib";
import { glusterRuleMessage, maxSslAllowBytes } from "../../../src/spec/gluster";
import { errorOf, hookOf, newStack, synth, triggersOf } from "../support";
import { newCluster, received, resourceOf, server, tenGibibytes } from "./support";

function rule(stack: TerraformStack, props: Partial<GlusterAccessRuleProps> = {}): GlusterAccessRule {
  const share = new GlusterShare(stack, "genomics", { cluster: newCluster(stack), size: tenGibibytes });
  return new GlusterAccessRule(stack, "cpu", { share, commonName: "cpu.example.org", ...props });
}

describe("GlusterAccessRule", () => {
  it("defaults", () => {
    const stack = newStack();
    rule(stack);
    const { locals } = synth(stack);
    expect(locals["gluster_rule_claims"]).toEqual({ "genomics#cpu": {} });
    expect(resourceOf(synth(stack), "cpu")).toMatchSnapshot();
    expect(glusterRuleMessage.triggers.parse(received(stack, "cpu"))).toEqual({
      claim: "4711",
      spec: { share: "genomics", clusters: ["tank"], commonName: "cpu.example.org", level: "rw", adopt: false },
    });
  });

  it("everything set, on a share that is taken over", () => {
    const stack = newStack();
    const share = newCluster(stack).addShare("old", { size: tenGibibytes, adopt: true });
    const props = { share, ruleName: "writers", commonName: "user:a@b+c_d-e.f", level: AccessLevel.READ_WRITE };
    new GlusterAccessRule(stack, "r", props);
    expect(glusterRuleMessage.triggers.parse(received(stack, "r")).spec).toEqual({
      share: "old",
      clusters: ["tank"],
      commonName: "user:a@b+c_d-e.f",
      level: "rw",
      adopt: false,
    });
    expect(hookOf(synth(stack), "r")).toEqual(["gluster.access-rule", "adopt"]);
    expect(synth(stack).locals["gluster_rule_claims"]).toEqual({ "old#writers": {} });
  });

  it("takes a token for the common name", () => {
    const stack = newStack();
    rule(stack, { commonName: `${new TerraformVariable(stack, "vm", { type: "string" }).stringValue}.example.org` });
    expect(triggersOf(stack, "cpu")).toMatchObject({ common_name: "${var.vm}.example.org" });
  });

  it("can stand in dependsOn, so that a machine waits until it may mount", () => {
    const stack = newStack();
    new Resource(stack, "machine", { dependsOn: [rule(stack)] });
    expect(resourceOf(synth(stack), "machine")).toEqual({ depends_on: ["null_resource.cpu"] });
  });

  it.each([
    ["nothing", "", "is empty"],
    ["everybody", "*", "pattern"],
    ["a pattern", "ali*", "pattern"],
    ["a pattern of one character", "alic?", "pattern"],
    ["a class of characters", "[ab]lice", "pattern"],
    ["a backslash", "a\\b", "pattern"],
    ["a blank", "x alice", "blank"],
    ["a line break", "alice\n", "blank"],
    ["a control character", "a\u0000b", "control"],
    ["several names", "alice,bob", "comma"],
    ["a subject", "/C=DE/CN=alice", "subject"],
    ["a network", "10.1.0.0/24", "is a network"],
    ["65 characters", "a".repeat(65), "64"],
    ["a quote", 'a"b', "cannot be used"],
    ["a letter that is not of ASCII", "alicé", "cannot be used"],
    ["a leading dash", "-alice", "cannot be used"],
    ["a server", "glusterfs-server-1", '"glusterfs-server*" in the infrastructureNames of stack/tank'],
    ["the managing host", "manila-host", '"manila-host*"'],
  ])("fails for %s as common name (G-12, X-G02, X-G03)", (_title, commonName, problem) => {
    const error = errorOf(() => rule(newStack(), { commonName }));
    expect(error).toMatchObject({ constructPath: "stack/cpu", property: "commonName", value: JSON.stringify(commonName) });
    expect(error.problem).toContain(problem);
    expect(error.message).toContain(error.fix);
  });

  it("fails for the infrastructure names of every cluster of the share, but not for what only begins like them", () => {
    const stack = newStack();
    const clusters = [newCluster(stack), newCluster(stack, { servers: [server("t1")], infrastructureNames: ["ops"] }, "other")];
    const share = new GlusterShare(stack, "genomics", { clusters, size: tenGibibytes });
    const error = errorOf(() => share.grantReadWrite("cpu", "ops"));
    expect(error).toMatchObject({ property: "commonName", value: '"ops"' });
    expect(error.problem).toContain("stack/other");
    expect(share.grantReadWrite("other", "glusterfs").ruleName).toBe("other");
  });

  it("fails for read-only access with the reason, and for a level that is none", () => {
    const readOnly = errorOf(() => rule(newStack(), { level: AccessLevel.READ_ONLY }));
    expect(readOnly).toMatchObject({ constructPath: "stack/cpu", property: "level", value: '"ro"' });
    expect(readOnly.problem).toContain("features.read-only");
    expect(errorOf(() => rule(newStack(), { level: "rwx" as AccessLevel })).fix).toBe('write one of "rw"');
  });

  it("fails for a bad rule name, and for the same rule twice", () => {
    expect(errorOf(() => rule(newStack(), { ruleName: "a#b" }))).toMatchObject({ property: "ruleName", value: '"a#b"' });
    const stack = newStack();
    const { share } = rule(stack);
    const error = errorOf(() => share.grantReadWrite("other", "b", { ruleName: "cpu" }));
    expect(error).toMatchObject({ constructPath: "stack/genomics/other", property: "ruleName", value: '"genomics#cpu"' });
    expect(error.problem).toContain("stack/cpu");
  });

  it("fails for a share of another stack", () => {
    const app = Testing.app();
    const { share } = rule(new TerraformStack(app, "a"));
    const error = errorOf(() => new GlusterAccessRule(new TerraformStack(app, "b"), "r", { share, commonName: "x" }));
    expect(error).toMatchObject({ constructPath: "b/r", property: "share", value: '"a/genomics"' });
  });

  it("fails for the name with which the list becomes longer than glusterd bears, with the count", () => {
    const stack = newStack();
    const { share } = rule(stack, { commonName: "a".repeat(64) });
    const name = (index: number) => `${"b".repeat(60)}${1000 + index}`;
    // n names of 64 characters and the commas between them
    const most = Math.floor((maxSslAllowBytes + 1) / 65);
    for (let index = 0; index < most - 1; index += 1) share.grantReadWrite(`r${index}`, name(index));
    share.grantReadWrite("again", name(0));
    const error = errorOf(() => share.grantReadWrite("more", name(most)));
    expect(error).toMatchObject({ constructPath: "stack/genomics/more", property: "commonName" });
    expect(error.value).toBe(`"${most + 1} names, ${(most + 1) * 65 - 1} bytes"`);
    expect(error.problem).toContain(`${maxSslAllowBytes} bytes`);
  });
});
