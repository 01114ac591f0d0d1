/** The Terraform resources that carry what sharewright manages. Nothing on the storage depends on the choice. */
export enum Carrier {
  /** `null_resource` of the provider hashicorp/null, as most CDK for Terraform projects have it. */
  NULL_RESOURCE = "null_resource",

  /**
   * `terraform_data`, built into Terraform (1.4 and later) and OpenTofu: nothing to download. A stack on `null_resource` changes over
   * without a hook (`moved` blocks are written); the way back makes new claims, which adopt what is there.
   */
  TERRAFORM_DATA = "terraform_data",
}
