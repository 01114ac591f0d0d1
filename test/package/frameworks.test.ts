// The package in projects that have cdktf, cdktn, both or neither, started in every way that people start apps and tests.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fromNpm, type Had, nodeOf } from "../from-npm";
import { hookEnvironment } from "./hook";
import { pack, root } from "./packed";
import { type Project, project, unpack } from "./projects";

const packed = pack();
const unpacked = unpack(packed.tarball);
afterAll(() => packed.remove());

const types = ["@types/node", "undici-types"];
const projects = {
  "cdktf only": project(unpacked, "cdktf-only", ["cdktf", "constructs"]),
  "cdktn only": project(unpacked, "cdktn-only", ["cdktn", "constructs", ...types]),
  both: project(unpacked, "both", ["cdktf", "cdktn", "constructs", "@cdktf/provider-null", "typescript", "vitest", ...types]),
  neither: project(unpacked, "neither", ["constructs"]),
};
const { both } = projects;
type Framework = "cdktf" | "cdktn";
const frameworks: Framework[] = ["cdktf", "cdktn"];

/** sharewright comes first, so that nothing of the framework is loaded then. */
const imports = (framework: string) =>
  `import { LustreFileSystem, Size } from "sharewright";\nimport { App, LocalBackend, TerraformStack } from "${framework}";\n`;
const body = (outdir: string) => `
const app = new App({ outdir: "${outdir}" });
const stack = new TerraformStack(app, "hpc");
new LocalBackend(stack, { path: "here" });
const scratch = new LustreFileSystem(stack, "scratch", { fsName: "scratch", exportNids: ["10.0.0.1@tcp"] });
const genomics = scratch.addShare("genomics", { size: Size.tebibytes(10), owner: { uid: 1000, gid: 1000 } });
genomics.grantReadWrite("cpu", ["10.1.0.0/24"]);
app.synth();
`;
const asCommonJs = (text: string) => text.replace(/^import (.*) from (".*");$/gm, "const $1 = require($2);");
const tsx = [process.execPath, join(root, "node_modules/tsx/dist/cli.mjs")] as const;

/** The stack without the version of the framework. */
function described({ folder }: Project, outdir: string): unknown {
  const json = JSON.parse(readFileSync(join(folder, outdir, "stacks/hpc/cdk.tf.json"), "utf8"));
  expect(json["//"].metadata.version).toMatch(/^0\.2\d\.\d+$/);
  delete json["//"].metadata.version;
  return json;
}

let expected: unknown;
beforeAll(() => {
  const only = projects["cdktf only"];
  only.write("app.cjs", asCommonJs(imports("cdktf") + body("out")));
  expect(only.run(process.execPath, "app.cjs")).toEqual({ exitCode: 0, said: "" });
  expected = described(only, "out");
});

function starts(where: Project, outdir: string, argv: readonly string[]): void {
  expect(where.run(...(argv as [string, ...string[]]))).toEqual({ exitCode: 0, said: "" });
  expect(described(where, outdir)).toEqual(expected);
}

describe("issue 14, peers:", () => {
  const installs = [
    ["only cdktf", ["cdktf", "constructs"]],
    ["only cdktn", ["cdktn", "constructs"]],
    ["both, and provider-null", ["cdktf", "cdktn", "@cdktf/provider-null", "constructs@~10.7.0"]],
  ] as const;

  it.each(installs)("npm installs it in a project with %s: no force, no override, no warning", (_, packages) => {
    const { folder } = project(unpacked, `npm-${packages.length}-${packages[0]}`, []);
    const quiet = ["--dry-run", "--no-audit", "--no-fund", "--prefer-offline", "--ignore-scripts"];
    const { said, exitCode } = projects.neither.run("npm", "install", "--prefix", folder, ...quiet, packed.tarball, ...packages);
    expect(said).not.toMatch(/ERESOLVE|npm (warn|error)/);
    expect(exitCode).toBe(0);
  });

  it("neither of them: the error names both and what to install", () => {
    const { exitCode, said } = projects.neither.run(process.execPath, "-e", 'require("sharewright").Size.tebibytes(1)');
    expect(exitCode).toBe(1);
    expect(said).toContain("`cdktf or cdktn` is needed, and neither is installed");
    expect(said).toContain("`npm install cdktn constructs`, or `npm install cdktf constructs`");
  });

  it("the one of the stack cannot be loaded: the error names it and what to do", () => {
    const stack = `const { TerraformStack, Testing } = require("${join(root, "node_modules/cdktf")}");
const { LustreFileSystem } = require("sharewright");
new LustreFileSystem(new TerraformStack(Testing.app(), "hpc"), "scratch", { fsName: "scratch", exportNids: ["10.0.0.1@tcp"] });`;
    const { said } = projects["cdktn only"].run(process.execPath, "-e", stack);
    expect(said).toContain("is not found: the stack is one of cdktf, which sharewright cannot load");
    expect(said).toContain("install cdktf and sharewright in the same project");
  });
});

