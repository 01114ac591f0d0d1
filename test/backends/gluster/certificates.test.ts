// What is said of certificates. Those of test/fixtures/certificates are valid in 2026, their CAs from 2020 to 2040, old-ca to 2025.
import { describe, expect, test } from "vitest";
import { judgeTls, type TlsFiles, type TlsHost } from "../../../src/backends/gluster/certificates";
import { certificate } from "./fake-cluster";

const patterns = ["glusterfs-server*", "manila-host*"];
const july = new Date("2026-07-01T00:00:00Z");

/** Names of fixtures; several are one file, one after the other. */
function files(pem: string, ca = "ca", more: Partial<TlsFiles> = {}): TlsFiles {
  const text = (names: string) => names.split(" ").map(certificate).join("\n");
  return { directory: "/usr/lib/ssl", certificate: text(pem), authorities: text(ca), key: true, ...more };
}

function host(id: string, ...found: TlsFiles[]): TlsHost {
  return { id, about: id === "mounter" ? "the host that mounts" : `server ${id}`, isServer: id !== "mounter", found };
}

const judge = (hosts: readonly TlsHost[], now = july) => judgeTls(hosts, patterns, now);
const verdicts = (hosts: readonly TlsHost[], now?: Date) =>
  Object.fromEntries(judge(hosts, now).checks.map(({ id, verdict }) => [id, verdict]));
const notGood = (hosts: readonly TlsHost[], now?: Date) =>
  judge(hosts, now)
    .checks.filter(({ verdict }) => verdict !== "good")
    .map(({ id, verdict, found }) => `${verdict} ${id}: ${found}`);

test("servers and a mounting host of one CA are good, and their names are told", () => {
  const hosts = [host("s1", files("server1")), host("s2", files("server2")), host("mounter", files("host"))];
  const { checks, names } = judge(hosts);
  expect(new Set(checks.map(({ verdict }) => verdict))).toEqual(new Set(["good"]));
  expect([...names]).toEqual([
    ["s1", "glusterfs-server1"],
    ["s2", "glusterfs-server2"],
    ["mounter", "manila-host1"],
  ]);
});

describe("files", () => {
  const etc = { directory: "/etc/ssl" };
  const nothing = { directory: "/etc/ssl", key: false };
  test.each<[string, TlsFiles[], string, RegExp]>([
    ["none anywhere", [nothing, { ...nothing, directory: "/usr/lib/ssl" }], "bad", /neither .* in \/etc\/ssl or \/usr\/lib\/ssl/],
    ["in one of two directories", [nothing, files("server1")], "good", /^in \/usr\/lib\/ssl$/],
    ["the same in both", [files("server1", "ca", etc), files("server1")], "good", /^in \/etc\/ssl$/],
    ["other ones in both", [files("server1", "ca", etc), files("server2")], "unknown", /^\/etc\/ssl and \/usr\/lib\/ssl differ/],
    ["a directory with less than the other", [{ ...etc, key: true }, files("server1")], "unknown", /differ/],
    ["no key", [files("server1", "ca", { key: false })], "bad", /^glusterfs\.key cannot be read in \/usr\/lib\/ssl$/],
    ["only a key", [{ ...etc, key: true }], "bad", /^glusterfs\.pem, glusterfs\.ca cannot be read/],
    ["no certificate in it", [{ ...files("server1"), certificate: "hello" }], "bad", /glusterfs\.pem holds no certificate/],
    ["a broken CA", [{ ...files("server1"), authorities: certificate("ca").replace("MII", "MIJ") }], "bad", /\.ca holds no/],
  ])("%s", (_, found, verdict, text) => {
    const [check] = judge([host("s1", ...found)]).checks;
    expect(check).toMatchObject({ id: "tls-files-s1", verdict, found: expect.stringMatching(text) });
  });

  test("of a host without usable files nothing else is said, and the others are still judged", () => {
    expect(verdicts([host("s1", nothing), host("s2", files("server2"))])).toEqual({
      "tls-files-s1": "bad",
      "tls-files-s2": "good",
      "tls-dates-s2": "good",
      "tls-name-s2": "good",
      "tls-ca": "good",
      "tls-trust": "good",
    });
  });
});

