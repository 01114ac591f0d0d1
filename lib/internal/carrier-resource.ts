// One Terraform resource that does nothing but start hooks when it is created or destroyed.
import type { Construct } from "constructs";
import { defined } from "../../src/spec/defined";
import type { Action } from "../../src/spec/kinds";
import { mark } from "./brands";
import type { Carrier } from "./carriers";
import { type ITerraformDependable, type LocalExecProvisioner, perFramework, type TerraformResource } from "./framework";
import { lazy } from "./tokens";

export interface CarrierResourceConfig {
  readonly carrier: Carrier;
  /** Named texts; a change of one replaces the resource. */
  readonly triggers: Record<string, string>;
  /** More triggers, asked for at synthesis. A plain function costs a quarter of a millisecond less than a token of cdktf. */
  readonly lateTriggers?: () => Record<string, string>;
  /** Where plans show it, if the carrier has a place for that. */
  readonly shown?: Record<string, string>;
  readonly hook: Hook;
  /** Name of the local map whose keys become instances. */
  readonly forEachLocal?: string;
  readonly dependsOn?: ITerraformDependable[];
}

/** What Terraform shall start: `node <executor> hook <kind> <action> <key>`. */
export interface Hook {
  readonly executor: string;
  readonly kind: string;
  readonly action: Action;
  readonly key: string;
  /** Made by `hookEnvironment`. */
  readonly environment: Record<string, string>;
}

/** The environment of a hook; `late` is asked for at synthesis. Hooks that are started alike share one. */
export function hookEnvironment(
  environment: Record<string, string>,
  late?: () => Record<string, string>,
): Record<string, string> {
  // Node reads a bundle of CA certificates at every start when this is set: 100 ms a hook, and no hook speaks TLS.
  const early = { NODE_EXTRA_CA_CERTS: "", ...environment };
  return late ? lazy(() => ({ ...early, ...late() })) : early;
}

export interface CarrierResource extends TerraformResource {
  /** Expression for one trigger of this resource, without braces. */
  triggerExpression(name: string): string;
  /** Token for one trigger of this resource. */
  triggerReference(name: string): string;
}

type CarrierResourceClass = new (scope: Construct, id: string, config: CarrierResourceConfig) => CarrierResource;

export function carrierResource(scope: Construct, id: string, config: CarrierResourceConfig): CarrierResource {
  return new (carrierResourceClass(scope))(scope, id, config);
}

const carrierResourceClass = perFramework<CarrierResourceClass>(
  ({ TerraformResource }) =>
    class extends TerraformResource implements CarrierResource {
      constructor(
        scope: Construct,
        id: string,
        private readonly config: CarrierResourceConfig,
      ) {
        const { carrier, dependsOn } = config;
        super(scope, id, {
          terraformResourceType: carrier.resourceType,
          ...defined({ terraformGeneratorMetadata: carrier.generator, forEach: forEach(config), dependsOn }),
          provisioners: [provisioner(config.hook)],
        });
        mark(this, "CarrierResource");
      }

      triggerExpression(name: string): string {
        return `${this.terraformResourceType}.${this.friendlyUniqueId}.${this.triggerAttribute(name)}`;
      }

      triggerReference(name: string): string {
        return this.getStringAttribute(this.triggerAttribute(name));
      }

      private allTriggers(): Record<string, string> {
        return { ...this.config.triggers, ...this.config.lateTriggers?.() };
      }

      private triggerAttribute(name: string): string {
        return `${this.config.carrier.triggers}["${name}"]`;
      }

      protected override synthesizeAttributes(): Record<string, unknown> {
        const { carrier, shown } = this.config;
        return { [carrier.triggers]: this.allTriggers(), ...(carrier.shown && shown ? { [carrier.shown]: shown } : {}) };
      }

      protected override synthesizeHclAttributes(): Record<string, unknown> {
        const attributes = Object.entries(this.synthesizeAttributes());
        const asMap = (value: unknown) => ({ value, isBlock: false, type: "map", storageClassType: "stringMap" });
        return Object.fromEntries(attributes.map(([name, value]) => [name, asMap(value)]));
      }
    },
);

function forEach({ forEachLocal }: CarrierResourceConfig): ForEach | undefined {
  return forEachLocal === undefined ? undefined : eachOfLocal(forEachLocal);
}

/** As an iterator of the framework. cdktn has a second method, for what is written on an iterator by hand. */
export function eachOfLocal(local: string): ForEach {
  const expression = () => `\${local.${local}}`;
  return { _getForEachExpression: expression, _getForExpressionInput: expression };
}

interface ForEach {
  _getForEachExpression(): string;
  _getForExpressionInput(): string;
}

// The framework's type of a local-exec does not know `quiet`, which keeps Terraform from printing the whole command before each hook.
function provisioner(hook: Hook): LocalExecProvisioner {
  const quiet: LocalExecProvisioner & { quiet: boolean } = {
    type: "local-exec",
    interpreter: ["node", hook.executor, "hook", hook.kind, hook.action],
    command: hook.key,
    environment: hook.environment,
    ...(hook.action === "destroy" ? { when: "destroy" as const } : {}),
    quiet: true,
  };
  return quiet;
}
