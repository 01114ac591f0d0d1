// The rig itself, with the system's ssh and with ssh2: what other tests build on does what it says.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { connect as connectTcp } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client, type ClientChannel } from "ssh2";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { SshConnectionSpec } from "../../src/spec/connection";
import { startSite, type TestSite } from "../executor/support";
import { startAgent } from "./agent";
import { describeWithSshd } from "./describe";
import { type HostsOptions, roles, startHosts } from "./hosts";
import { certifyHost, fingerprintOf, type Key, type KeyType, makeKey } from "./keys";
import { authorityLine, hashedName, knownHostsLine, knownHostsName, revokedLine, writeKnownHosts } from "./known-hosts";
import { isAlive, run, until } from "./processes";
import { startProxy } from "./proxy";
import { userOf } from "./rig";
import { type SshdOptions, startSshd } from "./server";
import { addSudoers } from "./sudoers";
import { answering, type Behaviour, startUnrulyServer } from "./unruly";

let dir = "";
let key: Key;
const stops: (() => Promise<void> | void)[] = [];

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), "sharewright-rig-"));
  key = makeKey(dir, { name: "login" });
});
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function stopAfter<T extends { stop(): Promise<void> }>(started: T): T {
  stops.push(() => started.stop());
  return started;
}

const sshd = async (options: SshdOptions = {}) => stopAfter(await startSshd({ authorizedKeys: [key], ...options }));

interface Login {
  port: number;
  user?: string;
  knownHosts: readonly string[];
  identity?: string | undefined;
  options?: readonly string[];
  environment?: NodeJS.ProcessEnv;
}

interface Said {
  status: number | null;
  stdout: string;
  stderr: string;
}

let files = 0;
function startSsh(login: Login, command: string): { child: ChildProcess; ended: Promise<Said> } {
  files += 1;
  const knownHosts = writeKnownHosts(join(dir, `known_hosts_${files}`), login.knownHosts);
  const set = [`UserKnownHostsFile=${knownHosts}`, "GlobalKnownHostsFile=none", "BatchMode=yes", "IdentitiesOnly=yes"];
  const options = [...(login.options ?? []), ...set].flatMap((option) => ["-o", option]);
  const identity = ["-i", login.identity ?? key.path];
  const at = ["-p", String(login.port), `${login.user ?? "root"}@127.0.0.1`];
  const child = spawn("ssh", ["-F", "none", ...options, ...identity, ...at, command], {
    env: { ...process.env, SSH_AUTH_SOCK: "", ...login.environment },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 30_000,
  });
  const said: Said = { status: null, stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const)
    child[name].setEncoding("utf8").on("data", (text: string) => {
      said[name] += text;
    });
  const ended = new Promise<Said>((resolve) => child.on("close", (status) => resolve({ ...said, status })));
  return { child, ended };
}
const ssh = (login: Login, command: string): Promise<Said> => startSsh(login, command).ended;

/** The account of this process, which a server may always be logged in to. */
const me = run(["id", "-un"]).trim();

