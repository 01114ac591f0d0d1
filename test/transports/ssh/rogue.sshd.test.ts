// A real sshd whose user's shell talks: a long message of the day is read over, one without an end is not.
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sshTransport } from "../../../src/transports/ssh";
import { describeWithSshd } from "../../sshd/describe";
import { type Key, makeKey } from "../../sshd/keys";
import { writeKnownHosts } from "../../sshd/known-hosts";
import { type Sshd, startSshd } from "../../sshd/server";
import { faultOf, ssh, testDirectory, withPool } from "./support";

const { dir, home } = testDirectory();

describeWithSshd("S-18 a real sshd", "sshd", () => {
  let key: Key;
  const servers: Sshd[] = [];
  beforeAll(() => {
    key = makeKey(dir);
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()));
  });

  const runOn = async (command: string, jump = false) => {
    const start = async (keyOptions: string) => {
      const server = await startSshd({ authorizedKeys: [key], keyOptions });
      servers.push(server);
      return server;
    };
    const server = await start(`restrict,command="${command}"`);
    const bastion = jump ? await start('restrict,port-forwarding,command="/bin/false"') : undefined;
    const lines = [...server.knownHostsLines, ...(bastion?.knownHostsLines ?? [])];
    const way = { user: server.user, privateKeyPath: key.path, knownHostsPath: writeKnownHosts(join(dir, "known"), lines) };
    const spec = ssh({
      ...way,
      port: server.port,
      connectTimeout: 10,
      ...(bastion ? { jump: ssh({ ...way, port: bastion.port }) } : {}),
    });
    return withPool({ home }, async (pool) => {
      const transport = sshTransport(spec, { pool, environment: {} });
      try {
        return await transport.run({ argv: ["echo", "here"] });
      } finally {
        await transport.close();
      }
    });
  };

  test.each([
    ["on standard output", "yes noise", false],
    ["on standard error", "yes noise >&2", false],
    ["without a line", "cat /dev/zero", false],
    ["behind a jump", "yes noise", true],
  ])("whose shell talks for ever %s is let go of, by name", async (_, command, jump) => {
    const { code, error } = await faultOf(runOn(command, jump));
    expect([code, error.host, error.said]).toEqual(["LOGIN_SHELL", "127.0.0.1", expect.stringContaining("256 KiB came before")]);
  });

  test("with a message of some 200 KiB on both outputs is used", async () => {
    const result = await runOn("yes message | head -c 100000; yes message | head -c 100000 >&2; exec /bin/sh");
    expect(result).toMatchObject({ exitCode: 0, stdout: "here\n", stderr: "" });
  });
});
