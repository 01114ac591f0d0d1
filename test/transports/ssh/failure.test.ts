// What is said of a try to connect, and what is offered to the server.
import { describe, expect, test } from "vitest";
import { algorithms } from "../../../src/transports/ssh/algorithms";
import type { Way } from "../../../src/transports/ssh/authentication";
import { authenticationProgress } from "../../../src/transports/ssh/authentication-progress";
import type { Endpoint } from "../../../src/transports/ssh/endpoint";
import { failureOf, isImpostor, tooSlow } from "../../../src/transports/ssh/failure";
import { deferred, within } from "../../../src/transports/ssh/promises";
import { type FaultCode, fault } from "../../faults";

const endpoint = { host: "mds1", address: "10.0.0.1", port: 22, user: "u", connectTimeoutMs: 20_000 } as Endpoint;
const progress = () => authenticationProgress({ ways: [], unusable: [] });
const banner = "SSH-2.0-OpenSSH_9.6\r\n";

test.each<[FaultCode, boolean]>([
  ["HOST_KEY_CHANGED", true],
  ["HOST_KEY_REVOKED", true],
  ["HOST_KEY_UNKNOWN", false],
  ["CANNOT_CONNECT", false],
])("somebody else may be in the host's place: %s, %s", (code, may) => expect(isImpostor(fault(code))).toBe(may));

test.each<[heard: string, isAuthenticating: boolean, said: string]>([
  ["", false, "mds1: TCP connection made, but no SSH banner within 20 s"],
  ["hello", false, "mds1: TCP connection made, but no SSH banner within 20 s, only 5 bytes that are none"],
  [banner, false, "mds1: no end of the key exchange with SSH-2.0-OpenSSH_9.6 within 20 s"],
  [banner, true, "mds1: u was not logged in within 20 s"],
])("a server that is too slow after %j", (heard, isAuthenticating, said) =>
  expect(tooSlow(endpoint, heard, isAuthenticating)).toBe(said),
);

test.each<[said: string, heard: string, isAuthenticating: boolean, summary: string, again: string]>([
  ["reset", "", false, "mds1: connection lost before the SSH banner", "yes"],
  ["reset", "Exceeded MaxStartups\r\n", false, "mds1 takes no more logins now", "yes"],
  ["reset", "220 FTP\r\n", false, "mds1: what answers at 10.0.0.1 port 22 is no SSH server", "once"],
  ["reset", banner, false, "mds1: connection lost in the key exchange with SSH-2.0-OpenSSH_9.6", "yes"],
  ["no matching cipher", banner, false, "mds1 (SSH-2.0-OpenSSH_9.6) and we have no way to encrypt in common", "never"],
  ["reset", banner, true, "mds1: connection lost while logging in as u", "yes"],
  ["All configured authentication methods failed", banner, true, "mds1 does not let u in", "never"],
])("%j after %j", (said, heard, isAuthenticating, summary, again) => {
  const failure = failureOf(endpoint, said, heard, isAuthenticating, progress());
  expect([failure.error.summary, failure.again]).toEqual([summary, again]);
});

describe("what was tried", () => {
  const way = (name: string, method: Way["method"]) => ({ say: () => name, method, attempt: {} }) as unknown as Way;
  test("names what the server takes, and what it does not", () => {
    const tried = authenticationProgress({ ways: [way("key", "publickey"), way("word", "password")], unusable: ["locked"] });
    expect([tried.next(null)?.method, tried.next(["publickey"])]).toEqual(["publickey", undefined]);
    expect(tried.report().split("\n")).toEqual([
      "tried: key",
      "word: not tried, the server does not take it",
      "not tried: locked",
      "the server takes: publickey",
    ]);
  });
  test("says that the server did not say", () => expect(progress().report()).toBe("the server takes: it did not say what"));
});

test("keys that are known are asked for first, certificates only where their authority is known", () => {
  const offered = (known: string[], certificates: boolean, not: string[] = []) =>
    algorithms({ known: new Set(known), certificates, not: new Set(not) }).serverHostKey;
  expect(offered(["ecdsa-sha2-nistp256"], false)[0]).toBe("ecdsa-sha2-nistp256");
  expect(offered(["ssh-rsa"], false).slice(0, 3)).toEqual(["rsa-sha2-512", "rsa-sha2-256", "ssh-ed25519"]);
  expect(offered([], false).filter((type) => type.includes("cert"))).toEqual([]);
  expect(offered([], true)[0]).toContain("-cert-v01@openssh.com");
  expect(offered([], false, ["ssh-ed25519"])).not.toContain("ssh-ed25519");
});

describe("a wait", () => {
  test("lasts until the promise is settled", async () => {
    const { promise, resolve } = deferred<void>();
    const order: string[] = [];
    setTimeout(() => {
      order.push("settled");
      resolve();
    }, 5);
    await within(promise, 60_000);
    expect(order).toEqual(["settled"]);
  });
  test("ends without it", async () => expect(await within(new Promise(() => {}), 1)).toBeUndefined());
});
