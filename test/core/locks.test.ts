import { describe, expect, test } from "vitest";
import type { Result } from "../../src/core/command";
import type { ShareError } from "../../src/core/errors";
import type { Host } from "../../src/core/host";
import { lockFault, lockInRunDirectory } from "../../src/core/locks";
import { silentLog } from "../../src/core/log";
import type { Transport } from "../../src/core/transport";
import { ended, fakeHost } from "./fake-host";

/** A host whose lock ends so, one time after the other. */
function lockHost(...results: Result[]) {
  const locked: string[] = [];
  const notes: string[] = [];
  const host = fakeHost("mgs", () => ended(0));
  const lock: Transport["lock"] = async (file, waitMs, { onWait }) => {
    locked.push(`${file} ${waitMs}`);
    onWait("somebody");
    return { result: results.shift() ?? ended(0), release: async () => {} };
  };
  const site: Host = { ...host, transport: { ...host.transport, lock } };
  return { locked, notes, asked: host.asked, take: () => lockInRunDirectory(site, "nodemap.lock", "team", silentLog(notes)) };
}
const file = "/run/sharewright/nodemap.lock";
const missing = ended(1, "", `ENOENT: no such file or directory, open '${file}'`);

describe("a lock of one host", () => {
  test("is waited for, and whoever holds it is named", async () => {
    const { locked, notes, asked, take } = lockHost(ended(0));
    expect((await take()).result.exitCode).toBe(0);
    expect([locked, asked]).toEqual([[`${file} 900000`], []]);
    expect(notes).toEqual([`waiting for the lock ${file}, held by somebody`]);
  });
  test("makes its directory, for root alone, where that is missing", async () => {
    const { locked, asked, take } = lockHost(missing);
    await take();
    expect([locked.length, asked]).toEqual([2, ["mkdir -p -m 0700 -- /run/sharewright"]]);
  });
  test.each<[string, Result[], string, string]>([
    ["held for too long", [ended(1)], "LOCKED", `could not get the lock ${file}`],
    ["without its directory even then", [missing, missing], "COMMAND_FAILED", `could not lock ${file}`],
    [
      "of a file that is missing elsewhere",
      [ended(1, "", "No such file or directory: x")],
      "COMMAND_FAILED",
      `could not lock ${file}`,
    ],
    ["on a host without flock", [ended(127, "", "flock: not found")], "TOOL_MISSING", `could not lock ${file}: a tool`],
  ])("%s is a fault", async (_, results, code, summary) => {
    const error = (await lockHost(...results)
      .take()
      .catch((reason: unknown) => reason)) as ShareError;
    expect([error.code, error.summary.slice(0, summary.length)]).toEqual([code, summary]);
  });
  test("without rights says what gives them", () => {
    const host = fakeHost("mgs", () => ended(0));
    expect(lockFault(host, file, ended(1, "", "Permission denied")).fix).toContain("sharewright sudoers");
    expect(lockFault(host, file, ended(1, "", "Read-only file system")).fix).not.toContain("sudoers");
  });
});
