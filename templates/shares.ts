// What there is to be: shares, their limits, and who may mount them.
import { TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { Carrier, LustreFileSystem, Size } from "sharewright";

export function buildStack(scope: Construct, id: string): TerraformStack {
  const stack = new TerraformStack(scope, id);

  const scratch = new LustreFileSystem(stack, "scratch", {
    fsName: "scratch",
    exportNids: ["10.0.0.1@tcp"],
    // While a sandbox is in force (`eval "$(npx sharewright sandbox env)"`), it is used in place of the real file system.
    mountPoint: process.env["SHAREWRIGHT_SANDBOX_MOUNT"] ?? "/mnt/lustre",
    // Nothing to download; Terraform 1.9 or OpenTofu 1.10.
    carrier: Carrier.TERRAFORM_DATA,
    // Hosts that have the file system mounted, and the MGS, where this machine has not: Connection.ssh({ host: "login1", user: "root" }).
    // client: ..., mgs: ...,
  });

  const genomics = scratch.addShare("genomics", { size: Size.tebibytes(10), owner: { uid: 1000, gid: 1000 } });
  genomics.grantReadWrite("cpu", ["10.1.0.0/24"]);
  new TerraformOutput(stack, "genomics-mount", { value: genomics.mountCommand });

  return stack;
}
