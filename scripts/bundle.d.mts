import type { BuildOptions } from "esbuild";
/** @param outdir where they are built to; default: dist */
export function bundles(root: string, outdir?: string): Record<string, BuildOptions>;
export const main: string;
