// Sudo rules for the tests: files in /etc/sudoers.d, checked before sudo reads them.
import { readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isAlive, run } from "./processes";

const folder = "/etc/sudoers.d";
let made = 0;

/** Returns how to remove it. Needs root. */
export function addSudoers(text: string): () => void {
  made += 1;
  // sudo passes over names with a dot.
  const path = join(folder, `sharewright-test-${process.pid}-${made}`);
  const draft = `${path}.draft`;
  writeFileSync(draft, text, { mode: 0o440 });
  try {
    run(["visudo", "-cqf", draft]);
    renameSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
  return () => rmSync(path, { force: true });
}

/** What a killed run has left. */
export function removeOldSudoers(): void {
  for (const name of readdirSync(folder)) {
    const [, pid] = /^sharewright-test-(\d+)-/.exec(name) ?? [];
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(folder, name), { force: true });
  }
}
