// Groups of tests that are skipped and counted where this machine cannot run them.
import { describe } from "vitest";
import { noGluster } from "./rig";

/** Tests that need a real GlusterFS; where there is none they are skipped, and counted. */
export function describeWithGluster(title: string, tests: () => void): void {
  const why = noGluster();
  describe.skipIf(why !== "")(why === "" ? title : `${title} [not run: no GlusterFS (${why})]`, tests);
}
