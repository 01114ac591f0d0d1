// People keep the synthesized JSON as snapshots: it is the same each time, on each machine, for each build of the package.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir, hostname } from "node:os";
import { dirname, join } from "node:path";
import { App, TerraformStack, Testing } from "cdktf";
import { describe, expect, it } from "vitest";
import { buildStack } from "../../examples/lustre-share/stack";
import { LustreShare } from "../../lib";
import { errorOf, newFileSystem, newStack, rootOwner, synth, synthText, tenTebibytes } from "./support";

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
  });

  it("U-11 names the executor by a path without a version, with / on every system: snapshots outlive an upgrade", () => {
    const text = exampleText();
    expect([...new Set(text.match(/"[^"\s]*\.cjs"/g))]).toEqual(['"assets/sharewright/sharewright.cjs"']);
    expect(text).not.toContain("\\\\");
  });

  it("U-11 holds the description of a file system once for all shares and rules, and in its claim blocks, which take literals only", () => {
    const counts = [1, 20].map((shares) => {
      const stack = newStack();
      const fileSystem = newFileSystem(stack, { owner: "storage team" });
      for (let index = 0; index < shares; index += 1) {
        const share = new LustreShare(stack, `s${index}`, { fileSystem, size: tenTebibytes, owner: rootOwner });
        share.grantReadWrite(`cpu${index}`, [`10.1.0.${index}`]);
      }
      const text = synthText(stack);
      expect(Object.keys(JSON.parse(text).locals.sharewright_file_systems)).toEqual(["scratch/shares"]);
      return text.split("storage team").length - 1;
    });
    expect(counts).toEqual([3, 3]);
  });

  it("U-11 keeps descriptions apart that differ, whatever the constructs are called", () => {
    const texts = ["lab", "renamed"].map((id) => {
      const stack = newStack();
      const other = { exportNids: ["10.0.0.1@tcp", "10.0.0.2@tcp"] };
      for (const fileSystem of [newFileSystem(stack), newFileSystem(stack, other, id), newFileSystem(stack, {}, `${id}-too`)])
        new LustreShare(stack, `s${stack.node.children.length}`, { fileSystem, size: tenTebibytes, owner: rootOwner });
      const { locals, resource } = synth(stack);
      const used = Object.values(resource["null_resource"] ?? {})
        .filter(({ triggers }) => triggers?.["size"] !== undefined)
        .map(({ provisioner }) => provisioner[0]?.["local-exec"].environment["SHAREWRIGHT_FILE_SYSTEM"]);
      return [Object.keys(locals["sharewright_file_systems"] ?? {}), used.map((text) => /"(.*)"/.exec(text ?? "")?.[1])];
    });
    expect(texts[0]).toEqual([
      ["scratch/shares", "scratch/shares 2"],
      ["scratch/shares", "scratch/shares 2", "scratch/shares"],
    ]);
    expect(texts[1]).toEqual(texts[0]);
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
    const older = join(outdir, "stacks/one/assets/sharewright/0.0.1/sharewright.cjs");
    mkdirSync(dirname(older), { recursive: true });
    writeFileSync(older, "");
    newFileSystem(new TerraformStack(app, "one"));
    newFileSystem(new TerraformStack(app, "two"));
    app.synth();
    app.synth();
    for (const stack of ["one", "two"]) {
      const json = JSON.parse(readFileSync(join(outdir, "stacks", stack, "cdk.tf.json"), "utf8"));
      const [, path] = json.resource.null_resource.scratch_share_claims.provisioner[0]["local-exec"].interpreter;
      expect(existsSync(join(outdir, "stacks", stack, path))).toBe(true);
      expect(readdirSync(join(outdir, "stacks", stack, dirname(path)))).not.toContain("0.0.1");
    }
  });

  it("is not needed by Testing.synth", () => {
    expect(() => newFileSystem(newStack())).not.toThrow();
    expect(() => errorOf(() => undefined)).toThrow("nothing was thrown");
  });
});
