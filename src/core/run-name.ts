// What a run calls itself to those who wait for its locks.
import { hostname } from "node:os";

/** One line: the stack, and where and since when which process works for it. */
export function runName(owner: string): string {
  return `"${owner}" on ${hostname()} (process ${process.pid}) since ${new Date().toISOString()}`;
}
