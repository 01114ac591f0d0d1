// Taking over directories that exist, and opening a share that somebody else manages.
import { App, LocalBackend, TerraformStack } from "cdktf";
import { LustreFileSystem, LustreShare, Preflight, Size } from "sharewright";

const app = new App();
const stack = new TerraformStack(app, "lustre-adopt");
new LocalBackend(stack, { path: "../../../terraform.lustre-adopt.tfstate" });

const work = new LustreFileSystem(stack, "work", {
  fsName: "work",
  exportNids: ["10.0.0.1@tcp"],
  // A file system that grew by hand is rarely ready at once: report what is missing, and go on.
  preflight: Preflight.WARN,
});

// A directory anywhere on the file system becomes a share where it is. It needs a project id of its own that new files inherit:
// `lfs project -p ID -s -r /mnt/lustre/projects/climate`.
work.addShare("climate", { size: Size.tebibytes(500), owner: { uid: 2000, gid: 2000 }, adopt: { path: "/projects/climate" } });

// A share that was removed with RemovalPolicy.RETAIN, or whose Terraform state was lost, is taken back with its data.
work
  .addShare("genomics", { size: Size.tebibytes(50), owner: { uid: 1000, gid: 1000 }, adopt: true })
  .grantReadWrite("cpu", ["10.1.0.0/24"]);

// A share of another stack: it is not touched, only an access rule is put on it.
LustreShare.fromShareName(stack, "reference-data", { fileSystem: work, shareName: "reference-data" }).grantRead("cpu", [
  "10.1.1.0/24",
]);

app.synth();
