// What Lustre keeps with an inode follows it, whoever renames.
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { makeSandbox, type TestSandbox } from "./sandbox";

let sandbox: TestSandbox;
const at = (path: string) => join(sandbox.mount, path);
const project = async (path: string) =>
  (await sandbox.run(["lfs", "project", "-d", at(path)])).stdout.replace(sandbox.mount, "").trim();

beforeEach(async () => {
  sandbox = makeSandbox();
  for (const name of ["a", "b", "trash"]) mkdirSync(at(name));
  await sandbox.run(["lfs", "project", "-p", "1001", "-s", at("a")]);
  await sandbox.run(["lfs", "project", "-p", "1002", "-s", at("b")]);
  mkdirSync(at("a/dir/deep"), { recursive: true });
  writeFileSync(at("a/file"), "");
});
afterEach(() => sandbox.remove());

it("keeps project, owner and layout through a rename by a program that knows nothing of it", async () => {
  await sandbox.run(["chown", "7:8", at("a")]);
  await sandbox.run(["lfs", "setstripe", "-c", "2", at("a")]);
  renameSync(at("a"), at("trash/a"));
  execFileSync("/bin/mv", [at("trash/a"), at("c")]);
  chmodSync(at("c"), 0o700);
  expect(await project("c")).toBe("1001 P /c");
  expect(await project("c/dir/deep")).toBe("1001 P /c/dir/deep");
  expect((await sandbox.run(["stat", "-c", "%u:%g %a", at("c")])).stdout).toBe("7:8 700\n");
  expect((await sandbox.run(["lfs", "getstripe", "-c", "-d", at("c")])).stdout).toBe("2\n\n");
});

it("does not take a directory into another project without copying (golden b055, b056)", async () => {
  const refused = await sandbox.run(["mv", "-T", "--no-copy", at("a/dir"), at("b/dir")]);
  expect(refused).toMatchObject({ exit: 1, stderr: expect.stringContaining("Invalid cross-device link") });
  expect((await sandbox.run(["mv", at("a/dir"), at("b")])).exit).toBe(0);
  expect(await project("b/dir/deep")).toBe("1002 P /b/dir/deep");
});

it("relabels a file that enters another project (golden b053, b057)", async () => {
  expect((await sandbox.run(["mv", at("a/file"), at("b/file")])).exit).toBe(0);
  expect(await project("b/file")).toBe("1002 - /b/file");
});

it("lets a share's directory go to a place without project, id and all (golden b058)", async () => {
  expect((await sandbox.run(["mv", "-T", at("a"), at("trash/a")])).exit).toBe(0);
  expect(await project("trash/a/dir")).toBe("1001 P /trash/a/dir");
});

it("keeps an inherited id when a directory leaves its project", async () => {
  await sandbox.run(["mv", at("a/dir"), at("trash/dir")]);
  expect(await project("trash/dir/deep")).toBe("1001 P /trash/dir/deep");
});

it("does not confuse a new directory with a removed one", async () => {
  execFileSync("/bin/rm", ["-r", at("b")]);
  mkdirSync(at("b"));
  expect(await project("b")).toBe("0 - /b");
});

it("gives what was there before an id its old one (golden b000 to b004)", async () => {
  mkdirSync(at("c/old/older"), { recursive: true });
  await sandbox.run(["lfs", "project", "-d", "-p", "1003", "-s", at("c")]);
  mkdirSync(at("c/new"));
  mkdirSync(at("c/old/young"));
  expect(await project("c/old/older")).toBe("0 - /c/old/older");
  expect(await project("c/old/young")).toBe("0 - /c/old/young");
  expect(await project("c/new")).toBe("1003 P /c/new");
});
