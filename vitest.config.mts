import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: [
      "test/not-run.ts",
      "test/e2e/support/global-setup.ts",
      "test/sshd/global-setup.ts",
      "test/glusterd/global-setup.ts",
    ],
    // Many tests start programs; a busy machine must not fail them.
    testTimeout: 120_000,
    // By default one core of two would stay idle.
    maxWorkers: 2,
    hookTimeout: 60_000,
  },
});
