// The hosts of a file system as the executor connects them: which connections are made, shared, chosen among several, and let go.
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../../src/core/host";
import { silentLog } from "../../src/core/log";
import { withSite } from "../../src/fronts/lustre/site";
import type { SshConnectionSpec } from "../../src/spec/connection";
import type { FileSystemSpec } from "../../src/spec/lustre";
import { startSite, type TestSite } from "../executor/support";
import { describeWithSshd } from "../sshd/describe";
import { type SshHosts, startHosts } from "../sshd/hosts";
import { until } from "../sshd/processes";
import { faultOf } from "../transports/ssh/support";

describeWithSshd("hosts over SSH", "sshd", () => {
  let sandbox: TestSite;
  let hosts: SshHosts;
  const notes: string[] = [];
  const local = { type: "local" } as const;
  const fileSystem = (more: Partial<FileSystemSpec>): FileSystemSpec => ({
    ...sandbox.stack().fileSystem,
    client: hosts.connections.client,
    mgs: hosts.connections.mgs,
    ...more,
  });
  const version = { argv: ["lctl", "get_param", "version"] } as const;
  const connections = () => ({
    client: hosts.sshd.client.connections().length,
    mds: hosts.sshd.mds.connections().length,
    mgs: hosts.sshd.mgs.connections().length,
  });

  beforeAll(async () => {
    sandbox = await startSite();
    hosts = await startHosts({ sandbox: sandbox.dir });
  });
  afterAll(async () => {
    await hosts?.stop();
    sandbox?.remove();
  });

  test("L-11 two remote hosts are two connections; roles of the same connection share it", async () => {
    await withSite(fileSystem({}), silentLog(), async (site) => {
      for (const host of [site.client, site.mds, site.mgs]) await run(host, version);
      expect(connections()).toEqual({ client: 1, mds: 0, mgs: 1 });
      expect(site.mds.transport).toBe(site.client.transport);
    });
    await until(() => connections().client + connections().mgs === 0, "the connections to end");
  });

  test("L-12 where only the MGS is remote, the others are this machine", async () => {
    await withSite(fileSystem({ client: local }), silentLog(), async (site) => {
      await run(site.client, { argv: ["true"] });
      await run(site.mgs, version);
      expect(connections()).toEqual({ client: 0, mds: 0, mgs: 1 });
    });
  });

  test("a host that is not needed is not connected to", async () => {
    await withSite(fileSystem({}), silentLog(), async (site) => {
      await run(site.client, version);
      expect(connections()).toEqual({ client: 1, mds: 0, mgs: 0 });
    });
  });

  test("L-17 a failing remote command gives the failure, and the connection is let go", async () => {
    const failed = withSite(fileSystem({}), silentLog(), (site) => run(site.mgs, { argv: ["lctl", "nodemap_del", "nobody"] }));
    expect(await faultOf(failed)).toMatchObject({
      code: "COMMAND_FAILED",
      text: expect.stringMatching(/mgs \(ssh .*@127\.0\.0\.1:\d+\)/),
    });
    await until(() => connections().mgs === 0, "the connection to end");
  });

  test("W-L25 among several hosts the one that is the MGS now is used, and the others are said to be passed over", async () => {
    const mgs: SshConnectionSpec = { ...hosts.connections.mgs, hosts: ["127.0.0.1", "localhost"] };
    const first = { ...mgs, path: [join(sandbox.dir, "hosts/client/bin")] };
    expect(await faultOf(withSite(fileSystem({ mgs: first }), silentLog(notes), (site) => run(site.mgs, version)))).toMatchObject(
      {
        code: "NO_SUCH_ROLE",
        text: expect.stringMatching(/127\.0\.0\.1: is not the MGS now[\s\S]*localhost: /),
      },
    );
    await withSite(
      fileSystem({ mgs: { ...mgs, hosts: ["no-such-host.invalid", "127.0.0.1"] } }),
      silentLog(notes),
      async (site) => {
        expect((await run(site.mgs, { argv: ["lctl", "dl"] })).stdout).toContain("MGS");
      },
    );
    expect(notes.join("\n")).toContain("no-such-host.invalid");
  });
});
