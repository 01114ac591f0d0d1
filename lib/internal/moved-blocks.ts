// `moved` blocks that let a stack change from null_resource to terraform_data without a single hook.
import type { Construct } from "constructs";
import { perFramework, type TerraformElement, type TerraformResource } from "./framework";

export interface MovedBlocks extends TerraformElement {
  readonly resources: TerraformResource[];
}

/** Harmless for what never existed as a null_resource. Terraform supports no move the other way. */
export const movedBlocks = perFramework<new (scope: Construct, id: string) => MovedBlocks>(
  ({ TerraformElement }) =>
    class extends TerraformElement {
      readonly resources: TerraformResource[] = [];

      override toTerraform(): unknown {
        return {
          moved: this.resources.map(({ terraformResourceType, friendlyUniqueId }) => ({
            from: `null_resource.${friendlyUniqueId}`,
            to: `${terraformResourceType}.${friendlyUniqueId}`,
          })),
        };
      }

      override toHclTerraform(): unknown {
        const reference = (value: string) => ({ value, isBlock: false, type: "simple", storageClassType: "reference" });
        return {
          moved: this.resources.map(({ terraformResourceType, friendlyUniqueId }) => ({
            from: reference(`null_resource.${friendlyUniqueId}`),
            to: reference(`${terraformResourceType}.${friendlyUniqueId}`),
          })),
        };
      }
    },
);
