import { fileURLToPath } from "node:url";
import { configDefaults, defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** By folder: they start no server and no Terraform, and need no build. */
const unit = ["test/{backends,core,lib,spec}/**/*.test.ts"];

/** The same with cdktn in place of cdktf: constructs and what they are synthesized to, text for text. */
const alsoWithCdktn = [
  "test/lib/lustre/lustre-{access-rule,file-system,share}.test.ts",
  "test/lib/gluster/gluster-{access-rule,cluster,share,snapshot}.test.ts",
  "test/lib/stability.test.ts",
];

/** They take two minutes of CPU: `npm test` leaves them to `npm run check`. */
const checked = process.env["SHAREWRIGHT_CHECKED"] ? ["test/package/{consumer,frameworks,init}.test.ts"] : [];

/** They change ssh2 before it is first loaded, which a worker's other files may have done. */
const alone = ["test/transports/ssh/{host-keys.sshd,ssh2-certificates}.test.ts"];

/**
 * The longest first, so that no core waits for one of them at the end; and between them those that mostly wait (marked), so that no two of these
 * have a core each to themselves.
 */
const longest = [
  "executor/crash-sweep/ssh-two-hosts",
  "lustre/acceptance",
  "e2e/gluster-mishaps",
  "executor/hosts", // waits
  "e2e/lifecycle",
  "e2e/demo-gluster",
  "e2e/gluster-many",
  "transports/ssh-unruly", // waits
  "executor/crash-sweep/processes",
  "e2e/mishaps",
  "executor/crash-sweep/ssh-three-hosts",
  "transports/local", // waits
  "e2e/crash",
  "transports/ssh",
];

/** Then what is longer than the rest. */
const slow = /\/test\/(e2e|lustre|executor\/(gluster\/)?crash-sweep)\//;

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rank = ({ moduleId }: TestSpecification) => {
      const place = longest.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
      return place >= 0 ? place : longest.length + (slow.test(moduleId) ? 0 : 1);
    };
    return sorted.sort((a, b) => rank(a) - rank(b));
  }
}

const limits = {
  // Many tests start programs; a busy machine must not fail them.
  testTimeout: 300_000,
  hookTimeout: 120_000,
};

/** Two more than the cores that this is made for: tests of servers wait for half of their time. */
const maxWorkers = 4;

/** Examples name the package as its users do. */
const fromHere = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const resolve = { alias: { sharewright: fromHere("lib/index.ts") } };
const resolveCdktn = {
  alias: [
    { find: "sharewright", replacement: fromHere("lib/index.ts") },
    { find: /^cdktf$/, replacement: "cdktn" },
    { find: "@cdktf/provider-null/lib/resource", replacement: fromHere("test/lib/null-resource-of-cdktn.ts") },
  ],
};

const servers = ["test/e2e/support/global-setup.ts", "test/sshd/global-setup.ts", "test/glusterd/global-setup.ts"];

export default defineConfig({
  test: {
    globalSetup: ["test/not-run.ts", "test/memory.ts"],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: { ...limits, name: "alone", include: alone, globalSetup: servers, maxWorkers, sequence: { groupOrder: 0 } },
      },
      { resolve, test: { ...limits, name: "unit", include: unit, isolate: false, maxWorkers, sequence: { groupOrder: 0 } } },
      {
        resolve: resolveCdktn,
        test: { ...limits, name: "unit, cdktn", include: alsoWithCdktn, isolate: false, maxWorkers, sequence: { groupOrder: 0 } },
      },
      {
        resolve,
        test: {
          ...limits,
          name: "servers",
          include: ["test/**/*.test.ts"],
          exclude: [...configDefaults.exclude, ...unit, ...alone, ...checked],
          globalSetup: servers,
          // The files of a worker share their modules, and with them what stands in for the transport of executors within the test.
          setupFiles: ["test/executor/setup.ts"],
          isolate: false,
          maxWorkers,
          sequence: { groupOrder: 0 },
        },
      },
    ],
  },
});
