import { describe, expect, test } from "vitest";
import { connectionSchema } from "../../src/spec/connection";

const ssh = { type: "ssh", hosts: ["mds1"] };
// Public keys that nobody has the private ones of: the first two are of all zeros.
const ed25519 = `ssh-ed25519 ${key("ssh-ed25519", 32)}`;
const ecdsa = `ecdsa-sha2-nistp256 ${key("ecdsa-sha2-nistp256", 8, 65)}`;

/** A public key blob: its type, and fields of so many bytes. */
function key(type: string, ...fields: number[]): string {
  const field = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  return Buffer.concat([field(Buffer.from(type)), ...fields.map((length) => field(Buffer.alloc(length)))]).toString("base64");
}

function problemsOf(value: unknown): string[] {
  const result = connectionSchema.safeParse(value);
  return result.success ? [] : result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
}

describe("connections", () => {
  test.each<[string, object]>([
    ["local", { type: "local" }],
    ["local with directories", { type: "local", path: ["/opt/lustre/bin"] }],
    ["a name", ssh],
    [
      "several",
      { ...ssh, hosts: ["mgs1.example.org", "10.0.0.2", "fd00::2", "::1", "[fd00::2]", "fe80::1%eth0", "_alias", "a-b_c.d"] },
    ],
    ["a domain's user", { ...ssh, user: "DOMAIN\\svc$" }],
    ["a user with a realm", { ...ssh, user: "svc@EXAMPLE.ORG" }],
    ["a key file and its passphrase", { ...ssh, privateKeyPath: "~/.ssh/a key", passphraseFromEnv: "TF_VAR_passphrase" }],
    ["the agent of the environment", { ...ssh, agent: "SSH_AUTH_SOCK" }],
    ["the socket of an agent", { ...ssh, agent: "~/.1password/agent.sock" }],
    ["a fingerprint", { ...ssh, hostKey: `SHA256:${"a".repeat(43)}` }],
    ["an Ed25519 key", { ...ssh, hostKey: ed25519 }],
    ["an ECDSA key with a comment", { ...ssh, hostKey: `${ecdsa} root@mds1 (new)` }],
    ["a jump through a jump", { ...ssh, jump: { ...ssh, jump: ssh } }],
    ["sudo", { ...ssh, sudo: ["sudo", "-n"] }],
    ["times", { ...ssh, connectTimeout: 0.5, commandTimeout: 86_400, keepalive: 1 }],
    ["ports", { ...ssh, port: 65_535 }],
  ])("%s is read as it was written", (_, value) => expect(connectionSchema.parse(value)).toEqual(value));

  const user = "user: write a user name";
  const host =
    "hosts.0: write a host name, an IP address, or an alias of ~/.ssh/config; user and port are properties of their own";
  const environment =
    "write the name of an environment variable, such as STORAGE_PASSWORD, and put the secret into that variable";
  const seconds = "write seconds, above 0 and at most 86400";
  const hostKey = 'hostKey: write a fingerprint such as "SHA256:...", or a public key such as "ssh-ed25519 AAAA..."';
  const ownPath = 'write an absolute path, or one that begins with "~/"';
  const sudo = 'write one word an entry, such as ["sudo", "-n"]';
  test.each<[string, object, string]>([
    ["no host", { ...ssh, hosts: [] }, "hosts: name at least one host"],
    ["a host that looks like an option", { ...ssh, hosts: ["-oProxyCommand=x"] }, host],
    ["a host with a user", { ...ssh, hosts: ["root@mds1"] }, host],
    ["a host with a port", { ...ssh, hosts: ["mds1:2222"] }, host],
    ["an address with a port", { ...ssh, hosts: ["10.0.0.1:22"] }, host],
    ["an IPv6 address with a port", { ...ssh, hosts: ["[fd00::1]:22"] }, host],
    ["a URL", { ...ssh, hosts: ["ssh://mds1"] }, host],
    ["a host with a blank", { ...ssh, hosts: ["mds1 mds2"] }, host],
    ["a host with a line break", { ...ssh, hosts: ["mds1\n"] }, host],
    ["an empty host", { ...ssh, hosts: [""] }, host],
    ["port 0", { ...ssh, port: 0 }, "port: write a whole number from 1 to 65535"],
    ["port 65536", { ...ssh, port: 65_536 }, "port: write a whole number from 1 to 65535"],
    ["half a port", { ...ssh, port: 22.5 }, "port: write a whole number from 1 to 65535"],
    ["a port as text", { ...ssh, port: "22" }, "port: write a whole number from 1 to 65535"],
    ["a user that looks like an option", { ...ssh, user: "-l" }, user],
    ["a user with a password", { ...ssh, user: "root:secret" }, user],
    ["a relative key file", { ...ssh, privateKeyPath: "id_ed25519" }, `privateKeyPath: ${ownPath}`],
    ["another user's home", { ...ssh, knownHostsPath: "~bob/known_hosts" }, `knownHostsPath: ${ownPath}`],
    ["a secret as a name", { ...ssh, passwordFromEnv: "hunter2!" }, `passwordFromEnv: ${environment}`],
    ["an expansion as a name", { ...ssh, passphraseFromEnv: "$SECRET" }, `passphraseFromEnv: ${environment}`],
    [
      "a relative socket",
      { ...ssh, agent: "agent.sock" },
      "agent: write true for the agent of SSH_AUTH_SOCK, or the path of a socket",
    ],
    ["an MD5 fingerprint", { ...ssh, hostKey: "MD5:00:11:22" }, hostKey],
    ["a fingerprint that was cut off", { ...ssh, hostKey: "SHA256:abc" }, hostKey],
    ["a public key that was cut off", { ...ssh, hostKey: ed25519.slice(0, -8) }, hostKey],
    ["a public key of another type than its name", { ...ssh, hostKey: ed25519.replace("ssh-ed25519", "ssh-rsa") }, hostKey],
    ["a type without a key", { ...ssh, hostKey: `ssh-ed25519 ${key("ssh-ed25519")}` }, hostKey],
    ["no words", { ...ssh, sudo: [] }, `sudo: ${sudo}`],
    ["several words in one", { ...ssh, sudo: ["sudo -n"] }, `sudo: ${sudo}`],
    ["an empty word", { ...ssh, sudo: ["sudo", ""] }, `sudo.1: ${sudo}`],
    ["two directories in one", { ...ssh, path: ["/a:/b"] }, 'path.0: write absolute paths without ":"'],
    ["a relative directory", { type: "local", path: ["bin"] }, 'path.0: write absolute paths without ":"'],
    ["no time at all", { ...ssh, connectTimeout: 0 }, `connectTimeout: ${seconds}`],
    ["more than a day", { ...ssh, commandTimeout: 86_401 }, `commandTimeout: ${seconds}`],
    ["no number", { ...ssh, keepalive: Number.NaN }, `keepalive: ${seconds}`],
  ])("fails for %s, saying once what to write", (_, value, problem) => expect(problemsOf(value)).toEqual([problem]));

  test.each([
    { ...ssh, password: "x" },
    { ...ssh, strictHostKeyChecking: false },
    { ...ssh, jump: { type: "local" } },
    { ...ssh, jump: { ...ssh, port: 0 } },
    { type: "local", hosts: ["a"] },
    { type: "telnet" },
  ])("fails for %j: nothing is taken that is not known", (value) => expect(problemsOf(value)).not.toEqual([]));
});
