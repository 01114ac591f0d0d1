// How the executor is bundled: CommonJS files that lie beside each other. The one that Terraform and people start is little more than the choice
// of the others, its parts, because reading and compiling what a hook does not need would cost it more CPU than all that it does.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The file that is started. */
export const main = "sharewright.cjs";

/**
 * What is asked for by these paths lies in files of its own. `inner`: what may be asked for in no other way. A part comes behind those that it
 * asks for.
 */
const parts = [
  { asked: /\/transports\/ssh$/, inner: /\/transports\/ssh\//, entry: "src/transports/ssh.ts", file: "sharewright-ssh.cjs" },
  { asked: /^\.\/sandbox\/main$/, inner: /\.\/sandbox\//, entry: "src/sandbox/main.ts", file: "sharewright-sandbox.cjs" },
  { asked: /^\.\/lustre\/hooks$/, entry: "src/fronts/lustre/hooks.ts", file: "sharewright-lustre.cjs" },
  { asked: /^\.\/gluster\/hooks$/, entry: "src/fronts/gluster/hooks.ts", file: "sharewright-gluster.cjs" },
  { asked: /^\.\/fronts\/cli$/, entry: "src/fronts/cli.ts", file: "sharewright-commands.cjs" },
];

/** The parts are loaded by part.ts from where they are built to. */
function leaveOutParts(root, outdir) {
  return {
    name: "leave out the parts",
    setup({ onResolve, onLoad }) {
      for (const { asked, inner, file } of parts) {
        onResolve({ filter: asked }, () => ({ path: file, namespace: "part" }));
        if (inner)
          onResolve({ filter: inner }, ({ path, importer }) => ({
            errors: [{ text: `${importer} imports ${path}, which lies in ${file}: ask for the whole part` }],
          }));
      }
      onLoad({ filter: /./, namespace: "part" }, ({ path }) => {
        const digest = createHash("sha256")
          .update(readFileSync(join(outdir, path)))
          .digest("hex")
          .slice(0, 12);
        const words = [path, digest].map((word) => JSON.stringify(word)).join(", ");
        return { contents: `module.exports = require("./src/core/part").loadPart(${words});`, resolveDir: root };
      });
    },
  };
}

/** Of asn1. Node's own bring the streams of standard output along, for their colours. */
const assertions = `exports.ok = (holds) => { if (!holds) throw new Error("asn1 was given what it does not take"); };
exports.equal = (one, other) => exports.ok(one === other);`;

/**
 * What ssh2 and what it is made of load when they are loaded, by the path that they ask for it by, with what stands in its place, since every hook over
 * SSH would pay for it. Never used here: files are not transferred, compression is not offered, sockets are opened by ourselves, agents are those of
 * Unix, and no native helper is looked for. Loaded when it is used: what opens an encrypted private key.
 */
const notInSsh2 = [
  { asked: /\/SFTP\.js$/, stub: "exports.SFTP = class {};" },
  { asked: /^zlib$/, stub: "exports.createInflate = () => ({ _handle: {} }); exports.constants = {};" },
  { asked: /^(dns|child_process)$/, stub: "" },
  { asked: /^cpu-features$/, stub: "module.exports = () => undefined;" },
  { asked: /^assert$/, stub: assertions },
  { asked: /^bcrypt-pbkdf$/, stub: 'exports.pbkdf = (...words) => require("bcrypt-pbkdf").pbkdf(...words);' },
];

const leaveOutOfSsh2 = {
  name: "leave out of ssh2 what most hooks do not use",
  setup({ onResolve, onLoad }) {
    for (const { asked, stub } of notInSsh2)
      onResolve({ filter: asked }, ({ path, importer, namespace, resolveDir }) =>
        namespace === "file" && /\/node_modules\/(ssh2|asn1)\/lib\//.test(importer)
          ? { path, namespace: "not in ssh2", pluginData: { contents: stub, resolveDir } }
          : undefined,
      );
    onLoad({ filter: /./, namespace: "not in ssh2" }, ({ pluginData }) => pluginData);
  },
};

function commonOptions(root) {
  return {
    absWorkingDir: root,
    bundle: true,
    platform: "node",
    target: "node20.9",
    format: "cjs",
    // Names stay as they are, for whoever reads the stack of an error. `keepNames` would set each at run time: 6 % of a hook's CPU.
    minifySyntax: true,
    minifyWhitespace: true,
    // `import()` of a CommonJS file has Node guess its exports first, which takes 45 ms of CPU for the largest one; `require` does not.
    supported: { "dynamic-import": false },
    legalComments: "none",
    // ssh2 runs without its native helpers; a bundle must not carry machine code.
    loader: { ".node": "empty" },
    metafile: true,
    logLevel: "warning",
  };
}

/** The files of the executor in the order in which they are built, each with the options that make it. */
export function bundles(root, outdir = join(root, "dist")) {
  const plugins = [leaveOutParts(root, outdir)];
  // A part does not leave itself out, nor what only it may ask for.
  const optionsOf = (entry, more = {}) => ({ ...commonOptions(root), entryPoints: [entry], plugins, ...more });
  const inOrder = parts.map(({ file, entry, inner }) => [file, optionsOf(entry, inner ? { plugins: [leaveOutOfSsh2] } : {})]);
  return { ...Object.fromEntries(inOrder), [main]: optionsOf("src/main.ts", { banner: { js: "#!/usr/bin/env node" } }) };
}
