// Who a host is: keys, known_hosts and certificates, shown by a real sshd.
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describeWithSshd } from "../../sshd/describe";
import { certifyHost, type Key, type KeyType, keyAt, makeKey } from "../../sshd/keys";
import { authorityLine, hashedName, knownHostsLine, revokedLine, writeKnownHosts } from "../../sshd/known-hosts";
import { type Sshd, startSshd } from "../../sshd/server";
import { faultOf, outputOf, ssh, testDirectory, tryOut, withPool } from "./support";

const { dir, home } = testDirectory();
let count = 0;
const nextName = (prefix: string): string => {
  count += 1;
  return `${prefix}-${count}`;
};
const known = (...lines: string[]) => writeKnownHosts(join(dir, nextName("known")), lines);

describeWithSshd("host keys of a real sshd", "sshd", () => {
  let user: Key;
  let server: Sshd;
  let ed25519: Key;
  let ecdsa: Key;
  let rsa: Key;
  let other: Key;
  let name = "";
  beforeAll(async () => {
    user = makeKey(dir, { name: "user" });
    other = makeKey(dir, { name: "other" });
    [ed25519, ecdsa, rsa] = ["ed25519", "ecdsa", "rsa"].map((type) => makeKey(dir, { type: type as KeyType })) as [Key, Key, Key];
    server = await startSshd({ authorizedKeys: [user], hostKeys: [ed25519, ecdsa, rsa] });
    name = `[127.0.0.1]:${server.port}`;
  });
  afterAll(() => server?.stop());

  const spec = (more: object) => ssh({ port: server.port, user: server.user, privateKeyPath: user.path, ...more });
  const connect = (knownHostsPath: string) => tryOut({ home }, spec({ knownHostsPath }));

  test.each(["ed25519", "ecdsa", "rsa"])("a host of which only the %s key is known shows that one", async (type) => {
    const key = keyAt(join(dir, type));
    const file = known("# a comment", "broken", knownHostsLine(name, key));
    const { hostKey } = await connect(file);
    expect(hostKey).toEqual({ type: key.publicKey.split(" ")[0], fingerprint: key.fingerprint, vouchedBy: `${file}:3` });
  });

  test.each([
    ["hashed", () => hashedName(name)],
    ["one of several", () => `mds1,${name},10.0.0.*`],
    ["a pattern", () => `[127.0.0.?]:*`],
    ["without its port", () => "127.0.0.1"],
  ])("finds a name that is %s", async (_kind, names) => {
    expect((await connect(known(knownHostsLine(names(), ed25519)))).hostKey.fingerprint).toBe(ed25519.fingerprint);
  });

  test("X-L21 refuses a host that is not known, and names fingerprint, file and line to add", async () => {
    const file = known(knownHostsLine("elsewhere", ed25519), knownHostsLine(`[127.*]:*,!${name}`, ed25519));
    const { code, text, error } = await faultOf(connect(file));
    expect(code).toBe("HOST_KEY_UNKNOWN");
    for (const part of [ed25519.fingerprint, "ED25519", file]) expect(text).toContain(part);
    const line = error.fix?.split("\n").at(-1) ?? "";
    expect(line).toBe(`${name} ${ed25519.publicKey}`);
    await connect(known(line));
  });

  test("looks into the user's own files, and says so", async () => {
    const { text } = await faultOf(tryOut({ home }, spec({})));
    expect(text).toContain("~/.ssh/known_hosts (no such file), ~/.ssh/known_hosts2 (no such file), /etc/ssh/ssh_known_hosts");
    expect(text).toContain("add this line to ~/.ssh/known_hosts:");
    writeFileSync(join(home, ".ssh/known_hosts2"), `${knownHostsLine(name, rsa)}\n`);
    expect((await tryOut({ home }, spec({}))).hostKey).toMatchObject({ type: "ssh-rsa", vouchedBy: "~/.ssh/known_hosts2:1" });
  });

  test("refuses a changed key, and names both fingerprints and the line to replace", async () => {
    const file = known("", knownHostsLine(name, other));
    const { code, text, error } = await faultOf(connect(file));
    expect(code).toBe("HOST_KEY_CHANGED");
    for (const part of [ed25519.fingerprint, other.fingerprint, `${file}:2`]) expect(text).toContain(part);
    await connect(known(error.fix?.split("\n").at(-1) ?? ""));
  });

  test("a line without the port does not make a key a changed one", async () => {
    expect((await faultOf(connect(known(knownHostsLine("127.0.0.1", other))))).code).toBe("HOST_KEY_UNKNOWN");
  });

  test("refuses a revoked key, also where another line knows it", async () => {
    const file = known(knownHostsLine(name, ed25519), revokedLine("*", ed25519));
    const { code, text } = await faultOf(connect(file));
    expect(code).toBe("HOST_KEY_REVOKED");
    expect(text).toContain(`${file}:2`);
  });

  test.each(["ed25519", "ecdsa", "rsa"])("a pinned fingerprint finds the host's %s key", async (type) => {
    const { fingerprint } = keyAt(join(dir, type));
    expect((await tryOut({ home }, spec({ hostKey: fingerprint }))).hostKey).toMatchObject({
      fingerprint,
      vouchedBy: "hostKey of the connection",
    });
  });

  test("a pinned public key is the only one taken, whatever the files say", async () => {
    expect((await tryOut({ home }, spec({ hostKey: `${ecdsa.publicKey} a comment` }))).hostKey.fingerprint).toBe(
      ecdsa.fingerprint,
    );
    const file = known(knownHostsLine(name, ed25519));
    for (const hostKey of [other.publicKey, other.fingerprint]) {
      const { code, text } = await faultOf(tryOut({ home }, spec({ hostKey, knownHostsPath: file })));
      expect(code).toBe("HOST_KEY_CHANGED");
      expect(text).toContain(other.fingerprint);
    }
  });

  test("a host key is checked again when keys are exchanged anew", async () => {
    const busy = await startSshd({ authorizedKeys: [user], hostKeys: [ed25519], config: ["RekeyLimit 100K"] });
    try {
      const line = `[127.0.0.1]:${busy.port} ${ed25519.publicKey}`;
      await withPool({ home }, async (pool) => {
        const connection = await pool.connect(spec({ port: busy.port, knownHostsPath: known(line) }), "127.0.0.1");
        const { ending, stdout } = await outputOf(await connection.start("head -c 1000000 /dev/zero"));
        expect(ending).toEqual({ exitCode: 0 });
        expect(stdout).toHaveLength(1_000_000);
      });
    } finally {
      await busy.stop();
    }
  });

  describe("host certificates", () => {
    const authorities: Record<string, Key> = {};
    const servers: Sshd[] = [];
    beforeAll(() => {
      for (const type of ["ed25519", "ecdsa", "ecdsa-384", "ecdsa-521", "rsa"] as const)
        authorities[type] = makeKey(dir, { type, name: `ca-${type}` });
    });
    afterAll(() => Promise.all(servers.map((one) => one.stop())));

    async function certified(
      authority: string,
      type: KeyType,
      options: Parameters<typeof certifyHost>[2] = {},
      config: string[] = [],
    ) {
      const key = makeKey(dir, { type, name: nextName("host") });
      const ca = authorities[authority] as Key;
      const certificate = certifyHost(ca, key, { principals: ["mds1", "127.0.0.1"], ...options });
      const own = await startSshd({ authorizedKeys: [user], hostKeys: [key], hostCertificates: [certificate], config });
      servers.push(own);
      const connectTo = (...lines: string[]) => tryOut({ home }, spec({ port: own.port, knownHostsPath: known(...lines) }));
      return { key, ca, port: own.port, connectTo };
    }

    test.each<[string, KeyType]>([
      ["ed25519", "ed25519"],
      ["ecdsa", "ecdsa"],
      ["ecdsa-384", "ecdsa-384"],
      ["ecdsa-521", "ecdsa-521"],
      ["rsa", "ed25519"],
      ["ecdsa-521", "ed25519"],
    ])("an authority with an %s key vouches for a host with an %s key", async (authority, type) => {
      const { ca, key, connectTo } = await certified(authority, type);
      const { hostKey } = await connectTo(authorityLine("*", ca));
      expect(hostKey.type).toBe(`${key.publicKey.split(" ")[0]}-cert-v01@openssh.com`);
      expect(hostKey.fingerprint).toBe(key.fingerprint);
      expect(hostKey.vouchedBy).toContain(`certificate authority ${ca.fingerprint} in `);
    });

    test("the certificate is checked again when keys are exchanged anew", async () => {
      const { ca, port } = await certified("ed25519", "ed25519", {}, ["RekeyLimit 100K"]);
      await withPool({ home }, async (pool) => {
        const knownHostsPath = known(authorityLine("*", ca));
        const connection = await pool.connect(spec({ port, knownHostsPath }), "127.0.0.1");
        const { ending, stdout } = await outputOf(await connection.start("head -c 1000000 /dev/zero"));
        expect(ending).toEqual({ exitCode: 0 });
        expect(stdout).toHaveLength(1_000_000);
      });
    });

    test.each<[string, Parameters<typeof certifyHost>[2], string]>([
      ["for another host", { principals: ["mds2"] }, "it is for mds2, not for 127.0.0.1"],
      ["that names no host", { principals: [] }, "it names no hosts"],
      ["that has expired", { validity: "20200101:20210101" }, "it expired on 202"],
      ["that is not valid yet", { validity: "20990101:20991231" }, "it is valid only from 209"],
      ["signed with SHA-1", { more: ["-t", "ssh-rsa"] }, "the signature of its authority"],
    ])("refuses a certificate %s", async (_kind, options, why) => {
      const { ca, connectTo } = await certified("rsa", "ed25519", options);
      const { code, text } = await faultOf(connectTo(authorityLine("*", ca)));
      expect(code).toBe("HOST_KEY_UNKNOWN");
      expect(text).toContain(why);
    });

    test("refuses a revoked authority and a revoked key that it certified", async () => {
      const { ca, key, connectTo } = await certified("ed25519", "ed25519");
      const authority = authorityLine("*", ca);
      expect((await faultOf(connectTo(authority, revokedLine("*", ca)))).code).toBe("HOST_KEY_REVOKED");
      expect((await faultOf(connectTo(authority, revokedLine("*", key)))).code).toBe("HOST_KEY_REVOKED");
    });

    test("an authority for other hosts, or an unknown one, vouches for nobody", async () => {
      const { ca, connectTo } = await certified("ed25519", "ed25519");
      expect((await faultOf(connectTo(authorityLine("*.example.org", ca)))).code).toBe("HOST_KEY_UNKNOWN");
      expect((await faultOf(connectTo(authorityLine("*", authorities["rsa"] as Key)))).code).toBe("HOST_KEY_UNKNOWN");
    });

    test("the key of an authority is no key of a host", async () => {
      const line = authorityLine("*", ed25519);
      expect((await faultOf(connect(known(line)))).code).toBe("HOST_KEY_UNKNOWN");
    });

    test("a known plain key is taken where no authority vouches", async () => {
      const { key, port, connectTo } = await certified("ed25519", "ed25519");
      const other = authorityLine("*", authorities["rsa"] as Key);
      expect((await connectTo(other, knownHostsLine(`[127.0.0.1]:${port}`, key))).hostKey.vouchedBy).toMatch(/:2$/);
    });
  });

  test("ssh itself takes and refuses the same files", () => {
    const sshCommand = (file: string) =>
      spawnSync("ssh", [
        "-F/dev/null",
        "-oBatchMode=yes",
        "-oStrictHostKeyChecking=yes",
        "-oGlobalKnownHostsFile=/dev/null",
        `-oUserKnownHostsFile=${file}`,
        `-i${user.path}`,
        `-p${server.port}`,
        `${server.user}@127.0.0.1`,
        "true",
      ]).status;
    expect(sshCommand(known(knownHostsLine(hashedName(name), ecdsa)))).toBe(0);
    expect(sshCommand(known(knownHostsLine("127.0.0.1", ed25519)))).toBe(0);
    expect(sshCommand(known(knownHostsLine(name, other)))).toBe(255);
    expect(sshCommand(known(knownHostsLine(name, ed25519), revokedLine("*", ed25519)))).toBe(255);
  });
});
