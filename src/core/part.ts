// Loads a part of the executor that is a file of its own, with V8's compiled form of it from beside it: compiling costs a hook more than all
// that it then does. The compiled form is made at the first use, for one version of Node, and never taken from anybody but the part's owner.
import { fstatSync, openSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { createRequire, wrap } from "node:module";
import { dirname, join } from "node:path";
import { Script } from "node:vm";
import { defined } from "../spec/defined";

/** `digest`: of the part's text; what V8 compares is little more than its length. */
export function loadPart(file: string, digest: string): unknown {
  const path = join(__dirname, file);
  const compiled = `${path}.${process.version}-${process.arch}-${digest}`;
  const cachedData = readCompiled(path, compiled);
  const script = new Script(wrap(readFileSync(path, "utf8")), { filename: path, ...defined({ cachedData }) });
  const part = { exports: {} };
  script.runInThisContext()(part.exports, createRequire(path), part, path, dirname(path));
  // At the end, when what was used has been compiled.
  if (!cachedData || script.cachedDataRejected) process.once("exit", () => writeCompiled(path, compiled, script));
  return part.exports;
}

const othersMayWrite = 0o022;

/** Compiled code is run unseen: only what nobody but the part's owner can have written. */
function readCompiled(path: string, compiled: string): Buffer | undefined {
  try {
    const descriptor = openSync(compiled, "r");
    const { uid, mode } = fstatSync(descriptor);
    return uid === statSync(path).uid && (mode & othersMayWrite) === 0 ? readFileSync(descriptor) : undefined;
  } catch {
    return undefined; // none yet
  }
}

/** Appears whole, since others may be reading. Where it cannot be written nothing is lost but time. */
function writeCompiled(path: string, compiled: string, script: Script): void {
  try {
    if (statSync(path).uid !== process.getuid?.()) return;
    const temporary = `${compiled}.${process.pid}`;
    writeFileSync(temporary, script.createCachedData(), { mode: 0o644, flag: "wx" });
    renameSync(temporary, compiled);
  } catch {
    // a folder that is not ours to write
  }
}
