// Runs `npm run demo` as it is: it checks every claim that it prints, and ends with exit 1 if one does not hold.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { ended, thrift } from "./terraform";

export const demoTimeoutMs = 240_000;

/** It holds what it says, and leaves nothing behind. Returns its words. */
export async function tellDemo(...words: string[]): Promise<string> {
  const temporary = mkdtempSync(join(tmpdir(), "sharewright-demo-test-"));
  onTestFinished(() => rmSync(temporary, { recursive: true, force: true }));
  const env = { ...process.env, ...thrift, TMPDIR: temporary };
  const demo = await ended(process.execPath, [join(__dirname, "../../../scripts/demo.mjs"), ...words], temporary, env);
  expect(demo, demo.stdout + demo.stderr).toMatchObject({ exitCode: 0, stderr: "" });
  expect(readdirSync(temporary).filter((name) => name.startsWith("sharewright"))).toEqual([]);
  return demo.stdout;
}
