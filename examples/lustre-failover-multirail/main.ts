// Management servers as a fail-over pair, each with two rails, and clients on two networks.
import { App, LocalBackend, TerraformOutput, TerraformStack } from "cdktf";
import { Connection, LustreFileSystem, LustreLayout, LustreShare, Size } from "sharewright";

const app = new App();
const stack = new TerraformStack(app, "lustre-failover-multirail");
new LocalBackend(stack, { path: "../../../terraform.lustre-failover-multirail.tfstate" });

const fileSystem = new LustreFileSystem(stack, "lfs01", {
  fsName: "lfs01",
  // One entry a host; the rails of a host are joined by ",". Clients without a net are on the first one, o2ib.
  exportNids: ["10.0.0.1@o2ib,10.0.1.1@o2ib1", "10.0.0.2@o2ib,10.0.1.2@o2ib1"],
  client: Connection.local({ path: ["/usr/local/lustre/bin"] }),
  trustedClients: ["10.0.0.0/28", "10.0.1.0/28@o2ib1"],
});

const simulation = new LustreShare(stack, "simulation", {
  fileSystem,
  size: Size.pebibytes(1.5),
  owner: { uid: 1000, gid: 1000 },
  // Small files on the metadata target's flash, medium ones on one OST, large ones over many.
  layout: LustreLayout.progressive([
    { end: Size.mebibytes(256), stripeCount: 1, pool: "flash" },
    { end: Size.gibibytes(64), stripeCount: 4 },
    { stripeCount: -1, stripeSize: Size.mebibytes(16) },
  ]),
});
simulation.grantReadWrite("compute", ["10.100.0.0/16", "10.101.0.0/16@o2ib1"]);
simulation.grantRead("login", ["10.200.0.1@tcp:10.200.0.4@tcp"]);

new TerraformOutput(stack, "mount", { value: simulation.mountCommand });

app.synth();
