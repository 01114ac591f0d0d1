// All claims of one kind on one file system, or on all clusters of a stack: the `for_each` block whose vanishing keys start the destroy hooks.
import type { Construct } from "constructs";
import { env, policiesOutput } from "../../src/spec/request";
import { type CarrierResource, carrierResource, hookEnvironment } from "./carrier-resource";
import type { Carrier } from "./carriers";
import { frameworkOf } from "./framework";
import { addInstances, addLocal, mapOf } from "./locals";

export interface ClaimBlockConfig {
  /** Address of the block and of its local map; it never depends on a construct's id, so that renaming a construct changes nothing. */
  readonly name: string;
  readonly carrier: Carrier;
  readonly executor: string;
  readonly kind: string;
  /** What a key names: the one trigger. */
  readonly noun: string;
  /** Where the storage is, as destroy hooks are told. */
  readonly environment: Record<string, string>;
  /** More of it, asked for at synthesis. */
  readonly lateEnvironment?: () => Record<string, string>;
  /** Each has a removal policy, which plans show where the claim is. */
  readonly hasPolicies?: boolean;
  /** Claims that are destroyed after these. */
  readonly before?: ClaimBlock;
}

export class ClaimBlock {
  readonly kind: string;
  readonly resource: CarrierResource;
  /** With the policy of each, or with nothing. */
  private readonly claims: Record<string, string | Record<string, never>> = {};
  private readonly blockName: string;
  private readonly carrier: Carrier;
  private goes: Record<string, string> | undefined;

  constructor(scope: Construct, config: ClaimBlockConfig) {
    const { name, carrier, executor, kind, noun, environment, lateEnvironment, hasPolicies, before } = config;
    this.resource = carrierResource(scope, name, {
      carrier,
      triggers: { [noun]: "${each.key}" },
      ...(hasPolicies ? { shown: { removal_policy: "${each.value}" } } : {}),
      forEachLocal: mapOf(name),
      // By the local: named itself, each claim of the one would be joined to each of the other, 500 times 500 edges for 500 shares with a rule each.
      ...(before ? { dependsOn: [{ fqn: `local.${before.ids()}` }] } : {}),
      hook: {
        executor,
        kind,
        action: "destroy",
        key: "${each.key}",
        environment: hookEnvironment({ ...environment, [env.claim]: "${self.id}" }, lateEnvironment),
      },
    });
    this.kind = kind;
    this.blockName = name;
    this.carrier = carrier;
    this.resource.overrideLogicalId(name);
    addInstances(this.resource, name, this.claims);
  }

  /** Adds a claim; returns the expression of its id. */
  add(key: string, policy?: string): string {
    this.claims[key] = policy ?? {};
    // Of a null_resource all arguments are triggers: a changed policy would replace the claim, which runs its hook.
    if (policy !== undefined && policy !== "retain" && !this.carrier.shown) this.policies()[key] = policy;
    return `\${local.${this.ids()}["${key}"]}`;
  }

  /** An output, which plans show as well: whose data goes with its claim, and how. */
  private policies(): Record<string, string> {
    if (!this.goes) {
      this.goes = {};
      const { TerraformOutput } = frameworkOf(this.resource);
      const description = "Shares whose data goes when they are removed from the code, and how";
      const output = new TerraformOutput(this.resource, "policies", { value: this.goes, description });
      output.overrideLogicalId(policiesOutput(this.blockName));
    }
    return this.goes;
  }

  /** Each expression that names the block makes Terraform gather all of its instances: a plan of 1,000 shares takes half the CPU with this second local. */
  private ids(): string {
    const name = `${this.blockName}_ids`;
    const { node, terraformResourceType } = this.resource;
    if (!node.tryFindChild("ids")) {
      const ids = `\${tomap({for key, claim in ${terraformResourceType}.${this.blockName} : key => claim.id})}`;
      addLocal(this.resource, "ids", name, ids);
    }
    return name;
  }
}
