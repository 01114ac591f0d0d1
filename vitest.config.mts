import { configDefaults, defineConfig } from "vitest/config";

/** They start dozens of processes at once, and would starve what runs beside them. */
const crowds = ["test/executor/concurrency.test.ts", "test/e2e/gluster-clusters.test.ts"];

const limits = {
  // Many tests start programs; a busy machine must not fail them.
  testTimeout: 300_000,
  hookTimeout: 120_000,
};

export default defineConfig({
  test: {
    globalSetup: [
      "test/not-run.ts",
      "test/e2e/support/global-setup.ts",
      "test/sshd/global-setup.ts",
      "test/glusterd/global-setup.ts",
    ],
    projects: [
      {
        test: {
          ...limits,
          name: "tests",
          include: ["test/**/*.test.ts"],
          exclude: [...configDefaults.exclude, ...crowds],
          // By default one core of two would stay idle.
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      { test: { ...limits, name: "crowds", include: crowds, maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
  },
});