describe("dates", () => {
  test.each<[string, string, RegExp]>([
    ["2025-12-31", "bad", /^is not valid before 2026-01-01$/],
    ["2026-01-02", "good", /^valid until 2027-01-01$/],
    ["2026-12-20", "good", /^valid until 2027-01-01, which is in 12 days: renew it$/],
    ["2027-01-02", "bad", /^expired on 2027-01-01$/],
  ])("on %s: %s", (now, verdict, text) => {
    const { checks } = judge([host("s1", files("server1"))], new Date(now));
    const check = checks.find(({ id }) => id === "tls-dates-s1");
    expect(check).toMatchObject({ verdict, found: expect.stringMatching(text) });
  });
});

describe("names", () => {
  test.each<[string, string, string | undefined, RegExp]>([
    ["server1", "good", "glusterfs-server1", /^glusterfs-server1$/],
    ["stranger", "bad", "nfs-gateway", /none of infrastructureNames \(glusterfs-server\*, manila-host\*\)/],
    ["wild", "bad", undefined, /^"glusterfs-server\*" cannot be allowed safely$/],
    ["nameless", "bad", undefined, /has none/],
  ])("of %s: %s", (pem, verdict, name, text) => {
    const { checks, names } = judge([host("s1", files(pem))]);
    const check = checks.find(({ id }) => id === "tls-name-s1");
    expect(check).toMatchObject({ verdict, found: expect.stringMatching(text) });
    expect(names.get("s1")).toBe(name);
  });

  test("the fix of a name of another kind is to tell it", () => {
    const check = judge([host("s1", files("stranger"))]).checks.find(({ id }) => id === "tls-name-s1");
    expect(check?.fix).toBe('add "nfs-gateway" to infrastructureNames of the cluster');
  });
});

describe("trust", () => {
  test.each<[string, TlsFiles, boolean]>([
    ["signed by the CA", files("server1"), true],
    ["one of several CAs", files("server1", "other-ca ca"), true],
    ["another CA of the same name", files("impostor"), false],
    ["a CA that has expired", files("by-old", "old-ca"), false],
    ["through one between, which comes with the certificate", files("chained intermediate"), true],
    ["through one between, which is in the CA file", files("chained", "intermediate ca"), true],
    ["one between is missing", files("chained"), false],
    ["the root is missing", files("chained", "intermediate"), false],
    ["the root comes with the certificate only", files("chained intermediate ca", "intermediate"), false],
    ["signed by itself, and listed", files("own", "ca own"), true],
    ["signed by itself, not listed", files("own"), false],
  ])("%s", (_, found, isTrusted) => {
    expect(verdicts([host("s1", found)])["tls-trust"]).toBe(isTrusted ? "good" : "bad");
  });

  test("servers with different CAs are bad, even where each trusts the other", () => {
    const hosts = [host("s1", files("server1")), host("s2", files("server2", "ca other-ca"))];
    expect(notGood(hosts)).toEqual([expect.stringMatching(/^bad tls-ca: glusterfs\.ca of server s2 .* server s1/)]);
  });

  test("the order of CAs in the file means nothing", () => {
    expect(notGood([host("s1", files("server1", "ca other-ca")), host("s2", files("server2", "other-ca ca"))])).toEqual([]);
  });

  test("the mounting host may trust servers by another file, if it and they trust each other", () => {
    const mounter = host("mounter", files("host", "other-ca ca"));
    expect(notGood([host("s1", files("server1")), mounter])).toEqual([]);
  });

  test.each([
    [
      "whose certificate the servers do not trust",
      "impostor",
      "ca",
      "the CA of server s1 did not sign that of the host that mounts",
    ],
    ["which does not trust the servers", "host", "other-ca", "the CA of the host that mounts did not sign that of server s1"],
  ])("a mounting host %s is bad", (_, pem, ca, text) => {
    const wrong = notGood([host("s1", files("server1")), host("mounter", files(pem, ca))]);
    expect(wrong).toEqual([expect.stringContaining(`bad tls-trust: ${text};`)]);
  });
});
