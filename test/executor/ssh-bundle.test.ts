// What is built leaves out of ssh2 what most hooks do not use (scripts/bundle.mjs): the rest still speaks all that is offered.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { describeWithSshd } from "../sshd/describe";
import { startHosts } from "../sshd/hosts";
import { bundle, startSite } from "./support";

test("the bundle of SSH loads nothing of Node that only other uses of ssh2 need", () => {
  const text = readFileSync(join(dirname(bundle), "sharewright-ssh.cjs"), "utf8");
  const loaded = new Set([...text.matchAll(/require\("(?:node:)?([a-z_/]+)"\)/g)].map(([, name]) => name));
  expect(loaded).toContain("crypto");
  const others = ["http", "https", "tls", "zlib", "dns", "child_process", "assert", "fs/promises", "perf_hooks"];
  expect(others.filter((name) => loaded.has(name))).toEqual([]);
});

describeWithSshd("a hook over SSH, as built", "sshd", () => {
  test("speaks with hosts that take one algorithm of each sort, through a jump host", { timeout: 120_000 }, async () => {
    const site = await startSite();
    const hosts = await startHosts({
      sandbox: site.dir,
      jump: true,
      sshd: {
        client: { config: ["Ciphers chacha20-poly1305@openssh.com", "KexAlgorithms diffie-hellman-group14-sha256"] },
        mds: { config: ["Ciphers aes256-ctr", "MACs hmac-sha2-512", "KexAlgorithms ecdh-sha2-nistp384"] },
        mgs: { config: ["Ciphers aes256-gcm@openssh.com"] },
      },
    });
    try {
      const { client, mds, mgs } = hosts.connections;
      const stack = site.stack({ client, mgs, mds: { connection: mds } });
      const ended = [
        await site.spawn(stack.share("a").apply),
        await site.spawn(stack.rule("a", "cpu", { clients: "10.1.0.0/24" }).apply),
      ];
      expect(ended.map(({ exitCode, stderr }) => [exitCode, stderr])).toEqual([
        [0, ""],
        [0, ""],
      ]);
      expect(ended.map(({ stdout }) => /: as described/.test(stdout))).toEqual([true, true]);
    } finally {
      await hosts.stop();
      site.remove();
    }
  });
});