it("issue 14, types: the README's app compiles with cdktn alone, all declarations checked, and public types mention neither", () => {
  const only = projects["cdktn only"];
  only.write("main.ts", imports("cdktn") + body("typed"));
  const options = { module: "node16", target: "es2022", strict: true, types: ["node"], noEmit: true, skipLibCheck: false };
  only.write("tsconfig.json", JSON.stringify({ compilerOptions: options, files: ["main.ts"] }));
  expect(only.run(process.execPath, join(root, "node_modules/typescript/bin/tsc"))).toEqual({ exitCode: 0, said: "" });
  const declared = packed.files.filter((file) => /^dist\/lib\/(?!internal\/).*\.d\.ts$/.test(file));
  expect(
    declared.filter((file) => /cdktf|cdktn/.test(readFileSync(join(root, file), "utf8").replace(/\/\*.*?\*\//gs, ""))),
  ).toEqual([]);
});

describe.each(frameworks)("issue 14, an app of %s in a project with both, sharewright imported first:", (framework) => {
  it.each([
    ["CommonJS", "cjs", asCommonJs, [process.execPath]],
    ["an ES module", "mjs", (text: string) => text, [process.execPath]],
    // The README's own app, of cdktf, is started like that in consumer.test.ts.
    ...(framework === "cdktf" ? [] : [["tsx, an ES module", "mts", (text: string) => text, tsx] as const]),
  ] as const)("%s", (title, extension, written, argv) => {
    const outdir = `${title}-${framework}`.replace(/\W+/g, "-");
    const file = `${outdir}.${extension}`;
    both.write(file, written(imports(framework) + body(outdir)));
    starts(both, outdir, [...argv, file]);
  });
});

describe("issue 14, bundled by esbuild:", () => {
  const bundle = (outfile: string, more: Parameters<typeof build>[0] = {}) => {
    both.write("bundled.ts", imports("cdktn") + body(outfile));
    const entryPoints = [join(both.folder, "bundled.ts")];
    return build({ entryPoints, bundle: true, platform: "node", outfile: join(both.folder, `${outfile}.cjs`), ...more });
  };

  it.each([
    ["all in one file", "bundle-all", {}],
    ["all packages external", "bundle-none", { packages: "external" }],
    ["sharewright external, the framework not", "bundle-half", { external: ["sharewright"] }],
  ] as const)("%s, run where the package is installed", async (_, outfile, more) => {
    const { warnings } = await bundle(outfile, more as Parameters<typeof build>[0]);
    expect(warnings).toEqual([]);
    starts(both, outfile, [process.execPath, `${outfile}.cjs`]);
  });

  it("fails where the package is not: the error says what to leave out of the bundle", async () => {
    await bundle("bundle-away", { outfile: join(packed.folder, "away/app.cjs") });
    const { said } = both.run("sh", "-c", `cd ${packed.folder}/away && ${process.execPath} app.cjs`);
    expect(said).toContain("this code has been bundled into an app, and the sharewright package is not found from there");
    expect(said).toContain("--external:sharewright");
  });
});

/** For jest and vitest: what a test of an app does with modules. */
const tests = (runner: string) => `
function text(framework, { LustreFileSystem, Size }) {
  const stack = new framework.TerraformStack(framework.Testing.app(), "hpc");
  const scratch = new LustreFileSystem(stack, "scratch", { fsName: "scratch", exportNids: ["10.0.0.1@tcp"] });
  scratch.addShare("genomics", { size: Size.tebibytes(10), owner: { uid: 1000, gid: 1000 } });
  return framework.Testing.synth(stack, true);
}
for (const name of ["cdktf", "cdktn"]) {
  test(name + ": sharewright is loaded anew, the framework is not", async () => {
    const framework = await load(name);
    ${runner}.resetModules();
    expect(text(framework, await load("sharewright"))).toContain("10 TiB");
  });
  test(name + ": the framework is loaded anew, sharewright is not", async () => {
    const sharewright = await load("sharewright");
    ${runner}.resetModules();
    expect(text(await load(name), sharewright)).toContain("10 TiB");
  });
}
`;

it("issue 14, vitest: modules are reset, the framework is mocked for the test alone", () => {
  const mocked = `
test("a mock of the framework", async () => {
  vi.resetModules();
  vi.doMock("cdktn", async (original) => ({ ...(await original()), mocked: true }));
  const framework = await load("cdktn");
  expect(framework.mocked).toBe(true);
  expect(text(framework, await load("sharewright"))).toContain("10 TiB");
});`;
  const head = 'import { expect, test, vi } from "vitest";\nconst load = (name) => import(/* @vite-ignore */ name);\n';
  both.write("vitest/app.test.mjs", head + tests("vi") + mocked);
  const { exitCode, said } = both.run(process.execPath, join(root, "node_modules/vitest/vitest.mjs"), "run", "--root", "vitest");
  expect(said).toContain("5 passed");
  expect(exitCode).toBe(0);
});

const asEnvironment = (environment: NodeJS.ProcessEnv) => Object.entries(environment).map(([name, value]) => `${name}=${value}`);

/** A group that says in its title why it is not run. */
function describeWith(title: string, had: { readonly why: string } | object, run: () => void): void {
  if ("why" in had) describe.skip(`${title} [not run: ${had.why}]`, run);
  else describe(title, run);
}

const more = fromNpm("jest@30", "ts-node@10");
const modulesOf = (had: Had) => ("why" in had ? "" : had.modules);

describeWith("issue 14, jest and ts-node:", more, () => {
  it("jest: modules are reset; a mocked framework is an error that says so", () => {
    const mocked = `
test("mocked", () => {
  const framework = require("cdktn");
  jest.resetModules();
  jest.doMock("cdktn");
  expect(() => text(framework, require("sharewright"))).toThrow("\`cdktf or cdktn\` is mocked");
});`;
    both.write("jest/package.json", "{}");
    both.write("jest/app.test.js", `const load = async (name) => require(name);\n${tests("jest")}${mocked}`);
    const { exitCode, said } = both.run(process.execPath, join(modulesOf(more), "jest/bin/jest.js"), "--rootDir", "jest");
    expect(said).toContain("5 passed");
    expect(exitCode).toBe(0);
  });

  it("ts-node", () => {
    both.write("ts-node/tsconfig.json", '{ "compilerOptions": { "module": "node16", "target": "es2022", "strict": true } }');
    both.write("ts-node/app.ts", imports("cdktn") + body("ts-node-out"));
    starts(both, "ts-node-out", [process.execPath, join(modulesOf(more), "ts-node/dist/bin.js"), "-T", "ts-node/app.ts"]);
  });
});

describe.each([20, 22, 24])("issue 14, Node %i:", (major) => {
  const had = nodeOf(major);
  const node = "why" in had ? "" : had.node;
  describeWith("with its program", had, () => {
    it("synthesizes a stack", () => {
      both.write("node.mjs", imports("cdktn") + body(`node-${major}`));
      expect(both.run(node, "--version").said).toMatch(new RegExp(`^v${major}\\.`));
      starts(both, `node-${major}`, [node, "node.mjs"]);
    });

    it("runs a hook, which makes a share", () => {
      const bundled = join(both.folder, "node_modules/sharewright/dist/sharewright.cjs");
      const sandbox = join(packed.folder, `sandbox-${major}`);
      expect(both.run(node, bundled, "sandbox", "start", "--dir", sandbox).exitCode).toBe(0);
      const argv = [bundled, "hook", "lustre.share", "apply", "shares/genomics"] as const;
      const { exitCode, said } = both.run("env", ...asEnvironment(hookEnvironment(sandbox)), node, ...argv);
      expect(said).toContain("lustre.share shares/genomics: as described");
      expect(exitCode).toBe(0);
    });
  });
});
