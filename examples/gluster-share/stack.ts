import { LocalBackend, TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { type Connection, GlusterCluster, GlusterShare, RemovalPolicy, Size, Volume } from "sharewright";

export interface GlusterSharesOptions {
  /** Servers of the trusted pool, as `gluster pool list` names them, and how to reach each. */
  readonly servers: { readonly host: string; readonly connection: Connection }[];
  /**
   * Bricks on the root file system, or copies on one server, such as where all servers are one machine.
   *
   * @default false
   */
  readonly force?: boolean;
  /**
   * A snapshot and a clone of it, for which all bricks have to be on thinly provisioned LVM.
   *
   * @default false
   */
  readonly withSnapshot?: boolean;
}

/** Two shares of one cluster: one on a volume of the pool, one on a volume of its own. */
export function buildStack(scope: Construct, id: string, options: GlusterSharesOptions): TerraformStack {
  const stack = new TerraformStack(scope, id);
  new LocalBackend(stack, { path: `../../../terraform.${id}.tfstate` });

  const tank = new GlusterCluster(stack, "tank", {
    servers: options.servers,
    // Volumes that an administrator has made for this: pool-1-10G, pool-2-10G, pool-1-500G ...
    volumePattern: "pool-\\d+-#{size}G",
    // Where bricks of other volumes are made; it exists on every server.
    brickRoots: ["/data/bricks"],
  });

  // The smallest free volume of the pool that holds it. Which one that is turns out when it is deployed: `sharewright list --json`.
  const genomics = tank.addShare("genomics", { size: Size.gibibytes(8) });
  // Clients show a certificate with this common name; no other can mount the share.
  genomics.grantReadWrite("cpu", "cpu.example.org");
  genomics.grantReadWrite("viz", "viz.example.org");

  // A volume of its own, with every file on all of three servers. Its location is known here, so machines can be told what to mount.
  const climate = new GlusterShare(stack, "climate", {
    cluster: tank,
    size: Size.gibibytes(2),
    provisioning: Volume.create({ replica: 3, force: options.force ?? false }),
    volumeOptions: { "performance.cache-size": "128MB" },
    removalPolicy: RemovalPolicy.DESTROY,
  });
  climate.grantReadWrite("gpu", "gpu.example.org");
  new TerraformOutput(stack, "climate-export", { value: climate.exportLocation });
  new TerraformOutput(stack, "climate-fstab", { value: climate.fstabEntry });

  if (options.withSnapshot) {
    // As the data is when this is first deployed, and a share that begins with it. Nobody has access to the clone but by its own rules.
    const monday = climate.addSnapshot("monday");
    const experiment = tank.addShare("experiment", { size: Size.gibibytes(2), fromSnapshot: monday });
    experiment.grantReadWrite("gpu", "gpu.example.org");
    new TerraformOutput(stack, "experiment-mount", { value: experiment.mountCommand });
  }
  return stack;
}
