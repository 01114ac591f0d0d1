// Quotas as a writing client meets them.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
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

describe("R-08: small limits", () => {
  const limit = (...limits: string[]) => sandbox.run(["lfs", "setquota", "-p", "1001", ...limits, sandbox.mount]);

  it("1 MiB leaves nothing to write, 4 MiB not quite 3", async () => {
    await limit("-B", "1M");
    expect((await write("shares/a/x", "1")).exit).toBe(122);
    await limit("-B", "4M");
    expect((await write("shares/a/x", "2900K")).exit).toBe(0);
    expect((await write("shares/a/x", "3M")).exit).toBe(122);
  });

  it("a full 1,024 inodes stay full when raised to 2,000, and have room with 4,000", async () => {
    await limit("-I", "1024");
    for (let number = 2; number <= 1024; number += 1) writeFileSync(join(share, String(number)), "");
    expect((await write("shares/a/more", "0")).exit).toBe(122);
    await limit("-I", "2000");
    expect((await write("shares/a/more", "0")).exit).toBe(122);
    await limit("-I", "4000");
    expect((await write("shares/a/more", "0")).exit).toBe(0);
  });

  it("an id that is used again right after its limits were given back is held to 960 KiB", async () => {
    await limit("--delete");
    await limit("-B", "8M");
    expect((await write("shares/a/x", "1M")).exit).toBe(122);
    expect((await write("shares/a/x", "900K")).exit).toBe(0);
    sandbox.change((state) => {
      const quota = state.quotas[1001];
      if (quota?.deletedAt) quota.deletedAt -= 12_000;
    });
    expect((await write("shares/a/x", "6M")).exit).toBe(0);
  });

  it("sizes of less than a KiB are no limit at all (golden y249)", async () => {
    expect(await limit("-B", "1000b")).toMatchObject({ exit: 0, stderr: "" });
    expect((await write("shares/a/x", "12T")).exit).toBe(0);
  });
});
