// Getting in, through and out again, at a real sshd.
import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Agent, startAgent } from "../../sshd/agent";
import { describeWithSshd } from "../../sshd/describe";
import { type Key, type KeyType, makeKey } from "../../sshd/keys";
import { writeKnownHosts } from "../../sshd/known-hosts";
import { until } from "../../sshd/processes";
import { userOf } from "../../sshd/rig";
import { type Sshd, startSshd } from "../../sshd/server";
import { faultOf, outputOf, ssh, testDirectory, tryOut, withPool } from "./support";

const { dir, home } = testDirectory();
const secret = "correct horse battery staple";

describeWithSshd("connections to a real sshd", "sshd", () => {
  const servers: Sshd[] = [];
  let key: Key;
  let server: Sshd;
  let types: Key[];
  const start = async (options: Parameters<typeof startSshd>[0]): Promise<Sshd> => {
    const started = await startSshd(options);
    servers.push(started);
    return started;
  };
  const knownHostsPath = () =>
    writeKnownHosts(
      join(dir, "known"),
      servers.flatMap((one) => one.knownHostsLines),
    );
  const spec = (more: object = {}, to = server) =>
    ssh({ port: to.port, user: to.user, privateKeyPath: key.path, knownHostsPath: knownHostsPath(), ...more });
  beforeAll(async () => {
    key = makeKey(dir, { name: "key" });
    types = (["ecdsa", "ecdsa-384", "ecdsa-521", "rsa"] as const).map((type) => makeKey(dir, { type }));
    server = await start({ authorizedKeys: [key, ...types] });
  });
  afterAll(() => Promise.all(servers.map((one) => one.stop())));

  test("says what it is connected to, and how", async () => {
    expect(await tryOut({ home }, spec())).toEqual({
      host: "127.0.0.1",
      address: `127.0.0.1:${server.port}`,
      user: server.user,
      hostKey: { type: "ssh-ed25519", fingerprint: server.hostKeys[0]?.fingerprint, vouchedBy: `${join(dir, "known")}:1` },
      authentication: `public key ssh-ed25519 ${key.fingerprint} (${key.path})`,
      server: expect.stringMatching(/^SSH-2.0-OpenSSH_/),
    });
  });

  test.each([0, 1, 2, 3])("logs in with a key of each type (%i)", async (index) => {
    const own = types[index] as Key;
    const { authentication } = await tryOut({ home }, spec({ privateKeyPath: own.path }));
    expect(authentication).toBe(`public key ${own.publicKey.split(" ")[0]} ${own.fingerprint} (${own.path})`);
  });

  test("signs with SHA-2 where the key is RSA", async () => {
    const strict = await start({ authorizedKeys: types, config: ["PubkeyAcceptedAlgorithms rsa-sha2-512,rsa-sha2-256"] });
    await tryOut({ home }, spec({ privateKeyPath: types[3]?.path }, strict));
    const old = await start({ authorizedKeys: types, config: ["PubkeyAcceptedAlgorithms ssh-rsa"] });
    const { code } = await faultOf(tryOut({ home }, spec({ privateKeyPath: types[3]?.path }, old)));
    expect(code).toBe("AUTHENTICATION_FAILED");
  });

  describe("encrypted keys", () => {
    test.each<[KeyType, "PEM" | undefined]>([
      ["ed25519", undefined],
      ["rsa", undefined],
      ["rsa", "PEM"],
      ["ecdsa", "PEM"],
    ])("opens an encrypted %s key (%s)", async (type, format) => {
      const locked = makeKey(dir, { type, passphrase: secret, name: `locked-${type}-${format}`, ...(format ? { format } : {}) });
      const to = await start({ authorizedKeys: [locked] });
      await tryOut({ home, environment: { PASS: secret } }, spec({ privateKeyPath: locked.path, passphraseFromEnv: "PASS" }, to));

      const missing = await faultOf(tryOut({ home }, spec({ privateKeyPath: locked.path, passphraseFromEnv: "PASS" }, to)));
      expect([missing.code, missing.text]).toEqual(["SECRET_MISSING", expect.stringContaining("environment variable PASS")]);
      const unnamed = await faultOf(tryOut({ home }, spec({ privateKeyPath: locked.path }, to)));
      expect([unnamed.code, unnamed.text]).toEqual(["SECRET_MISSING", expect.stringContaining("passphraseFromEnv")]);
      const wrong = await faultOf(
        tryOut(
          { home, environment: { PASS: "wrong secret" } },
          spec({ privateKeyPath: locked.path, passphraseFromEnv: "PASS" }, to),
        ),
      );
      expect([wrong.code, wrong.text]).toEqual(["AUTHENTICATION_FAILED", expect.stringContaining("passphrase from PASS")]);
      expect(wrong.text).not.toContain("wrong secret");
    });
  });

  test("refuses a key that others can read, and a file that is none", async () => {
    const open = makeKey(dir, { name: "open" });
    writeFileSync(join(dir, "copy"), readFileSync(open.path), { mode: 0o644 });
    expect((await faultOf(tryOut({ home }, spec({ privateKeyPath: join(dir, "copy") })))).text).toContain(
      `chmod 600 ${join(dir, "copy")}`,
    );
    writeFileSync(join(dir, "nonsense"), "nonsense", { mode: 0o600 });
    expect((await faultOf(tryOut({ home }, spec({ privateKeyPath: join(dir, "nonsense") })))).text).toContain(
      join(dir, "nonsense"),
    );
    const absent = await faultOf(tryOut({ home }, spec({ privateKeyPath: "~/.ssh/absent" })));
    expect([absent.code, absent.text]).toEqual(["SECRET_MISSING", expect.stringContaining("~/.ssh/absent")]);
  });

  test("a refused login says who tried in which ways, and what the server takes", async () => {
    const stranger = makeKey(dir, { name: "stranger" });
    const { code, text } = await faultOf(tryOut({ home }, spec({ user: "nobody-here", privateKeyPath: stranger.path })));
    expect(code).toBe("AUTHENTICATION_FAILED");
    for (const part of ["nobody-here", stranger.fingerprint, stranger.path, "the server takes: publickey"])
      expect(text).toContain(part);
  });

  describe("agents", () => {
    let agent: Agent;
    let held: Key[];
    beforeAll(async () => {
      held = [makeKey(dir, { name: "held" }), ...types.slice(2)];
      agent = await startAgent(held);
    });
    afterAll(() => agent?.stop());

    test("finds among an agent's keys the one that is let in", async () => {
      const own = held[1] as Key;
      const expected = `${own.publicKey.split(" ")[0]} ${own.fingerprint}`;
      const named = await tryOut({ home }, spec({ privateKeyPath: undefined, agent: agent.socket }));
      expect(named.authentication).toBe(`agent ${agent.socket}: ${expected}`);
      const environment = { SSH_AUTH_SOCK: agent.socket };
      for (const way of [{ agent: "SSH_AUTH_SOCK" }, {}])
        expect((await tryOut({ home, environment }, spec({ privateKeyPath: undefined, ...way }))).authentication).toContain(
          expected,
        );
    });

    test("signs with SHA-2 also through an agent", async () => {
      const rsa = types[3] as Key;
      const own = await startAgent([rsa]);
      const { authentication } = await tryOut({ home }, spec({ privateKeyPath: undefined, agent: own.socket })).finally(own.stop);
      expect(authentication).toContain(`ssh-rsa ${rsa.fingerprint}`);
    });

    test("falls back from an agent that is gone to the default key files", async () => {
      const own = join(home, ".ssh/id_ed25519");
      writeFileSync(own, readFileSync(key.path), { mode: 0o600 });
      const environment = { SSH_AUTH_SOCK: join(dir, "no-socket") };
      const { authentication } = await tryOut({ home, environment }, spec({ privateKeyPath: undefined })).finally(() =>
        rmSync(own),
      );
      expect(authentication).toContain("(~/.ssh/id_ed25519)");
    });

    test("an agent that is named but cannot be asked, or holds no key that is let in, is said so", async () => {
      const gone = await faultOf(tryOut({ home }, spec({ privateKeyPath: undefined, agent: join(dir, "no-socket") })));
      expect([gone.code, gone.text]).toEqual(["AUTHENTICATION_FAILED", expect.stringContaining("no-socket (")]);
      const unset = await faultOf(tryOut({ home }, spec({ privateKeyPath: undefined, agent: "SSH_AUTH_SOCK" })));
      expect([unset.code, unset.text]).toEqual(["SECRET_MISSING", expect.stringContaining("SSH_AUTH_SOCK")]);
      const own = await startAgent([makeKey(dir, { name: "unknown" })]);
      const none = await faultOf(tryOut({ home }, spec({ privateKeyPath: undefined, agent: own.socket }))).finally(own.stop);
      expect([none.code, none.text]).toEqual(["AUTHENTICATION_FAILED", expect.stringContaining("with 1 key")]);
    });
  });

  describe("the user's configuration", () => {
    afterAll(() => rmSync(join(home, ".ssh/config"), { force: true }));
    const configure = (...lines: string[]) => writeFileSync(join(home, ".ssh/config"), lines.join("\n"));
    const bare = (host: string) => ssh({}, host);

    test("gives name, port, user, key, known hosts and the way through another host", async () => {
      const bastion = await start({ authorizedKeys: [key] });
      const file = knownHostsPath();
      configure(
        "Include extra",
        "Host mds1",
        "  HostName 127.0.0.1",
        `  Port ${server.port}`,
        "  ProxyJump bastion",
        "Host bastion",
        "  HostName 127.0.0.1",
        `  Port ${bastion.port}`,
      );
      writeFileSync(
        join(home, ".ssh/extra"),
        ["Host *", `  User ${server.user}`, `  IdentityFile ${key.path}`, `  UserKnownHostsFile ${file}`].join("\n"),
      );
      const facts = await tryOut({ home }, bare("mds1"));
      expect(facts.address).toBe(`127.0.0.1:${server.port} through bastion`);
      expect(facts.authentication).toContain(key.path);
      expect(bastion.log()).toContain("Accepted publickey");
    });

    test("a ProxyCommand is not run, and what to do instead is said", async () => {
      configure("Host mds1", `  ProxyCommand touch ${join(dir, "ran")}`);
      const { code, text } = await faultOf(tryOut({ home }, bare("mds1")));
      expect([code, text]).toEqual(["CANNOT_CONNECT", expect.stringMatching(/ProxyCommand[\s\S]*jump/)]);
    });

    test("a ProxyJump in a circle ends", async () => {
      configure("Host a", "  ProxyJump b", "Host b", "  ProxyJump a");
      expect((await faultOf(tryOut({ home }, bare("a")))).text).toContain("circle");
    });

    test("a ProxyJump for all hosts does not lead to the jump host itself", async () => {
      configure(
        "Host *",
        `  ProxyJump 127.0.0.1:${server.port}`,
        `  IdentityFile ${key.path}`,
        `  UserKnownHostsFile ${knownHostsPath()}`,
      );
      expect((await tryOut({ home }, ssh({ port: server.port }))).address).toBe(`127.0.0.1:${server.port}`);
    });
  });

  describe("through other hosts", () => {
    test("goes through two of them, sharing what it can, and closes the last first", async () => {
      const [first, second, target] = [await start({ authorizedKeys: [key] }), await start({ authorizedKeys: [key] }), server];
      const outer = spec({}, first);
      const inner = { ...spec({}, second), jump: outer };
      await withPool({ home }, async (pool) => {
        const [one, other, again] = await Promise.all([
          pool.connect({ ...spec({}, target), jump: inner }, "127.0.0.1"),
          pool.connect(inner, "127.0.0.1"),
          pool.connect({ ...spec({}, target), jump: inner, sudo: ["sudo", "-n"], commandTimeout: 5 }, "127.0.0.1"),
        ]);
        expect(again).toBe(one);
        expect(one.facts.address).toBe(`127.0.0.1:${target.port} through 127.0.0.1`);
        expect((await outputOf(await one.start("cat"), "input")).stdout).toBe("input");
        expect((await outputOf(await other.start("echo hop"))).stdout).toBe("hop\n");
        expect(first.connections()).toHaveLength(1);
        expect(second.connections()).toHaveLength(1);
      });
      await until(() => [first, second, target].every((one) => one.connections().length === 0), "the end of the connections");
    });

    test("checks the host key behind a jump like any other", async () => {
      const jump = spec({}, await start({ authorizedKeys: [key] }));
      const { code } = await faultOf(tryOut({ home }, { ...spec({ hostKey: key.fingerprint }), jump }));
      expect(code).toBe("HOST_KEY_CHANGED");
    });

    test("says when the host in between may not forward, or cannot reach the target", async () => {
      const closed = await start({ authorizedKeys: [key], config: ["AllowTcpForwarding no"] });
      const forbidden = await faultOf(tryOut({ home }, { ...spec(), jump: spec({}, closed) }));
      expect([forbidden.code, forbidden.text]).toEqual(["CANNOT_CONNECT", expect.stringContaining("AllowTcpForwarding")]);
      const open = await start({ authorizedKeys: [key] });
      const nowhere = await faultOf(tryOut({ home }, { ...spec({ port: 1 }), jump: spec({}, open) }));
      expect([nowhere.code, nowhere.text]).toEqual(["CANNOT_CONNECT", expect.stringContaining("127.0.0.1 port 1")]);
    });

    test("a jump that dies takes the connection behind it along", async () => {
      const bastion = await start({ authorizedKeys: [key] });
      await withPool({ home }, async (pool) => {
        const connection = await pool.connect({ ...spec(), jump: spec({}, bastion) }, "127.0.0.1");
        const running = outputOf(await connection.start("echo begun; exec sleep 60"));
        await bastion.killSessions();
        expect((await running).ending.error).toMatch(/./);
        expect(await connection.lost).toMatch(/./);
      });
    });
  });

  describe("sessions", () => {
    test("tells a status, a signal and a cut connection apart", async () => {
      await withPool({ home }, async (pool) => {
        const connection = await pool.connect(spec(), "127.0.0.1");
        expect((await outputOf(await connection.start("exit 7"))).ending).toEqual({ exitCode: 7 });
        expect((await outputOf(await connection.start("kill -KILL $$"))).ending).toEqual({ signal: "SIGKILL" });
        const running = await connection.start("echo begun; exec sleep 60");
        const output = outputOf(running);
        await server.killSessions();
        const { ending } = await output;
        expect(ending).toEqual({ error: expect.stringMatching(/./) });
        expect((await faultOf(connection.start("true"))).code).toBe("CANNOT_CONNECT");
        const anew = await pool.connect(spec(), "127.0.0.1");
        expect((await outputOf(await anew.start("echo anew"))).stdout).toBe("anew\n");
      });
    });

    test("waits while a server with MaxSessions 1 has one open, and says so when it stays open", async () => {
      const narrow = await start({ authorizedKeys: [key], config: ["MaxSessions 1"] });
      await withPool({ home }, async (pool) => {
        const connection = await pool.connect(spec({}, narrow), "127.0.0.1");
        const first = await connection.start("echo first; sleep 0.3");
        const [one, two] = await Promise.all([
          outputOf(first),
          connection.start("echo second").then((channel) => outputOf(channel)),
        ]);
        expect([one.stdout, two.stdout]).toEqual(["first\n", "second\n"]);
        const last = await connection.start("cat");
        const { code, text } = await faultOf(connection.start("true"));
        expect([code, text]).toEqual(["CANNOT_CONNECT", expect.stringContaining("MaxSessions")]);
        expect((await outputOf(last, "still here")).stdout).toBe("still here");
      });
    });

    test("gets in although MaxStartups turns it away at first", async () => {
      const busy = await start({ authorizedKeys: [key], config: ["MaxStartups 1"] });
      await withPool({ home }, async (pool) => {
        // Somebody who does not log in takes the only place.
        const through = await pool.connect(spec(), "127.0.0.1");
        const somebody = await through.forward("127.0.0.1", busy.port);
        await once(somebody, "data");
        const said: string[] = [];
        const log = (line: string) => {
          said.push(line);
          somebody.destroy();
        };
        await tryOut({ home, log }, spec({}, busy));
        expect(said[0]).toContain("takes no more logins now");
      });
    });
  });
});

