// Whatever a command's words are made of, they arrive as they are: through sshd, login shells, /bin/sh in its kinds, and sudo.
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { SshConnectionSpec } from "../../src/spec/connection";
import { type SshTransport, sshTransport } from "../../src/transports/ssh";
import { type ConnectionPool, connectionPool } from "../../src/transports/ssh/connection";
import { describeWithSshd } from "../sshd/describe";
import { openTheWay } from "../sshd/hosts";
import { type Key, makeKey } from "../sshd/keys";
import { writeKnownHosts } from "../sshd/known-hosts";
import { userOf } from "../sshd/rig";
import { type Sshd, startSshd } from "../sshd/server";
import { testDirectory } from "./ssh/support";

const { dir, home } = testDirectory();

// A string of JavaScript that is no Unicode text (a lone half of a pair) or holds a NUL is no argument: neither has bytes to be passed as.
const codePoint = (min: number, max: number) =>
  fc
    .integer({ min, max })
    .filter((code) => code < 0xd800 || code > 0xdfff)
    .map((code) => String.fromCodePoint(code));
const character = fc.oneof(
  fc.constantFrom(..." '\"\\$`!*?[]{}()<>|&;#~=%^-+,./:@\t\n\r"),
  codePoint(1, 0x7f),
  codePoint(0x80, 0xff),
  codePoint(0x100, 0xffff),
  codePoint(0x10000, 0x10ffff),
);
const hostile = fc.constantFrom(
  "",
  "-n",
  "--",
  "-",
  "~",
  "~root",
  "x=y",
  "PATH=/tmp",
  "$(id)",
  "`id`",
  "${IFS}",
  "a' 'b",
  "'\\''",
  "\\",
  "\n",
  "\n\n",
  "!!",
  "%s%n",
  "*",
  "/*",
  "{a,b}",
  "&&",
  "\u0003\u0004",
  "\u001b[2J",
  "[0x200000401:0x1:0x0]",
  "\ufeff",
);
const word = fc.oneof(
  { weight: 4, arbitrary: fc.array(character, { maxLength: 30 }).map((characters) => characters.join("")) },
  { weight: 1, arbitrary: hostile },
);
const vector = fc.array(word, { minLength: 1, maxLength: 30 });

