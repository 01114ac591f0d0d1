// Builds dist/, the only build output: tsc for lib (its declarations are the API), one esbuild CommonJS bundle for the executor.
import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

rmSync(join(root, "dist"), { recursive: true, force: true });
execFileSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "-p", join(root, "tsconfig.build.json")], {
  stdio: "inherit",
});

const result = await build({
  absWorkingDir: root,
  entryPoints: ["src/main.ts"],
  outfile: "dist/sharewright.cjs",
  bundle: true,
  platform: "node",
  target: "node20.9",
  format: "cjs",
  minify: true,
  keepNames: true,
  sourcemap: "external",
  legalComments: "none",
  banner: { js: "#!/usr/bin/env node" },
  // ssh2 runs without its native helpers; a bundle must not carry machine code.
  external: ["cpu-features"],
  loader: { ".node": "empty" },
  metafile: true,
  logLevel: "warning",
});
writeFileSync(join(root, "dist/sharewright.meta.json"), JSON.stringify(result.metafile));
