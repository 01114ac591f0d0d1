// How the executor is bundled: two CommonJS files. The one that Terraform starts, and, beside it, all that only a remote host needs: reading and
// compiling ssh2 with every hook would cost a local one a third more CPU, even if it never evaluates it.

/** What main.ts asks for by this path lies in the other file. */
const remotePart = { asked: /\/transports\/ssh$/, file: "sharewright-ssh.cjs" };

const leaveOutRemotePart = {
  name: "leave out the remote part",
  setup({ onResolve }) {
    onResolve({ filter: remotePart.asked }, () => ({ path: `./${remotePart.file}`, external: true }));
    onResolve({ filter: /\/transports\/ssh\// }, ({ path, importer }) => ({
      errors: [{ text: `${importer} imports ${path}: all of the remote part is asked for by "transports/ssh"` }],
    }));
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
  return {
    "sharewright.cjs": {
      ...commonOptions(root),
      entryPoints: ["src/main.ts"],
      banner: { js: "#!/usr/bin/env node" },
      plugins: [leaveOutRemotePart],
    },
    [remotePart.file]: { ...commonOptions(root), entryPoints: ["src/transports/ssh.ts"] },
  };
}
