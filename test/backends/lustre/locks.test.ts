import { describe, expect, test } from "vitest";
import { lockAndLook, lockObject, withAccessLock } from "../../../src/backends/lustre/locks";
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

test.each([
  [
    "its directory is not there",
    66,
    "flock: cannot open lock file /mnt/lustre/.sharewright/locks/shares:a: No such file or directory",
    true,
  ],
  [
    "something else is not there",
    74,
    "mktemp: failed to create directory via template '/none/tmp.X': No such file or directory",
    false,
  ],
  [
    "it was had, and something was missed",
    0,
    "sudo: unable to open log file: /var/log/x/y: No such file or directory",
    undefined,
  ],
])("there is nothing to lock in only where the lock itself says so: %s", async (_, exitCode, stderr, isNothing) => {
  const site = planningSite();
  site.client.transport.lock = async () => ({ result: ended(exitCode, "", stderr), release: async () => {} });
  const locked = lockAndLook(site, "shares/a", async () => "seen");
  if (isNothing === true) expect(await locked).toBeUndefined();
  else if (isNothing === undefined) expect(await locked).toMatchObject({ seen: "seen" });
  else await expect(locked).rejects.toMatchObject({ code: "COMMAND_FAILED" });
});

test.each<[string, boolean, string[]]>([
  ["an MGS of its own: on the client, too", false, ["mgs nodemap.lock", "client ::nodemaps"]],
  ["one machine", true, ["mgs nodemap.lock"]],
])("one compiler at a time: %s", async (_, isOne, wanted) => {
  const site = planningSite();
  if (isOne) site.client.transport = site.mgs.transport;
  const held: string[] = [];
  for (const { role, transport } of [site.client, site.mgs])
    transport.lock = async (file) => {
      const name = `${role} ${file.split("/").at(-1)}`;
      held.push(name);
      return { result: ended(0), release: async () => void held.splice(held.indexOf(name), 1) };
    };
  expect(await withAccessLock(site, async () => [...held])).toEqual(wanted);
  expect(held).toEqual([]);
});
