// `moved` blocks that let a stack change from null_resource to terraform_data without a single hook.
import { TerraformElement, type TerraformResource } from "cdktf";

/** Harmless for what never existed as a null_resource. Terraform supports no move the other way. */
export class MovedBlocks extends TerraformElement {
  private readonly resources: TerraformResource[] = [];

  add(resource: TerraformResource): void {
    this.resources.push(resource);
  }

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
}
