// Files of the tree, and what is kept of a run outside of git.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** "" for what is not there. */
export function textIn(root: string, file: string): string {
  const path = join(root, file);
  return existsSync(path) ? readFileSync(path, "utf8") : "";
}

export const digest = (text: string) => createHash("sha256").update(text).digest("base64url").slice(0, 16);

export function readKept<T>(path: string): Map<string, T> {
  return new Map(Object.entries(existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as Record<string, T>) : {}));
}

export function writeKept(path: string, kept: ReadonlyMap<string, unknown>): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, JSON.stringify(Object.fromEntries(kept)));
  renameSync(`${path}.new`, path);
}
