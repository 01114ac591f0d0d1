import type { BuildOptions } from "esbuild";
export function bundles(root: string): Record<string, BuildOptions>;
