// Shares on a GlusterFS cluster of three servers that are reached over SSH as root.
import { App } from "cdktf";
import { Connection } from "sharewright";
import { buildStack } from "./stack";

const app = new App();
buildStack(app, "gluster-share", {
  servers: ["gluster1.example.org", "gluster2.example.org", "gluster3.example.org"].map((host) => ({
    host,
    connection: Connection.ssh({ host, user: "root" }),
  })),
  // In cdktf.json: "context": { "withSnapshot": true }
  withSnapshot: Boolean(app.node.tryGetContext("withSnapshot")),
});
app.synth();
