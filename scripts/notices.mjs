// The packages that the executor's bundles hold, with their versions and licences: whoever has a copy of them has to be given these.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Of one bundle's inputs, as esbuild lists them: "node_modules/@stricli/core/dist/index.cjs" is of "@stricli/core". */
export function packagesIn(metafiles) {
  const inputs = metafiles.flatMap((metafile) => Object.keys(metafile.inputs));
  const folders = inputs.flatMap((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input)?.[0] ?? []);
  return [...new Set(folders)].sort();
}

/** @throws where a package comes without its licence */
export function notices(root, metafiles) {
  const blocks = packagesIn(metafiles).map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
    return `${name} ${version}\n\n${licenceOf(join(root, folder), name, license)}`;
  });
  return [head, ...blocks].join(`\n\n${"-".repeat(80)}\n\n`).concat("\n");
}

const head = "The files sharewright*.cjs of this package hold code of these packages, under these licences.";

function licenceOf(folder, name, license) {
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  if (file !== undefined) return readFileSync(join(folder, file), "utf8").trim();
  // Its text is in this package.
  if (license === "Apache-2.0" && !existsSync(join(folder, "NOTICE"))) return "Apache License, Version 2.0: see ../LICENSE.";
  throw new Error(`${name} is bundled and comes without its licence (${license})`);
}
