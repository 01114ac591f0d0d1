// `npm run check`: everything that is not a test of behaviour, one after the other, with a table at the end.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const packed = mkdtempSync(join(tmpdir(), "sharewright-check-"));
const bin = (name) => join(root, "node_modules/.bin", name);
const tarball = () => join(packed, readdirSync(packed).find((name) => name.endsWith(".tgz")) ?? "the package was not packed");

// Name, the command; a function where the command depends on an earlier one.
const checks = [
  ["format", [bin("biome"), "format", "."]],
  ["lint", [bin("biome"), "lint", "--error-on-warnings", "."]],
  ["types", [bin("tsc"), "--noEmit", "-p", "tsconfig.json"]],
  ["unused code", [bin("knip")]],
  ["build", [process.execPath, "scripts/build.mjs"]],
  ["pack", ["npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", packed]],
  ["publint", () => [bin("publint"), "run", "--strict", tarball()]],
  ["are the types wrong", () => [bin("attw"), "--no-color", "--format", "ascii", tarball()]],
  ["package tests", [bin("vitest"), "run", "test/package"]],
];

function run([name, command]) {
  const argv = typeof command === "function" ? command() : command;
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(argv[0], argv.slice(1), {
    cwd: root,
    encoding: "utf8",
    timeout: 300_000,
    maxBuffer: 1 << 26,
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const passed = status === 0;
  if (!passed) console.log(`\n${stdout}${stderr}`);
  console.log(`${passed ? "passed" : "FAILED"}  ${name}  ${seconds} s`);
  return { name, passed, seconds };
}

const results = checks.map(run);
rmSync(packed, { recursive: true, force: true });

const width = Math.max(...checks.map(([name]) => name.length));
console.log("");
for (const { name, passed, seconds } of results)
  console.log(`${name.padEnd(width)}  ${passed ? "passed" : "FAILED"}  ${seconds.padStart(6)} s`);
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1;
