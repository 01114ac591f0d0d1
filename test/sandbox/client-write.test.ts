// Quotas as a writing client meets them.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { makeSandbox, type TestSandbox } from "./sandbox";

let sandbox: TestSandbox;
let share: string;

beforeEach(async () => {
  sandbox = makeSandbox();
  share = join(sandbox.mount, "shares/a");
  mkdirSync(share, { recursive: true });
  await sandbox.run(["lfs", "project", "-p", "1001", "-s", share]);
  await sandbox.run(["lfs", "setquota", "-p", "1001", "-B", "10T", "-I", "4", sandbox.mount]);
});
afterEach(() => sandbox.remove());

const write = (path: string, size: string, ...options: string[]) => sandbox.operate("write", path, size, ...options);

it("refuses the byte that would pass the hard limit, and takes ten tebibytes before it", async () => {
  expect((await write("shares/a/big", "9T")).exit).toBe(0);
  expect(await write("shares/a/more", "1T")).toMatchObject({ exit: 122, stderr: "write shares/a/more: Disk quota exceeded\n" });
  const { stdout } = await sandbox.run(["lfs", "quota", "-q", "-p", "1001", sandbox.mount]);
  expect(stdout).toContain(" 9663676420 ");
});

it("refuses the inode that would pass the limit", async () => {
  for (const name of ["1", "2", "3"]) expect((await write(`shares/a/${name}`, "0")).exit).toBe(0);
  expect((await write("shares/a/4", "0")).exit).toBe(122);
});

it("lets root through while the servers exempt him (golden q013), and nobody else", async () => {
  await sandbox.run(["lctl", "set_param", "osd-*.*.quota_slave.root_prj_enable=0"]);
  expect((await write("shares/a/root", "11T")).exit).toBe(0);
  await sandbox.run(["chown", "1000:1000", share]);
  expect((await write("shares/a/user", "1M", "--uid", "1000")).exit).toBe(122);
});

it("enforces nothing while a target does not (reference: setquota works before enforcement is on)", async () => {
  await sandbox.operate("param", "osd-*.*.quota_slave.enabled=ug");
  expect((await write("shares/a/big", "11T")).exit).toBe(0);
});

it("asks for permission on the way", async () => {
  expect((await write("shares/a/user", "1M", "--uid", "1000")).exit).toBe(13);
  await sandbox.run(["chown", "1000:1000", share]);
  expect((await write("shares/a/user", "1M", "--uid", "1000")).exit).toBe(0);
  expect((await sandbox.run(["stat", "-c", "%u:%g %s", join(share, "user")])).stdout).toBe("1000:1000 1048576\n");
});

it("shows the limit as the size of the file system within the share (golden f010, q012)", async () => {
  expect((await sandbox.run(["df", "-P", share])).stdout.split("\n")[1]).toMatch(/ 10737418240 +4 10737418236 +1% /);
  await sandbox.run(["lfs", "setquota", "-p", "1001", "-B", "1M", sandbox.mount]);
  await sandbox.run(["lctl", "set_param", "osd-*.*.quota_slave.root_prj_enable=0"]);
  await write("shares/a/over", "2M");
  expect((await sandbox.run(["df", "-P", share])).stdout.split("\n")[1]).toMatch(/ 1024 +1024 +0 +100% /);
});
