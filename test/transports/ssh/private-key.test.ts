// What we log in with: key files judged as ssh judges them, and an agent that never signs SHA-1.
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { patientAgent } from "../../../src/transports/ssh/agent";
import { waysOf } from "../../../src/transports/ssh/authentication";
import type { Endpoint } from "../../../src/transports/ssh/endpoint";
import { readPrivateKey } from "../../../src/transports/ssh/private-key";
import { loadSsh2, type Ssh2 } from "../../../src/transports/ssh/ssh2";
import { makeKey } from "../../sshd/keys";
import { faultOf, hasSshKeygen, testDirectory } from "./support";

const { dir, home } = testDirectory();
let ssh2: Ssh2;
beforeAll(async () => {
  ssh2 = await loadSsh2();
});
const environment = { RIGHT: "open sesame", WRONG: "open barley" };
const credentials: Endpoint["credentials"] = {
  keyFiles: [],
  certificateFiles: [],
  guessed: false,
  agentFirst: false,
  agentOnlyKeyFiles: false,
};
const read = async (file: string, more: Partial<Endpoint["credentials"]> = {}) =>
  readPrivateKey(ssh2, file, { ...credentials, ...more }, "mds1", { environment, home });

describe.skipIf(!hasSshKeygen)("a private key", () => {
  test("is read, with its passphrase where it has one", async () => {
    const plain = makeKey(dir, { name: "plain" });
    const locked = makeKey(dir, { name: "locked", passphrase: "open sesame" });
    expect((await read(plain.path))?.type).toBe("ssh-ed25519");
    expect((await read(locked.path, { passphraseFromEnv: "RIGHT" }))?.isPrivateKey()).toBe(true);
  });
  test.each<[string, Partial<Endpoint["credentials"]>, string, string]>([
    ["that is locked, and no variable is named", {}, "SECRET_MISSING", "names no passphraseFromEnv"],
    [
      "that is locked, and the variable is not set",
      { passphraseFromEnv: "NONE" },
      "SECRET_MISSING",
      "environment variable NONE, which is not set",
    ],
    [
      "that is locked otherwise",
      { passphraseFromEnv: "WRONG" },
      "AUTHENTICATION_FAILED",
      "the passphrase from WRONG does not open",
    ],
  ])("%s is refused", async (_, more, code, said) => {
    const locked = makeKey(dir, { name: `locked-${code}-${said.length}`, passphrase: "open sesame" });
    const refused = await faultOf(read(locked.path, more));
    expect([refused.code, refused.text]).toEqual([code, expect.stringContaining(said)]);
    expect(refused.text).not.toContain("open barley");
  });
  test("that is none is refused, and so is half of one", async () => {
    const file = join(dir, "garbage");
    writeFileSync(file, "garbage\n", { mode: 0o600 });
    const { code, text } = await faultOf(read(file));
    expect([code, text]).toEqual(["AUTHENTICATION_FAILED", expect.stringContaining("cannot be used")]);
    const key = makeKey(dir, { name: "half" });
    chmodSync(key.publicPath, 0o600);
    expect((await faultOf(read(key.publicPath))).text).toContain("it holds no private key");
  });
  test("that others can read is not used", async () => {
    const key = makeKey(dir, { name: "open" });
    for (const mode of [0o640, 0o604, 0o610]) {
      chmodSync(key.path, mode);
      expect((await faultOf(read(key.path))).text).toContain("can be read by others");
    }
    chmodSync(key.path, 0o400);
    expect(await read(key.path)).toBeDefined();
  });
  test("that is not there is passed over only where it was guessed", async () => {
    expect(await read(join(dir, "none"), { guessed: true })).toBeUndefined();
    expect((await faultOf(read(join(dir, "none")))).text).toContain("there is no such file");
  });

  test("and the agent are tried in the order that the endpoint says", async () => {
    const key = makeKey(dir, { name: "ordered" });
    const endpoint = (agentFirst: boolean) =>
      ({
        host: "mds1",
        user: "u",
        credentials: { ...credentials, keyFiles: [key.path], agent: "/agent", agentFirst },
      }) as Endpoint;
    const order = (agentFirst: boolean) =>
      waysOf(ssh2, endpoint(agentFirst), { environment, home }).ways.map(({ say }) => say().split(" ")[0]);
    expect([order(true), order(false)]).toEqual([
      ["agent", "public"],
      ["public", "agent"],
    ]);
  });
  test("that is locked in its file may still be offered by the agent, by its public half", async () => {
    const key = makeKey(dir, { name: "halved", passphrase: "open sesame" });
    const other = makeKey(dir, { name: "other" });
    const blob = (publicKey: string) => Buffer.from(publicKey.split(" ")[1] ?? "", "base64");
    const held = [key, other].map(({ publicKey }) => ({ getPublicSSH: () => blob(publicKey), type: "ssh-ed25519" }));
    const agent = { getIdentities: (done: (error: null, keys: unknown) => void) => done(null, held), sign: () => {} };
    const faked = { ...ssh2, createAgent: () => agent } as unknown as Ssh2;
    const endpoint = {
      host: "mds1",
      user: "u",
      credentials: { ...credentials, keyFiles: [key.path], guessed: true, agent: "/agent", agentOnlyKeyFiles: true },
    } as Endpoint;
    const { ways, unusable } = waysOf(faked, endpoint, { environment, home });
    expect([ways.length, unusable]).toEqual([1, [expect.stringContaining("names no passphraseFromEnv")]]);
    const offered = await new Promise<unknown[]>((resolve) => agent.getIdentities((_, keys) => resolve(keys as unknown[])));
    expect(offered).toEqual([held[0]]);
  });
});

describe("an agent", () => {
  type Done = (error: Error | null, signature?: Buffer) => void;
  const signing = (type: string, hash: string | undefined) => {
    const key = { type, getPublicSSH: () => Buffer.from("key") };
    const faked = {
      sign: (_key: unknown, _data: unknown, _options: unknown, done: Done) => done(null, Buffer.from("signed")),
      getIdentities: () => {},
    };
    const { agent } = patientAgent({ createAgent: () => faked } as unknown as Ssh2, "/agent", "/agent");
    return new Promise<string>((resolve) =>
      agent.sign(
        key as never,
        Buffer.from("data"),
        { hash } as never,
        ((error: Error | null, signature?: Buffer) => resolve(error ? error.message : String(signature))) as never,
      ),
    );
  };
  test.each<[string, string | undefined, string]>([
    ["ssh-rsa", "sha256", "signed"],
    ["ssh-rsa", "sha512", "signed"],
    ["ssh-rsa", "sha1", "the server takes RSA signatures with SHA-1 only"],
    ["ssh-rsa", undefined, "the server takes RSA signatures with SHA-1 only"],
    ["ssh-ed25519", undefined, "signed"],
  ])("asked to sign by %s with %s", async (type, hash, said) => expect(await signing(type, hash)).toBe(said));
});
