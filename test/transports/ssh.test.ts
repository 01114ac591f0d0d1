// The SSH transport on a real sshd: the contract, login shells, sudo, lost connections.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Command } from "../../src/core/command";
import type { SshConnectionSpec } from "../../src/spec/connection";
import { type SshOptions, type SshTransport, sshTransport } from "../../src/transports/ssh";
import { type ConnectionPool, connectionPool } from "../../src/transports/ssh/connection";
import { describeWithSshd } from "../sshd/describe";
import { type Key, makeKey } from "../sshd/keys";
import { writeKnownHosts } from "../sshd/known-hosts";
import { until } from "../sshd/processes";
import { rig, userOf } from "../sshd/rig";
import { type Sshd, startSshd } from "../sshd/server";
import { addSudoers } from "../sshd/sudoers";
import { transportContract } from "./contract";
import { faultOf, testDirectory } from "./ssh/support";

const { dir, home } = testDirectory();
const module = (path: string) => JSON.stringify(pathToFileURL(join(process.cwd(), path)).href);
const sh = (script: string, more: Partial<Command> = {}): Command => ({ argv: ["/bin/sh", "-c", script], ...more });
const file = (leaf: string) => join(dir, leaf);

describeWithSshd("over a real sshd", "sshd", () => {
  let server: Sshd;
  let key: Key;
  let pool: ConnectionPool;
  const open: SshTransport[] = [];

  const spec = (more: Partial<SshConnectionSpec> = {}): SshConnectionSpec => ({
    type: "ssh",
    hosts: ["127.0.0.1"],
    port: server.port,
    user: server.user,
    privateKeyPath: key.path,
    knownHostsPath: file("known"),
    ...more,
  });
  const connect = (more: Partial<SshConnectionSpec> = {}, options: Partial<SshOptions> = {}): SshTransport => {
    const transport = sshTransport(spec(more), { pool, environment: {}, ...options });
    open.push(transport);
    return transport;
  };
  beforeAll(async () => {
    key = makeKey(dir, { name: "key" });
    server = await startSshd({ authorizedKeys: [key], config: ["MaxSessions 50"] });
    writeKnownHosts(file("known"), server.knownHostsLines);
    pool = connectionPool({ environment: {}, home });
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((transport) => transport.close()));
  });
  afterAll(async () => {
    await pool?.close();
    await server?.stop();
  });

  /** The text of a module whose transports close the pool they were made with. */
  const moduleText = (more: Partial<SshConnectionSpec>) => () =>
    `const { sshTransport } = await import(${module("src/transports/ssh.ts")});
const { connectionPool } = await import(${module("src/transports/ssh/connection.ts")});
const make = () => {
  const pool = connectionPool({ environment: {}, home: ${JSON.stringify(home)} });
  const transport = sshTransport(${JSON.stringify(spec(more))}, { pool, environment: {} });
  return { ...transport, close: async () => { await transport.close(); await pool.close(); } };
};`;

  transportContract("ssh", { make: () => connect(), moduleText: moduleText({}) });

  describeWithSshd("as a user with sudo", "sshd and users", () => {
    const sudo = () => ({ user: userOf("sh").name, sudo: ["sudo", "-n"] });
    const lazily = rig().users.length > 0 ? sudo() : {};
    transportContract("ssh with sudo", { make: () => connect(lazily), moduleText: moduleText(lazily), hasSudo: true });

    test("L-14 L-16 a command line is exactly its words behind sudo", async () => {
      const words = ["-c", 'printf "%s\\0" "$SUDO_COMMAND" "$0" "$@"', "nodemap add", "$(x)", "a;b"];
      const { stdout } = await connect(sudo()).run({ argv: ["/bin/sh", ...words] });
      const [line, ...rest] = stdout.split("\0").slice(0, -1);
      expect(rest).toEqual(words.slice(2));
      expect(line).toBe(["/bin/sh", ...words].join(" "));
    });

    test("every command is root's, and none is the shell", async () => {
      const transport = connect(sudo());
      expect((await transport.run({ argv: ["id", "-u"] })).stdout).toBe("0\n");
      expect(await transport.facts()).toMatchObject({ sudo: "works", uid: expect.not.stringMatching(/^0$/) });
    });

    test("a tool that sudo does not find is missing, not failed", async () => {
      expect((await connect(sudo()).run({ argv: ["/root/none"] })).exitCode).toBe(127);
    });

    test("what sudo refuses does not pass for the command's failure", async () => {
      const transport = connect({ ...sudo(), user: userOf("sudo-ssh").name });
      const refused = { code: "SUDO_REFUSED", text: expect.stringMatching(/password is required/) };
      expect(await faultOf(transport.run({ argv: ["id"] }))).toMatchObject(refused);
      expect(await faultOf(transport.lock(file("x.lock"), 1000, { name: "", onWait() {} }))).toMatchObject(refused);
      expect(await transport.facts()).toMatchObject({ sudo: expect.stringMatching(/password is required/) });
    });

    test("what one rule allows does not allow the rest", async () => {
      const remove = addSudoers(`${userOf("sudo-ssh").name} ALL=(root) NOPASSWD: /usr/bin/id\n`);
      try {
        const transport = connect({ ...sudo(), user: userOf("sudo-ssh").name });
        expect((await transport.run({ argv: ["id", "-u"] })).stdout).toBe("0\n");
        expect((await faultOf(transport.run({ argv: ["cat", "/etc/shadow"] }))).code).toBe("SUDO_REFUSED");
      } finally {
        remove();
      }
    });
  });

  describeWithSshd("whatever the login shell", "sshd and users", () => {
    test.each(["sh", "bash", "tcsh", "fish"] as const)("of %s, commands are run by /bin/sh", async (shell) => {
      const transport = connect({ user: userOf(shell).name });
      const result = await transport.run({ argv: ["printf", "%s|", "a b", "$HOME", "'", "!x", "\\", "*"] });
      expect(result).toMatchObject({ exitCode: 0, stdout: "a b|$HOME|'|!x|\\|*|", stderr: "" });
      expect((await transport.facts()).loginShell).toMatch(new RegExp(`/${shell}$`));
    });

    test("one that runs nothing is a fault that says what it said", async () => {
      expect(await faultOf(connect({ user: userOf("nologin").name }).run({ argv: ["id"] }))).toMatchObject({
        code: "LOGIN_SHELL",
        text: expect.stringContaining("not available"),
      });
    });
  });

  test("tells what doctor wants to know", async () => {
    const { clockOffsetMs, ...facts } = await connect().facts();
    expect(facts).toMatchObject({ host: "127.0.0.1", loginShell: expect.stringMatching(/^\//), uid: "0", sudo: "not used" });
    expect(Math.abs(clockOffsetMs)).toBeLessThan(10_000);
  });

  test("what is asked for at once takes one round trip", async () => {
    const transport = connect();
    await transport.run(sh("exit 0"));
    const before = transport.counts.roundTrips;
    await Promise.all([
      transport.runAll([sh("exit 0"), sh("exit 0")], { as: "steps" }),
      transport.run(sh("exit 0")),
      transport.lock(file("trips.lock"), 1000, { name: "", onWait() {} }),
    ]);
    expect([before, transport.counts.roundTrips, transport.counts.commands]).toEqual([1, 2, 5]);
  });

  describe("a connection that breaks", () => {
    test("loses the command, runs nothing of what is behind it, and keeps the lock until the command has ended", async () => {
      const transport = connect();
      await transport.lock(file("cut.lock"), 1000, { name: "", onWait() {} });
      const [go, started, ended, next] = ["go", "started", "ended", "next"].map(file);
      const list = transport.runAll(
        [sh(`echo > ${started}; while [ ! -e ${go} ]; do sleep 0.05; done; echo > ${ended}`), sh(`echo > ${next}`)],
        { as: "steps" },
      );
      await until(() => existsSync(started ?? ""), "the command to start");
      await server.killSessions();
      expect(await list).toMatchObject([{ exitCode: null, timedOut: false }, undefined]);
      expect(await transport.run(sh("exit 0"))).toMatchObject({ exitCode: null, stderr: expect.stringContaining("lock") });
      const other = connect();
      expect((await other.lock(file("cut.lock"), 1000, { name: "", onWait() {} })).result.exitCode).toBe(1);
      await other.run(sh(`echo > ${go}`));
      expect((await other.lock(file("cut.lock"), 30_000, { name: "", onWait() {} })).result.exitCode).toBe(0);
      expect([existsSync(ended ?? ""), existsSync(next ?? "")]).toEqual([true, false]);
    });

    test("without a lock is made anew for what is asked for later", async () => {
      const transport = connect();
      const lost = transport.run(sh(`echo > ${file("up")}; sleep 60`));
      await until(() => existsSync(file("up")), "the command to start");
      await server.killSessions();
      expect((await lost).exitCode).toBe(null);
      expect((await transport.run(sh("exit 4"))).exitCode).toBe(4);
    });
  });

  test.each([
    ["a forced command, which OpenSSH does not signal, is ended all the same", [], { signal: "SIGTERM" }],
    ["where nothing can end it, it is left, and said to be still running", ["MaxSessions 1"], {}],
  ])("%s", async (_, config, ending) => {
    const forced = await startSshd({ authorizedKeys: [key], keyOptions: 'command="/bin/sh"', config });
    writeKnownHosts(file("known-forced"), forced.knownHostsLines);
    try {
      const transport = connect({ port: forced.port, knownHostsPath: file("known-forced") });
      const result = await transport.run({ argv: ["sleep", "20"], timeoutMs: 200 });
      expect(result).toMatchObject({ exitCode: null, timedOut: true, ...ending });
      if (config.length > 0) expect(result.stderr).toContain("may still be running");
      else expect((await transport.run(sh("exit 4"))).exitCode).toBe(4);
    } finally {
      await forced.stop();
    }
  });
});