describeWithSshd("words of a command", "sshd and users", () => {
  let key: Key;
  let pool: ConnectionPool;
  const servers = new Map<string, Sshd>();

  beforeAll(() => {
    key = makeKey(dir, { name: "key" });
    pool = connectionPool({ environment: {}, home });
  });
  afterAll(async () => {
    await pool?.close();
    await Promise.all([...servers.values()].map((server) => server.stop()));
  });

  /** With a forced command, what reads our text is another shell than /bin/sh. */
  const serverWith = async (shell: string): Promise<Sshd> => {
    const server = servers.get(shell);
    if (server) return server;
    const made = await startSshd({ authorizedKeys: [key], ...(shell === "/bin/sh" ? {} : { keyOptions: `command="${shell}"` }) });
    servers.set(shell, made);
    return made;
  };
  async function over<T>({ shell = "/bin/sh", user, sudo }: Way, work: (transport: SshTransport) => Promise<T>): Promise<T> {
    const { port, user: me, knownHostsLines } = await serverWith(shell);
    const knownHostsPath = writeKnownHosts(join(dir, `known-${port}`), knownHostsLines);
    const name = user ? userOf(user).name : me;
    const spec: SshConnectionSpec = {
      type: "ssh",
      hosts: ["127.0.0.1"],
      port,
      user: name,
      privateKeyPath: key.path,
      knownHostsPath,
      ...(sudo ? { sudo: ["sudo", "-n"] } : {}),
    };
    const transport = sshTransport(spec, { pool, environment: {} });
    try {
      return await work(transport);
    } finally {
      await transport.close();
    }
  }

  interface Way {
    shell?: string;
    user?: "sh" | "bash" | "tcsh" | "fish";
    sudo?: true;
  }
  const ways: [string, Way][] = [
    ["/bin/sh", {}],
    ["bash in the place of /bin/sh", { shell: "/bin/bash --posix" }],
    ["busybox in the place of /bin/sh", { shell: "/usr/bin/busybox sh" }],
    ["the login shell bash", { user: "bash" }],
    ["the login shell tcsh", { user: "tcsh" }],
    ["the login shell fish", { user: "fish" }],
    ["sudo", { user: "sh", sudo: true }],
    ["sudo and bash in the place of /bin/sh", { shell: "/bin/bash --posix", user: "sh", sudo: true }],
  ];
  const isThere = ([, { shell = "/bin/sh" }]: [string, Way]) => existsSync(shell.split(" ")[0] ?? "");

  describe.each(ways.filter(isThere))("through %s", (_, way) => {
    test("any text that can be an argument arrives as it is", () =>
      over(way, async (transport) => {
        await fc.assert(
          fc.asyncProperty(fc.array(vector, { minLength: 1, maxLength: 8 }), async (vectors) => {
            const results = await transport.runAll(
              vectors.map((words) => ({ argv: ["printf", "--", "%s\\0", ...words] })),
              { as: "looks" },
            );
            expect(results.map((result) => result?.stdout.split("\0").slice(0, -1))).toEqual(vectors);
            expect(results.map((result) => result?.stderr)).toEqual(vectors.map(() => ""));
          }),
          { numRuns: 25 },
        );
      }));

    test("so does any text on standard input, NULs and no line feed at its end included", () =>
      over(way, async (transport) => {
        const text = fc.array(fc.oneof(character, fc.constantFrom("\0", "\0\0", "\n\n")), { maxLength: 400 });
        await fc.assert(
          fc.asyncProperty(fc.array(text, { minLength: 1, maxLength: 8 }), async (texts) => {
            const inputs = texts.map((characters) => characters.join(""));
            const commands = inputs.map((stdin) => ({ argv: ["cat"] as [string], stdin }));
            const results = await transport.runAll(commands, { as: "steps" });
            expect(results.map((result) => result?.stdout)).toEqual(inputs);
          }),
          { numRuns: 15 },
        );
      }));

    test("files are made with names of every character up to U+00FF, one of which no name can hold", () =>
      over(way, async (transport) => {
        const folder = join(dir, "names");
        mkdirSync(folder);
        openTheWay(folder);
        chmodSync(folder, 0o777); // for other users, whatever the umask
        try {
          const names = Array.from({ length: 255 }, (_, index) => String.fromCharCode(index + 1)).filter((name) => name !== "/");
          const paths = names.map((name) => `${folder}/${name}${name}.`);
          expect(await transport.run({ argv: ["touch", "--", ...paths] })).toMatchObject({ exitCode: 0, stderr: "" });
          expect(readdirSync(folder).sort()).toEqual(names.map((name) => `${name}${name}.`).sort());
          const found = await transport.run({ argv: ["find", folder, "-type", "f", "-printf", "%f\\0"] });
          expect(found.stdout.split("\0").slice(0, -1).sort()).toEqual(names.map((name) => `${name}${name}.`).sort());
        } finally {
          rmSync(folder, { recursive: true, force: true });
        }
      }));

    test("a word of 128 KiB less one byte arrives; one that Linux cannot pass on is a failure, and is not cut", () =>
      over(way, async (transport) => {
        const longest = "é'".repeat(43_690).concat("x"); // 131071 bytes in UTF-8
        expect(Buffer.byteLength(longest)).toBe(131_071);
        expect((await transport.run({ argv: ["printf", "--", "%s", longest] })).stdout === longest).toBe(true);
        const tooLong = await transport.run({ argv: ["printf", "--", "%s", `${longest}y`] });
        expect(tooLong.stdout).toBe("");
        expect(tooLong.exitCode).not.toBe(0);
        expect(tooLong.stderr).toMatch(/too long/i);
        expect((await transport.run({ argv: ["printf", "fine"] })).stdout).toBe("fine");
      }));
  });

  test("the environment that sudo or the server hands on is not changed by words that look like settings", () =>
    over({ user: "sh", sudo: true }, async (transport) => {
      const { stdout } = await transport.run({ argv: ["printf", "%s|", "LC_ALL=x", "PATH=/nowhere", "-u", "nobody"] });
      expect(stdout).toBe("LC_ALL=x|PATH=/nowhere|-u|nobody|");
    }));
});
