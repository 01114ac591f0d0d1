// Has hashicorp/null ready before the first end-to-end test: where it must be built, that takes longer than a test may.
import { findNullProvider } from "../../../scripts/null-provider.mjs";
import { terraformBinary } from "../../../scripts/terraform.mjs";

export default async function setup(): Promise<void> {
  const files = process.argv.filter((word) => word.startsWith("test/"));
  if (files.length > 0 && !files.some((file) => file.includes("e2e"))) return;
  const binary = terraformBinary();
  const { how } = await findNullProvider();
  console.log(`End-to-end tests use ${binary ? `${binary.name} ${binary.version}` : "no Terraform"}; ${how}.`);
}
