// Every example is a real app: it synthesizes, without warnings, into a configuration that Terraform accepts, and under cdktn into the same.
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
type Framework = "cdktf" | "cdktn";
const environmentOf = (example: string, carrier: string, framework: Framework) => ({
  CDKTF_OUTDIR: join(scratch, `${example}-${carrier}-${framework}`),
  CDKTF_CONTEXT_JSON: JSON.stringify({ "sharewright:carrier": carrier }),
});

interface Synthesized {
  /** What it said. */
  output: string;
  annotations: unknown;
  folder: string;
}

function synthesized(example: string, carrier: string, framework: Framework, output: string): Synthesized {
  const outdir = environmentOf(example, carrier, framework).CDKTF_OUTDIR;
  const { stacks } = JSON.parse(readFileSync(join(outdir, "manifest.json"), "utf8"));
  return { output, annotations: stacks[example].annotations, folder: join(outdir, "stacks", example) };
}

/** As a user runs it. */
async function synthesize(example: string, carrier: string): Promise<Synthesized> {
  const tsx = join(root, "node_modules/tsx/dist/cli.mjs");
  const env = { ...process.env, ...environmentOf(example, carrier, "cdktf") };
  const { stdout, stderr } = await run(process.execPath, [tsx, mainOf(example)], { env });
  return synthesized(example, carrier, "cdktf", stdout + stderr);
}

/** The same without a process of its own, which takes two seconds. */
async function synthesizeWithin(example: string, carrier: string, framework: Framework = "cdktf"): Promise<Synthesized> {
  let output = "";
  const hear = (...words: unknown[]) => {
    output += words.join(" ");
    return true;
  };
  const streams = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, "write").mockImplementation(hear));
  const methods = (["debug", "info", "log", "warn", "error"] as const).map((name) =>
    vi.spyOn(console, name).mockImplementation(hear),
  );
  for (const [name, value] of Object.entries(environmentOf(example, carrier, framework))) vi.stubEnv(name, value);
  vi.resetModules();
  // What the example imports from cdktf comes from cdktn then.
  if (framework === "cdktn") vi.doMock("cdktf", () => import("cdktn"));
  try {
    await import(mainOf(example));
  } finally {
    vi.unstubAllEnvs();
    vi.doUnmock("cdktf");
    for (const spy of [...streams, ...methods]) spy.mockRestore();
  }
  return synthesized(example, carrier, framework, output);
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

  it("issue 14: synthesizes the same under cdktn, but for the framework's own metadata", async () => {
    const [one, two] = [
      await synthesizeWithin(example, "null_resource"),
      await synthesizeWithin(example, "null_resource", "cdktn"),
    ];
    expectClean(two);
    const [described, other] = [one, two].map(({ folder }) => JSON.parse(readFileSync(join(folder, "cdk.tf.json"), "utf8")));
    const versions = [described, other].map((each) => each["//"].metadata.version);
    expect(versions).toEqual([expect.stringMatching(/^0\.21\./), expect.stringMatching(/^0\.2[4-9]\./)]);
    for (const each of [described, other]) delete each["//"].metadata.version;
    expect(other).toEqual(described);
    expect(readdirSync(two.folder).sort()).toEqual(readdirSync(one.folder).sort());
  }, 60_000);

  it("is accepted by Terraform with the carrier that needs no download", async () => {
    const { folder } = await synthesizeWithin(example, "terraform_data");
    const env = { ...process.env, ...thrift, CHECKPOINT_DISABLE: "1" };
    await run(terraform, ["init", "-backend=false", "-no-color"], { cwd: folder, env });
    const { stdout } = await run(terraform, ["validate", "-json"], { cwd: folder, env });
    expect(JSON.parse(stdout)).toMatchObject({ valid: true, diagnostics: [] });
  }, 60_000);
});