describeWithSshd("signals at a real sshd", "sshd and users", () => {
  // In sessions of root OpenSSH (9.2) obeys none: "session signalling requires privilege separation".
  test("a signal reaches the command of a user other than root", async () => {
    const key = makeKey(dir, { name: "signals" });
    const server = await startSshd({ authorizedKeys: [key] });
    const knownHostsPath = writeKnownHosts(join(dir, "known-signals"), server.knownHostsLines);
    try {
      await withPool({ home }, async (pool) => {
        const spec = ssh({ port: server.port, user: userOf("bash").name, knownHostsPath, privateKeyPath: key.path });
        const connection = await pool.connect(spec, "127.0.0.1");
        const channel = await connection.start("trap 'exit 9' TERM; echo ready; while :; do sleep 0.1; done");
        channel.stdout.once("data", () => channel.signal("TERM"));
        expect((await outputOf(channel, null)).ending).toEqual({ exitCode: 9 });
      });
    } finally {
      await server.stop();
    }
  });
});

describeWithSshd("passwords at a real sshd", "sshd and users", () => {
  test("logs in with the password that an environment variable holds, and with no other", async () => {
    const { name, password = "" } = userOf("bash");
    const server = await startSshd({ config: ["PasswordAuthentication yes"] });
    const knownHostsPath = writeKnownHosts(join(dir, "known-password"), server.knownHostsLines);
    const spec = ssh({ port: server.port, user: name, knownHostsPath, passwordFromEnv: "PASSWORD" });
    try {
      expect((await tryOut({ home, environment: { PASSWORD: password } }, spec)).authentication).toBe("password from PASSWORD");
      const { code, text } = await faultOf(tryOut({ home, environment: { PASSWORD: "wrong-secret" } }, spec));
      expect([code, text]).toEqual(["AUTHENTICATION_FAILED", expect.stringContaining("password from PASSWORD")]);
      expect(text).not.toContain("wrong-secret");
      expect((await faultOf(tryOut({ home }, spec))).code).toBe("SECRET_MISSING");
    } finally {
      await server.stop();
    }
  });
});
