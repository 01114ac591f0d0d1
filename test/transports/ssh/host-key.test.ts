// Who a host is, by what it shows and what is known of it. host-keys.sshd.test.ts asks a real sshd the same.
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { faultOfHostCertificate, readHostCertificate } from "../../../src/transports/ssh/host-certificate";
import { acquaint, judgeHostKey, knownTypes, knowsAuthority } from "../../../src/transports/ssh/host-key";
import { parseKnownHosts } from "../../../src/transports/ssh/known-hosts";
import { type CertificateOptions, certifyHost, type Key, type KeyType, makeKey } from "../../sshd/keys";
import { hasSshKeygen, testDirectory } from "./support";

const { dir } = testDirectory();
const now = Date.parse("2026-06-01T00:00:00Z");
const blobOf = (line: string) => Buffer.from(line.split(" ")[1] ?? "", "base64");
const lineOf = (hosts: string, { publicKey }: Key, marker = "") => `${marker}${hosts} ${publicKey}`;

interface Question {
  known: string[];
  shown: Buffer;
  address?: string;
  port?: number;
  alias?: string;
  pinned?: string;
}

function acquaintance({ known, address = "MDS1", port = 22, alias, pinned }: Omit<Question, "shown">) {
  const name = { host: "mds1 of the spec", address, port, ...(alias === undefined ? {} : { alias }) };
  const files = [
    { path: "/known", isThere: true, holdsLines: true },
    { path: "/other", isThere: false, holdsLines: true },
  ];
  return acquaint(name, parseKnownHosts(known.join("\n"), "/known"), files, pinned);
}

/** Who vouches for it, or the code and summary of the refusal. */
function judge({ shown, ...question }: Question): string {
  const verdict = judgeHostKey(acquaintance(question), shown, now);
  return "refused" in verdict ? `${verdict.refused.code}: ${verdict.refused.summary}` : verdict.vouchedBy;
}

describe.skipIf(!hasSshKeygen)("a host key", () => {
  let key: Key;
  let other: Key;
  let rsa: Key;
  beforeAll(() => {
    key = makeKey(dir, { name: "host" });
    other = makeKey(dir, { name: "other" });
    rsa = makeKey(dir, { name: "host-rsa", type: "rsa" });
  });
  const shown = () => blobOf(key.publicKey);

  test("is known by a line, whatever other lines say of other hosts", () => {
    expect(judge({ known: [lineOf("mds2", other), lineOf("mds1", key)], shown: shown() })).toBe("/known:2");
    expect(judge({ known: [lineOf("mds1", rsa), lineOf("mds1", key)], shown: shown() })).toBe("/known:2");
  });
  test("is unknown without one, and then the files are named", () => {
    expect(judge({ known: [lineOf("mds2", key)], shown: shown() })).toBe(
      `HOST_KEY_UNKNOWN: mds1 of the spec shows the ED25519 key ${key.fingerprint}, which is not known: no line for mds1 in /known, /other (no such file)`,
    );
  });
  test("has changed where another is known, of its own type if there is one", () => {
    expect(judge({ known: [lineOf("mds1", rsa), lineOf("mds1", other)], shown: shown() })).toBe(
      `HOST_KEY_CHANGED: mds1 of the spec shows the ED25519 key ${key.fingerprint}, but /known:2 knows the ED25519 key ${other.fingerprint}`,
    );
    expect(judge({ known: [lineOf("mds1", rsa)], shown: shown() })).toContain(`/known:1 knows the RSA key ${rsa.fingerprint}`);
  });
  test("at another port is filed with it; a line without the port vouches, but does not contradict", () => {
    const at = { port: 2222, shown: shown() };
    expect(judge({ ...at, known: [lineOf("[mds1]:2222", key)] })).toBe("/known:1");
    expect(judge({ ...at, known: [lineOf("mds1", key)] })).toBe("/known:1");
    expect(judge({ ...at, known: [lineOf("mds1", other)] })).toMatch(/^HOST_KEY_UNKNOWN: .* no line for \[mds1\]:2222 in /);
    expect(judge({ ...at, known: [lineOf("[mds1]:2222", other), lineOf("mds1", key)] })).toMatch(/^HOST_KEY_CHANGED/);
    expect(judge({ shown: shown(), known: [lineOf("[mds1]:22", key)] })).toMatch(/^HOST_KEY_UNKNOWN: .* no line for mds1 in /);
  });
  test("is filed under an alias without a port", () => {
    const alias = { port: 2222, alias: "Cluster", shown: shown() };
    expect(judge({ ...alias, known: [lineOf("cluster", key)] })).toBe("/known:1");
    expect(judge({ ...alias, known: [lineOf("[cluster]:2222", key), lineOf("mds1", key)] })).toMatch(/ no line for cluster in /);
  });
  test("that is revoked is refused before all", () => {
    for (const hosts of ["mds1", "*"])
      expect(judge({ known: [lineOf("mds1", key), lineOf(hosts, key, "@revoked ")], shown: shown() })).toBe(
        `HOST_KEY_REVOKED: mds1 of the spec shows a key that /known:2 revokes: ED25519 ${key.fingerprint}`,
      );
    expect(judge({ known: [lineOf("mds1", key), lineOf("mds1", other, "@revoked ")], shown: shown() })).toBe("/known:1");
  });
  test("that is pinned counts alone, as a key or as its fingerprint", () => {
    const known = [lineOf("mds1", other)];
    for (const pinned of [key.publicKey, key.fingerprint, `${key.fingerprint}=`])
      expect(judge({ known, pinned, shown: shown() })).toBe("hostKey of the connection");
    expect(judge({ known, pinned: other.publicKey, shown: shown() })).toBe(
      `HOST_KEY_CHANGED: mds1 of the spec shows the ED25519 key ${key.fingerprint}, but hostKey of the connection is ${other.fingerprint}`,
    );
  });
  test("is asked for by the types that are known of it, a certificate where an authority is", () => {
    const known = [lineOf("mds1", key), lineOf("mds1", rsa, "@cert-authority "), lineOf("mds2", rsa)];
    expect([knownTypes(acquaintance({ known })), knowsAuthority(acquaintance({ known }))]).toEqual([
      new Set(["ssh-ed25519"]),
      true,
    ]);
    expect(knowsAuthority(acquaintance({ known: known.slice(0, 1) }))).toBe(false);
    expect(knowsAuthority(acquaintance({ known: known.slice(1, 2), port: 2222 }))).toBe(true);
    for (const [pinned, types] of [
      [key.publicKey, ["ssh-ed25519"]],
      [key.fingerprint, []],
    ] as const) {
      const alone = acquaintance({ known, pinned });
      expect([knownTypes(alone), knowsAuthority(alone)]).toEqual([new Set(types), false]);
    }
  });
});

