// Secrets of a connection reach the server they are for, and nobody else: no log, no error, no process.
import { randomBytes } from "node:crypto";
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SshConnectionSpec } from "../../src/spec/connection";
import { describeWithSshd } from "../sshd/describe";
import { makeKey } from "../sshd/keys";
import { filesBelow, leaks, type SecretHosts, startSecretHosts, variables } from "./secrets";
import { startSite, type TestSite } from "./support";

const timeout = 120_000;

describeWithSshd("secrets of a connection", "sshd and users", () => {
  let sandbox: TestSite;
  let hosts: SecretHosts;
  let dir: string;
  const passphrase = `passphrase${randomBytes(12).toString("hex")}`;
  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "sharewright-secret-"));
    sandbox = await startSite();
    hosts = await startSecretHosts(sandbox.dir, passphrase, "secrets");
  }, timeout);
  afterAll(async () => {
    await hosts?.stop();
    sandbox?.remove();
    rmSync(dir, { recursive: true, force: true });
  });

  const stack = (more: Partial<SecretHosts["connections"]> = {}) => {
    const { client, mds, mgs } = { ...hosts.connections, ...more };
    return sandbox.stack({ client, mgs, mds: { connection: mds } });
  };

  test("are in no log, no process and no output while a share is made and opened", { timeout }, async () => {
    // What is put everywhere on purpose is found everywhere by the same search.
    const marker = `m${randomBytes(8).toString("hex")}`;
    const on = stack();
    const stopWatching = hosts.watchProcesses();
    const environment = { ...hosts.environment, SHAREWRIGHT_LOG: "debug" };
    const share = await sandbox.spawn(on.share(marker).apply, environment);
    const rule = await sandbox.spawn(on.rule(marker, "cpu", { clients: "10.1.0.1" }).apply, environment);
    const processes = stopWatching();
    expect([share.exitCode, rule.exitCode], share.stderr + rule.stderr).toEqual([0, 0]);

    const said = share.stdout + share.stderr + rule.stdout + rule.stderr;
    const places = { output: said, "sudo's log": hosts.sudoLog(), ...processes };
    const sshd = { "sshd's log": hosts.sshdLog() };
    expect(leaks({ marker }, places)).toEqual(Object.keys(places).map((place) => `marker in ${place}`));
    expect(leaks({ user: hosts.user }, sshd)).toEqual(["user in sshd's log"]);
    expect(leaks(hosts.secrets, { ...places, ...sshd })).toEqual([]);
    expect(sshd["sshd's log"]).toMatch(/Accepted password for/);
    expect(sshd["sshd's log"]).toMatch(/Accepted publickey for/);
    expect(said).toContain("debug: ");
    // ssh2 would tell what it sends.
    expect(said).not.toMatch(/Outbound: |Inbound: |Handshake: /);
  });

  test("are on no disk of the hosts, nor in the records", async () => {
    const places = { sandbox: filesBelow(sandbox.dir) };
    expect(leaks({ name: "scratch" }, places)).toEqual(["name in sandbox"]);
    expect(leaks(hosts.secrets, places)).toEqual([]);
  });

  describe("are in no error:", () => {
    interface Case {
      environment?: Record<string, string>;
      client?: Partial<SshConnectionSpec>;
      mgs?: Partial<SshConnectionSpec>;
      code: string;
    }
    const wrong = `wrong${randomBytes(12).toString("hex")}`;
    const cases: [string, (path: (name: string) => string) => Case][] = [
      ["a wrong password", () => ({ environment: { [variables.password]: wrong }, code: "AUTHENTICATION_FAILED" })],
      ["a wrong passphrase", () => ({ environment: { [variables.passphrase]: wrong }, code: "AUTHENTICATION_FAILED" })],
      ["a passphrase that is not set", () => ({ environment: { [variables.passphrase]: "" }, code: "SECRET_MISSING" })],
      ["a password that is not set", () => ({ environment: { [variables.password]: "" }, code: "SECRET_MISSING" })],
      [
        "a key that the host does not know",
        (path) => {
          makeKey(dir, { name: "stranger", passphrase });
          return { mgs: { privateKeyPath: path("stranger") }, code: "AUTHENTICATION_FAILED" };
        },
      ],
      [
        "a key file that was cut off",
        (path) => {
          const text = readFileSync(hosts.connections.mgs.privateKeyPath ?? "", "utf8");
          writeFileSync(path("cut"), text.slice(0, text.length / 2), { mode: 0o600 });
          return { mgs: { privateKeyPath: path("cut") }, code: "AUTHENTICATION_FAILED" };
        },
      ],
      [
        "a key file without its first line",
        (path) => {
          const text = readFileSync(hosts.connections.mgs.privateKeyPath ?? "", "utf8");
          writeFileSync(path("body"), text.split("\n").slice(1).join("\n"), { mode: 0o600 });
          return { mgs: { privateKeyPath: path("body") }, code: "AUTHENTICATION_FAILED" };
        },
      ],
      [
        "a key file that others can read",
        (path) => {
          copyFileSync(hosts.connections.mgs.privateKeyPath ?? "", path("open"));
          chmodSync(path("open"), 0o644);
          return { mgs: { privateKeyPath: path("open") }, code: "AUTHENTICATION_FAILED" };
        },
      ],
      [
        "a password in the place of its variable's name",
        () => ({ client: { passwordFromEnv: `${hosts.secrets["password"]}!` }, code: "BAD_REQUEST" }),
      ],
      [
        "a private key in the place of its path",
        () => ({
          mgs: { privateKeyPath: readFileSync(hosts.connections.mgs.privateKeyPath ?? "", "utf8") },
          code: "BAD_REQUEST",
        }),
      ],
    ];
    test.each(cases)("%s", { timeout }, async (_, make) => {
      const { environment, client, mgs, code } = make((name) => join(dir, name));
      const { connections } = hosts;
      const on = stack({ client: { ...connections.client, ...client }, mgs: { ...connections.mgs, ...mgs } });
      const ended = await sandbox.spawn(on.share("refused").apply, {
        ...hosts.environment,
        ...environment,
        SHAREWRIGHT_LOG: "debug",
      });
      const output = ended.stdout + ended.stderr;
      expect(ended.exitCode).not.toBe(0);
      expect(output).toContain(`error ${code}`);
      expect(leaks({ ...hosts.secrets, wrong }, { output })).toEqual([]);
      expect(leaks({ code }, { output })).toEqual(["code in output"]);
    });
  });
});
