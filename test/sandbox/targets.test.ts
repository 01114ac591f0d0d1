// An OST that is away (golden l013 to l016).
import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ending, type ProcessSandbox, startProcessSandbox, until } from "./processes";

let sandbox: ProcessSandbox;
beforeAll(() => {
  sandbox = startProcessSandbox();
  writeFileSync(`${sandbox.mount}/plain`, "text");
  sandbox.operate("target", "down", "OST0001");
});
afterAll(() => sandbox.remove());

it("R-02: hangs lfs df after the targets that answer, until it is killed; TERM does nothing to it", async () => {
  const child = sandbox.spawn(["lfs", "df", sandbox.mount]);
  let seen = "";
  child.stdout?.on("data", (data) => {
    seen += String(data);
  });
  const ended = ending(child);
  await until(() => seen.includes("OST0000"));
  child.kill("SIGTERM");
  expect((await sandbox.run(["lfs", "df", "-m", sandbox.mount])).exit).toBe(0);
  expect(child.exitCode ?? child.signalCode).toBe(null);
  child.kill("SIGKILL");
  expect(await ended).toMatchObject({ exit: null, signal: "SIGKILL" });
  expect(seen).not.toContain("filesystem_summary");
});

it("R-02: hangs a plain tool where it would touch a file, and runs it where it would not", async () => {
  const child = sandbox.spawn(["cat", `${sandbox.mount}/plain`]);
  const ended = ending(child);
  expect((await sandbox.run(["ls", sandbox.mount])).stdout).toBe("plain\n");
  expect(child.exitCode).toBe(null);
  child.kill("SIGKILL");
  expect(await ended).toMatchObject({ signal: "SIGKILL", stdout: "" });
});

it("R-09: answers lfs df -l with exit 5 and a line for the dead one, df and findmnt at once", async () => {
  expect(await sandbox.run(["lfs", "df", "-l", sandbox.mount])).toMatchObject({
    exit: 5,
    stdout: expect.stringMatching(/^scratch-OST0001_UUID *: Input\/output error$[\s\S]*^filesystem_summary/m),
  });
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
  expect((await sandbox.run(["cat", `${sandbox.mount}/plain`])).stdout).toBe("text");
  expect((await sandbox.run(["lfs", "df", sandbox.mount])).stdout).toContain("OST0001");
});
