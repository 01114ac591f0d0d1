// How the executor is bundled: three CommonJS files. The one that Terraform starts, and, beside it, what no local hook needs: all that only a
// remote host needs, and the sandbox. Reading and compiling them with every hook would cost it up to a third more CPU, even if it never
// evaluates them.

/** What the first file asks for by these paths lies in files of its own. `inner`: what may be asked for in no other way. */
const parts = [
  { asked: /\/transports\/ssh$/, inner: /\/transports\/ssh\//, entry: "src/transports/ssh.ts", file: "sharewright-ssh.cjs" },
  { asked: /^\.\/sandbox\/main$/, inner: /\.\/sandbox\//, entry: "src/sandbox/main.ts", file: "sharewright-sandbox.cjs" },
];

const leaveOutParts = {
  name: "leave out the parts",
  setup({ onResolve }) {
    for (const { asked, inner, file } of parts) {
      onResolve({ filter: asked }, () => ({ path: `./${file}`, external: true }));
      onResolve({ filter: inner }, ({ path, importer }) => ({
        errors: [{ text: `${importer} imports ${path}, which lies in ${file}: ask for the whole part` }],
      }));
    }
  },
};

function commonOptions(root) {
  return {
    absWorkingDir: root,
    bundle: true,
    platform: "node",
    target: "node20.9",
    format: "cjs",
    minify: true,
    keepNames: true,
    // `import()` of a CommonJS file has Node guess its exports first, which takes 45 ms of CPU for the largest one; `require` does not.
    supported: { "dynamic-import": false },
    legalComments: "none",
    // ssh2 runs without its native helpers; a bundle must not carry machine code.
    external: ["cpu-features"],
    loader: { ".node": "empty" },
    metafile: true,
    logLevel: "warning",
  };
}

/** The files of the executor, each with the options that make it. */
export function bundles(root) {
  const own = parts.map(({ file, entry }) => [file, { ...commonOptions(root), entryPoints: [entry] }]);
  return {
    "sharewright.cjs": {
      ...commonOptions(root),
      entryPoints: ["src/main.ts"],
      banner: { js: "#!/usr/bin/env node" },
      plugins: [leaveOutParts],
    },
    ...Object.fromEntries(own),
  };
}
