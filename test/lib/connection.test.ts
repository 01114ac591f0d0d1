import { TerraformVariable, Token } from "cdktf";
import * as fc from "fast-check";
import { afterEach, describe, expect, it, vi } from "vitest";
import { Connection, ShareSynthesisError, type SshConnectionOptions } from "../../lib";
import { type ConnectionSpec, connectionSchema } from "../../src/spec/connection";
import { fileSystemSchema } from "../../src/spec/lustre";
import { errorOf, holds, hookVariable, newFileSystem, newStack, rootOwner, synth, synthText, tenTebibytes } from "./support";

const fingerprint = `SHA256:${"x".repeat(43)}`;
const bastion = Connection.ssh({ host: "bastion", port: 2222, hostKey: fingerprint });

/** Everything that can be written together. */
const full: SshConnectionOptions = {
  hosts: ["mgs1.example.org", "mgs2.example.org"],
  port: 2200,
  user: "storage",
  privateKeyPath: "~/.ssh/storage",
  passphraseFromEnv: "STORAGE_PASSPHRASE",
  agent: true,
  passwordFromEnv: "STORAGE_PASSWORD",
  knownHostsPath: "/etc/sharewright/known_hosts",
  jump: bastion,
  sudo: "sudo -n",
  path: ["/opt/lustre/bin"],
  connectTimeout: 5,
  commandTimeout: 120,
  keepalive: 2.5,
};

/** A caller without types. */
const ssh = (options: object) => Connection.ssh(options as SshConnectionOptions);

