// ~/.ssh/config, where ssh itself is not asked: what is refused by name, and what the connection's own words leave untouched.
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { isPrivate } from "../../../src/transports/ssh/config-owner";
import { endpointOf } from "../../../src/transports/ssh/endpoint";
import { type Asked, userConfigOf } from "../../../src/transports/ssh/user-config";
import { faultOf, ssh, testDirectory } from "./support";

const { home } = testDirectory();
const file = (name: string) => join(home, ".ssh", name);
const read = (host: string, more: Partial<Asked> = {}) => userConfigOf(host, { home, environment: {}, ...more });
const write = (text: string, name = "config") => writeFileSync(file(name), text, { mode: 0o600 });

const text = `
Host mds1 mds2
  HostName %h.example.org
  Port 2222
  User admin
  IdentityFile ~/.ssh/mds
  IdentityFile "%d/keys/with space"
  UserKnownHostsFile ~/known1 ~/known2
Host mds1
  Port 3333
  HostKeyAlias mds-alias
Match host *.example.org
  identitiesonly TRUE
Host * !mgs !a !::1
  IdentityAgent ~/agent
  ProxyJump a,root@[::1]:2200
`;

describe("~/.ssh/config", () => {
  beforeEach(() => write(text));

  test("the first value found wins, names of options in any case, and tokens are filled in", async () => {
    expect(await read("mds1")).toEqual({
      hostName: "mds1.example.org",
      user: "admin",
      port: 2222,
      identityFiles: [file("mds"), join(home, "keys/with space")],
      certificateFiles: [],
      identitiesOnly: true,
      identityAgent: join(home, "agent"),
      proxyJump: "a,root@[::1]:2200",
      knownHostsFiles: [join(home, "known1"), join(home, "known2")],
      hostKeyAlias: "mds-alias",
    });
    expect(await read("mgs")).toEqual({ identityFiles: [], certificateFiles: [], identitiesOnly: false });
    expect(await read("mds1", { home: "/nowhere" })).toEqual({ identityFiles: [], certificateFiles: [], identitiesOnly: false });
  });

  test.each([
    ["a quote without an end", 'Host "mds1', "a quote has no end"],
    ["a keyword alone", "Host", "has no argument"],
    ["two arguments", "User a b", "more than one argument"],
    ["a port that is none", "Port 0", "is no port"],
    ["a flag that is none", "IdentitiesOnly maybe", "yes or no"],
    ["none among others", "UserKnownHostsFile a none", "none"],
    ["a token that HostName does not know", "HostName %u", "%u"],
    ["a token that is not known", "IdentityFile %C", "%C"],
    ["a variable that is not set", "IdentityFile $" + "{NOWHERE}/x", "NOWHERE"],
    ["the home of somebody else", "IdentityFile ~bob/x", "~bob/x"],
    ["tokens in Include", "Include %d/x", "%d/x"],
    ["a Match without an argument", "Match host", "no argument"],
    ["Match all with others", "Match host a user b all", "stands alone"],
  ])("S-19 what ssh would end at is a fault that names it: %s", async (_, line, said) => {
    write(`${line}\n`);
    const { code, text: told } = await faultOf(read("mds1"));
    expect([code, told]).toEqual(["CANNOT_CONNECT", expect.stringContaining("~/.ssh/config")]);
    expect(told).toContain(said);
  });

  test.each([
    ["Match exec", `Match exec "touch ${home}/ran"\n  User mallory\n`, "Match exec at ~/.ssh/config:1"],
    ["Match localnetwork", "Match localnetwork 10.0.0.0/8\n  ProxyJump other\n", "Match localnetwork"],
    ["Match tagged, in a file that is included", "Match originalhost mds1 tagged x\n  Include more\n", "Match tagged"],
    ["CanonicalizeHostname", "CanonicalizeHostname yes\n", "CanonicalizeHostname"],
    ["RevokedHostKeys", "RevokedHostKeys ~/krl\n", "RevokedHostKeys"],
  ])("S-19 what ssh goes by and we do not is refused by name: %s", async (_, config, said) => {
    write(config);
    write("IdentityFile ~/other\n", "more");
    const { code, text: told } = await faultOf(read("mds1"));
    expect([code, told]).toEqual(["CANNOT_CONNECT", expect.stringContaining(said)]);
  });

  test.each([
    ["for other hosts", 'Match host other exec "true"\n  User mallory\n'],
    ["of what was said before", 'User admin\nMatch exec "true"\n  User mallory\n'],
    ["of nothing that is honoured", 'Match exec "true"\n  Compression yes\nMatch all\n  User admin\n'],
    ["that the connection says itself", 'Match exec "true"\n  User mallory\n  Port 1\n'],
  ])("S-19 what is not evaluated is no matter where it says something %s", async (_, config) => {
    write(config);
    expect((await read("mds1", { user: "admin", port: 22, explicit: new Set(["user", "port"]) })).user).toBe("admin");
  });

  test("S-19 a file that others may write to, or that cannot be read, is refused as by ssh", async () => {
    write("User admin\n", "more");
    write("Include more\n");
    expect((await read("mds1")).user).toBe("admin");
    for (const name of ["more", "config"]) {
      chmodSync(file(name), 0o602);
      const { text: told } = await faultOf(read("mds1"));
      expect(told).toContain(`~/.ssh/${name}`);
      expect(told).toContain("chmod go-w");
      chmodSync(file(name), 0o600);
    }
  });

  test.each([
    ["its owner's alone", "me:x:1000:", "me:x:1000:1000::/home/me:", true],
    ["named for its owner, who is a member, too", "me:x:1000:me", "me:x:1000:1000::/home/me:", true],
    ["one with a further member", "me:x:1000:me,mallory", "me:x:1000:1000::/home/me:", false],
    ["one that somebody else is in by his own entry", "me:x:1000:", "me:x:1000:1000::/:\nmallory:x:1001:1000::/:", false],
    ["one that its owner is not in", "users:x:1000:mallory", "me:x:1000:100::/home/me:", false],
    ["one that nobody is in", "users:x:1000:", "me:x:1000:100::/home/me:", false],
    ["one that is not known here", "", "me:x:1000:1000::/home/me:", false],
    ["one of an owner who is not known here", "me:x:1000:", "", false],
  ])("S-19 a group that may write to it, as to ssh of Debian: %s", (_, groups, users, isTaken) => {
    expect(isPrivate({ uid: 1000, gid: 1000 }, groups, users)).toBe(isTaken);
  });

  test("a folder in its place, or below a file, is like none", async () => {
    const none = await read("other", { home: "/nowhere" });
    write("Include folder below/config\nUser me\n");
    mkdirSync(file("folder"));
    write("", "below");
    expect(await read("other")).toEqual({ ...none, user: "me" });
  });

  test("S-19 files that include each other are no endless loop", async () => {
    write("Include config\n");
    expect((await faultOf(read("mds1"))).text).toContain("without end");
  });

  test("S-19 tokens of the way are filled in", async () => {
    write("Host mds1\n  HostName %h.example.org\n  Port 2222\n  User me\n  ProxyJump %r@bastion-%n.%h:%p\n");
    const made = await endpointOf(ssh({}, "mds1"), "mds1", { environment: {}, home });
    expect(made.jump?.[0]).toMatchObject({ host: "bastion-mds1.mds1.example.org", user: "me", port: 2222 });
  });

  test("S-19 of ProxyCommand and ProxyJump the first one counts", async () => {
    write("ProxyCommand nc %h %p\nProxyJump bastion\n");
    expect(await read("mds1")).toMatchObject({ proxyCommand: "nc %h %p" });
    expect(await read("mds1")).not.toHaveProperty("proxyJump");
    write("ProxyCommand none\nProxyJump bastion\n");
    expect(await read("mds1")).toEqual({ identityFiles: [], certificateFiles: [], identitiesOnly: false });
  });

  describe("with files", () => {
    beforeEach(() => {
      mkdirSync(file("conf.d"), { recursive: true });
      write("User one\nHost other\n  Port 1\n", "conf.d/1.conf");
      write("Port 22222\n", "conf.d/2.conf");
      write(`Host mds1 mds2\n  Include conf.d/*.conf\n  HostKeyAlias alias\n${text}`);
    });

    test("S-19 what is included stands in the block that includes it, which goes on behind it", async () => {
      expect(await read("mds1")).toMatchObject({ user: "one", port: 22222, hostKeyAlias: "alias" });
      expect(await read("elsewhere")).not.toHaveProperty("port");
      expect(await read("other")).not.toHaveProperty("port");
    });

    test("explicit values win over it", async () => {
      const around = { environment: { SSH_AUTH_SOCK: "/agent" }, home };
      const spec = ssh(
        { user: "me", port: 22, privateKeyPath: "~/key", knownHostsPath: "~/known", jump: ssh({}, "mgs") },
        "mds1",
      );
      expect(await endpointOf(spec, "mds1", around)).toMatchObject({
        host: "mds1",
        address: "mds1.example.org",
        user: "me",
        port: 22,
        hostKeyAlias: "alias",
        knownHostsFiles: [join(home, "known")],
        credentials: { keyFiles: [join(home, "key")], guessed: false },
        jump: [{ host: "mgs", address: "mgs" }],
        connectTimeoutMs: 20_000,
        keepaliveMs: 15_000,
      });
    });

    test("without values of the connection its own are used, then defaults", async () => {
      const around = { environment: { SSH_AUTH_SOCK: "/agent" }, home };
      const { credentials, knownHostsFiles, jump } = await endpointOf(ssh({}, "mds1"), "mds1", around);
      expect(credentials).toEqual({
        keyFiles: [file("mds"), join(home, "keys/with space")],
        certificateFiles: [],
        guessed: true,
        agent: join(home, "agent"),
        agentFirst: false,
        agentOnlyKeyFiles: true,
      });
      expect(knownHostsFiles).toEqual([join(home, "known1"), join(home, "known2"), "/etc/ssh/ssh_known_hosts"]);
      const [last] = jump ?? [];
      expect(last).toMatchObject({ host: "::1", address: "::1", port: 2200, user: "root", jump: [{ host: "a", port: 22 }] });

      const mgs = await endpointOf(ssh({}, "mgs"), "mgs", around);
      expect(mgs.credentials).toMatchObject({ agent: "/agent", agentFirst: true, guessed: true });
      expect(mgs.knownHostsFiles[0]).toBe(file("known_hosts"));
      expect(mgs.jump).toBeUndefined();
    });
  });
});
