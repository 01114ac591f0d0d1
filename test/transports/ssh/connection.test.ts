// Connections to servers that misbehave: bounded, tried again only where nothing can have happened, and told what happened.
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { connect as connectSocket, createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { startAgent } from "../../sshd/agent";
import { type Key, makeKey } from "../../sshd/keys";
import { knownHostsLine, knownHostsName, revokedLine, writeKnownHosts } from "../../sshd/known-hosts";
import { startProxy } from "../../sshd/proxy";
import { freePort } from "../../sshd/server";
import { startUnrulyServer, type UnrulyServer } from "../../sshd/unruly";
import { faultOf, hasSshKeygen, outputOf, ssh, testDirectory, tryOut, withPool } from "./support";

const { dir, home } = testDirectory();

describe.skipIf(!hasSshKeygen)("connections to an unruly server", () => {
  let key: Key;
  let server: UnrulyServer;
  let connections = 0;
  beforeAll(async () => {
    key = makeKey(dir, { name: "key" });
    server = await startUnrulyServer();
  });
  afterAll(() => server?.stop());

  const behave = (behaviour: UnrulyServer["behaviour"]) => {
    server.behaviour = behaviour;
    connections = server.asked.connections;
  };
  const spec = (more: object = {}) => {
    const knownHostsPath = writeKnownHosts(join(dir, "known"), [server.knownHostsLine]);
    return ssh({ port: server.port, user: "somebody", privateKeyPath: key.path, knownHostsPath, ...more });
  };
  const tried = () => server.asked.connections - connections;

  describe("S-19 what is to be done about an unknown key names a real file", () => {
    const fixOf = async (config: string, more: object = {}) => {
      writeFileSync(join(home, ".ssh/config"), config, { mode: 0o600 });
      const asked = ssh({ port: server.port, user: "somebody", privateKeyPath: key.path, ...more });
      const { code, error } = await faultOf(tryOut({ home }, asked)).finally(() => rmSync(join(home, ".ssh/config")));
      expect(code).toBe("HOST_KEY_UNKNOWN");
      return error.fix ?? "";
    };
    const real =
      /add this line to ~\/\.ssh\/known_hosts, and set knownHostsPath of the connection to that file, since (\S+) holds no lines:\n/;
    beforeEach(() => behave({}));

    test.each([
      ["UserKnownHostsFile /dev/null", "UserKnownHostsFile /dev/null\n", {}, "/dev/null"],
      ["a directory", "UserKnownHostsFile ~/.ssh\n", {}, `${home}/.ssh`],
      ["knownHostsPath /dev/null", "", { knownHostsPath: "/dev/null" }, "/dev/null"],
    ])("%s", async (_, config, more, named) => {
      expect(real.exec(await fixOf(config, more))?.[1]?.replace("~", home)).toBe(named);
    });

    test("the first one that there is or could be", async () => {
      expect(await fixOf("UserKnownHostsFile ~/.ssh/mine /dev/null\n")).toContain("add this line to ~/.ssh/mine:\n");
      expect(await fixOf("UserKnownHostsFile none\n")).toContain("add this line to /etc/ssh/ssh_known_hosts:\n");
      expect(await fixOf("UserKnownHostsFile none\nGlobalKnownHostsFile none\n")).toContain(
        "add this line to ~/.ssh/known_hosts, and set knownHostsPath of the connection to that file:\n",
      );
    });
  });

  test("tries again when the server hangs up at first", async () => {
    behave({ refuseConnections: 2 });
    const log: string[] = [];
    await tryOut({ home, log: (line) => log.push(line) }, spec());
    expect(tried()).toBe(3);
    expect(log).toHaveLength(2);
  });

  test("gives up after three tries, and says how far it got", async () => {
    behave({ refuseConnections: 10 });
    const { code, text } = await faultOf(tryOut({ home }, spec()));
    expect([code, text]).toEqual(["CANNOT_CONNECT", expect.stringContaining("connection lost before the SSH banner")]);
    expect(tried()).toBe(3);
  });

  test("what is no SSH server is asked once more, and then quoted", async () => {
    behave({ greeting: "garbage" });
    const { code, text } = await faultOf(tryOut({ home }, spec({ connectTimeout: 5 })));
    expect([code, text]).toEqual(["CANNOT_CONNECT", expect.stringContaining("is no SSH server")]);
    expect(tried()).toBe(2);
  });

  test.each(["silence", "drip"] as const)("a server that only makes us wait (%s) ends at connectTimeout", async (greeting) => {
    behave({ greeting });
    const { code, text } = await faultOf(tryOut({ home }, spec({ connectTimeout: 1.5 })));
    expect([code, text]).toEqual(["CANNOT_CONNECT", expect.stringContaining("no SSH banner within 1.5 s")]);
    expect(tried()).toBe(1);
  });

  test("a port where nobody listens, and a name that nobody knows, are said so", async () => {
    const closed = await faultOf(tryOut({ home }, spec({ port: await freePort() })));
    expect([closed.code, closed.text]).toEqual(["CANNOT_CONNECT", expect.stringContaining("ECONNREFUSED")]);
    const unknown = await faultOf(tryOut({ home }, { ...spec(), hosts: ["no-such-host.invalid"] }));
    expect([unknown.code, unknown.text]).toEqual([
      "CANNOT_CONNECT",
      expect.stringContaining("no address is known for the name no-such-host.invalid"),
    ]);
  });

  test("refused authentication and a wrong host key are not tried again", async () => {
    behave({ authenticate: () => false });
    expect((await faultOf(tryOut({ home }, spec()))).code).toBe("AUTHENTICATION_FAILED");
    expect(tried()).toBe(1);
    behave({});
    expect((await faultOf(tryOut({ home }, spec({ hostKey: key.publicKey })))).code).toBe("HOST_KEY_CHANGED");
    expect(tried()).toBe(1);
  });

  test.each([
    ["changed", "HOST_KEY_CHANGED"],
    ["revoked", "HOST_KEY_REVOKED"],
  ])("a jump that shows a %s key ends all tries, also where another jump is named", async (kind, expected) => {
    const name = knownHostsName("127.0.0.1", server.port);
    const wrong = kind === "changed" ? knownHostsLine(name, key) : revokedLine(name, server.hostKey);
    const right = knownHostsLine(knownHostsName("localhost", server.port), server.hostKey);
    const knownHostsPath = writeKnownHosts(join(dir, "wrong"), [wrong, right]);
    behave({});
    const jump = { ...spec({ knownHostsPath }), hosts: ["127.0.0.1", "localhost"] };
    expect((await faultOf(tryOut({ home }, spec({ jump })))).code).toBe(expected);
    expect(tried()).toBe(1);
  });

  test("a session that is refused is asked for again; one that stays refused is a fault", async () => {
    behave({ refuseChannels: 2 });
    await tryOut({ home }, spec());
    behave({ refuseChannels: 100 });
    expect((await faultOf(tryOut({ home }, spec()))).text).toContain("MaxSessions");
  });

  test("a command that is never answered, or refused, is a fault", async () => {
    behave({ exec: () => "ignore" });
    expect((await faultOf(tryOut({ home }, spec({ connectTimeout: 1 })))).text).toContain("no answer within 1 s");
    behave({ exec: () => "refuse" });
    expect((await faultOf(tryOut({ home }, spec()))).code).toBe("LOGIN_SHELL");
  });

  test("an end without a status has none", async () => {
    behave({ ended: () => "nothing" });
    await withPool({ home }, async (pool) => {
      const connection = await pool.connect(spec(), "127.0.0.1");
      expect((await outputOf(await connection.start("echo output"))).ending).toEqual({});
    });
  });

  test("a connection that is cut ends every command on it, with its output until then", async () => {
    behave({});
    await withPool({ home }, async (pool) => {
      const connection = await pool.connect(spec(), "127.0.0.1");
      const channel = await connection.start("echo begun; exec sleep 60");
      channel.stdout.once("data", () => server.drop());
      const { ending, stdout } = await outputOf(channel, null);
      expect([ending, stdout]).toEqual([{ error: expect.stringMatching(/./) }, "begun\n"]);
      expect(await connection.lost).toBe(ending.error);
    });
  });

  test("a server that gives no more signs of life is lost", async () => {
    behave({});
    const proxy = await startProxy({ to: server });
    try {
      const line = server.hostKey.publicKey;
      await withPool({ home }, async (pool) => {
        const connection = await pool.connect(spec({ port: proxy.port, hostKey: line, keepalive: 0.2 }), "127.0.0.1");
        const running = outputOf(await connection.start("exec sleep 60"), null);
        proxy.freeze();
        expect((await running).ending).toEqual({ error: "Keepalive timeout" });
      });
    } finally {
      await proxy.stop();
    }
  });

  test("closing ends what is still being connected", async () => {
    behave({ greeting: "silence" });
    await withPool({ home }, async (pool) => {
      const waiting = faultOf(pool.connect(spec({ connectTimeout: 60 }), "127.0.0.1"));
      while (tried() === 0) await new Promise((resolve) => setTimeout(resolve, 10));
      await pool.close();
      expect((await waiting).text).toContain("closed before the connection was made");
    });
  });

  // The first request for the keys, and the first for a signature.
  test.each<[string, number[], number]>([
    ["for its keys once, and for one signature", [], 2],
    ["again when it hangs up", [1, 3], 4],
  ])("an agent is asked %s", async (_, hangsUp, times) => {
    behave({});
    const agent = await startAgent([key]);
    let asked = 0;
    const socket = join(dir, "hiccup");
    const hiccup = createServer((client) => {
      asked += 1;
      if (hangsUp.includes(asked)) return void client.destroy();
      client.pipe(connectSocket(agent.socket).on("error", () => {})).pipe(client);
    }).listen(socket);
    try {
      await once(hiccup, "listening");
      const { authentication } = await tryOut({ home }, spec({ privateKeyPath: undefined, agent: socket }));
      expect(authentication).toContain(key.fingerprint);
      expect(asked).toBe(times);
    } finally {
      hiccup.close();
      await agent.stop();
    }
  });
});
