// Builds dist/, the only build output: tsc for lib (its declarations are the API), esbuild CommonJS bundles for the executor.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { bundles, main } from "./bundle.mjs";
import { notices } from "./notices.mjs";
import { warm } from "./warm.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

rmSync(join(root, "dist"), { recursive: true, force: true });
// Beside the rest, since it needs one core.
const tsc = once(
  spawn(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", join(root, "tsconfig.build.json")], {
    stdio: "inherit",
  }),
  "exit",
);

const inputs = {};
for (const [file, options] of Object.entries(bundles(root))) {
  const { metafile } = await build({ ...options, outfile: `dist/${file}`, sourcemap: "external" });
  inputs[file] = metafile;
}
writeFileSync(join(root, "dist/sharewright.meta.json"), JSON.stringify(inputs));
writeFileSync(join(root, "dist/THIRD-PARTY.txt"), notices(root, Object.values(inputs)));
warm(join(root, "dist", main));
const [failed] = await tsc;
if (failed !== 0) process.exitCode = 1;
