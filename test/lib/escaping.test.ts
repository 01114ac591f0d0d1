// Texts of users arrive in Terraform as they were written, whatever Terraform would read into them.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Testing } from "cdktf";
import { afterAll, describe, expect, it } from "vitest";
import { Carrier, LustreShare } from "../../lib";
import { newFileSystem, newStack, rootOwner, tenTebibytes } from "./support";

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), "sharewright-escaping-"));
afterAll(() => rmSync(folder, { recursive: true }));

const texts = [
  "${HOME}",
  "$${x}",
  "$$${x}",
  "$$$${x}",
  "%{if true}",
  "%%{y}",
  "${",
  "%{",
  "$ { $}%}",
  '"quoted" \\ back\\n',
  "line\nbreak\ttab",
  "`id` $(id) ${jsonencode(self)} ${path.module}",
  "#{x} &{x} é 漢 🙂",
];

describe("a description", () => {
  it("is what Terraform plans, character by character", async () => {
    const stack = newStack();
    const fileSystem = newFileSystem(stack, { carrier: Carrier.TERRAFORM_DATA });
    for (const [index, description] of texts.entries()) {
      new LustreShare(stack, `s${index}`, { fileSystem, size: tenTebibytes, owner: rootOwner, description });
    }
    writeFileSync(join(folder, "cdk.tf.json"), Testing.synth(stack, true));
    const terraform = process.env["TERRAFORM_BINARY_NAME"] ?? "terraform";
    const options = { cwd: folder, env: { ...process.env, CHECKPOINT_DISABLE: "1" }, maxBuffer: 2 ** 26 };
    await run(terraform, ["init", "-no-color"], options);
    await run(terraform, ["plan", "-no-color", "-out=plan"], options);
    const { stdout } = await run(terraform, ["show", "-json", "plan"], options);
    const planned = new Map<string, string>();
    for (const { address, change } of JSON.parse(stdout).resource_changes) {
      planned.set(address, change.after.triggers_replace?.description);
    }
    expect(texts.map((_, index) => planned.get(`terraform_data.s${index}`))).toEqual(texts);
  }, 60_000);
});
