// People keep the synthesized JSON as snapshots: it is the same each time, on each machine, for each build of the package.
import { existsSync, readFileSync } from "node:fs";
import { homedir, hostname } from "node:os";
import { join } from "node:path";
import { App, TerraformStack, Testing } from "cdktf";
import { describe, expect, it } from "vitest";
import { buildStack } from "../../examples/lustre-share/stack";
import { LustreShare } from "../../lib";
import { errorOf, newFileSystem, newStack, rootOwner, synthText, tenTebibytes } from "./support";

function exampleText(): string {
  return synthText(buildStack(Testing.app(), "lustre-share", { mountPoint: "/mnt/lustre" }));
}

describe("the synthesized JSON", () => {
  it("is the same twice", () => {
    expect(exampleText()).toBe(exampleText());
  });

  it("does not depend on the order in which shares are declared", () => {
    const [a, b] = [
      ["x", "y"],
      ["y", "x"],
    ].map((names) => {
      const stack = newStack();
      const fileSystem = newFileSystem(stack);
      for (const name of names) new LustreShare(stack, name, { fileSystem, size: tenTebibytes, owner: rootOwner });
      return synthText(stack);
    });
    expect(a).toBe(b);
  });

  it("names no machine path, no host and no hash", () => {
    const text = exampleText();
    expect(text).not.toContain(process.cwd());
    expect(text).not.toContain(homedir());
    expect(text).not.toContain(hostname());
    expect(text).not.toMatch(/[0-9a-fA-F]{16,}/);
    expect(text.match(/"[^"\s]*\.cjs"/g)?.every((path) => path === '"assets/sharewright/VERSION/sharewright.cjs"')).toBe(true);
  });

  it("holds the executor nowhere but in provisioners, so that an upgrade of the package plans no change", () => {
    for (const resource of Object.values(JSON.parse(exampleText()).resource.null_resource)) {
      expect(JSON.stringify({ ...(resource as object), provisioner: undefined })).not.toContain("assets/");
    }
  });

  it("lets `${` and `%{` of users arrive literally", () => {
    const stack = newStack();
    const description = 'a ${HOME} $${x} %{if} %%{y} "q" \\';
    new LustreShare(stack, "s", { fileSystem: newFileSystem(stack), size: tenTebibytes, owner: rootOwner, description });
    expect(JSON.parse(synthText(stack)).resource.null_resource.s.triggers.description).toBe(
      'a $${HOME} $$${x} %%{if} %%%{y} "q" \\',
    );
  });
});

describe("the executor", () => {
  it("is copied into the stack's folder once, in place of older versions", () => {
    const outdir = Testing.app().outdir;
    const app = new App({ outdir });
    newFileSystem(new TerraformStack(app, "one"));
    newFileSystem(new TerraformStack(app, "two"));
    app.synth();
    app.synth();
    for (const stack of ["one", "two"]) {
      const json = JSON.parse(readFileSync(join(outdir, "stacks", stack, "cdk.tf.json"), "utf8"));
      const [, path] = json.resource.null_resource.scratch_share_claims.provisioner[0]["local-exec"].interpreter;
      expect(existsSync(join(outdir, "stacks", stack, path))).toBe(true);
    }
  });

  it("is not needed by Testing.synth", () => {
    expect(() => newFileSystem(newStack())).not.toThrow();
    expect(() => errorOf(() => undefined)).toThrow("nothing was thrown");
  });
});
