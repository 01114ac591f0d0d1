// Roles on hosts of their own, and what a hook says when one of them does not answer as it should.
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { FileSystemSpec } from "../../src/spec/lustre";
import { exportOf, startSite, type TestSite } from "./support";

const timeout = 300_000;

describe("client, MGS, MDS and OSS on hosts of their own", { timeout }, () => {
  let site: TestSite;
  beforeAll(async () => {
    site = await startSite();
  });
  afterAll(() => site.remove());
  beforeEach(async () => {
    expect((await site.sandbox("reset")).exitCode).toBe(0);
  });

  // What each host sees differs: only the MGS has nodemaps, only servers tell whether quotas are enforced, the MGS has no mount.
  const on = (host: string) => ({ type: "local" as const, path: [join(site.dir, "hosts", host, "bin")] });
  const apart = (): Partial<FileSystemSpec> => ({
    client: on("client"),
    mgs: on("mgs"),
    mds: { connection: on("mds") },
    servers: [on("mds"), on("oss")],
  });

  test("a share lives its life", async () => {
    const stack = site.stack(apart());
    const share = stack.share("a", { removal_policy: "destroy" });
    expect(await site.succeed(share.apply)).not.toContain("not verified");
    const rule = stack.rule("a", "cpu", { clients: "10.1.0.1" });
    await site.succeed(rule.apply);
    expect(await site.mountAs("10.1.0.1@tcp", exportOf("/shares/a"))).toMatchObject({ exit: 0, root: "/shares/a" });
    await site.succeed(stack.share("a", { removal_policy: "destroy", size: "20 TiB" }).apply);
    await site.succeed(rule.destroy);
    await site.succeed(share.destroy);
    expect(Object.values(site.state().quotas).filter(({ blockHard }) => blockHard > 0)).toEqual([]);
  });

  test("a host that is not the MGS is refused before anything is changed", async () => {
    await site.succeed(site.stack(apart()).share("a").apply);
    const wrong = await site.run(site.stack({ ...apart(), mgs: on("mds") }).rule("a", "cpu", { clients: "10.1.0.1" }).apply);
    expect(wrong.exitCode).toBe(3);
    expect(wrong.stderr).toContain("error NOT_MGS");
    expect(site.state().nodemaps.map(({ name }) => name)).toEqual(["default", "sw_trusted"]);
  });

  test("a client without the mount is refused before anything is changed", async () => {
    const wrong = await site.run(site.stack({ ...apart(), client: on("mgs") }).share("a").apply);
    expect(wrong.exitCode).toBe(3);
    expect(wrong.stderr).toContain("error NOT_LUSTRE");
  });

  test("quotas that are not enforced are an error, and only a note where that is asked for, X-L16", async () => {
    await site.admin("lctl", "set_param", "osd-ldiskfs.scratch-OST0001.quota_slave.root_prj_enable=0");
    const refused = await site.run(site.stack(apart()).share("a").apply);
    expect(refused.exitCode).toBe(3);
    expect(refused.stderr).toMatch(/error PREFLIGHT {2}project quota enforced for root: not on scratch-OST0001/);
    expect(await site.succeed(site.stack({ ...apart(), preflight: "warn" }).share("a").apply)).toContain(
      "not on scratch-OST0001",
    );
  });
});

describe("a command that never ends", { timeout }, () => {
  let site: TestSite;
  beforeAll(async () => {
    site = await startSite();
  });
  afterAll(() => site.remove());

  test("is ended at its deadline, by host and name, and the next run goes on, X-L20", async () => {
    const share = site.stack().share("a");
    await site.sandbox("fault", "set", JSON.stringify({ match: "lfs setquota", do: "hang" }));
    // A process, for only that can be ended.
    const ended = await site.spawn(share.apply);
    expect(ended.exitCode).toBe(7);
    expect(ended.stderr).toMatch(/error DEADLINE[\s\S]*mds \(local\)[\s\S]*lfs setquota -p 10000/);
    await site.succeed(share.apply);
    expect(site.state().quotas["10000"]?.blockHard).toBe(10 * 1024 ** 3);
  });
});
