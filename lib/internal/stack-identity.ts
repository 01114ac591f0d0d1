// The random id of a stack: records keep it, so that a stack knows its own objects whatever label others have. Terraform's state keeps it.
import type { Construct } from "constructs";
import { defined } from "../../src/spec/defined";
import { stackResource } from "../../src/spec/request";
import type { Carrier } from "./carriers";
import { frameworkOf, type TerraformResource } from "./framework";

export function stackIdentity(scope: Construct, { resourceType, generator }: Carrier): TerraformResource {
  const { TerraformResource } = frameworkOf(scope);
  const resource = new TerraformResource(scope, "stack", {
    terraformResourceType: resourceType,
    ...defined({ terraformGeneratorMetadata: generator }),
  });
  resource.overrideLogicalId(stackResource);
  return resource;
}
