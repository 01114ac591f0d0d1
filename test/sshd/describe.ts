// Groups of tests that are skipped and counted where this machine cannot run them.
import { describe } from "vitest";
import { rig } from "./rig";

/** Tests that need a real sshd, and perhaps users of other login shells; where there is none they are skipped, and counted. */
export function describeWithSshd(title: string, needs: "sshd" | "sshd and users", tests: () => void): void {
  const { noSshd, noUsers } = rig();
  const why = noSshd ? `no sshd (${noSshd})` : needs === "sshd and users" && noUsers ? `no users (${noUsers})` : "";
  describe.skipIf(why !== "")(why === "" ? title : `${title} [not run: ${why}]`, tests);
}
