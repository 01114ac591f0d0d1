import { LocalBackend, TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { Connection, LustreFileSystem, LustreLayout, LustreVersion, RemovalPolicy, Size } from "sharewright";

/** What the demo of this project changes between two deployments. */
export interface SharesOptions {
  /** Where the file system is mounted. */
  readonly mountPoint: string;
  readonly lustreVersion?: LustreVersion;
  /** @default - 10 TiB */
  readonly genomicsSize?: Size;
  /** @default true */
  readonly withClimate?: boolean;
}

/** Two shares of one file system: one for a compute cluster, one that a workstation may read. */
export function buildStack(scope: Construct, id: string, options: SharesOptions): TerraformStack {
  const stack = new TerraformStack(scope, id);
  new LocalBackend(stack, { path: `../../../terraform.${id}.tfstate` });

  const scratch = new LustreFileSystem(stack, "scratch", {
    fsName: "scratch",
    exportNids: ["10.0.0.1@tcp"],
    mountPoint: options.mountPoint,
    client: Connection.local(),
    lustreVersion: options.lustreVersion ?? LustreVersion.V2_17,
  });

  const genomics = scratch.addShare("genomics", {
    size: options.genomicsSize ?? Size.tebibytes(10),
    owner: { uid: 1000, gid: 1000 },
    description: "Sequencing runs of the genomics group",
  });
  genomics.grantReadWrite("cpu", ["10.1.0.0/24"]);
  new TerraformOutput(stack, "genomics-export", { value: genomics.exportLocation });
  new TerraformOutput(stack, "genomics-mount", { value: genomics.mountCommand });

  if (options.withClimate ?? true) {
    const climate = scratch.addShare("climate", {
      size: Size.tebibytes(5),
      owner: { uid: 2000, gid: 2000 },
      layout: LustreLayout.striped({ stripeCount: 4, stripeSize: Size.mebibytes(4) }),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    climate.grantReadWrite("gpu", ["10.2.0.0/24"]);
    climate.grantRead("viz", ["10.3.0.7"]);
    new TerraformOutput(stack, "climate-export", { value: climate.exportLocation });
  }
  return stack;
}