describeWithSshd("a real sshd", "sshd", () => {
  test.each<KeyType>(["ed25519", "ecdsa", "ecdsa-521", "rsa"])(
    "logs in with a key of type %s and shows a host key of that type",
    async (type) => {
      const login = makeKey(dir, { type, name: `user-${type}` });
      const hostKey = makeKey(dir, { type, name: `host-${type}` });
      const server = await sshd({ authorizedKeys: [login], hostKeys: [hostKey] });
      const at = { port: server.port, user: me, knownHosts: server.knownHostsLines, identity: login.path };
      expect(await ssh(at, "echo ok; exit 3")).toMatchObject({ status: 3, stdout: "ok\n" });
      expect(server.log()).toContain(login.fingerprint);
    },
  );

  test("takes more configuration, options of keys, and keys by user", async () => {
    const options = { authorizedKeys: { [me]: [key] }, keyOptions: 'command="echo forced"', config: ["MaxSessions 0"] };
    const server = await sshd({ ...options, config: ["MaxAuthTries 4", `Match User ${me}`, "PermitTTY no"] });
    const at = { port: server.port, user: me, knownHosts: server.knownHostsLines };
    expect((await ssh(at, "echo asked")).stdout).toBe("forced\n");
    const closed = await sshd(options);
    const refused = await ssh({ ...at, port: closed.port, knownHosts: closed.knownHostsLines }, "true");
    expect(refused).toMatchObject({ status: 255 });
  });

  test("known_hosts: plain, hashed and authorities are accepted, revoked and changed keys are not", async () => {
    const authority = makeKey(dir, { name: "authority" });
    const hostKey = makeKey(dir, { name: "certified" });
    const hostCertificates = [certifyHost(authority, hostKey, { principals: ["127.0.0.1"] })];
    const server = await sshd({ hostKeys: [hostKey], hostCertificates });
    const name = knownHostsName("127.0.0.1", server.port);
    const withLines = async (...knownHosts: string[]) =>
      (await ssh({ port: server.port, user: me, knownHosts, options: ["StrictHostKeyChecking=yes"] }, "true")).status;
    expect(await withLines(knownHostsLine(hashedName(name), hostKey))).toBe(0);
    expect(await withLines(authorityLine("[127.0.0.1]:*", authority))).toBe(0);
    expect(await withLines(knownHostsLine(name, key))).toBe(255);
    expect(await withLines(...server.knownHostsLines, revokedLine("*", hostKey))).toBe(255);
    expect(await withLines()).toBe(255);
    expect(fingerprintOf(hostKey.publicPath)).toBe(hostKey.fingerprint);
  });

  test("an agent logs in with the keys that it was given", async () => {
    const agent = stopAfter(await startAgent([key]));
    const server = await sshd();
    const none = makeKey(dir, { name: "none", passphrase: "secret" });
    const at = { port: server.port, user: me, knownHosts: server.knownHostsLines, identity: none.path };
    const environment = { SSH_AUTH_SOCK: agent.socket };
    expect((await ssh({ ...at, options: ["IdentitiesOnly=no"], environment }, "true")).status).toBe(0);
    expect((await ssh(at, "true")).status).toBe(255);
  });

  test("killed sessions look like a crash; stopping leaves neither processes nor files", async () => {
    const server = await startSshd({ authorizedKeys: [key] });
    const at = { port: server.port, user: me, knownHosts: server.knownHostsLines };
    const { child, ended } = startSsh(at, "echo started; exec sleep 600");
    await new Promise((resolve) => child.stdout?.once("data", resolve));
    const commands = server.commands();
    expect(commands).not.toEqual([]);
    expect(server.connections()).toHaveLength(1);
    await server.killSessions();
    expect((await ended).status).toBe(255);
    expect(server.connections()).toEqual([]);
    expect(commands.every(isAlive)).toBe(true);
    await server.stop();
    expect([server.pid, ...commands].filter(isAlive)).toEqual([]);
    expect(existsSync(server.hostKeys[0]?.path ?? "")).toBe(false);
  });
});

describeWithSshd("users", "sshd and users", () => {
  test("each has its login shell; nologin refuses", async () => {
    const server = await sshd();
    const shellOf = async (user: string) =>
      (await ssh({ port: server.port, user, knownHosts: server.knownHostsLines }, "ps -o comm= -p $$; pwd")).stdout;
    for (const shell of ["sh", "bash", "tcsh"] as const) {
      const { name, home } = userOf(shell);
      expect(await shellOf(name)).toBe(`${shell}\n${home}\n`);
    }
    const at = { port: server.port, knownHosts: server.knownHostsLines };
    expect((await ssh({ ...at, user: userOf("fish").name }, "echo $version; status is-login; echo $status")).stdout).toMatch(
      /^\d/,
    );
    expect((await ssh({ ...at, user: userOf("nologin").name }, "true")).stdout).toContain("not available");
  });

  test("one has a password, which sshd takes where it is allowed", async () => {
    const { name, password } = userOf("bash");
    const server = await sshd({ config: ["PasswordAuthentication yes"] });
    const at = { port: server.port, username: name };
    expect((await exec({ ...at, password: password ?? "" }, "id -un")).stdout).toBe(`${name}\n`);
    await expect(exec({ ...at, password: "wrong" }, "id -un")).rejects.toThrow("authentication");
  });

  test("one may do all by sudo, another what the test allows, the others nothing", async () => {
    const server = await sshd();
    const sudo = (user: string, command: string) =>
      ssh({ port: server.port, user, knownHosts: server.knownHostsLines }, `sudo -n ${command}`);
    expect((await sudo(userOf("sh").name, "id -u")).stdout).toBe("0\n");
    const { name } = userOf("sudo-rig");
    expect((await sudo(name, "id -u")).status).toBe(1);
    stops.push(addSudoers(`${name} ALL=(root) NOPASSWD: /usr/bin/id -u\n`));
    expect((await sudo(name, "id -u")).stdout).toBe("0\n");
    expect((await sudo(name, "id -g")).status).toBe(1);
    expect(() => addSudoers("nonsense\n")).toThrow("visudo");
  });
});

