// The code of the demo of GlusterFS.
import { App, LocalBackend, TerraformStack } from "cdktf";
import { Connection, GlusterCluster, RemovalPolicy, Size } from "sharewright";

interface Version {
  outdir: string;
  carrier: string;
  /** Servers as the trusted pool names them, each with the directory of its tools. */
  servers: { host: string; path: string }[];
  /** Directory of the tools of the host that mounts volumes. */
  clientPath: string;
  volumePattern: string;
  mountPointBase: string;
  mebibytes: number;
  withShare: boolean;
  withViz: boolean;
}

export function synthesize(version: Version): void {
  const app = new App({ outdir: version.outdir, context: { "sharewright:carrier": version.carrier } });
  const stack = new TerraformStack(app, "demo");
  new LocalBackend(stack, { path: "../../../terraform.demo.tfstate" });
  const at = (path: string) => Connection.local({ path: [path] });
  const tank = new GlusterCluster(stack, "tank", {
    servers: version.servers.map(({ host, path }) => ({ host, connection: at(path) })),
    volumePattern: version.volumePattern,
    mountPointBase: version.mountPointBase,
    client: at(version.clientPath),
  });
  if (version.withShare) {
    const genomics = tank.addShare("genomics", { size: Size.mebibytes(version.mebibytes), removalPolicy: RemovalPolicy.DESTROY });
    genomics.grantReadWrite("cpu", "cpu.example.org");
    if (version.withViz) genomics.grantReadWrite("viz", "viz.example.org");
  }
  app.synth();
}
