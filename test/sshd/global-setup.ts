// Before a run with SSH tests: programs installed, users made. After it: users removed, tests that could not run counted.
import { userInfo } from "node:os";
import type { TestProject, TestSuite } from "vitest/node";
import { install } from "./install";
import { notRun, type Rig, rigVariable } from "./rig";
import { makeUsers } from "./users";

/** Files of tests say by their name or folder that they need it. */
function isNeeded(words: readonly string[]): boolean {
  const files = words.filter((word) => word.startsWith("test/"));
  return files.length === 0 || files.some((file) => !file.endsWith(".ts") || /ssh|e2e|executor|fronts/.test(file));
}

export default function setup(project: TestProject): (() => void) | undefined {
  if (!isNeeded(process.argv)) return undefined;
  const { rig, remove } = makeRig();
  process.env[rigVariable] = JSON.stringify(rig);
  return () => {
    remove();
    for (const [why, count] of Object.entries(countNotRun(project)))
      console.log(`${count} ${count === 1 ? "test" : "tests"} not run: ${why}`);
  };
}

/** The bench uses it, too. */
export function makeRig(): { rig: Rig; remove: () => void } {
  const { missing, why } = install();
  const noSshd = missing.includes("/usr/sbin/sshd") || missing.includes("/usr/bin/ssh") ? why : "";
  const noUsers = noSshd || (userInfo().uid === 0 ? why : "not root");
  if (noUsers) return { rig: { noSshd, noUsers, users: [] }, remove: () => {} };
  const { users, remove } = makeUsers();
  return { rig: { noSshd, noUsers, users }, remove };
}

function countNotRun(project: TestProject): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const file of project.vitest.state.getTestModules())
    for (const test of file.children.allTests("skipped")) {
      const why = reasonOf(test.parent);
      if (why !== undefined) counts[why] = (counts[why] ?? 0) + 1;
    }
  return counts;
}

function reasonOf(parent: { type: string; name?: string; parent?: unknown } | TestSuite): string | undefined {
  if (parent.type !== "suite") return undefined;
  const suite = parent as TestSuite;
  return notRun.exec(suite.name)?.[1] ?? reasonOf(suite.parent);
}
