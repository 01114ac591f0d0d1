// The sandbox needs no root: as root these tests give up theirs first.
import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";

const nobody = 65534;
const asUser = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
let home: string;
let env: NodeJS.ProcessEnv;

function run(tool: string, ...args: string[]): string {
  return execFileSync(tool, args, { ...asUser, env, cwd: home, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), "sandbox-test-"));
  chmodSync(home, 0o755);
  if (asUser.uid !== undefined) chownSync(home, nobody, nobody);
  const bundle = join(home, "sharewright.cjs"); // the checkout itself may be closed to others
  for (const file of ["sharewright.cjs", "sharewright-sandbox.cjs"])
    copyFileSync(join(__dirname, "../../dist", file), join(home, file));
  chmodSync(bundle, 0o755);
  env = { ...process.env, NODE_EXTRA_CA_CERTS: "", HOME: home };
  run(process.execPath, bundle, "sandbox", "start");
  env = { ...env, ...JSON.parse(run(process.execPath, bundle, "sandbox", "env", "--json")) };
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

it("makes, owns, limits and moves a share without root", () => {
  const mount = env["SHAREWRIGHT_SANDBOX_MOUNT"] ?? "";
  run("mkdir", join(mount, "a"));
  run("chown", "4242:4243", join(mount, "a"));
  run("chmod", "0770", join(mount, "a"));
  run("lfs", "project", "-p", "1001", "-s", join(mount, "a"));
  run("lfs", "setquota", "-p", "1001", "-B", "1T", mount);
  run("mv", "-T", join(mount, "a"), join(mount, "b"));
  expect(run("stat", "-c", "%u:%g %a", join(mount, "b"))).toBe("4242:4243 770\n");
  expect(run("lfs", "project", "-d", join(mount, "b"))).toBe(` 1001 P ${join(mount, "b")}\n`);
});
