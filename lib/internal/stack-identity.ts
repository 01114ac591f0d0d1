// The random id of a stack: records keep it, so that a stack knows its own objects whatever label others have. Terraform's state keeps it.
import { TerraformResource } from "cdktf";
import type { Construct } from "constructs";
import { defined } from "../../src/spec/defined";
import { stackResource } from "../../src/spec/request";
import type { Carrier } from "./carriers";

export class StackIdentity extends TerraformResource {
  constructor(scope: Construct, { resourceType, generator }: Carrier) {
    super(scope, "stack", {
      terraformResourceType: resourceType,
      ...defined({ terraformGeneratorMetadata: generator }),
    });
    this.overrideLogicalId(stackResource);
  }

  /** Expression of the id. */
  get reference(): string {
    return `\${${this.terraformResourceType}.${this.friendlyUniqueId}.id}`;
  }
}
