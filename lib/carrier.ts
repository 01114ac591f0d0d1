/** The Terraform resources that carry what sharewright manages. Nothing on the storage depends on the choice. */
export enum Carrier {
  /** `null_resource` of the provider hashicorp/null, as most CDK for Terraform projects have it. */
  NULL_RESOURCE = "null_resource",

  /**
   * `terraform_data`, built into Terraform and OpenTofu: nothing to download. Needs Terraform 1.9 or OpenTofu 1.10. A stack on `null_resource` changes over
   * without a hook (`moved` blocks are written); the way back makes new claims, which adopt what is there.
   */
  TERRAFORM_DATA = "terraform_data",
}
