// `cdktf deploy` in the top folder of this project runs this app, against a real file system or a running sandbox.
import { App } from "cdktf";
import { LustreVersion } from "sharewright";
import { buildStack } from "./stack";

const app = new App();
buildStack(app, "lustre-share", {
  mountPoint: process.env["SHAREWRIGHT_SANDBOX_MOUNT"] ?? "/mnt/lustre",
  lustreVersion: process.env["SHAREWRIGHT_LUSTRE_VERSION"] === "2.16" ? LustreVersion.V2_16 : LustreVersion.V2_17,
});
app.synth();
