// One Terraform resource that does nothing but start hooks when it is created or destroyed.
import { type ITerraformDependable, type LocalExecProvisioner, TerraformResource } from "cdktf";
import type { Construct } from "constructs";
import type { Carrier } from "./carriers";
import { lazyMap } from "./tokens";

export interface CarrierResourceConfig {
  readonly carrier: Carrier;
  /** Named texts; a change of one replaces the resource. */
  readonly triggers: Record<string, string>;
  readonly hook: Hook;
  /** Name of the local map whose keys become instances. */
  readonly forEachLocal?: string;
  readonly dependsOn?: ITerraformDependable[];
}

/** What Terraform shall start: `node <executor> hook <kind> <action> <key>`. */
export interface Hook {
  readonly executor: string;
  readonly kind: string;
  readonly action: "apply" | "destroy";
  readonly key: string;
  readonly environment: Record<string, string>;
  /** More environment, known only when every construct of the stack has been made. */
  readonly lateEnvironment?: () => Record<string, string>;
}

export class CarrierResource extends TerraformResource {
  private readonly config: CarrierResourceConfig;

  constructor(scope: Construct, id: string, config: CarrierResourceConfig) {
    const { carrier, forEachLocal, dependsOn } = config;
    super(scope, id, {
      terraformResourceType: carrier.resourceType,
      ...(carrier.generator ? { terraformGeneratorMetadata: carrier.generator } : {}),
      ...(forEachLocal ? { forEach: { _getForEachExpression: () => `\${local.${forEachLocal}}` } } : {}),
      ...(dependsOn ? { dependsOn } : {}),
      provisioners: [provisioner(config.hook)],
    });
    this.config = config;
  }

  /** Expression for one trigger of this resource, without braces. */
  triggerExpression(name: string): string {
    return `${this.terraformResourceType}.${this.friendlyUniqueId}.${this.triggerAttribute(name)}`;
  }

  /** Token for one trigger of this resource. */
  triggerReference(name: string): string {
    return this.getStringAttribute(this.triggerAttribute(name));
  }

  private triggerAttribute(name: string): string {
    return `${this.config.carrier.triggers}["${name}"]`;
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return { [this.config.carrier.triggers]: this.config.triggers };
  }

  protected override synthesizeHclAttributes(): Record<string, unknown> {
    const value = this.config.triggers;
    return { [this.config.carrier.triggers]: { value, isBlock: false, type: "map", storageClassType: "stringMap" } };
  }
}

// cdktf's type of a local-exec does not know `quiet`, which keeps Terraform from printing the whole command before each hook.
function provisioner(hook: Hook): LocalExecProvisioner {
  const quiet: LocalExecProvisioner & { quiet: boolean } = {
    type: "local-exec",
    interpreter: ["node", hook.executor, "hook", hook.kind, hook.action],
    command: hook.key,
    environment: environment(hook),
    ...(hook.action === "destroy" ? { when: "destroy" as const } : {}),
    quiet: true,
  };
  return quiet;
}

function environment({ environment, lateEnvironment }: Hook): Record<string, string> {
  // Node reads a bundle of CA certificates at every start when this is set: 100 ms a hook, and no hook speaks TLS.
  const early = { NODE_EXTRA_CA_CERTS: "", ...environment };
  return lateEnvironment ? lazyMap(() => ({ ...early, ...lateEnvironment() })) : early;
}
