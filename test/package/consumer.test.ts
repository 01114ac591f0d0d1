// The package as a project of a user sees it: installed from its tarball, compiled as the template of `cdktf init` does, synthesized.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { pack, root } from "./packed";

const packed = pack();
const project = join(packed.folder, "project");
afterAll(() => packed.remove());

// The example of the README, so that it is always true.
const app = /```ts\n(.*?)```/s.exec(readFileSync(join(root, "README.md"), "utf8"))?.[1] ?? "the README has no example";

// "moduleResolution": the template of cdktf-cli 0.21 names none, which means node10 with CommonJS; TypeScript 6 calls that deprecated.
const tsconfig = {
  compilerOptions: {
    module: "CommonJS",
    moduleResolution: "node10",
    ignoreDeprecations: "6.0",
    target: "ES2018",
    lib: ["es2018"],
    strict: true,
    types: ["node"],
    skipLibCheck: false,
  },
  files: ["main.ts"],
};

function run(...argv: [string, ...string[]]): { exitCode: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(argv[0], argv.slice(1), { cwd: project, encoding: "utf8" });
  return { exitCode: status, said: `${stdout}${stderr}` };
}

beforeAll(() => {
  const modules = join(project, "node_modules");
  for (const folder of ["sharewright", "@cdktf", "@types"]) mkdirSync(join(modules, folder), { recursive: true });
  // Its dependencies and peers are there already; only the package itself has to come out of the tarball.
  for (const name of ["cdktf", "constructs", "zod", "ssh2", "@cdktf/provider-null", "@types/node", "undici-types"]) {
    symlinkSync(join(root, "node_modules", name), join(modules, name));
  }
  run("tar", "-xzf", packed.tarball, "-C", join(modules, "sharewright"), "--strip-components=1");
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "consumer", private: true }));
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify(tsconfig));
  writeFileSync(join(project, "main.ts"), app);
});

it("compiles with CommonJS and node10 resolution, declarations checked, and synthesizes", () => {
  expect(run(join(root, "node_modules/.bin/tsc"), "-p", ".")).toEqual({ exitCode: 0, said: "" });
  expect(run(process.execPath, "main.js")).toEqual({ exitCode: 0, said: "" });
  const stack = join(project, "cdktf.out/stacks/hpc");
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  expect(readFileSync(join(stack, "cdk.tf.json"), "utf8")).toContain('"scratch_share_claims"');
  for (const file of ["sharewright.cjs", "sharewright-ssh.cjs"])
    expect(existsSync(join(stack, "assets/sharewright", version, file))).toBe(true);
});

it("gives its names to ES modules too", () => {
  writeFileSync(
    join(project, "names.mjs"),
    'import { LustreShare, Size } from "sharewright"; console.log(LustreShare.name, String(Size.tebibytes(1)));',
  );
  expect(run(process.execPath, "names.mjs")).toEqual({ exitCode: 0, said: "LustreShare 1 TiB\n" });
});

it("runs as a command without any of its dependencies at hand", () => {
  const bundle = join(packed.folder, "sharewright.cjs");
  for (const file of ["sharewright.cjs", "sharewright-sandbox.cjs"])
    copyFileSync(join(project, "node_modules/sharewright/dist", file), join(packed.folder, file));
  expect(run(process.execPath, bundle, "sandbox", "--help").exitCode).toBe(0);
});
