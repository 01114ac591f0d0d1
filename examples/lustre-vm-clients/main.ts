// Clients whose addresses Terraform knows only while it applies, such as machines of the same stack. Variables stand for them here.
import { App, LocalBackend, TerraformOutput, TerraformStack, TerraformVariable } from "cdktf";
import { LustreFileSystem, LustreShare, Size } from "sharewright";

const app = new App();
const stack = new TerraformStack(app, "lustre-vm-clients");
new LocalBackend(stack, { path: "../../../terraform.lustre-vm-clients.tfstate" });

const login = new TerraformVariable(stack, "login_address", { type: "string", default: "10.1.0.10" });
const workers = new TerraformVariable(stack, "worker_addresses", { type: "list(string)", default: ["10.1.0.20", "10.1.0.21"] });

const fileSystem = new LustreFileSystem(stack, "scratch", { fsName: "scratch", exportNids: ["10.0.0.1@tcp"] });
const home = new LustreShare(stack, "home", { fileSystem, size: Size.tebibytes(1), owner: { uid: 1000, gid: 1000 } });

// One address, one text made of an address, a whole list: each is checked when it is applied.
home.grantReadWrite("login", [login.stringValue, `${login.stringValue}@tcp1`]);
home.grantReadWrite("workers", workers.listValue);

// The machines can be told what to mount (cloud-init, Ansible, ...): a resize of the share does not touch them.
new TerraformOutput(stack, "fstab", { value: home.fstabEntry });

app.synth();
