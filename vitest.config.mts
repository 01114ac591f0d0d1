import { configDefaults, defineConfig } from "vitest/config";

/** By folder: they start no server and no Terraform, and need no build. */
const unit = ["test/{backends,core,lib,spec}/**/*.test.ts"];

/** It starts dozens of processes at once, and would starve what runs beside it. */
const crowds = ["test/e2e/gluster-clusters.test.ts"];

const limits = {
  // Many tests start programs; a busy machine must not fail them.
  testTimeout: 300_000,
  hookTimeout: 120_000,
};

const servers = ["test/e2e/support/global-setup.ts", "test/sshd/global-setup.ts", "test/glusterd/global-setup.ts"];

export default defineConfig({
  test: {
    globalSetup: ["test/not-run.ts", "test/memory.ts"],
    projects: [
      // By default one core of two would stay idle.
      { test: { ...limits, name: "unit", include: unit, isolate: false, maxWorkers: 2, sequence: { groupOrder: 0 } } },
      {
        test: {
          ...limits,
          name: "tests",
          include: ["test/**/*.test.ts"],
          exclude: [...configDefaults.exclude, ...unit, ...crowds],
          globalSetup: servers,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: { ...limits, name: "crowds", include: crowds, globalSetup: servers, maxWorkers: 1, sequence: { groupOrder: 2 } },
      },
    ],
  },
});
