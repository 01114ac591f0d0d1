// The code of the demo of Lustre.
import { App } from "cdktf";
import { Size } from "sharewright";
import { buildStack } from "../../examples/lustre-share/stack";

interface Version {
  outdir: string;
  carrier: string;
  mountPoint: string;
  genomicsTib: number;
  withClimate: boolean;
}

export function synthesize({ outdir, carrier, mountPoint, genomicsTib, withClimate }: Version): void {
  const app = new App({ outdir, context: { "sharewright:carrier": carrier } });
  buildStack(app, "demo", { mountPoint, genomicsSize: Size.tebibytes(genomicsTib), withClimate });
  app.synth();
}