describeWithSshd("hosts of a sandbox", "sshd", () => {
  let site: TestSite;
  beforeAll(async () => {
    site = await startSite();
  });
  afterAll(() => site?.remove());

  const sshTo = (spec: SshConnectionSpec, command: string) => {
    const knownHosts = readFileSync(spec.knownHostsPath ?? "", "utf8")
      .trim()
      .split("\n");
    const { jump } = spec;
    const file = `-o UserKnownHostsFile=${spec.knownHostsPath}`;
    const proxy = `ProxyCommand=ssh -F none -i ${spec.privateKeyPath} ${file} -p ${jump?.port} -W %h:%p ${jump?.user}@${jump?.hosts[0]}`;
    const options = jump ? [proxy] : [];
    const login = { port: spec.port ?? 0, user: spec.user ?? "", knownHosts, identity: spec.privateKeyPath, options };
    return ssh(login, `${(spec.sudo ?? []).join(" ")} ${spec.path?.[0]}/${command}`);
  };
  const hosts = async (options: Partial<HostsOptions> = {}) => stopAfter(await startHosts({ sandbox: site.dir, ...options }));

  test("each host sees what is its own, with host keys of their own", async () => {
    const { connections, sshd } = await hosts();
    expect(new Set(roles.map((role) => sshd[role].hostKeys[0]?.fingerprint)).size).toBe(3);
    expect((await sshTo(connections.mgs, "lctl list_nids")).status).toBe(0);
    expect((await sshTo(connections.client, `lfs getname ${site.mount}`)).stdout).toContain("scratch");
    expect((await sshTo(connections.mgs, `lfs getname ${site.mount}`)).status).not.toBe(0);
  });

  test("through a bastion, where nothing else can be done", async () => {
    const { connections, bastion } = await hosts({ jump: true });
    expect((await sshTo(connections.mgs, "lctl list_nids")).status).toBe(0);
    expect(bastion?.log()).toContain("Accepted publickey");
    const { jump, ...direct } = connections.mgs;
    const there = { ...direct, port: jump?.port ?? 0 };
    expect(await sshTo(there, "lctl list_nids")).toMatchObject({ status: 1, stdout: "" });
  });

  describeWithSshd("entered by others", "sshd and users", () => {
    test("as a user with sudo, through a proxy", async () => {
      const { connections, proxies } = await hosts({ user: userOf("sh").name, sudo: ["sudo", "-n"], latencyMs: 1 });
      const made = await sshTo(connections.client, `mkdir ${site.mount}/by-sudo`);
      expect(made).toMatchObject({ status: 0, stderr: "" });
      expect((await sshTo(connections.mgs, "lctl nodemap_add sudo1")).stderr).toBe("");
      expect(JSON.stringify(site.state().nodemaps)).toContain('"sudo1"');
      expect(proxies.client?.counts().flights).toBeGreaterThan(3);
    });
  });
});

interface Heard {
  stdout: string;
  stderr: string;
  packets: number;
  status?: number | null;
  signal?: string | undefined;
  lost?: boolean;
}

/** One command by ssh2; `during` may misuse the channel. */
function exec(
  at: { port: number; username?: string; password?: string; privateKey?: string },
  command: string,
  during: (channel: ClientChannel) => void = (channel) => channel.end(),
): Promise<Heard> {
  const client = new Client();
  return new Promise<Heard>((resolve, reject) => {
    const heard: Heard = { stdout: "", stderr: "", packets: 0 };
    client.on("error", reject).on("close", () => resolve({ ...heard, lost: true }));
    client.on("ready", () => {
      client.exec(command, (error, channel) => {
        if (error) return reject(error);
        channel.setEncoding("latin1").on("data", (text: string) => {
          heard.packets += 1;
          heard.stdout += text;
        });
        channel.stderr.on("data", (text: Buffer) => {
          heard.stderr += text.toString();
        });
        channel.on("exit", (status: number | null, signal?: string) => Object.assign(heard, { status, signal }));
        channel.on("close", () => setImmediate(() => resolve(heard)));
        during(channel);
      });
    });
    client.connect({ host: "127.0.0.1", username: "anybody", password: "any", readyTimeout: 5000, ...at });
  }).finally(() => client.destroy());
}

