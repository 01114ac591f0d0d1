// What a server is offered, seen from the server.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { type AuthContext, Server } from "ssh2";
import { describe, expect, test } from "vitest";
import { makeKey } from "../../sshd/keys";
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

  test("without anything to log in with, says what to set", async () => {
    const { code, text } = await faultOf(logIn((context) => context.accept(), {}, {}));
    expect([code, text]).toEqual(["AUTHENTICATION_FAILED", expect.stringContaining("privateKeyPath")]);
  });
});
