// A vitest that stays warm: told which file to change and which test file to run, it says what came of it. A process of its own, since a mutant
// may never end.
import { writeFileSync } from "node:fs";
import type { Vitest } from "vitest/node";

export interface Order {
  /** Written before, each whole. */
  files: { path: string; text: string }[];
  test: string;
}

export interface Answer {
  /** Title of the first test that failed. */
  failed?: string;
  ms: number;
}

async function obey(vitest: Vitest, { files, test }: Order): Promise<Answer> {
  for (const { path, text } of files) {
    writeFileSync(path, text);
    vitest.invalidateFile(path);
  }
  vitest.state.clearErrors();
  const started = performance.now();
  const [project] = vitest.projects;
  if (!project) throw new Error("no project");
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications([project.createSpecification(test)]);
  const ms = Math.round(performance.now() - started);
  const found = testModules.find(({ moduleId }) => moduleId === test);
  const [failed] = found?.children.allTests("failed") ?? [];
  if (failed) return { failed: failed.fullName, ms };
  return found?.state() === "passed" && unhandledErrors.length === 0 ? { ms } : { failed: "(the file itself)", ms };
}

/** In the directory of the copy, until the parent hangs up. */
async function serve(root: string): Promise<void> {
  // There is no CommonJS of it.
  const { createVitest } = await import("vitest/node");
  const vitest = await createVitest("test", {
    config: false,
    root,
    watch: false,
    include: ["test/**/*.test.ts"],
    pool: "threads",
    maxWorkers: 1,
    bail: 1,
    testTimeout: 300_000,
    hookTimeout: 120_000,
    reporters: [{}],
    silent: true,
  });
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
