import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { endpointOf } from "../../../src/transports/ssh/endpoint";
import { readUserConfigText, userConfigOf } from "../../../src/transports/ssh/user-config";
import { faultOf, ssh, testDirectory } from "./support";

const { home } = testDirectory();

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
  identitiesonly YES
Match exec "touch ${home}/ran"
  User mallory
Host * !mgs !a !::1
  IdentityAgent ~/agent
  ProxyJump a,root@[::1]:2200
`;

describe("~/.ssh/config", () => {
  test("the first value found wins, names of options in any case, and tokens are filled in", async () => {
    expect(await userConfigOf(text, "mds1", home)).toEqual({
      hostName: "mds1.example.org",
      user: "admin",
      port: 2222,
      identityFiles: [join(home, ".ssh/mds"), join(home, "keys/with space")],
      identitiesOnly: true,
      identityAgent: join(home, "agent"),
      proxyJump: "a,root@[::1]:2200",
      knownHostsFiles: [join(home, "known1"), join(home, "known2")],
      hostKeyAlias: "mds-alias",
    });
    expect(await userConfigOf(text, "mgs", home)).toEqual({ identityFiles: [], identitiesOnly: false });
    expect(await userConfigOf(undefined, "mds1", home)).toEqual({ identityFiles: [], identitiesOnly: false });
  });

  test("a file that cannot be understood is a fault that names it", async () => {
    const { code, text: said } = await faultOf(userConfigOf('Host "mds1', "mds1", home));
    expect([code, said]).toEqual(["CANNOT_CONNECT", expect.stringContaining("~/.ssh/config")]);
  });

  describe("with files", () => {
    beforeAll(() => {
      mkdirSync(join(home, ".ssh/conf.d"));
      writeFileSync(join(home, ".ssh/conf.d/1.conf"), "User one\nHost other\n  Port 1\n");
      writeFileSync(join(home, ".ssh/conf.d/2.conf"), "Port 22222\n");
      writeFileSync(join(home, ".ssh/config"), `Host mds1 mds2\n  Include conf.d/*.conf\n  HostKeyAlias alias\n${text}`);
    });

    test("what is included stands in the block that includes it, which goes on behind it", async () => {
      const whole = await readUserConfigText(home);
      expect(await userConfigOf(whole, "mds1", home)).toMatchObject({ user: "one", port: 22222, hostKeyAlias: "alias" });
      expect(await userConfigOf(whole, "elsewhere", home)).not.toHaveProperty("port");
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
        keyFiles: [join(home, ".ssh/mds"), join(home, "keys/with space")],
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
      expect(mgs.knownHostsFiles[0]).toBe(join(home, ".ssh/known_hosts"));
      expect(mgs.jump).toBeUndefined();
    });
  });
});
