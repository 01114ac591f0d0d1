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

/** As npm has written it down: what was installed, and whose scripts it had to run. */
function installed(): Record<string, { hasInstallScript?: boolean }> {
  const text = readFileSync(join(project, "node_modules/.package-lock.json"), "utf8");
  return (JSON.parse(text) as { packages: Record<string, { hasInstallScript?: boolean }> }).packages;
}

beforeAll(() => {
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), JSON.stringify({ name: "consumer", private: true }));
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify(tsconfig));
  writeFileSync(join(project, "main.ts"), app);
  const quiet = ["--offline", "--no-audit", "--no-fund", "--cache", join(packed.folder, "cache")];
  const zod = run("npm", "pack", join(root, "node_modules/zod"), "--ignore-scripts", "--silent", ...quiet).said.trim();
  // Offline, so that whatever else it would bring is an error. Peers are the user's own: they are there already.
  const { exitCode, said } = run("npm", "install", packed.tarball, join(project, zod), "--legacy-peer-deps", ...quiet);
  if (exitCode !== 0) throw new Error(said);
  const modules = join(project, "node_modules");
  for (const folder of ["@cdktf", "@types"]) mkdirSync(join(modules, folder));
  for (const name of ["cdktf", "constructs", "@cdktf/provider-null", "@types/node", "undici-types"]) {
    symlinkSync(join(root, "node_modules", name), join(modules, name));
  }
});

it("U-14 brings zod and nothing else: ssh2 is not installed a second time, and no install script runs", () => {
  expect(Object.keys(installed()).sort()).toEqual(["node_modules/sharewright", "node_modules/zod"]);
  expect(Object.values(installed()).filter(({ hasInstallScript }) => hasInstallScript)).toEqual([]);
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

it("U-14 runs as a command without any of its dependencies at hand, SSH included", () => {
  const files = ["sharewright.cjs", "sharewright-sandbox.cjs", "sharewright-ssh.cjs"];
  for (const file of files) copyFileSync(join(project, "node_modules/sharewright/dist", file), join(packed.folder, file));
  const at = (file: string) => join(packed.folder, file);
  expect(run(process.execPath, at("sharewright.cjs"), "sandbox", "--help").exitCode).toBe(0);
  const load = `console.log(Object.keys(require(${JSON.stringify(at("sharewright-ssh.cjs"))})).includes("sshTransport"))`;
  expect(run(process.execPath, "-e", load)).toEqual({ exitCode: 0, said: "true\n" });
});
