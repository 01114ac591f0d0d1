// Synthesizes one version of the demo's code: lustre-stack.ts OUTDIR CARRIER MOUNT_POINT GENOMICS_TIB WITH_CLIMATE
import { App } from "cdktf";
import { buildStack } from "../../examples/lustre-share/stack";
import { Size } from "../../lib";

const [outdir = "", carrier = "", mountPoint = "", genomicsTib = "", withClimate] = process.argv.slice(2);
const app = new App({ outdir, context: { "sharewright:carrier": carrier } });
buildStack(app, "demo", {
  mountPoint,
  genomicsSize: Size.tebibytes(Number(genomicsTib)),
  withClimate: withClimate === "true",
});
app.synth();
