import { defineConfig } from "vitest/config";

// One after the other: they share a file system.
export default defineConfig({
  test: { include: ["test/lustre/*.real.ts"], fileParallelism: false, testTimeout: 600_000, hookTimeout: 600_000 },
});
