// Shares without any provider to download: for sites without a connection to a registry.
import { App, LocalBackend, TerraformStack } from "cdktf";
import { Carrier, LustreFileSystem, Size } from "sharewright";

// For all stacks of an app: `new App({ context: { "sharewright:carrier": "terraform_data" } })`, or "context" in cdktf.json.
const app = new App();
const stack = new TerraformStack(app, "lustre-terraform-data");
new LocalBackend(stack, { path: "../../../terraform.lustre-terraform-data.tfstate" });

const scratch = new LustreFileSystem(stack, "scratch", {
  fsName: "scratch",
  exportNids: ["mgs1.example.org@tcp", "mgs2.example.org@tcp"],
  carrier: Carrier.TERRAFORM_DATA,
});
scratch
  .addShare("genomics", { size: Size.tebibytes(10), owner: { uid: 1000, gid: 1000 } })
  .grantReadWrite("cpu", ["10.1.0.0/24"]);

app.synth();
