// Two groups on one file system. Neither can reach the other's share, and each has its own identity rules.
import { App, LocalBackend, TerraformStack } from "cdktf";
import { LustreFileSystem, RemovalPolicy, Revocation, Size, Squash } from "sharewright";

const app = new App();
const stack = new TerraformStack(app, "lustre-two-tenants");
new LocalBackend(stack, { path: "../../../terraform.lustre-two-tenants.tfstate" });

const scratch = new LustreFileSystem(stack, "scratch", {
  fsName: "scratch",
  exportNids: ["10.0.0.1@tcp"],
  pathPrefix: "tenants",
  revocation: Revocation.CUT,
});

// Physics runs its own cluster with its own users; root of its nodes is nobody on the share (the default).
const physics = scratch.addShare("physics", {
  size: Size.tebibytes(200),
  softSize: Size.tebibytes(180),
  inodes: 100_000_000,
  owner: { uid: 5000, gid: 5000 },
  mode: 0o2770,
});
physics.grantReadWrite("cluster", ["10.10.0.0/16"]);

// Everything that the medical group's machines write belongs to one account, and only it and root of a machine get in: the client's own kernel
// checks the mode, with the ids of its users. Mode 0o777 would let in all of them.
const medical = scratch.addShare("medical", {
  size: Size.tebibytes(20),
  owner: { uid: 6000, gid: 6000 },
  mode: 0o770,
  removalPolicy: RemovalPolicy.TRASH,
});
const account = Squash.all(6000, 6000);
medical.grantReadWrite("scanners", ["10.20.1.0/24"], { squash: account });
medical.grantRead("reading-room", ["10.20.2.[1-20]@tcp"], { squash: account });

app.synth();
