// The end-to-end cases on a real Lustre: `npm run test:lustre`, see docs/guides/real-lustre.md. Everything is made below a prefix of its
// own and removed again; nodemaps and directories of others are only looked at.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LustreShareOptions, LustreVersion, RemovalPolicy, Size } from "../../lib";
import { applied, noChanges } from "../e2e/cases";
import { describing } from "../e2e/stacks";
import { makeWorkbench, type StackBench, type Workbench } from "../e2e/support/terraform";
import { realLustre } from "./setting";

const setting = realLustre();
if (!setting) throw new Error("no real Lustre is named by the environment: see docs/guides/real-lustre.md");
const { fsName, mountPoint, exportNids, lustreVersion, clients, pathPrefix, projectIds, tenant } = setting;

describe(`a share on the real file system ${fsName}`, () => {
  let bench: Workbench;
  let stack: StackBench;
  let foreign: string;
  const place = (name: string) => join(mountPoint, pathPrefix, name);
  const lfs = (...args: string[]) => execFileSync("lfs", args, { encoding: "utf8" });

  beforeAll(async () => {
    bench = await makeWorkbench({ realMount: mountPoint });
    stack = bench.stack("sharewright-test");
    foreign = nodemapsOfOthers();
  });
  afterAll(async () => {
    await stack.apply(build({}));
    expect(nodemapsOfOthers()).toBe(foreign);
    if (existsSync(place(""))) rmdirSync(place(""));
    await bench.remove();
  });

  function build(shares: NonNullable<Parameters<typeof describing>[0]["shares"]>) {
    const version = lustreVersion === "2.16" ? LustreVersion.V2_16 : LustreVersion.V2_17;
    return describing({ fileSystem: { fsName, exportNids, pathPrefix, projectIds, lustreVersion: version }, shares });
  }

  const small = (options: Partial<LustreShareOptions> = {}) => ({
    size: Size.mebibytes(64),
    removalPolicy: RemovalPolicy.DESTROY,
    ...options,
    rules: (share: { grantReadWrite(id: string, clients: string[]): unknown }) =>
      void share.grantReadWrite("cpu", tenant ? [clients, tenant.address] : [clients]),
  });

  test("create, then an empty plan", async () => {
    await applied(stack, build({ a: small() }));
    expect(lfs("project", "-d", place("a"))).toMatch(/^\s*\d+ P /);
    expect((await stack.plan()).stdout).toContain(noChanges);
  });

  test("the limit holds for a user of the executor's host", () => {
    const write = (mebibytes: number) =>
      execFileSync(
        "setpriv",
        [
          "--reuid=1000",
          "--regid=1000",
          "--clear-groups",
          "dd",
          "if=/dev/zero",
          `of=${place("a")}/data`,
          "bs=1M",
          `count=${mebibytes}`,
          "oflag=direct",
          "status=none",
        ],
        { stdio: "pipe" },
      );
    write(8);
    expect(() => write(256)).toThrow("Disk quota exceeded");
  });

  test.runIf(tenant)("a client mounts exactly its export location", async () => {
    const { stdout } = await stack.terraform("show", "-json");
    const exported = /"export_location":"([^"]+)"/.exec(stdout)?.[1] ?? "";
    const there = (line: string) =>
      execFileSync(tenant?.run[0] ?? "", [...(tenant?.run.slice(1) ?? []), line], { stdio: "pipe" });
    there(
      `mkdir -p /tmp/sharewright && mount -t lustre ${exported} /tmp/sharewright && ls /tmp/sharewright && umount /tmp/sharewright`,
    );
    expect(() => there(`mount -t lustre ${exported.replace(/\/a$/, "/other")} /tmp/sharewright`)).toThrow();
  });

  test("grow: same inode, same data", async () => {
    const inode = statSync(place("a")).ino;
    writeFileSync(join(place("a"), "kept"), "kept");
    await applied(stack, build({ a: small({ size: Size.mebibytes(128) }) }));
    expect(statSync(place("a")).ino).toBe(inode);
    expect(readFileSync(join(place("a"), "kept"), "utf8")).toBe("kept");
  });

  test("removal by the policy destroy leaves nothing", async () => {
    await applied(stack, build({}));
    expect(existsSync(place("a"))).toBe(false);
  });
});

/** Only where the executor's host is the MGS, too; else empty. */
function nodemapsOfOthers(): string {
  try {
    const text = execFileSync("lctl", ["get_param", "nodemap.*.ranges", "nodemap.*.fileset"], {
      encoding: "utf8",
      stdio: "pipe",
    });
    return text
      .split(/^(?=nodemap\.)/m)
      .filter((part) => !part.startsWith("nodemap.sw_"))
      .join("");
  } catch {
    return "";
  }
}
