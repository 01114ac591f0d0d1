// The Terraform resources that can carry a managed object, and which one a construct is to use.
import type { IConstruct } from "constructs";
import { notLiteral, unknownCarrier } from "./errors";
import type { TerraformProviderGeneratorMetadata } from "./framework";
import { isToken } from "./tokens";

export interface Carrier {
  readonly resourceType: CarrierName;
  /** The argument whose change replaces the resource. */
  readonly triggers: "triggers" | "triggers_replace";
  /** The argument for what plans show, whose change replaces nothing. */
  readonly shown?: "input";
  /** The provider that must be found in the stack; built into Terraform and OpenTofu when undefined. */
  readonly generator?: TerraformProviderGeneratorMetadata;
}

export const carrierNames = ["null_resource", "terraform_data"] as const;
type CarrierName = (typeof carrierNames)[number];

const carriers: Record<CarrierName, Carrier> = {
  null_resource: { resourceType: "null_resource", triggers: "triggers", generator: { providerName: "null" } },
  terraform_data: { resourceType: "terraform_data", triggers: "triggers_replace", shown: "input" },
};

const carrierContextKey = "sharewright:carrier";

/** The carrier that a property names, else the context of the app, else null_resource. */
export function carrierOf(construct: IConstruct, property: string | undefined): Carrier {
  const context: unknown = construct.node.tryGetContext(carrierContextKey);
  const [source, value] =
    property !== undefined ? ["carrier", property] : [`context ${carrierContextKey}`, context ?? "null_resource"];
  if (isToken(value)) throw notLiteral(construct.node.path, source);
  const name = carrierNames.find((candidate) => candidate === value);
  if (name === undefined) throw unknownCarrier(construct.node.path, source, value, carrierNames);
  return carriers[name];
}
