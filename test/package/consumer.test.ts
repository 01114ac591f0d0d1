// The package as a project of a user sees it: installed from its tarball, compiled as the template of `cdktf init` does, synthesized.
import { spawnSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { pack, root } from "./packed";

const packed = pack();
const project = join(packed.folder, "project");
afterAll(() => packed.remove());

// The example of the README, so that it is always true.
const readme = readFileSync(join(root, "README.md"), "utf8");
const app = /```ts\n(.*?)```/s.exec(readme)?.[1] ?? "the README has no example";
const shown = (file: string) => readme.split(`\`\`\`json ${file}\n`)[1]?.split("```")[0] ?? `the README does not show ${file}`;

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
  writeFileSync(join(project, "tsconfig.node10.json"), JSON.stringify(tsconfig));
  for (const file of ["tsconfig.json", "cdktf.json"]) writeFileSync(join(project, file), shown(file));
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
  for (const name of ["tsc", "tsx"]) symlinkSync(join(root, "node_modules/.bin", name), join(modules, ".bin", name));
  cpSync(join(modules, "sharewright/examples"), join(project, "examples"), { recursive: true });
});

it("U-14 brings zod and nothing else: ssh2 is not installed a second time, and no install script runs", () => {
  expect(Object.keys(installed()).sort()).toEqual(["node_modules/sharewright", "node_modules/zod"]);
  expect(Object.values(installed()).filter(({ hasInstallScript }) => hasInstallScript)).toEqual([]);
});

it("compiles with CommonJS and node10 resolution, declarations checked, and synthesizes", () => {
  expect(run(join(root, "node_modules/.bin/tsc"), "-p", "tsconfig.node10.json")).toEqual({ exitCode: 0, said: "" });
  expect(run(process.execPath, "main.js")).toEqual({ exitCode: 0, said: "" });
  const stack = join(project, "cdktf.out/stacks/hpc");
  expect(readFileSync(join(stack, "cdk.tf.json"), "utf8")).toContain('"scratch_share_claims"');
  for (const file of ["sharewright.cjs", "sharewright-ssh.cjs"])
    expect(existsSync(join(stack, "assets/sharewright", file))).toBe(true);
});

it("U-14 is compiled and run as the README says, and so is every example that it brings", () => {
  expect(run("npx", "tsc", "--noEmit")).toEqual({ exitCode: 0, said: "" });
  rmSync(join(project, "cdktf.out"), { recursive: true, force: true });
  const { app: command } = JSON.parse(shown("cdktf.json")) as { app: string };
  expect(run("sh", "-c", command)).toEqual({ exitCode: 0, said: "" });
  expect(existsSync(join(project, "cdktf.out/stacks/hpc/cdk.tf.json"))).toBe(true);
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
