// Stands for "@cdktf/provider-null/lib/resource" where these tests are run with cdktn, as far as they use it.
import { TerraformResource, type TerraformResourceConfig } from "cdktn";
import type { Construct } from "constructs";

export class Resource extends TerraformResource {
  constructor(scope: Construct, id: string, config: Partial<TerraformResourceConfig> = {}) {
    super(scope, id, { terraformResourceType: "null_resource", terraformGeneratorMetadata: { providerName: "null" }, ...config });
  }
}