describe("Connection.ssh", () => {
  it.each<[string, SshConnectionOptions, object]>([
    ["a host alone", { host: "mds1" }, { type: "ssh", hosts: ["mds1"] }],
    [
      "everything set",
      full,
      {
        ...{ ...full, type: "ssh", agent: "SSH_AUTH_SOCK", sudo: ["sudo", "-n"] },
        jump: { type: "ssh", hosts: ["bastion"], port: 2222, hostKey: fingerprint },
      },
    ],
    ["no sudo", { host: "a", sudo: "none" }, { type: "ssh", hosts: ["a"] }],
    ["another sudo", { host: "a", sudo: { argv: ["doas", "-n"] } }, { type: "ssh", hosts: ["a"], sudo: ["doas", "-n"] }],
    ["the socket of an agent", { host: "a", agent: "/run/agent" }, { type: "ssh", hosts: ["a"], agent: "/run/agent" }],
    ["undefined as left out", { host: "a", user: undefined, jump: undefined } as object, { type: "ssh", hosts: ["a"] }],
  ])("says to the executor: %s", (_title, options, spec) => {
    expect(Connection.ssh(options).toSpec()).toEqual(spec);
    expect(connectionSchema.parse(spec)).toEqual(spec);
  });

  it("goes through hosts behind hosts", () => {
    const inner = Connection.ssh({ host: "inner", jump: bastion });
    const spec = Connection.ssh({ host: "mds1", jump: inner }).toSpec();
    expect(spec).toMatchObject({ hosts: ["mds1"], jump: { hosts: ["inner"], jump: { hosts: ["bastion"] } } });
  });

  it("keeps what it was given, whatever becomes of the lists of the caller", () => {
    const [hosts, path, argv] = [["a"], ["/x"], ["doas"]];
    const connection = Connection.ssh({ hosts, path, sudo: { argv } });
    for (const list of [hosts, path, argv]) list.push("later");
    expect(connection.toSpec()).toEqual({ type: "ssh", hosts: ["a"], path: ["/x"], sudo: ["doas"] });
  });

  it("is the same text in whatever order it was written", () => {
    const reversed = Object.fromEntries(Object.entries(full).reverse());
    expect(JSON.stringify(ssh(reversed).toSpec())).toBe(JSON.stringify(Connection.ssh(full).toSpec()));
  });

  it.each<[string, object, string, string | undefined]>([
    ["no host", {}, "host", undefined],
    ["one host and several", { host: "a", hosts: ["b"] }, "host", undefined],
    ["an empty list of hosts", { hosts: [] }, "hosts", undefined],
    ["a text as list of hosts", { hosts: "mds1" }, "hosts", '"mds1"'],
    ["a host with a port", { host: "mds1:2222" }, "host", '"mds1:2222"'],
    ["a host of several", { hosts: ["a", "-b"] }, "hosts", '"-b"'],
    ["a port that is none", { host: "a", port: 70000 }, "port", "70000"],
    ["a port as text", { host: "a", port: "22" }, "port", '"22"'],
    ["a user that is none", { host: "a", user: "a b" }, "user", '"a b"'],
    ["a relative key file", { host: "a", privateKeyPath: "keys/id" }, "privateKeyPath", '"keys/id"'],
    ["a relative socket", { host: "a", agent: "agent.sock" }, "agent", '"agent.sock"'],
    ["an agent that is switched off", { host: "a", agent: false }, "agent", "false"],
    ["a relative known_hosts", { host: "a", knownHostsPath: "known_hosts" }, "knownHostsPath", '"known_hosts"'],
    ["an MD5 fingerprint", { host: "a", hostKey: "MD5:00:11" }, "hostKey", '"MD5:00:11"'],
    ["two sources of host keys", { host: "a", hostKey: fingerprint, knownHostsPath: "/k" }, "hostKey", undefined],
    ["a jump that is local", { host: "a", jump: Connection.local() }, "jump", undefined],
    ["a jump by its name", { host: "a", jump: "bastion" }, "jump", undefined],
    ["a jump that is nothing", { host: "a", jump: null }, "jump", undefined],
    ["sudo without -n", { host: "a", sudo: "sudo" }, "sudo", '"sudo"'],
    ["sudo as a list", { host: "a", sudo: ["sudo"] }, "sudo", undefined],
    ["several words of sudo in one", { host: "a", sudo: { argv: ["sudo -n"] } }, "sudo.argv", undefined],
    ["no words of sudo", { host: "a", sudo: { argv: [] } }, "sudo.argv", undefined],
    ["a relative directory of tools", { host: "a", path: ["bin"] }, "path", '"bin"'],
    ["no time", { host: "a", connectTimeout: 0 }, "connectTimeout", "0"],
    ["milliseconds", { host: "a", commandTimeout: 100_000 }, "commandTimeout", "100000"],
    ["a time as text", { host: "a", keepalive: "15s" }, "keepalive", '"15s"'],
    ["a property that is none", { host: "a", strictHostKeyChecking: false }, "strictHostKeyChecking", undefined],
  ])("fails for %s, naming property, value and fix", (_title, options, property, value) => {
    const error = errorOf(() => ssh(options));
    expect(error).toMatchObject({ property: `Connection.ssh.${property}`, value });
    expect(error.constructPath).toBeUndefined();
    expect(error.message).toContain(`\n  fix    ${error.fix}`);
    expect(error.fix).toMatch(/^(write|name|see) /);
  });

  it("gives the executor what it reads, or fails with an error that names the property: for whatever is written", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("mds1", "/x", "~/x", "NAME", fingerprint, "none", "sudo -n"),
    );
    const value = fc.oneof(text, fc.array(text), fc.record({ argv: fc.array(text) }), fc.double(), fc.integer(), fc.anything());
    const optional = Object.fromEntries(Object.keys(full).map((name) => [name, value]));
    holds(
      fc.property(fc.record({ host: value, ...optional }, { requiredKeys: [] }), (options) => {
        let spec: unknown;
        try {
          spec = ssh(options).toSpec();
        } catch (error) {
          if (!ShareSynthesisError.isShareSynthesisError(error)) throw error;
          expect(error.property).toMatch(/^Connection\.ssh\.\w+(\.argv)?$/);
          expect(error.message).not.toContain("undefined");
          return;
        }
        expect(connectionSchema.parse(JSON.parse(JSON.stringify(spec)))).toEqual(spec);
      }),
      { numRuns: 500 },
    );
  });

  const stack = newStack();
  const text = new TerraformVariable(stack, "text", { type: "string" }).stringValue;
  const list = new TerraformVariable(stack, "list", { type: "list(string)" }).listValue;
  const number = Token.asNumber({ resolve: () => 1 });
  it.each<[string, object]>([
    ["host", { host: text }],
    ["host", { host: `mds-${text}` }],
    ["hosts", { hosts: ["a", text] }],
    ["hosts", { hosts: list }],
    ["port", { host: "a", port: number }],
    ["user", { host: "a", user: text }],
    ["privateKeyPath", { host: "a", privateKeyPath: text }],
    ["passphraseFromEnv", { host: "a", privateKeyPath: "/k", passphraseFromEnv: text }],
    ["agent", { host: "a", agent: text }],
    ["passwordFromEnv", { host: "a", passwordFromEnv: text }],
    ["knownHostsPath", { host: "a", knownHostsPath: text }],
    ["hostKey", { host: "a", hostKey: text }],
    ["sudo.argv", { host: "a", sudo: { argv: ["sudo", text] } }],
    ["path", { host: "a", path: list }],
    ["connectTimeout", { host: "a", connectTimeout: number }],
    ["commandTimeout", { host: "a", commandTimeout: number }],
    ["keepalive", { host: "a", keepalive: number }],
  ])("fails for a token as %s, saying why", (property, options) => {
    const error = errorOf(() => ssh(options));
    expect(error.property).toBe(`Connection.ssh.${property}`);
    expect(error.problem).toContain("destroy hook with literals only");
    expect(error.fix).toContain("write a literal");
  });
});

