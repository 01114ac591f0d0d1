// What becomes of commands when the shell, its login files, its neighbours or its hosts misbehave.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import type { Command } from "../../../src/core/command";
import type { SshConnectionSpec } from "../../../src/spec/connection";
import { type SshOptions, type SshTransport, sshTransport } from "../../../src/transports/ssh";
import type { Connector } from "../../../src/transports/ssh/session";
import { fault } from "../../faults";
import { until } from "../../sshd/processes";
import { type LocalChannelOptions, localPool } from "./local-channel";
import { faultOf } from "./support";

const dir = mkdtempSync(join(tmpdir(), "shell-faults-"));
const file = (leaf: string) => join(dir, leaf);
const sh = (script: string, more: Partial<Command> = {}): Command => ({ argv: ["/bin/sh", "-c", script], ...more });
const somebody = { name: "somebody", onWait() {} };

const open: SshTransport[] = [];
const over = (pool: Connector, spec: Partial<SshConnectionSpec> = {}, options: Partial<SshOptions> = {}): SshTransport => {
  const transport = sshTransport({ type: "ssh", hosts: ["here"], ...spec }, { pool, environment: {}, ...options });
  open.push(transport);
  return transport;
};
const connect = (channel: LocalChannelOptions = {}, spec: Partial<SshConnectionSpec> = {}) => over(localPool(channel), spec);
afterEach(async () => {
  await Promise.all(open.splice(0).map((transport) => transport.close()));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe("a shell on a host", () => {
  test("is not disturbed by what login files say", async () => {
    const noisy = ["sh", "-c", "echo Welcome; echo Beware >&2; exec sh"];
    expect(await connect({ shell: noisy }).run(sh("printf out; printf err >&2"))).toMatchObject({ stdout: "out", stderr: "err" });
  });

  test.each([
    ["that ends", ["sh", "-c", "echo This account is closed; exit 1"], /closed.*exit 1/s],
    ["that is none, and repeats what it is told", ["cat"], /no \/bin\/sh answered/],
    ["that says nothing", ["sleep", "20"], /no \/bin\/sh answered within 1 s/],
  ])("%s is a fault that says what was said", async (_, shell, said) => {
    const { code, text } = await faultOf(connect({ shell }, { connectTimeout: 1 }).run(sh("exit 0")));
    expect(code).toBe("LOGIN_SHELL");
    expect(text).toMatch(said);
  });

  test("tells apart the outputs of commands although a process of an earlier one goes on talking", async () => {
    const transport = connect();
    const talker = sh(`(while :; do printf "talk\\ntalk" || exit; printf err >&2; done) & echo $! > ${file("talker")}`);
    await transport.run(talker);
    const results = await transport.runAll([sh("printf one; exit 3"), sh("printf two")], { as: "looks" });
    process.kill(Number(readFileSync(file("talker"), "utf8")));
    expect(results.map((result) => result?.exitCode)).toEqual([3, 0]);
    expect(results[0]?.stdout).toContain("one");
    expect(results[1]?.stdout).toContain("two");
  });

  test("that ends in a command loses it and what was asked for behind it; a new one serves what is asked for later", async () => {
    const transport = connect();
    // The command's parent is the shell.
    const results = await Promise.all([
      transport.run(sh("exit 0")),
      transport.run(sh("printf said; kill -KILL $PPID; sleep 1")),
      transport.runAll([sh(`echo > ${file("behind")}`), sh("exit 0")], { as: "steps" }),
    ]);
    expect(results).toMatchObject([
      { exitCode: 0 },
      { exitCode: null, timedOut: false, stderr: expect.stringContaining("signal KILL") },
      [{ exitCode: null }, undefined],
    ]);
    expect(existsSync(file("behind"))).toBe(false);
    expect((await transport.run(sh("exit 4"))).exitCode).toBe(4);
  });

  test("takes its locks with it: nothing is run as if they were still held", async () => {
    const transport = connect();
    const held = await transport.lock(file("gone.lock"), 1000, somebody);
    await transport.run(sh("kill -KILL $PPID"));
    expect(await transport.run(sh(`echo > ${file("unlocked")}`))).toMatchObject({
      exitCode: null,
      stderr: expect.stringContaining("the lock went with the connection"),
    });
    const none = await transport.runAll([sh("exit 0"), sh("exit 0")], { as: "steps" });
    expect(none).toMatchObject([{ exitCode: null }, undefined]);
    await held.release();
    expect(existsSync(file("unlocked"))).toBe(false);
  });

  test("obeys a server that signals only the session's first process", async () => {
    const transport = connect({ signals: "process" });
    const result = await transport.run(sh("trap '' TERM; while :; do sleep 0.1; done", { timeoutMs: 300 }));
    expect(result).toMatchObject({ exitCode: null, signal: "SIGKILL", timedOut: true });
  });

  test("obeys signals that come by a second channel where the server brings none", async () => {
    const transport = connect({ signals: "none" });
    const commands = [
      sh("printf a; exec sleep 20", { timeoutMs: 300 }),
      { argv: ["echo", "yes"], given: { of: 0, says: "a" } } satisfies Command,
    ];
    const results = await transport.runAll(commands, { as: "looks" });
    expect(results).toMatchObject([{ signal: "SIGTERM", timedOut: true, stdout: "a" }, { stdout: "yes\n" }]);
    expect((await transport.run(sh("exit 4"))).exitCode).toBe(4);
  });

  test("R-02: does not wait for a command that no signal ends: it says so, and its locks stay with that command", async () => {
    // As sudo does, it stays the parent; but what it is told to kill is in uninterruptible sleep.
    const sudo = file("deaf-sudo");
    writeFileSync(sudo, '#!/bin/sh\n[ "$1" = "${1%kill}" ] || exit 0\n"$@"\n', { mode: 0o755 });
    const transport = connect({}, { sudo: [sudo] });
    const [lock, pid] = [file("stuck.lock"), file("stuck.pid")];
    await transport.lock(lock, 1000, { name: "the hanging run", onWait() {} });
    const result = await transport.run(sh(`echo $$ > ${pid}; printf said; exec sleep 60`, { timeoutMs: 300 }));
    expect(result).toMatchObject({ exitCode: null, timedOut: true, stuck: true, stdout: "said" });
    // Whoever held a lock does not go on without it.
    expect((await transport.run(sh("exit 0"))).stderr).toContain("the lock went with the connection");
    await transport.close();
    const told: string[] = [];
    const next = await connect().lock(lock, 1000, { name: "next", onWait: (holder) => told.push(holder) });
    expect([next.result.exitCode, told]).toEqual([1, ["the hanging run"]]);
    process.kill(Number(readFileSync(pid, "utf8")), "SIGKILL");
    expect((await connect().lock(lock, 10_000, somebody)).result.exitCode).toBe(0);
  });

  test("R-02: does not wait for one without a lock either, and goes on in a new shell", async () => {
    const sudo = file("deaf-sudo");
    const transport = connect({}, { sudo: [sudo] });
    const pid = file("lone.pid");
    expect((await transport.run(sh(`echo $$ > ${pid}; exec sleep 60`, { timeoutMs: 300 }))).stuck).toBe(true);
    expect((await transport.run(sh("exit 4"))).exitCode).toBe(4);
    process.kill(Number(readFileSync(pid, "utf8")), "SIGKILL");
  });

  test("keeps its locks when a command is ended by its deadline", async () => {
    const transport = connect();
    await transport.lock(file("kept.lock"), 1000, somebody);
    expect((await transport.run(sh("trap '' TERM; sleep 20", { timeoutMs: 100 }))).signal).toBe("SIGKILL");
    expect((await connect().lock(file("kept.lock"), 1000, somebody)).result).toMatchObject({ exitCode: 1, stderr: "" });
  });

  test("gives up a lock that it waits for when the transport is closed, and does not take it later", async () => {
    const [one, other] = [connect(), connect()];
    const held = await one.lock(file("wait.lock"), 1000, somebody);
    let isWaiting = false;
    const waiting = other.lock(file("wait.lock"), 60_000, { name: "other", onWait: () => (isWaiting = true) });
    await until(() => isWaiting, "the lock to be waited for");
    await other.close();
    // How it ended depends on what it was at when it was told to end.
    expect((await waiting).result.exitCode).not.toBe(0);
    await held.release();
    execFileSync("flock", ["-n", file("wait.lock"), "true"]);
  });

  test("ends a command that is aborted in the moment in which it is asked for", async () => {
    const abort = new AbortController();
    const transport = connect();
    await transport.run(sh("exit 0"));
    const running = transport.run({ argv: ["sleep", "20"] }, abort.signal);
    setImmediate(() => abort.abort());
    expect(await running).toMatchObject({ exitCode: null, signal: "SIGTERM", timedOut: false });
    expect((await transport.run(sh("exit 4"))).exitCode).toBe(4);
  });

  test("passes NULs on in stdin", async () => {
    const text = "a\0\0b\n\0";
    expect((await connect().run({ argv: ["cat"], stdin: text })).stdout).toBe(text);
  });

  test("shows no input of a command in any list of processes, and hands none of ours on to it", async () => {
    const transport = connect();
    // More input than a pipe holds: whoever writes it is still there to be seen.
    const script = "cat /proc/[0-9]*/cmdline /proc/self/environ /proc/$PPID/environ 2>/dev/null; cat > /dev/null";
    const { stdout } = await transport.run(sh(script, { stdin: `sesame-${"x".repeat(100_000)}` }));
    expect(stdout).toContain("/proc/self/environ");
    expect(stdout).not.toContain("sesame");
    expect((await transport.run({ argv: ["env"] })).stdout).not.toMatch(/nonce|[0-9a-f]{32}$/m);
  });

  test("finds tools in the connection's path first, and in the system's directories always", async () => {
    writeFileSync(file("mytool"), "#!/bin/sh\nprintf mine\n", { mode: 0o755 });
    const environment = { PATH: "/usr/bin:/bin" };
    expect((await connect({ environment }, { path: [dir] }).run({ argv: ["mytool"] })).stdout).toBe("mine");
    expect((await connect({ environment }).run(sh("echo $PATH"))).stdout).toContain(":/usr/sbin:/sbin:");
  });

  test("takes no builtin and no function of its own for a tool", async () => {
    const transport = connect();
    for (const name of ["frame", "run", "take", "export", "exit"])
      expect(await transport.run({ argv: [name] })).toMatchObject({ exitCode: 127, stderr: `${name}: command not found\n` });
    expect((await transport.run({ argv: ["printf", "%s", "x"] })).stdout).toBe("x");
  });
});

test("a shared connection that has broken unnoticed is replaced", async () => {
  const good = localPool();
  const broken = async () => {
    throw fault("CANNOT_CONNECT", { said: "the connection was lost" });
  };
  let connects = 0;
  const pool: Connector = {
    connect: async (spec, host) => {
      connects += 1;
      const connection = await good.connect(spec, host);
      return connects > 1 ? connection : { ...connection, start: broken, lost: Promise.resolve("reset") };
    },
  };
  expect((await over(pool).run(sh("exit 4"))).exitCode).toBe(4);
  expect(connects).toBe(2);
});

describe("several hosts", () => {
  const hosts = (ways: Record<string, LocalChannelOptions | "refused">): Connector => ({
    connect: async (spec, host) => {
      const way = ways[host];
      if (way === undefined || way === "refused") throw fault("CANNOT_CONNECT", { host, said: "connection refused" });
      return localPool(way).connect(spec, host);
    },
  });
  const named = (name: string): LocalChannelOptions => ({ environment: { ...process.env, NAME: name } });
  const probe: SshOptions["probe"] = async (run) => {
    const { stdout } = await run(sh('printf %s "$NAME"'));
    return stdout === "mgs" ? undefined : `it is ${stdout}`;
  };

  test("are tried in turn until one has the role", async () => {
    const passedOver: string[] = [];
    const pool = hosts({ a: "refused", b: named("oss"), c: named("mgs"), d: named("mgs") });
    const transport = over(pool, { hosts: ["a", "b", "c", "d"] }, { probe, log: (line) => passedOver.push(line) });
    expect((await transport.run(sh('printf %s "$NAME"'))).stdout).toBe("mgs");
    expect((await transport.facts()).host).toBe("c");
    expect(passedOver).toEqual([expect.stringMatching(/a: CANNOT_CONNECT/), expect.stringMatching(/b: it is oss/)]);
  });

  test("of which none has the role are a fault that tells of each", async () => {
    const transport = over(hosts({ a: "refused", b: named("oss") }), { hosts: ["a", "b"] }, { probe });
    const { code, text } = await faultOf(transport.run(sh("exit 0")));
    expect(code).toBe("NO_SUCH_ROLE");
    expect(text).toMatch(/a: CANNOT_CONNECT.*refused.*b: it is oss/s);
  });

  test.each(["HOST_KEY_CHANGED", "HOST_KEY_REVOKED"] as const)("are not tried further after %s: that is told", async (code) => {
    const good = hosts({ b: named("mgs") });
    const pool: Connector = {
      connect: async (spec, host) => {
        if (host === "a") throw fault(code, { host });
        return good.connect(spec, host);
      },
    };
    const passedOver: string[] = [];
    const transport = over(pool, { hosts: ["a", "b"] }, { probe, log: (line) => passedOver.push(line) });
    const { code: told, error } = await faultOf(transport.run(sh("exit 0")));
    expect([told, error.host, passedOver]).toEqual([code, "a", []]);
  });

  test("a single one is not asked, and its own fault is told", async () => {
    expect((await over(hosts({ b: named("oss") }), { hosts: ["b"] }, { probe }).run(sh("exit 4"))).exitCode).toBe(4);
    expect((await faultOf(over(hosts({}), { hosts: ["a"] }).run(sh("exit 0")))).code).toBe("CANNOT_CONNECT");
  });
});