describe.skipIf(!hasSshKeygen)("a host certificate", () => {
  let authority: Key;
  let key: Key;
  let count = 0;
  beforeAll(() => {
    authority = makeKey(dir, { name: "authority" });
    key = makeKey(dir, { name: "certified" });
  });
  const certified = (options: CertificateOptions = {}, by = authority, of = key): Buffer =>
    blobOf(readFileSync(certifyHost(by, of, { principals: ["mds0", "mds1"], ...options }), "utf8"));
  const trusted = (by = authority) => [lineOf("mds1", by, "@cert-authority ")];
  const refusal = (shown: Buffer, known = trusted()) => judge({ known, shown });

  test.each<[KeyType, KeyType, string[]]>([
    ["ed25519", "ed25519", []],
    ["ecdsa", "ecdsa-384", []],
    ["ecdsa-521", "ecdsa", []],
    ["rsa", "ed25519", ["-t", "rsa-sha2-512"]],
    ["rsa", "ecdsa-521", ["-t", "rsa-sha2-256"]],
  ])("of an authority that is known (%s) vouches for a key (%s)", (by, of, more) => {
    count += 1;
    const [signer, host] = [makeKey(dir, { type: by, name: `by-${count}` }), makeKey(dir, { type: of, name: `of-${count}` })];
    const shown = certified({ more }, signer, host);
    expect(judge({ known: trusted(signer), shown })).toBe(`certificate authority ${signer.fingerprint} in /known:1`);
    expect(readHostCertificate(shown)?.key).toEqual(blobOf(host.publicKey));
  });

  test.each<[string, CertificateOptions, string]>([
    ["for another host", { principals: ["mds2", "mds10"] }, "it is for mds2, mds10, not for mds1"],
    ["for no host", { principals: [] }, "it names no hosts"],
    ["of a user", { forUser: true }, "it is no host certificate"],
    ["that has expired", { validity: "20260101000000Z:20260201000000Z" }, "it expired on 2026-02-01T00:00:00.000Z"],
    ["of the future", { validity: "20260701000000Z:20260801000000Z" }, "it is valid only from 2026-07-01T00:00:00.000Z on"],
    ["with an option that is not known", { more: ["-O", "critical:x=y"] }, "it has critical options, which are not known"],
  ])("%s is not taken", (_, options, why) => {
    expect(refusal(certified(options))).toBe(
      `HOST_KEY_UNKNOWN: the certificate of mds1 of the spec, signed by the authority in /known:1, is not taken: ${why}`,
    );
  });

  test("begins and ends in the second that it says", () => {
    const certificate = readHostCertificate(certified({ validity: "20260101000000Z:20260201000000Z" }));
    if (!certificate) throw new Error("no certificate");
    const fault = (time: string) => faultOfHostCertificate(certificate, "mds1", Date.parse(time));
    expect(fault("2025-12-31T23:59:59.999Z")).toMatch(/^it is valid only from/);
    expect([fault("2026-01-01T00:00:00Z"), fault("2026-01-31T23:59:59.999Z")]).toEqual([undefined, undefined]);
    expect(fault("2026-02-01T00:00:00Z")).toMatch(/^it expired/);
  });

  test("that was changed, cut or made longer is not taken", () => {
    const whole = certified();
    const changed = Buffer.from(whole);
    const at = changed.indexOf("mds1");
    changed.write("mds9", at);
    expect(judge({ known: trusted(), shown: changed, alias: "mds9" })).toMatch(/no line for mds9/);
    const everybody = [lineOf("*", authority, "@cert-authority ")];
    expect(judge({ known: everybody, shown: changed, alias: "mds9" })).toMatch(/the signature of its authority is wrong/);
    expect(refusal(whole.subarray(0, -1))).toMatch(/^HOST_KEY_UNKNOWN: the host certificate of mds1 of the spec is broken/);
    expect(refusal(Buffer.concat([whole, Buffer.from("x")]))).toMatch(/is broken: RangeError: bytes behind the certificate/);
  });

  test("of an authority that nobody knows is as good as its key", () => {
    expect(refusal(certified(), [])).toMatch(/^HOST_KEY_UNKNOWN: .* which is not known/);
    expect(refusal(certified(), [lineOf("mds1", key)])).toBe("/known:1");
  });

  test("is refused where its key or its authority is revoked", () => {
    for (const revoked of [key, authority])
      expect(refusal(certified(), [...trusted(), lineOf("*", revoked, "@revoked ")])).toMatch(/^HOST_KEY_REVOKED/);
  });

  test("is told from what is none", () => {
    expect(readHostCertificate(blobOf(key.publicKey))).toBeUndefined();
    expect(readHostCertificate(Buffer.alloc(0))).toBeUndefined();
  });
});
