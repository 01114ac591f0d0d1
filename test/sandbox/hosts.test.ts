// Each host sees its own part (golden e000 to e016 for the client).
import { afterAll, beforeAll, expect, it } from "vitest";
import type { HostName } from "../../src/sandbox/hosts";
import { makeSandbox, type TestSandbox } from "./sandbox";

let sandbox: TestSandbox;
beforeAll(() => {
  sandbox = makeSandbox();
});
afterAll(() => sandbox.remove());

const on = (host: HostName, ...command: string[]) => sandbox.run(command, { host });

it("has a Lustre mount on client and mds, and none on mgs and oss", async () => {
  for (const host of ["all", "client", "mds"] as const)
    expect((await on(host, "lfs", "getname", "-n", sandbox.mount)).stdout).toBe("scratch\n");
  for (const host of ["mgs", "oss"] as const) {
    expect((await on(host, "lfs", "getname", "-n", sandbox.mount)).exit).toBe(25);
    expect((await on(host, "lfs", "project", "-p", "1", "-s", sandbox.mount)).exit).toBe(1);
  }
});

it("has the MGS on mgs alone", async () => {
  const dl = async (host: HostName) => (await on(host, "lctl", "dl")).stdout.includes("UP mgs MGS MGS");
  expect(await Promise.all((["mgs", "all", "client", "mds", "oss"] as const).map(dl))).toEqual([true, true, false, false, false]);
  expect((await on("mds", "lctl", "nodemap_add", "x")).exit).toBe(4);
  expect((await on("client", "lctl", "set_param", "-P", "a=b")).exit).toBe(19);
});

it("shows a client no nodemaps, and exit 0 (e010); servers have them", async () => {
  expect((await on("client", "lctl", "get_param", "nodemap.*.id")).stdout).toBe("nodemap.default.id=0\n");
  expect((await on("client", "lctl", "get_param", "nodemap.active")).stdout).toBe("nodemap.active=0\n");
  expect((await on("oss", "lctl", "get_param", "nodemap.*.id")).stdout).toBe("nodemap.default.id=0\nnodemap.sw_trusted.id=1\n");
});

it("shows quota parameters where the targets are", async () => {
  const enabled = async (host: HostName) =>
    (await on(host, "lctl", "get_param", "osd-*.*.quota_slave.enabled")).stdout.match(/(MDT|OST)\d+/g);
  expect(await enabled("mds")).toEqual(["MDT0000"]);
  expect(await enabled("oss")).toEqual(["OST0000", "OST0001"]);
  expect(await enabled("client")).toBeNull();
});

it("lists Lustre mounts as findmnt does, targets of servers among them (a009)", async () => {
  const mounts = async (host: HostName) =>
    JSON.parse((await on(host, "findmnt", "-t", "lustre", "-J")).stdout).filesystems.map(
      ({ source }: { source: string }) => source,
    );
  expect(await mounts("client")).toEqual(["10.0.0.1@tcp:/scratch"]);
  expect(await mounts("all")).toHaveLength(4);
});

it("claims the version it is told to", async () => {
  await sandbox.operate("param", "version=2.15.7");
  expect((await on("all", "lctl", "get_param", "-n", "version")).stdout).toBe("2.15.7\n");
  expect((await on("all", "lfs", "--version")).stdout).toBe("lfs 2.15.7\n");
});
