// The provider block that null_resource needs, unless the stack has one already.
import type { Construct } from "constructs";
import { type Framework, installedNullProvider, perFramework, stackOf, type TerraformProvider } from "./framework";

type ProviderClass = new (scope: Construct, id: string) => TerraformProvider;

/**
 * Adds a provider block for hashicorp/null that stays out of the JSON when the user's stack has its own: two of them would be an
 * error of Terraform, and theirs may be written before or after our constructs.
 */
export function addNullProvider(scope: Construct): void {
  new (fallbackNullProvider(scope))(scope, "null");
}

// Made when it is first asked for and not at the top: stacks on terraform_data never need the package.
const fallbackNullProvider = perFramework<ProviderClass>(
  (framework) =>
    class extends nullProvider(framework) {
      override toTerraform(): unknown {
        return this.isReplaced() ? {} : super.toTerraform();
      }

      override toHclTerraform(): unknown {
        return this.isReplaced() ? {} : super.toHclTerraform();
      }

      private isReplaced(): boolean {
        const others = stackOf(this).allProviders();
        return others.some(
          (other) => other !== this && other.terraformResourceType === this.terraformResourceType && !other.alias,
        );
      }
    },
);

/** That of the project, so that it says which version is wanted; where there is none of this framework, the same of our own. */
function nullProvider({ TerraformProvider }: Framework): ProviderClass {
  const installed = installedNullProvider();
  if (installed?.prototype instanceof TerraformProvider) return installed;
  return class extends TerraformProvider {
    constructor(scope: Construct, id: string) {
      super(scope, id, {
        terraformResourceType: "null",
        terraformGeneratorMetadata: { providerName: "null", providerVersion: "3.2.4", providerVersionConstraint: "~> 3.0" },
        terraformProviderSource: "null",
      });
    }
  };
}
