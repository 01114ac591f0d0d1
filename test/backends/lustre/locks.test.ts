import { describe, expect, test } from "vitest";
import { lockObject } from "../../../src/backends/lustre/locks";
import { ShareError } from "../../../src/core/errors";
import { ended } from "../../core/fake-host";
import { planningSite } from "./site";

describe("a lock that is not had says why", () => {
  test.each([
    ["others hold it", ended(1), "LOCKED"],
    ["flock is not installed", ended(127, "", "flock: command not found"), "TOOL_MISSING"],
    ["the mount has no locks", ended(71, "", "flock: 3: Function not implemented"), "COMMAND_FAILED"],
    ["its directory is not there", ended(1, "", "ENOENT: no such file or directory"), "COMMAND_FAILED"],
  ])("%s", async (_, result, code) => {
    const site = planningSite();
    site.client.transport.lock = async () => ({ result, release: async () => {} });
    const error = await lockObject(site, "shares/a").then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(ShareError.isShareError(error)).toBe(true);
    expect(error).toMatchObject({ code, host: "client (fake)" });
    expect((error as ShareError).summary).toContain("/mnt/lustre/.sharewright/locks/shares:a");
  });

  test("and what a user without rights needs", async () => {
    const site = planningSite();
    const result = ended(66, "", "flock: cannot open lock file x: Permission denied");
    site.client.transport.lock = async () => ({ result, release: async () => {} });
    await expect(lockObject(site, "shares/a")).rejects.toMatchObject({ fix: expect.stringContaining("set sudo") });
  });
});
