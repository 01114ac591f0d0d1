// How the executor is bundled: one CommonJS file, which must stay loadable piece by piece.

export function bundleOptions(root) {
  return {
    absWorkingDir: root,
    entryPoints: ["src/main.ts"],
    bundle: true,
    platform: "node",
    target: "node20.9",
    format: "cjs",
    minify: true,
    keepNames: true,
    legalComments: "none",
    banner: { js: "#!/usr/bin/env node" },
    // ssh2 runs without its native helpers; a bundle must not carry machine code.
    external: ["cpu-features"],
    loader: { ".node": "empty" },
    metafile: true,
    logLevel: "warning",
  };
}
