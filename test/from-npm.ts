// Programs from npm that only some tests need, and that would make everybody's `npm ci` longer: kept in .cache/, which may be deleted at any time.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const cache = join(__dirname, "../.cache/npm");

export type Had = { readonly modules: string } | { readonly why: string };

/** `wanted`: what npm installs, such as `jest@30`. Returns the node_modules folder that has it, or why it cannot be had. */
export function fromNpm(...wanted: readonly [string, ...string[]]): Had {
  const kept = join(cache, wanted.join("+").replace(/[^a-z0-9@.+-]/g, "_"));
  const modules = join(kept, "node_modules");
  if (existsSync(modules)) return { modules };
  mkdirSync(cache, { recursive: true });
  const made = mkdtempSync(join(cache, "new-"));
  try {
    writeFileSync(join(made, "package.json"), "{}");
    const quiet = ["--no-audit", "--no-fund", "--no-package-lock", "--prefer-offline", "--silent"];
    const { status } = spawnSync("npm", ["install", "--ignore-scripts", ...quiet, ...wanted], { cwd: made, timeout: 240_000 });
    if (status !== 0) return { why: `npm does not give us ${wanted.join(" and ")}` };
    if (!existsSync(kept)) renameSync(made, kept);
    return { modules };
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}

/** The program, for this machine. */
export function nodeOf(major: number): { readonly node: string } | { readonly why: string } {
  if (process.version.startsWith(`v${major}.`)) return { node: process.execPath };
  const name = `node-${process.platform}-${process.arch}`;
  const had = fromNpm(`${name}@${major}`);
  return "why" in had ? had : { node: join(had.modules, name, "bin/node") };
}
