// What a server is offered, seen from the server.
import { once } from "node:events";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { basename, dirname, join } from "node:path";
import { type AuthContext, Server } from "ssh2";
import { beforeAll, describe, expect, test } from "vitest";
import { startAgent } from "../../sshd/agent";
import { certifyHost, type Key, makeKey } from "../../sshd/keys";
import { faultOf, hasSshKeygen, ssh, testDirectory, withPool } from "./support";

const { dir, home } = testDirectory();
const password = "correct horse battery staple";

describe.skipIf(!hasSshKeygen)("authentication", () => {
  async function logIn(
    judge: (context: AuthContext) => void,
    more: object,
    environment: NodeJS.ProcessEnv = { PASSWORD: password },
  ) {
    const hostKey = makeKey(dir, { name: `host-${Math.random()}` });
    const server = new Server({ hostKeys: [readFileSync(hostKey.path)] }, (connection) => {
      connection.on("error", () => {}).on("authentication", judge);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    try {
      return await withPool({ home, environment }, async (pool) => {
        const spec = ssh({ port, user: "somebody", hostKey: hostKey.publicKey, ...more });
        return (await pool.connect(spec, "127.0.0.1")).facts.authentication;
      });
    } finally {
      server.close();
    }
  }

  const interactive = (prompts: { prompt: string; echo: boolean }[], given: string[][]) => (context: AuthContext) => {
    if (context.method !== "keyboard-interactive") return context.reject(["keyboard-interactive"]);
    context.prompt(prompts, (answers) => {
      given.push(answers);
      if (answers.includes(password)) context.accept();
      else context.reject(["keyboard-interactive"]);
    });
  };

  test("answers the one question for the password", async () => {
    const given: string[][] = [];
    const judge = interactive([{ prompt: "Password: ", echo: false }], given);
    expect(await logIn(judge, { passwordFromEnv: "PASSWORD" })).toBe("keyboard-interactive with the password from PASSWORD");
    expect(given).toEqual([[password]]);
  });

  test.each([
    [[{ prompt: "Name: ", echo: true }]],
    [
      [
        { prompt: "Password: ", echo: false },
        { prompt: "Code: ", echo: false },
      ],
    ],
  ])("gives the password to no other question (%j)", async (prompts) => {
    const given: string[][] = [];
    const { code, text } = await faultOf(logIn(interactive(prompts, given), { passwordFromEnv: "PASSWORD" }));
    expect(code).toBe("AUTHENTICATION_FAILED");
    expect(given).toEqual([prompts.map(() => "")]);
    expect(text).not.toContain(password);
  });

  test("tries what the connection names, in the order key, password, and nothing else", async () => {
    const key = makeKey(dir, { name: "key" });
    const methods: string[] = [];
    const judge = (context: AuthContext) => {
      methods.push(context.method);
      context.reject(["publickey", "password"]);
    };
    const { code, text } = await faultOf(logIn(judge, { privateKeyPath: key.path, passwordFromEnv: "PASSWORD" }));
    expect(code).toBe("AUTHENTICATION_FAILED");
    expect(methods).toEqual(["publickey", "password"]);
    for (const part of [key.fingerprint, "password from PASSWORD", "the server takes: publickey, password"])
      expect(text).toContain(part);
    expect(text).not.toContain(password);
  });

  test("goes on with the password where the key is only the first half", async () => {
    const key = makeKey(dir, { name: "half" });
    const judge = (context: AuthContext) => {
      if (context.method === "password" && context.password === password) context.accept();
      else if (context.method === "publickey" && context.signature) context.reject(["password"], true);
      else if (context.method === "publickey") context.accept();
      else context.reject();
    };
    expect(await logIn(judge, { privateKeyPath: key.path, passwordFromEnv: "PASSWORD" })).toBe("password from PASSWORD");
  });

  describe("S-19 user certificates, which are not used, are named", () => {
    const refusing = (context: AuthContext) => context.reject(["publickey"]);
    let authority: Key;
    beforeAll(() => {
      authority = makeKey(dir, { name: "user-ca" });
    });
    const certified = (path: string): Key => {
      const key = makeKey(dirname(path), { name: basename(path) });
      certifyHost(authority, key, { forUser: true, principals: ["somebody"] });
      return key;
    };
    const named = (path: string) => expect.stringContaining(`not tried: the certificate ${path}`);

    test("beside the key of the connection", async () => {
      const { path } = certified(join(dir, "certified"));
      const { code, text } = await faultOf(logIn(refusing, { privateKeyPath: path }));
      expect([code, text]).toEqual(["AUTHENTICATION_FAILED", named(`${path}-cert.pub`)]);
    });

    test("beside a key of ~/.ssh/config, and as CertificateFile", async () => {
      certified(join(home, ".ssh/certified"));
      const elsewhere = join(home, "elsewhere-cert.pub");
      writeFileSync(elsewhere, readFileSync(join(home, ".ssh/certified-cert.pub")));
      const config = "IdentityFile ~/.ssh/certified\nCertificateFile ~/elsewhere-cert.pub\n";
      writeFileSync(join(home, ".ssh/config"), config, { mode: 0o600 });
      const { text } = await faultOf(logIn(refusing, {}, {})).finally(() => rmSync(join(home, ".ssh/config")));
      expect(text).toEqual(named("~/.ssh/certified-cert.pub"));
      expect(text).toEqual(named("~/elsewhere-cert.pub"));
    });

    test("in an agent", async () => {
      const agent = await startAgent();
      try {
        agent.add(certified(join(dir, "in-agent"))); // ssh-add takes the certificate along
        const { text } = await faultOf(logIn(refusing, { agent: agent.socket }));
        expect(text).toMatch(
          /agent .* with 1 key; it holds user certificates, which are not used: ssh-ed25519-cert-v01@openssh\.com/,
        );
      } finally {
        await agent.stop();
      }
    });

    test("but a key without one is told as before", async () => {
      const { path } = makeKey(dir, { name: "uncertified" });
      expect((await faultOf(logIn(refusing, { privateKeyPath: path }))).text).not.toContain("certificate");
    });
  });

  test("without anything to log in with, says what to set", async () => {
    const { code, text } = await faultOf(logIn((context) => context.accept(), {}, {}));
    expect([code, text]).toEqual(["AUTHENTICATION_FAILED", expect.stringContaining("privateKeyPath")]);
  });
});
