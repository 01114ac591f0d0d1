// `cdktn deploy` and `cdktn destroy` with the real cdktn-cli, in a project that `sharewright init` has begun, against a running sandbox.
import { existsSync, mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { terraformBinary } from "../../scripts/terraform.mjs";
import { fromNpm, nodeOf } from "../from-npm";
import { runCli } from "../fronts/support";
import { grants, limits } from "./cases";
import { type Ended, ended, makeWorkbench } from "./support/terraform";

const root = join(__dirname, "../..");
/** cdktn-cli needs Node 22.19. */
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const node = major > 22 || (major === 22 && minor >= 19) ? { node: process.execPath } : nodeOf(22);
const cli = "why" in node ? node : fromNpm("cdktn-cli@0.24");

function run(): void {
  it("issue 14: cdktn deploy makes the share of a new project, cdktn destroy closes it", async ({ onTestFinished }) => {
    if ("why" in node || "why" in cli) throw new Error("not to be run");
    const bench = await makeWorkbench();
    onTestFinished(bench.remove);
    const project = join(bench.dir, "project");
    expect(await runCli(["init", "--cdktn", project], {}, bench.dir)).toMatchObject({ exitCode: 0 });
    const modules = join(project, "node_modules");
    mkdirSync(join(modules, ".bin"), { recursive: true });
    symlinkSync(root, join(modules, "sharewright"));
    for (const name of ["cdktn", "constructs", "tsx"]) symlinkSync(join(root, "node_modules", name), join(modules, name));
    symlinkSync(join(root, "node_modules/.bin/tsx"), join(modules, ".bin/tsx"));
    const path = `${dirname(node.node)}:${bench.env["PATH"]}`;
    const env = { ...bench.env, PATH: path, CI: "true", TERRAFORM_BINARY_NAME: terraformBinary()?.command };
    const cdktn = (command: string): Promise<Ended> =>
      ended(
        node.node,
        [join(cli.modules, "cdktn-cli/bin/cdktn"), command, "--auto-approve", "--skip-provider-lock"],
        project,
        env,
      );

    const deployed = await cdktn("deploy");
    expect(deployed, deployed.stdout + deployed.stderr).toMatchObject({ exitCode: 0 });
    expect(deployed.stdout).toContain("genomics-mount = mount -t lustre 10.0.0.1@tcp:/scratch/shares/genomics /mnt/genomics");
    expect(await limits(bench)).toEqual({ "/shares/genomics": 10 * 1024 });
    expect(await grants(bench)).toEqual({ "/shares/genomics": ["10.1.0.0-10.1.0.255@tcp rw"] });

    const destroyed = await cdktn("destroy");
    expect(destroyed, destroyed.stdout + destroyed.stderr).toMatchObject({ exitCode: 0 });
    // Its removal policy is retain.
    expect(existsSync(join(bench.mountPoint, "shares/genomics"))).toBe(true);
    expect(await grants(bench)).toEqual({});
  }, 240_000);
}

if ("why" in cli) describe.skip(`cdktn-cli [not run: ${cli.why}]`, run);
else describe("cdktn-cli", run);
