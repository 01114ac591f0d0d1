// In every test file: keeps which functions a test has run, and which ran outside of tests.
import { afterEach, beforeEach } from "vitest";

export interface Ran {
  /** Since the test before: what the file and its groups do. */
  before: string[];
  within: string[];
}

const ran = new Set<string>();
(globalThis as { __ran?: Set<string> }).__ran = ran;

let before: string[] = [];
beforeEach(() => {
  before = [...ran];
  ran.clear();
});
afterEach(({ task }) => {
  const told: Ran = { before, within: [...ran] };
  Object.assign(task.meta, { ran: told });
  ran.clear();
});
