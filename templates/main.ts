// Synthesizes the stack into cdktf.out/stacks/shares: `npm run synth`.
import { App, HttpBackend, LocalBackend } from "cdktf";
import { buildStack } from "./shares";

const app = new App();
const stack = buildStack(app, "shares");

// Terraform's state says what is ours: keep it where it outlives a pipeline, and where every run finds it. TF_HTTP_ADDRESS names such a place, as GitLab
// has one for each project; any other backend will do. Without it the state is a file in this folder.
const address = process.env["TF_HTTP_ADDRESS"];
if (address) new HttpBackend(stack, { address });
else new LocalBackend(stack, { path: "../../../terraform.shares.tfstate" });

app.synth();
