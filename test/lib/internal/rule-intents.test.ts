import { Fn, TerraformVariable } from "cdktf";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AccessLevel, LustreAccessRule, LustreShare, Squash } from "../../../lib";
import { RuleIntents, textDigest } from "../../../lib/internal/lustre/rule-intents";
import { textDigest as textDigestOfTheExecutor } from "../../../src/backends/lustre/access/siblings";
import { ruleIntentsSchema } from "../../../src/spec/lustre";
import { maxEnvBytes } from "../../../src/spec/request";
import { holds, newFileSystem, newStack, synth } from "../support";

type Props = ConstructorParameters<typeof LustreAccessRule>[2];

function stackWith(...rules: Partial<Props>[]) {
  const stack = newStack();
  const fileSystem = newFileSystem(stack);
  const share = LustreShare.fromShareName(stack, "s", { fileSystem, shareName: "s" });
  for (const [index, props] of rules.entries())
    new LustreAccessRule(stack, `r${index}`, { share, clients: ["10.1.0.5"], level: AccessLevel.READ_WRITE, ...props });
  return stack;
}

function intents(...rules: Partial<Props>[]) {
  const texts = synth(stackWith(...rules)).locals["scratch_rule_intents"] as unknown as string[];
  return Object.values(ruleIntentsSchema.parse(Object.assign({}, ...texts.map((text) => JSON.parse(text)))));
}

describe("R-06: what a stack asks of all its rules", () => {
  it("R-06: is one local, of which each rule's hook is given the parts, and only there", () => {
    const stack = stackWith({}, { clients: ["10.2.0.0/24"] });
    const { resource, locals } = synth(stack);
    const environment = resource["null_resource"]?.["r0"]?.provisioner[0]?.["local-exec"].environment;
    expect(environment?.["SHAREWRIGHT_RULES_0"]).toBe("${local.scratch_rule_intents[0]}");
    expect(Object.keys(locals)).toEqual(expect.arrayContaining(["scratch_rule_intents"]));
    expect(JSON.stringify({ ...resource["null_resource"]?.["r0"], provisioner: undefined })).not.toContain("rule_intents");
  });

  it("R-06: is not there without any rule", () => {
    const stack = newStack();
    newFileSystem(stack);
    expect(synth(stack).locals).not.toHaveProperty("scratch_rule_intents");
  });

  it("R-06: has clients as the executor records them", () => {
    expect(intents({ clients: ["10.1.0.5", "10.2.0.0/24@tcp1"] })).toEqual([
      { level: "rw", squash: "root", clients: textDigestOfTheExecutor("10.1.0.5@tcp, 10.2.0.0/24@tcp1") },
    ]);
  });

  it("R-06: holds no reference: equal texts are equal, others are not", () => {
    const variable = (name: string) => new TerraformVariable(newStack(), name, {});
    const [address, other] = [variable("address").stringValue, variable("other").stringValue];
    const uid = variable("uid").numberValue;
    const found = intents(
      { clients: [address], squash: Squash.all(uid, 5) },
      { clients: [address], squash: Squash.all(uid, 5) },
      { clients: [other], squash: Squash.all(uid, 6) },
      { clients: Fn.split(",", address) },
    );
    expect(JSON.stringify(found)).not.toContain("${");
    for (const { clients } of found) expect(clients).toMatch(/^=/);
    expect(found[0]).toEqual(found[1]);
    expect([found[0]?.clients === found[2]?.clients, found[0]?.squash === found[2]?.squash]).toEqual([false, false]);
    expect(new Set(found.map(({ clients }) => clients)).size).toBe(3);
  });

  it("R-06: digests are those of the executor", () => {
    holds(
      fc.property(fc.string(), (text) => {
        expect(textDigest(text)).toBe(textDigestOfTheExecutor(text));
      }),
    );
  });

  it("R-06: grows with the number of rules, in parts that fit", () => {
    holds(
      fc.property(fc.integer({ min: 900, max: 3000 }), fc.integer({ min: 1, max: 64 }), (count, length) => {
        const rules = new RuleIntents(newStack(), "rules");
        const keys = Array.from({ length: count }, (_, index) => `shares/${"x".repeat(length)}${index}#cpu`);
        for (const key of keys) rules.add(key, { rights: { level: "rw", squash: "root" }, clients: "c", qualified: "c" });
        const environment = rules.environment();
        const texts = Object.keys(environment).map((_, index) => rules.texts()[index] ?? "");
        expect(texts.every((text) => text.length <= maxEnvBytes)).toBe(true);
        expect(texts.flatMap((text) => Object.keys(JSON.parse(text))).sort()).toEqual([...keys].sort());
      }),
      { numRuns: 5 },
    );
  });
});
