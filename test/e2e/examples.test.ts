// Every example is a real app: it synthesizes, without warnings, into a configuration that Terraform accepts.
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, it, vi } from "vitest";
import { thrift } from "./support/terraform";

const run = promisify(execFile);
const root = join(__dirname, "../..");
const examples = readdirSync(join(root, "examples"), { withFileTypes: true }).filter((entry) => entry.isDirectory());
const terraform = process.env["TERRAFORM_BINARY_NAME"] ?? "terraform";
const scratch = mkdtempSync(join(tmpdir(), "sharewright-examples-"));
afterAll(() => rmSync(scratch, { recursive: true }));

const mainOf = (example: string) => join(root, "examples", example, "main.ts");
const environmentOf = (example: string, carrier: string) => ({
  CDKTF_OUTDIR: join(scratch, `${example}-${carrier}`),
  CDKTF_CONTEXT_JSON: JSON.stringify({ "sharewright:carrier": carrier }),
});

async function synthesize(example: string, carrier: string) {
  const env = environmentOf(example, carrier);
  const outdir = env.CDKTF_OUTDIR;
  const tsx = join(root, "node_modules/tsx/dist/cli.mjs");
  const { stdout, stderr } = await run(process.execPath, [tsx, mainOf(example)], { env: { ...process.env, ...env } });
  const { stacks } = JSON.parse(readFileSync(join(outdir, "manifest.json"), "utf8"));
  return { output: stdout + stderr, stack: stacks[example], folder: join(outdir, "stacks", example) };
}

/** The same without a process of its own, which takes a second and a half. Returns the folder. */
async function synthesizeWithin(example: string, carrier: string): Promise<string> {
  const env = environmentOf(example, carrier);
  for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
  vi.resetModules();
  await import(mainOf(example));
  vi.unstubAllEnvs();
  return join(env.CDKTF_OUTDIR, "stacks", example);
}

describe.each(examples.map(({ name }) => name))("example %s", (example) => {
  it("synthesizes a stack of its own name, without a word", async () => {
    const { output, stack, folder } = await synthesize(example, "null_resource");
    expect(output).toBe("");
    expect(stack.annotations).toEqual([]);
    const text = readFileSync(join(folder, "cdk.tf.json"), "utf8");
    expect(text).not.toContain(root);
    expect(text).not.toContain(scratch);
  }, 60_000);

  it("is accepted by Terraform with the carrier that needs no download", async () => {
    const folder = await synthesizeWithin(example, "terraform_data");
    const env = { ...process.env, ...thrift, CHECKPOINT_DISABLE: "1" };
    await run(terraform, ["init", "-backend=false", "-no-color"], { cwd: folder, env });
    const { stdout } = await run(terraform, ["validate", "-json"], { cwd: folder, env });
    expect(JSON.parse(stdout)).toMatchObject({ valid: true, diagnostics: [] });
  }, 60_000);
});