/** The connection was gone before the command had ended properly. */
const isLost = (heard: Promise<Heard>): Promise<boolean> =>
  heard.then(
    ({ lost }) => lost === true,
    () => true,
  );

describe("the unruly server", () => {
  const unruly = async (behaviour: Behaviour = {}) => stopAfter(await startUnrulyServer(behaviour));

  test("left alone it behaves: streams, status, signals, much output, input", async () => {
    const server = await unruly();
    expect(await exec(server, "echo out; echo err >&2; exit 7")).toMatchObject({ stdout: "out\n", stderr: "err\n", status: 7 });
    expect(await exec(server, "kill -KILL $$")).toMatchObject({ status: null, signal: "SIGKILL" });
    expect((await exec(server, "head -c 10000000 /dev/zero")).stdout).toHaveLength(10_000_000);
    expect(await exec(server, "wc -c", (channel) => channel.end("x".repeat(3_000_000)))).toMatchObject({ stdout: "3000000\n" });
    const trapped = exec(server, "trap 'exit 5' TERM; echo up; while :; do sleep 0.1; done", (channel) =>
      channel.once("data", () => channel.signal("TERM")),
    );
    expect(await trapped).toMatchObject({ status: 5 });
    expect(server.asked).toMatchObject({ connections: 5, channels: 5, signals: ["TERM"] });
    const key = makeKey(dir, { name: "unruly-login" });
    expect((await exec({ port: server.port, privateKey: readFileSync(key.path, "utf8") }, "echo key")).stdout).toBe("key\n");
  });

  test("endings: no status, a status or a signal of its own, a closed channel, a dropped connection", async () => {
    const server = await unruly({ ended: () => "nothing" });
    const silent = await exec(server, "echo done");
    expect(silent).toMatchObject({ stdout: "done\n" });
    expect(silent).not.toHaveProperty("status");
    const afterOutput = async (behaviour: Behaviour) => {
      server.behaviour = behaviour;
      return exec(server, "echo one; sleep 0.2; echo two");
    };
    expect(await afterOutput({ ended: (acts) => answering(acts.drop(), "nothing") })).toMatchObject({
      stdout: "one\ntwo\n",
      lost: true,
    });
    expect(await afterOutput({ output: (data, _, acts) => answering(acts.end("SEGV"), data) })).toMatchObject({
      signal: "SIGSEGV",
    });
    expect(await afterOutput({ output: (data, _, acts) => answering(acts.end(9), data) })).toMatchObject({ status: 9 });
    const closed = await afterOutput({ output: (data, _, acts) => answering(data.includes("two") && acts.close(), data) });
    expect(closed.lost).toBeUndefined();
    expect(closed).not.toHaveProperty("status");
    expect(await afterOutput({ output: (data, _, acts) => answering(data.includes("two") && acts.drop(), data) })).toMatchObject({
      lost: true,
    });
    expect(await isLost(afterOutput({ exec: (_, acts) => answering(acts.drop(), "run") }))).toBe(true);
  });

  test("packets of one byte, a command that is never answered, refused commands and ignored signals", async () => {
    const server = await unruly({ packetBytes: 1 });
    expect(await exec(server, "printf 'äöü'")).toMatchObject({ packets: 6, status: 0 });
    server.behaviour = { exec: () => "refuse" };
    await expect(exec(server, "true")).rejects.toThrow("Unable to exec");
    server.behaviour = { exec: () => "ignore" };
    const never = exec(server, "true");
    await until(() => server.asked.commands.length === 3, "the request");
    server.drop();
    expect(await isLost(never)).toBe(true);
    server.behaviour = { ignoreSignals: true };
    const during = (channel: ClientChannel) => channel.once("data", () => channel.signal("TERM"));
    expect(await exec(server, "echo up; sleep 0.5; exit 4", during)).toMatchObject({ status: 4 });
    expect(server.asked.signals).toEqual(["TERM"]);
  });

  test("stopped, it leaves no process, not even one that its parent has left", async () => {
    const server = await startUnrulyServer();
    const { stdout } = await exec(server, "sleep 600 >/dev/null 2>&1 & echo $!");
    expect(isAlive(Number(stdout))).toBe(true);
    await server.stop();
    expect(isAlive(Number(stdout))).toBe(false);
  });

  test("refuses connections and channels so many times", async () => {
    const server = await unruly({ refuseConnections: 1, refuseChannels: 2 });
    await expect(exec(server, "true")).rejects.toThrow();
    await expect(exec(server, "true")).rejects.toThrow("Channel open failure");
    await expect(exec(server, "true")).rejects.toThrow("Channel open failure");
    expect(await exec(server, "true")).toMatchObject({ status: 0 });
  });

  test("garbage, a dribble, silence, and a refused login", async () => {
    const server = await unruly({ greeting: "garbage" });
    const first = (): Promise<string> =>
      new Promise((resolve) => {
        const socket = connectTcp(server.port, "127.0.0.1");
        const late = setTimeout(() => socket.destroy(), 1500);
        socket.once("data", (data) => resolve(data.toString())).on("close", () => resolve("nothing"));
        socket.on("close", () => clearTimeout(late)).once("data", () => socket.destroy());
      });
    expect(await first()).toContain("HTTP/1.1");
    server.behaviour.greeting = "drip";
    expect(await first()).toBe("S");
    server.behaviour.greeting = "silence";
    expect(await first()).toBe("nothing");
    server.behaviour = { authenticate: () => false };
    await expect(exec(server, "true")).rejects.toThrow("authentication methods failed");
  });

  test("takes no input, freezes, and drops who is idle", async () => {
    const server = await unruly({ readNothing: true });
    let full = false;
    const stuck = exec(server, "cat", (channel) => {
      channel.write(Buffer.alloc(4_000_000), () => {
        full = true;
      });
      setTimeout(() => server.drop(), 300);
    });
    expect(await isLost(stuck)).toBe(true);
    expect(full).toBe(false);
    server.behaviour = { idleMs: 200 };
    expect(await isLost(exec(server, "sleep 600"))).toBe(true);
    server.behaviour = { output: (data, _, acts) => answering(acts.freeze(), data) };
    const frozen = exec(server, "echo up; sleep 0.1", (channel) => {
      channel.once("data", () => channel.signal("TERM"));
      setTimeout(() => server.drop(), 400);
    });
    await frozen.catch(() => {});
    expect(server.asked.signals).toEqual([]);
  });
});