describe("secrets", () => {
  const [begin, end] = ["BEGIN", "END"].map((word) => `-----${word} OPENSSH PRIVATE KEY-----\n`);
  const privateKey = `${begin}${"b3BlbnNzaC1rZXktdjEAAAAA".repeat(9)}\n${end}`;
  afterEach(() => void vi.unstubAllEnvs());

  it.each<[string, object, string]>([
    ["a password for its variable", { passwordFromEnv: "hunter2!" }, "hunter2"],
    ["a passphrase for its variable", { privateKeyPath: "/k", passphraseFromEnv: "correct horse" }, "horse"],
    ["a private key for its file", { privateKeyPath: privateKey }, "b3Blb"],
    ["a line of a private key for its file", { privateKeyPath: "b3BlbnNzaC1rZXktdjEAAAAA".repeat(3) }, "b3Blb"],
    ["a private key for an agent", { agent: privateKey }, "b3Blb"],
    ["a private key for a host key", { hostKey: privateKey }, "b3Blb"],
    ["a password behind the user", { user: "root:hunter2" }, "hunter2"],
    ["a password before the host", { host: "root:hunter2@mds1" }, "hunter2"],
    ["a password before one of the hosts", { host: undefined, hosts: ["root:hunter2@mds1"] }, "hunter2"],
    ["a password for sudo", { sudo: "echo hunter2 | sudo -S" }, "hunter2"],
    ["a password for sudo, as word", { sudo: { argv: ["echo hunter2 | sudo -S"] } }, "hunter2"],
    ["a property for a password", { password: "hunter2" }, "hunter2"],
  ])("are not repeated by the error for %s", (_title, options, secret) => {
    const error = errorOf(() => ssh({ host: "mds1", ...options }));
    expect(`${error.stack}${JSON.stringify(error)}`).not.toContain(secret);
  });

  it("are not looked for at synthesis and are nowhere in the JSON: only where to find them is", () => {
    vi.stubEnv("STORAGE_PASSWORD", "hunter2");
    vi.stubEnv("STORAGE_PASSPHRASE", "correct horse");
    const text = textWith(Connection.ssh({ ...full, privateKeyPath: "/no/such/file" }));
    for (const secret of ["hunter2", "correct horse"]) expect(text).not.toContain(secret);
    for (const reference of ["STORAGE_PASSWORD", "STORAGE_PASSPHRASE", "/no/such/file"]) expect(text).toContain(reference);
  });
});

function stackWith(client: Connection, mgs = client) {
  const stack = newStack();
  const fileSystem = newFileSystem(stack, { client, mgs, mds: { connection: client }, servers: [mgs] });
  fileSystem.addShare("a", { size: tenTebibytes, owner: rootOwner }).grantRead("r", ["10.1.0.0/24"]);
  return stack;
}

const textWith = (connection: Connection) => synthText(stackWith(connection));

describe("a file system that is reached over SSH", () => {
  it("is described to every hook, each role with its connection", () => {
    const synthesized = synth(stackWith(Connection.ssh(full), bastion));
    const resources = Object.values(synthesized.resource["null_resource"] ?? {}).filter(
      ({ provisioner }) => provisioner !== undefined,
    );
    expect(resources).toHaveLength(4);
    const client: ConnectionSpec = Connection.ssh(full).toSpec();
    const mgs: ConnectionSpec = bastion.toSpec();
    for (const resource of resources) {
      const text = hookVariable(synthesized, resource, "SHAREWRIGHT_FILE_SYSTEM");
      expect(fileSystemSchema.parse(JSON.parse(text))).toMatchObject({
        client,
        mgs,
        mds: { connection: client },
        servers: [mgs],
      });
    }
  });

  it("plans no change when a connection changes: it is in provisioners, and in no trigger", () => {
    const withoutHooks = (connection: Connection) =>
      JSON.parse(textWith(connection), (name, value) =>
        ["provisioner", "sharewright_file_systems"].includes(name) ? undefined : value,
      );
    const local = withoutHooks(Connection.local());
    expect(withoutHooks(Connection.ssh(full))).toEqual(local);
    expect(withoutHooks(bastion)).toEqual(local);
    expect(textWith(bastion)).not.toBe(textWith(Connection.local()));
  });

  it("lets `${` and `%{` in paths arrive literally", () => {
    const text = textWith(Connection.ssh({ host: "a", privateKeyPath: "/keys/${x}%{y}" }));
    expect(JSON.parse(`"${/\/keys\/[^"\\]*/.exec(text)?.[0]}"`)).toBe("/keys/$${x}%%{y}");
  });
});
