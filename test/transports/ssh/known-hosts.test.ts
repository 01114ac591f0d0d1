import { spawnSync } from "node:child_process";
import { createHmac } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { matchesHosts, parseKnownHosts } from "../../../src/transports/ssh/known-hosts";
import { hashedName } from "../../sshd/known-hosts";
import { hasSshKeygen, testDirectory } from "./support";

const { dir } = testDirectory();
const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINXtjHeCOMdV5Pxawg1lMmbULkFv0fj/yLd8RBV7ZwdL";

describe("known_hosts", () => {
  test.each<[hosts: string, name: string, matches: boolean]>([
    ["mds1", "mds1", true],
    ["mds1", "MDS1", true],
    ["MDS1", "mds1", true],
    ["mds1", "mds10", false],
    ["mds1,mds2", "mds2", true],
    ["mds?", "mds2", true],
    ["mds?", "mds", false],
    ["*.example.org", "mds1.example.org", true],
    ["*.example.org", "mds1xexample.org", false],
    ["*.example.org,!mds1.example.org", "mds1.example.org", false],
    ["!mds1.example.org,*.example.org", "mds2.example.org", true],
    ["!mds1", "mds2", false],
    ["[mds1]:2222", "[mds1]:2222", true],
    ["[mds1]:2222", "mds1", false],
    ["mds1", "[mds1]:2222", false],
    ["[*]:2222", "[mds1]:2222", true],
    ["[mds1]:*", "[mds1]:2222", true],
    ["10.0.0.*", "10.0.0.7", true],
    ["10.0.0.7", "10x0x0x7", false],
    ["fe80::1%eth0", "fe80::1%eth0", true],
    ["|1|broken", "mds1", false],
    ["|2|AAAA|AAAA", "mds1", false],
  ])("%s means %s: %s", (hosts, name, matches) => {
    expect(matchesHosts(hosts, name)).toBe(matches);
  });

  test("a hashed name means what the plain name means", () => {
    const names = fc.stringMatching(/^[a-z0-9.:[\]-]{1,30}$/);
    fc.assert(
      fc.property(names, names, fc.uint8Array({ minLength: 1, maxLength: 20 }), (name, other, salt) => {
        const hash = createHmac("sha1", salt).update(name).digest("base64");
        const hashed = `|1|${Buffer.from(salt).toString("base64")}|${hash}`;
        expect(matchesHosts(hashed, name)).toBe(true);
        expect(matchesHosts(hashed, other)).toBe(matchesHosts(name, other));
      }),
    );
  });

  test("reads markers, and leaves out comments and lines that are broken or of other kinds", () => {
    const text = [
      "# comment",
      "",
      `mds1 ${key} root@mds1`,
      `  @cert-authority\t*.example.org ${key}`,
      `@revoked * ${key}\r`,
      `@other * ${key}`,
      "mds1",
      "mds1 ssh-ed25519",
      "mds1 ssh-ed25519 nonsense",
      `mds1 ssh-rsa ${key.split(" ")[1]}`,
      "mds1 1024 35 1234567890",
    ].join("\n");
    expect(parseKnownHosts(text, "file").map(({ marker, hosts, place }) => [marker, hosts, place])).toEqual([
      [undefined, "mds1", "file:3"],
      ["@cert-authority", "*.example.org", "file:4"],
      ["@revoked", "*", "file:5"],
    ]);
  });

  test.skipIf(!hasSshKeygen)("finds the lines that ssh-keygen -F finds", () => {
    const fields = [
      "mds1",
      "mds1,mds2",
      "mds?",
      "*,!mds2",
      "[mds1]:2222",
      "[*]:2222",
      "[mds?]:*",
      "MDS1",
      hashedName("mds1"),
      hashedName("[mds1]:2222"),
    ];
    const file = join(dir, "known_hosts");
    writeFileSync(file, fields.map((hosts) => `${hosts} ${key}\n`).join(""));
    for (const name of ["mds1", "mds2", "mds3", "[mds1]:2222", "[mds2]:22"]) {
      const { stdout } = spawnSync("ssh-keygen", ["-F", name, "-f", file], { encoding: "utf8" });
      const judge = [...stdout.matchAll(/found: line (\d+)/g)].map(([, line]) => Number(line));
      expect([name, fields.flatMap((hosts, index) => (matchesHosts(hosts, name) ? [index + 1] : []))]).toEqual([name, judge]);
    }
  });
});
