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

interface Synthesized {
  /** What it said. */
  output: string;
  annotations: unknown;
  folder: string;
}

function synthesized(example: string, carrier: string, output: string): Synthesized {
  const outdir = environmentOf(example, carrier).CDKTF_OUTDIR;
  const { stacks } = JSON.parse(readFileSync(join(outdir, "manifest.json"), "utf8"));
  return { output, annotations: stacks[example].annotations, folder: join(outdir, "stacks", example) };
}

/** As a user runs it. */
async function synthesize(example: string, carrier: string): Promise<Synthesized> {
  const tsx = join(root, "node_modules/tsx/dist/cli.mjs");
  const env = { ...process.env, ...environmentOf(example, carrier) };
  const { stdout, stderr } = await run(process.execPath, [tsx, mainOf(example)], { env });
  return synthesized(example, carrier, stdout + stderr);
}

/** The same without a process of its own, which takes two seconds. */
async function synthesizeWithin(example: string, carrier: string): Promise<Synthesized> {
  let output = "";
  const hear = (...words: unknown[]) => {
    output += words.join(" ");
    return true;
  };
  const streams = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, "write").mockImplementation(hear));
  const methods = (["debug", "info", "log", "warn", "error"] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation(hear),
  );
  for (const [name, value] of Object.entries(environmentOf(example, carrier))) vi.stubEnv(name, value);
  vi.resetModules();
  try {
    await import(mainOf(example));
  } finally {
    vi.unstubAllEnvs();
    for (const spy of [...streams, ...methods]) spy.mockRestore();
  }
  return synthesized(example, carrier, output);
}

function expectClean({ output, annotations, folder }: Synthesized): void {
  expect(output).toBe("");
  expect(annotations).toEqual([]);
  const text = readFileSync(join(folder, "cdk.tf.json"), "utf8");
  expect(text).not.toContain(root);
  expect(text).not.toContain(scratch);
}

it("an example is a program of its own", async () => {
  expectClean(await synthesize("lustre-share", "null_resource"));
}, 60_000);

describe.each(examples.map(({ name }) => name))("example %s", (example) => {
  it("synthesizes a stack of its own name, without a word", async () => {
    expectClean(await synthesizeWithin(example, "null_resource"));
  }, 60_000);

  it("is accepted by Terraform with the carrier that needs no download", async () => {
    const { folder } = await synthesizeWithin(example, "terraform_data");
    const env = { ...process.env, ...thrift, CHECKPOINT_DISABLE: "1" };
    await run(terraform, ["init", "-backend=false", "-no-color"], { cwd: folder, env });
    const { stdout } = await run(terraform, ["validate", "-json"], { cwd: folder, env });
    expect(JSON.parse(stdout)).toMatchObject({ valid: true, diagnostics: [] });
  }, 60_000);
});
