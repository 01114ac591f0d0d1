// A vitest that stays warm: told which files to change and which tests to run, it says what came of it. A process of its own, since a mutant may
// never end.
import { writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { TestCase, Vitest } from "vitest/node";
import { marked } from "./coverage";
import type { Ran } from "./coverage-setup";

export interface Order {
  /** Written before, each whole. */
  files: { path: string; text: string }[];
  test: string;
  /** Of its test cases only these. */
  ids?: string[];
}

export interface Answer {
  /** Title of the first test that failed. */
  failed?: string;
  ms: number;
  cases: { id: string; ms: number; ran: Ran }[];
}

async function obey(vitest: Vitest, { files, test, ids }: Order): Promise<Answer> {
  for (const { path, text } of files) {
    writeFileSync(path, text);
    vitest.invalidateFile(path);
  }
  vitest.state.clearErrors();
  const started = performance.now();
  const [project] = vitest.projects;
  if (!project) throw new Error("no project");
  const specification = project.createSpecification(test, ids ? { testIds: ids } : undefined);
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications([specification]);
  const ms = Math.round(performance.now() - started);
  const found = testModules.find(({ moduleId }) => moduleId === test);
  const tests = [...(found?.children.allTests() ?? [])];
  const failed = tests.find((one) => one.result().state === "failed");
  const cases = tests.filter((one) => one.result().state === "passed").map(caseOf);
  if (failed) return { failed: failed.fullName, ms, cases };
  return found?.state() === "passed" && unhandledErrors.length === 0 ? { ms, cases } : { failed: "(the file itself)", ms, cases };
}

function caseOf(test: TestCase): Answer["cases"][number] {
  const { ran = { before: [], within: [] } } = test.meta() as { ran?: Ran };
  return { id: test.id, ms: Math.round(test.diagnostic()?.duration ?? 0), ran };
}

/** In the directory of the copy, until the parent hangs up. */
async function serve(root: string): Promise<void> {
  // There is no CommonJS of it.
  const { createVitest } = await import("vitest/node");
  const vitest = await createVitest(
    "test",
    {
      config: false,
      root,
      watch: false,
      include: ["test/**/*.test.ts"],
      setupFiles: [join(root, "test/mutation/coverage-setup.ts")],
      pool: "threads",
      maxWorkers: 1,
      bail: 1,
      testTimeout: 300_000,
      hookTimeout: 120_000,
      reporters: [{}],
      silent: true,
      cache: false,
    },
    {
      plugins: [
        {
          name: "marks",
          enforce: "pre",
          transform(code, id) {
            const file = relative(root, id);
            return /^src\/(backends|core|spec|transports)\//.test(file) ? { code: marked(file, code), map: null } : undefined;
          },
        },
      ],
    },
  );
  process.on("disconnect", () => process.exit());
  process.on("message", (order: Order) => {
    obey(vitest, order).then(
      (answer) => process.send?.(answer),
      // Nothing is known of the mutant then.
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
  process.send?.("ready");
}

const [, , root] = process.argv;
if (root === undefined) throw new Error("start test/mutation/main.ts");
void serve(root);
