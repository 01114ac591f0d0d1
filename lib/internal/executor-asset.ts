// The executor's bundles, copied into the stack's output folder so that `terraform apply` needs nothing but Node.
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { Construct } from "constructs";
import { executorMissing, packageMissing } from "./errors";
import { type ISynthesisSession, stackOf } from "./framework";

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

/**
 * The path holds neither a version nor a content hash, as cdktf's TerraformAsset does: snapshots of users outlive an upgrade, and a checkout
 * without a build can be synthesized by `Testing.synth`. It is in no trigger, so an upgrade plans no change.
 */
export class ExecutorAsset extends Construct {
  /** Relative to the stack's folder, where Terraform runs; with "/" also where synthesis runs on Windows. */
  readonly path = `${folder}/${bundles[0]}`;
  /** Of the package. */
  private readonly root: string;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.root = packageOf(this);
    Object.defineProperty(this, customSynthesis, { value: { onSynthesize: (session: ISynthesisSession) => this.copy(session) } });
  }

  private copy(session: ISynthesisSession): void {
    const dist = join(this.root, "dist");
    const sources = bundles.map((bundle) => join(dist, bundle));
    for (const source of sources) if (!existsSync(source)) throw executorMissing(this.node.path, source);
    sources.push(
      ...readdirSync(dist)
        .filter(isCompiled)
        .map((name) => join(dist, name)),
    );
    const { synthesizedStackPath } = session.manifest.forStack(stackOf(this));
    const stackFolder = dirname(join(session.outdir, synthesizedStackPath));
    const target = join(stackFolder, folder);
    // Earlier versions lie in folders of their own there.
    rmSync(target, { recursive: true, force: true });
    mkdirSync(target, { recursive: true });
    for (const source of sources) copyFileSync(source, join(target, basename(source)));
  }
}

/** A part as Node has compiled it (src/core/part.ts). */
function isCompiled(name: string): boolean {
  return bundles.some((bundle) => name.startsWith(`${bundle}.v`));
}

let found: string | undefined;

function packageOf(construct: Construct): string {
  // An app that is bundled as an ES module has no name of its folder.
  const here = typeof __dirname === "string" ? __dirname : process.cwd();
  found ??= packageAbove(here) ?? packageFrom(here);
  if (found === undefined) throw packageMissing(construct.node.path, here);
  return found;
}

/** Sources lie in lib/internal, the built package in dist/lib/internal. */
function packageAbove(folder: string): string | undefined {
  const root = [folder, ...folders(folder)].find((each) => existsSync(join(each, "package.json")));
  return root === undefined ? undefined : ownPackage(root);
}

function folders(from: string): string[] {
  const above = dirname(from);
  return above === from ? [] : [above, ...folders(above)];
}

/** Where this code has been bundled into an app: the package that is installed there. */
function packageFrom(folder: string): string | undefined {
  try {
    return ownPackage(dirname(createRequire(join(folder, "app.js")).resolve("sharewright/package.json")));
  } catch {
    return undefined;
  }
}

function ownPackage(root: string): string | undefined {
  const { name } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { name?: string };
  return name === "sharewright" ? root : undefined;
}
