import { configDefaults, defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** By folder: they start no server and no Terraform, and need no build. */
const unit = ["test/{backends,core,lib,spec}/**/*.test.ts"];

/** Executors within the test: the files of a worker share their modules, and with them the stand-in for what connects to hosts. */
const within = [
  "test/executor/gluster/**/*.test.ts",
  "test/executor/crash-sweep/{access,create,destroy,update}.test.ts",
  "test/executor/{tenants,hosts}.test.ts",
];

/** It starts dozens of processes at once, and would starve what runs beside it. */
const crowds = ["test/e2e/gluster-clusters.test.ts"];

/** The slowest first, so that no core waits for one of them at the end. */
const slow = /\/test\/(e2e|lustre|executor\/crash-sweep)\//;

class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isSlow = ({ moduleId }: TestSpecification) => slow.test(moduleId);
    return [...sorted.filter(isSlow), ...sorted.filter((file) => !isSlow(file))];
  }
}

const limits = {
  // Many tests start programs; a busy machine must not fail them.
  testTimeout: 300_000,
  hookTimeout: 120_000,
};

/** One more than the two cores that this is made for: tests of servers wait for half of their time. */
const maxWorkers = 3;

const servers = ["test/e2e/support/global-setup.ts", "test/sshd/global-setup.ts", "test/glusterd/global-setup.ts"];

export default defineConfig({
  test: {
    globalSetup: ["test/not-run.ts", "test/memory.ts"],
    sequence: { sequencer: SlowFirst },
    projects: [
      { test: { ...limits, name: "unit", include: unit, isolate: false, maxWorkers, sequence: { groupOrder: 0 } } },
      {
        test: {
          ...limits,
          name: "within",
          include: within,
          globalSetup: servers,
          isolate: false,
          maxWorkers,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...limits,
          name: "tests",
          include: ["test/**/*.test.ts"],
          exclude: [...configDefaults.exclude, ...unit, ...within, ...crowds],
          globalSetup: servers,
          maxWorkers,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: { ...limits, name: "crowds", include: crowds, globalSetup: servers, maxWorkers: 1, sequence: { groupOrder: 1 } },
      },
    ],
  },
});
