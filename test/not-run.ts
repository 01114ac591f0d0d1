// Says at the end of a run which tests this machine could not run, and why.
import type { TestProject, TestSuite } from "vitest/node";

/** How groups of tests say it: at the end of their title. */
const notRun = /\[not run: (.*)\]$/;

export default function setup(project: TestProject): () => void {
  return () => {
    for (const [why, count] of Object.entries(countNotRun(project)))
      console.log(`${count} ${count === 1 ? "test" : "tests"} not run: ${why}`);
  };
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
