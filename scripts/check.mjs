// `npm run check`: everything that is not a test of behaviour, on two cores, with a table at the end.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const packed = mkdtempSync(join(tmpdir(), "sharewright-check-"));
const bin = (name) => join(root, "node_modules/.bin", name);
const tarball = () => join(packed, readdirSync(packed).find((name) => name.endsWith(".tgz")) ?? "the package was not packed");

// Two lines beside each other, each one after the other. Name, the command; a function where the command depends on an earlier one.
const lines = [
  [
    ["format", [bin("biome"), "format", "."]],
    ["lint", [bin("biome"), "lint", "--error-on-warnings", "."]],
    ["types", [bin("tsc"), "--noEmit", "-p", "tsconfig.json"]],
    ["types, cdktn", [bin("tsc"), "--noEmit", "-p", "tsconfig.cdktn.json"]],
  ],
  [
    ["build", [process.execPath, "scripts/build.mjs"]],
    ["unused code", [bin("knip")]],
    ["pack", ["npm", "pack", "--silent", "--ignore-scripts", "--pack-destination", packed]],
    ["publint", () => [bin("publint"), "run", "--strict", tarball()]],
    ["are the types wrong", () => [bin("attw"), "--no-color", "--format", "ascii", tarball()]],
    ["package tests", [bin("vitest"), "run", "test/package"]],
  ],
];

async function run([name, command]) {
  const [program, ...args] = typeof command === "function" ? command() : command;
  const started = performance.now();
  const { passed, said } = await ended(spawn(program, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"], timeout: 600_000 }));
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (!passed) console.log(`\n${said}`);
  console.log(`${passed ? "passed" : "FAILED"}  ${name}  ${seconds} s`);
  return { name, passed, seconds };
}

function ended(child) {
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text) => {
      said += text;
    });
  return new Promise((resolve) => {
    child.on("error", (error) => resolve({ passed: false, said: String(error) }));
    child.on("close", (status) => resolve({ passed: status === 0, said }));
  });
}

async function runLine(checks) {
  const results = [];
  for (const check of checks) results.push(await run(check));
  return results;
}

const results = (await Promise.all(lines.map(runLine))).flat();
rmSync(packed, { recursive: true, force: true });

const width = Math.max(...results.map(({ name }) => name.length));
console.log("");
for (const { name, passed, seconds } of results)
  console.log(`${name.padEnd(width)}  ${passed ? "passed" : "FAILED"}  ${seconds.padStart(6)} s`);
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1;
