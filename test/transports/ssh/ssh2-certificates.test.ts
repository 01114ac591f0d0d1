// ssh2-certificates.ts reaches into ssh2. When a new ssh2 fails here, read that file against it, then run host-keys.sshd.test.ts.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";
import { bundles } from "../../../scripts/bundle.mjs";
import { loadSsh2 } from "../../../src/transports/ssh/ssh2";
import { hostCertificateTypes } from "../../../src/transports/ssh/ssh2-certificates";
import { certifyHost, type KeyType, makeKey } from "../../sshd/keys";
import { run } from "../../sshd/processes";
import { hasSshKeygen, testDirectory } from "./support";

const { dir } = testDirectory();
const root = join(__dirname, "../../..");

describe("ssh2", () => {
  test("is the one whose internals are known", () => {
    const read = (file: string) => readFileSync(join(root, "node_modules/ssh2", file), "utf8");
    expect(JSON.parse(read("package.json")).version).toMatch(/^1\.17\./);
    const kex = read("lib/protocol/kex.js");
    for (const part of [
      "const { parseDERKey } = require('./keyParser.js');",
      "if (hostPubKeyType !== this.negotiated.serverHostKey) {",
      "ret = this._protocol._hostVerifier(hostPubKey,",
      "if (sigType !== negotiated.serverHostKey) {",
      "parsedHostKey = parseDERKey(hostKey, name);",
    ])
      expect(kex).toContain(part);
  });

  test("offers host certificates once taught", async () => {
    const { Client } = await loadSsh2();
    const constants = await import("ssh2/lib/protocol/constants.js");
    expect(constants.SUPPORTED_SERVER_HOST_KEY).toEqual(expect.arrayContaining([...hostCertificateTypes]));
    expect(Client).toBeTypeOf("function");
  });

  test.skipIf(!hasSshKeygen).each<KeyType>(["ed25519", "ecdsa", "ecdsa-384", "ecdsa-521"])(
    "reads the key in a certificate (%s)",
    async (type) => {
      await loadSsh2();
      const { default: parser } = (await import("ssh2/lib/protocol/keyParser.js")) as unknown as {
        default: { parseDERKey(data: Buffer, type: string): { getPublicSSH(): Buffer } };
      };
      const key = makeKey(dir, { type });
      const authority = makeKey(dir, { name: `ca-${type}` });
      const [name = "", base64 = ""] = readFileSync(certifyHost(authority, key, { principals: ["mds1"] }), "utf8").split(" ");
      const blob = Buffer.from(base64, "base64");
      const parsed = parser.parseDERKey(blob.subarray(4 + name.length), name);
      expect(parsed.getPublicSSH().toString("base64")).toBe(key.publicKey.split(" ")[1]);
    },
  );

  test("is taught in the bundle as well", async () => {
    const outfile = join(dir, "bundle.cjs");
    await build({
      ...bundles(root)["sharewright-ssh.cjs"],
      entryPoints: [],
      stdin: {
        resolveDir: root,
        contents: `import { loadSsh2 } from "./src/transports/ssh/ssh2";
loadSsh2().then(({ Client }) => new Client().on("error", () => {}).connect({
  sock: new (require("node:stream").PassThrough)(), username: "x", readyTimeout: 1,
  algorithms: { serverHostKey: ["ssh-ed25519-cert-v01@openssh.com"] },
})).then(() => console.log("offered"));`,
        loader: "ts",
      },
      outfile,
    });
    expect(run([process.execPath, outfile])).toContain("offered");
  });
});
