// All claims of one kind on one file system, or on all clusters of a stack: the `for_each` block whose vanishing keys start the destroy hooks.
import { TerraformLocal } from "cdktf";
import type { Construct } from "constructs";
import { env, maxEnvBytes } from "../../src/spec/request";
import { CarrierResource, hookEnvironment } from "./carrier-resource";
import type { Carrier } from "./carriers";

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
  /** Claims that are destroyed after these. */
  readonly before?: ClaimBlock;
}

export class ClaimBlock extends CarrierResource {
  readonly kind: string;
  private readonly claims: Record<string, Record<string, never>> = {};
  private readonly blockName: string;
  private handed: { count: number; environment: Record<string, string> } | undefined;

  constructor(scope: Construct, config: ClaimBlockConfig) {
    const { name, carrier, executor, kind, noun, environment, lateEnvironment, before } = config;
    super(scope, name, {
      carrier,
      triggers: { [noun]: "${each.key}" },
      forEachLocal: name,
      ...(before ? { dependsOn: [before] } : {}),
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
    this.overrideLogicalId(name);
    // A literal map in for_each would be evaluated again for every instance: 164 s of CPU for 1,000 of them, 45 s through a local.
    new TerraformLocal(this, "keys", this.claims).overrideLogicalId(name);
  }

  /** Adds a claim; returns the expression of its id. */
  add(key: string): string {
    this.claims[key] = {};
    return `\${${this.terraformResourceType}.${this.blockName}["${key}"].id}`;
  }

  /** Environment that hands all keys of the block to a hook, split so that no value is longer than a process may be given. */
  keysEnvironment(): Record<string, string> {
    // Every rule of the stack asks for the same.
    const count = Object.keys(this.claims).length;
    if (this.handed?.count !== count) this.handed = { count, environment: this.splitKeys() };
    return this.handed.environment;
  }

  private splitKeys(): Record<string, string> {
    const cuts = this.cuts();
    const keys = `keys(local.${this.blockName})`;
    const parts = cuts.map((end, index) => (cuts.length === 1 ? keys : `slice(${keys}, ${cuts[index - 1] ?? 0}, ${end})`));
    return Object.fromEntries(parts.map((part, index) => [`${env.keys}_${index}`, `\${jsonencode(${part})}`]));
  }

  // Where each part ends. Terraform's keys() sorts as JavaScript does, since keys are ASCII.
  private cuts(): number[] {
    const keys = Object.keys(this.claims).sort();
    const cuts: number[] = [];
    let bytes = 2;
    for (const [index, key] of keys.entries()) {
      bytes += key.length + 3;
      if (bytes > maxEnvBytes) {
        cuts.push(index);
        bytes = key.length + 5;
      }
    }
    return [...cuts, keys.length];
  }
}
