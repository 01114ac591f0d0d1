// The provider block that null_resource needs, unless the stack has one already.
import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";

/**
 * Adds a provider block for hashicorp/null that stays out of the JSON when the user's stack has its own: two of them would be an
 * error of Terraform, and theirs may be written before or after our constructs.
 */
export function addNullProvider(scope: Construct): void {
  // Loaded here and not at the top: stacks on terraform_data never need the package.
  const { NullProvider } = require("@cdktf/provider-null/lib/provider") as typeof import("@cdktf/provider-null/lib/provider");

  class FallbackNullProvider extends NullProvider {
    override toTerraform(): unknown {
      return this.isReplaced() ? {} : super.toTerraform();
    }

    override toHclTerraform(): unknown {
      return this.isReplaced() ? {} : super.toHclTerraform();
    }

    private isReplaced(): boolean {
      const others = TerraformStack.of(this).allProviders();
      return others.some((other) => other !== this && other.terraformResourceType === this.terraformResourceType && !other.alias);
    }
  }

  new FallbackNullProvider(scope, "null");
}
