export interface TerraformBinary {
  readonly command: string;
  readonly name: "Terraform" | "OpenTofu";
  readonly version: string;
  readonly platform: string;
}
export function terraformBinary(): TerraformBinary | undefined;
