// The Terraform or OpenTofu binary that tests and demo use.
import { spawnSync } from "node:child_process";

let found;

/** `TERRAFORM_BINARY_NAME`, else terraform, else tofu; undefined when there is none. */
export function terraformBinary() {
  found ??= { value: [process.env.TERRAFORM_BINARY_NAME, "terraform", "tofu"].flatMap(describe)[0] };
  return found.value;
}

function describe(command) {
  if (!command) return [];
  const env = { ...process.env, CHECKPOINT_DISABLE: "1" };
  const json = spawnSync(command, ["version", "-json"], { encoding: "utf8", env });
  if (json.status !== 0) return [];
  const { terraform_version: version, platform } = JSON.parse(json.stdout);
  const isTofu = spawnSync(command, ["version"], { encoding: "utf8", env }).stdout.startsWith("OpenTofu");
  return [{ command, version, platform, name: isTofu ? "OpenTofu" : "Terraform" }];
}