describe("the proxy", () => {
  test("adds latency, counts, and cuts to the byte", async () => {
    const server = stopAfter(await startUnrulyServer());
    const proxy = stopAfter(await startProxy({ to: server, latencyMs: 20 }));
    const started = Date.now();
    expect((await exec(proxy, "echo ok")).stdout).toBe("ok\n");
    const { flights, ...counts } = proxy.counts();
    expect(Date.now() - started).toBeGreaterThanOrEqual(40 * 4);
    expect(flights).toBeGreaterThanOrEqual(4);
    expect(counts.connections).toBe(1);
    proxy.resetCounts();
    const cut = proxy.cutAfter(100);
    expect(await isLost(exec(proxy, "echo ok"))).toBe(true);
    await cut;
    expect(proxy.counts().toClient).toBe(100);
  });

  test("cuts by a predicate and at once, refuses, freezes and thaws", async () => {
    const server = stopAfter(await startUnrulyServer());
    const proxy = stopAfter(await startProxy({ to: server }));
    void proxy.cutAfter(() => server.asked.commands.length > 0);
    expect(await isLost(exec(proxy, "sleep 600"))).toBe(true);
    const now = exec(proxy, "echo up; sleep 600", (channel) => channel.once("data", () => proxy.cutNow("reset")));
    await expect(now).rejects.toThrow("ECONNRESET");
    proxy.refuse(1);
    await expect(exec(proxy, "true")).rejects.toThrow();
    let thawed = false;
    const frozen = exec(proxy, "echo up; sleep 0.2; echo down", (channel) =>
      channel.once("data", () => {
        proxy.freeze();
        setTimeout(() => {
          thawed = true;
          proxy.thaw();
        }, 500);
      }),
    );
    expect((await frozen).stdout).toBe("up\ndown\n");
    expect(thawed).toBe(true);
  });
});
