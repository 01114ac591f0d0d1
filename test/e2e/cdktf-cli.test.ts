// `cdktf deploy` and `cdktf destroy` with the top-level cdktf.json and the real cdktf-cli, against a running sandbox.
import { copyFileSync, existsSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { terraformBinary } from "../../scripts/terraform.mjs";
import { type Ended, ended, makeWorkbench, nullResource } from "./support/terraform";

const root = join(__dirname, "../..");

it("cdktf deploy makes the shares of the example, cdktf destroy closes them", async ({ annotate, onTestFinished }) => {
  const bench = await makeWorkbench();
  onTestFinished(bench.remove);
  const { available, how } = await nullResource();
  await annotate(available ? how : `on terraform_data, because ${how}`);
  // The project of the repository, in a folder of its own for cdktf.out and the state.
  copyFileSync(join(root, "cdktf.json"), join(bench.dir, "cdktf.json"));
  for (const name of ["examples", "lib", "src", "dist", "node_modules", "package.json", "tsconfig.json"]) {
    symlinkSync(join(root, name), join(bench.dir, name));
  }
  const context = available ? {} : { CDKTF_CONTEXT_JSON: JSON.stringify({ "sharewright:carrier": "terraform_data" }) };
  const env = { ...bench.env, ...context, CI: "true", TERRAFORM_BINARY_NAME: terraformBinary()?.command };
  const cdktf = (...args: string[]): Promise<Ended> => ended(join(root, "node_modules/.bin/cdktf"), args, bench.dir, env);

  // --skip-provider-lock: it would ask the registry even where the provider comes from a mirror.
  const deployed = await cdktf("deploy", "--auto-approve", "--skip-provider-lock");
  expect(deployed, deployed.stdout + deployed.stderr).toMatchObject({ exitCode: 0 });
  expect(await shares()).toEqual([
    ["/shares/climate", 5 * 2 ** 30],
    ["/shares/genomics", 10 * 2 ** 30],
  ]);

  const destroyed = await cdktf("destroy", "--auto-approve", "--skip-provider-lock");
  expect(destroyed, destroyed.stdout + destroyed.stderr).toMatchObject({ exitCode: 0 });
  expect(existsSync(join(bench.mountPoint, "shares/climate"))).toBe(false);
  // Its removal policy is retain.
  expect(existsSync(join(bench.mountPoint, "shares/genomics"))).toBe(true);

  async function shares(): Promise<[string, number][]> {
    const { stdout } = await bench.sharewright("sandbox", "status", "--json");
    const status = JSON.parse(stdout) as { shares: { path: string; limitKib: number }[] };
    return status.shares.map(({ path, limitKib }) => [path, limitKib] as [string, number]).sort();
  }
}, 240_000);
