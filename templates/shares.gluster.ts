// What there is to be: shares, their limits, and who may mount them.
import { TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { Carrier, Connection, GlusterCluster, type GlusterClusterProps, Size } from "sharewright";

/** Servers of the trusted pool, as `gluster pool list` names them. */
const hosts = ["gluster1", "gluster2", "gluster3"];

export function buildStack(scope: Construct, id: string): TerraformStack {
  const stack = new TerraformStack(scope, id);

  const tank = new GlusterCluster(stack, "tank", {
    ...servers(process.env["SHAREWRIGHT_SANDBOX"]),
    // Volumes that an administrator has made for this: pool-1-1G, pool-2-500G, ...
    volumePattern: "pool-\\d+-#{size}G",
    // Nothing to download; Terraform 1.9 or OpenTofu 1.10.
    carrier: Carrier.TERRAFORM_DATA,
  });

  // The smallest free volume of the pool that holds it.
  const genomics = tank.addShare("genomics", { size: Size.gibibytes(1) });
  // Clients show a certificate with this common name; no other can mount the share.
  genomics.grantReadWrite("cpu", "cpu.example.org");

  return stack;
}

/** While a sandbox is in force (`eval "$(npx sharewright sandbox env)"`), it is used in place of the real servers. */
function servers(sandbox: string | undefined): Pick<GlusterClusterProps, "servers" | "client" | "mountPointBase"> {
  if (!sandbox) return { servers: hosts.map((host) => ({ host, connection: Connection.ssh({ host, user: "root" }) })) };
  const tools = (host: string) => Connection.local({ path: [`${sandbox}/hosts/${host}/bin`] });
  return {
    servers: ["gluster1-1", "gluster1-2", "gluster1-3"].map((host) => ({ host, connection: tools(host) })),
    client: tools("client"),
    mountPointBase: `${sandbox}/run/mnt`,
  };
}
