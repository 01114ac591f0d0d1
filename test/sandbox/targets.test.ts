// An OST that is away (golden l013 to l016).
import { afterAll, beforeAll, expect, it } from "vitest";
import { ending, type ProcessSandbox, startProcessSandbox, until } from "./processes";

let sandbox: ProcessSandbox;
beforeAll(() => {
  sandbox = startProcessSandbox();
  sandbox.operate("target", "down", "OST0001");
});
afterAll(() => sandbox.remove());

it("hangs lfs df after the targets that answer, until it is killed", async () => {
  const child = sandbox.spawn(["lfs", "df", sandbox.mount]);
  let seen = "";
  child.stdout?.on("data", (data) => {
    seen += String(data);
  });
  const ended = ending(child);
  await until(() => seen.includes("OST0000"));
  child.kill("SIGTERM");
  expect(await ended).toMatchObject({ exit: null, signal: "SIGTERM" });
  expect(seen).not.toContain("filesystem_summary");
});

it("answers lfs df -l, df and findmnt at once", async () => {
  expect((await sandbox.run(["lfs", "df", "-l", sandbox.mount])).stdout).toContain("filesystem_summary");
  expect((await sandbox.run(["df", "-P", sandbox.mount])).exit).toBe(0);
  expect((await sandbox.run(["findmnt", "-n", "-o", "FSTYPE", "-T", sandbox.mount])).stdout).toBe("lustre\n");
});

it("marks the sum of lfs quota, exit 5", async () => {
  const answer = await sandbox.run(["lfs", "quota", "-q", "-p", "1001", sandbox.mount]);
  expect(answer).toMatchObject({ exit: 5, stdout: expect.stringContaining("[0]") });
  expect(answer.stdout).toContain("Some errors happened");
});

it("comes back", async () => {
  sandbox.operate("target", "up", "OST0001");
  expect((await sandbox.run(["lfs", "df", sandbox.mount])).stdout).toContain("OST0001");
});
