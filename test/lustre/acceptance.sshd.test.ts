// The acceptance suite with client, MDS and MGS on hosts of their own, over real SSH: a short life.
import { join } from "node:path";
import { expect, test } from "vitest";
import type { SshConnectionSpec } from "../../src/spec/connection";
import { describeWithSshd } from "../sshd/describe";
import { startHosts } from "../sshd/hosts";
import { accept } from "./accept";
import { bareSite, failures, verdicts } from "./sandbox-site";

/** As a user writes it into the variable. */
function optionsOf({ type: _, hosts, ...options }: SshConnectionSpec): string {
  return JSON.stringify({ hosts, ...options });
}

describeWithSshd("R-12: the acceptance suite over SSH", "sshd", () => {
  test("R-12: create, mount, take access away, remove", { timeout: 1_800_000 }, async () => {
    const site = await bareSite();
    const hosts = await startHosts({ sandbox: site.dir });
    try {
      const { client, mds, mgs } = hosts.connections;
      const setting = site.setting({
        SHAREWRIGHT_LUSTRE_CLIENT: optionsOf(client),
        SHAREWRIGHT_LUSTRE_MDS: optionsOf(mds),
        SHAREWRIGHT_LUSTRE_MGS: optionsOf(mgs),
        SHAREWRIGHT_LUSTRE_ONLY: "create: two,exactly the export location,lazily",
      });
      process.env["SHAREWRIGHT_RUN_DIR"] = join(site.dir, "run");
      const outcomes = await accept({ setting, workDir: site.workDir });
      expect(failures(outcomes)).toEqual([]);
      // Four of the preparation, those three, and two of the end.
      expect(verdicts(outcomes)).toEqual(Array(9).fill("passed"));
      site.expectNothingLeft();
    } finally {
      delete process.env["SHAREWRIGHT_RUN_DIR"];
      await hosts.stop();
      await site.stop();
    }
  });
});
