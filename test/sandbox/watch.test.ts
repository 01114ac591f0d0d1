// The watch sees each invariant broken, and nothing where nothing is.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { makeSandbox, type TestSandbox } from "./sandbox";

let sandbox: TestSandbox;
const at = (path: string) => join(sandbox.mount, path);
const run = (...command: string[]) => sandbox.run(command);
const lctl = (...args: string[]) => sandbox.run(["lctl", ...args]);

async function broken(): Promise<string[]> {
  const { stdout } = await sandbox.operate("watch", "report");
  return stdout === "no violations\n"
    ? []
    : stdout
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line).invariant);
}

async function share(name: string, id: string): Promise<void> {
  mkdirSync(at(name));
  await run("lfs", "project", "-p", id, "-s", at(name));
  await run("lfs", "setquota", "-p", id, "-B", "1G", sandbox.mount);
}

beforeEach(async () => {
  sandbox = makeSandbox();
  await lctl("nodemap_add", "slurm");
  await lctl("nodemap_add_range", "--name", "slurm", "--range", "10.9.0.1@tcp");
  await share("a", "1001");
  await sandbox.operate("watch", "on");
});
afterEach(() => sandbox.remove());

it("finds nothing in a share that is opened and closed as it should be", async () => {
  await lctl("nodemap_add", "sw_1");
  await lctl("nodemap_fileset_add", "--name", "sw_1", "--fileset", "/a", "--alt");
  await lctl("nodemap_add_range", "--name", "sw_1", "--range", "10.0.5.7@tcp");
  await lctl("nodemap_del_range", "--name", "sw_1", "--range", "10.0.5.7@tcp");
  await lctl("nodemap_del", "sw_1");
  await run("rm", "-r", at("a"));
  expect(await broken()).toEqual([]);
  expect((await sandbox.operate("watch", "report")).exit).toBe(0);
});

it("sees a client that sees a share without limit", async () => {
  mkdirSync(at("b"));
  await lctl("nodemap_add", "sw_1");
  await lctl("nodemap_fileset_add", "--name", "sw_1", "--fileset", "/b", "--alt");
  expect(await broken()).toEqual([]);
  await lctl("nodemap_add_range", "--name", "sw_1", "--range", "10.0.5.7@tcp");
  await lctl("get_param", "version");
  expect(await broken()).toEqual(["limit-before-sight"]);
  expect((await sandbox.operate("watch", "report")).exit).toBe(1);
});

it("sees data go while a nodemap opens it", async () => {
  writeFileSync(at("a/file"), "");
  await lctl("nodemap_add", "sw_1");
  await lctl("nodemap_fileset_add", "--name", "sw_1", "--fileset", "/a", "--alt");
  await lctl("nodemap_add_range", "--name", "sw_1", "--range", "10.0.5.7@tcp");
  await run("rm", at("a/file"));
  expect(await broken()).toEqual(["no-removal-while-open"]);
});

it("sees another tenant's nodemap change or go", async () => {
  await lctl("nodemap_modify", "--name", "slurm", "--property", "admin", "--value", "1");
  await lctl("nodemap_del", "slurm");
  expect(await broken()).toEqual(["foreign-unchanged", "foreign-unchanged"]);
});

it("sees the root and the records opened", async () => {
  await lctl("nodemap_add", "sw_1");
  await lctl("nodemap_add_range", "--name", "sw_1", "--range", "10.0.5.7@tcp");
  expect(await broken()).toEqual([]);
  await lctl("nodemap_modify", "--name", "sw_1", "--property", "deny_mount", "--value", "0");
  expect(await broken()).toEqual(["no-root-or-records"]);
  await lctl("nodemap_fileset_add", "--name", "sw_1", "--fileset", "/.sharewright/x", "--alt");
  expect(await broken()).toEqual(["no-root-or-records", "no-root-or-records"]);
});

it("sees one project id on two shares", async () => {
  await share("b", "1001");
  expect(await broken()).toEqual(["own-project-id"]);
});
