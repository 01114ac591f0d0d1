// The executor's bundles, copied into the stack's output folder so that `terraform apply` needs nothing but Node.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type ISynthesisSession, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { executorMissing } from "./errors";

// cdktf looks for this symbol on every construct at synthesis; its helper that sets it is not exported.
const customSynthesis = Symbol.for("cdktf/customSynthesis");
const folder = "assets/sharewright";
/** What Terraform starts, and the parts that this one loads from beside itself. The sandbox is none of them. */
const bundles = [
  "sharewright.cjs",
  "sharewright-lustre.cjs",
  "sharewright-gluster.cjs",
  "sharewright-ssh.cjs",
  "sharewright-commands.cjs",
] as const;
const packageRoot = findPackageRoot(__dirname);
const packageVersion = (JSON.parse(readFileSync(join(packageRoot, "package.json"), "utf8")) as { version: string }).version;

/**
 * The path holds the package version, not a content hash as cdktf's TerraformAsset does: snapshots of users stay readable, and a checkout
 * without a build can be synthesized by `Testing.synth`. It is in no trigger, so an upgrade plans no change.
 */
export class ExecutorAsset extends Construct {
  /** Relative to the stack's folder, where Terraform runs. */
  readonly path = `${folder}/${packageVersion}/${bundles[0]}`;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    Object.defineProperty(this, customSynthesis, { value: { onSynthesize: (session: ISynthesisSession) => this.copy(session) } });
  }

  private copy(session: ISynthesisSession): void {
    const dist = join(packageRoot, "dist");
    const sources = bundles.map((bundle) => join(dist, bundle));
    for (const source of sources) if (!existsSync(source)) throw executorMissing(this.node.path, source);
    sources.push(
      ...readdirSync(dist)
        .filter(isCompiled)
        .map((name) => join(dist, name)),
    );
    const { synthesizedStackPath } = session.manifest.forStack(TerraformStack.of(this));
    const stackFolder = dirname(join(session.outdir, synthesizedStackPath));
    rmSync(join(stackFolder, folder), { recursive: true, force: true });
    const target = dirname(join(stackFolder, this.path));
    mkdirSync(target, { recursive: true });
    for (const source of sources) copyFileSync(source, join(target, basename(source)));
  }
}

/** A part as Node has compiled it (src/core/part.ts). */
function isCompiled(name: string): boolean {
  return bundles.some((bundle) => name.startsWith(`${bundle}.v`));
}

// Sources lie in lib/internal, the built package in dist/lib/internal.
function findPackageRoot(from: string): string {
  return existsSync(join(from, "package.json")) ? from : findPackageRoot(dirname(from));
}
