// Least privilege for real: users who may run by sudo what the printed files allow and nothing else; and what doctor says of connections.
import { chmodSync, constants, mkdirSync, openSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { applyRule } from "../../src/backends/lustre/access/apply";
import { destroyRule } from "../../src/backends/lustre/access/destroy";
import { bootstrap } from "../../src/backends/lustre/bootstrap";
import { applyShare } from "../../src/backends/lustre/share/apply";
import { destroyShare } from "../../src/backends/lustre/share/destroy";
import type { Site } from "../../src/backends/lustre/site";
import { command } from "../../src/core/command";
import { attempt, type Host } from "../../src/core/host";
import { silentLog } from "../../src/core/log";
import { withSite } from "../../src/fronts/lustre/site";
import { readState } from "../../src/sandbox/store";
import type { ConnectionSpec, SshConnectionSpec } from "../../src/spec/connection";
import type { FileSystemSpec, ShareSpec } from "../../src/spec/lustre";
import { bundle, execute, expectSuccess, stackOf } from "../executor/support";
import { fileSystemSpec } from "../file-system";
import { describeWithSshd } from "../sshd/describe";
import { type Key, makeKey } from "../sshd/keys";
import { knownHostsLine, knownHostsName, writeKnownHosts } from "../sshd/known-hosts";
import { userOf } from "../sshd/rig";
import { type Sshd, startSshd } from "../sshd/server";
import { addSudoers } from "../sshd/sudoers";
import { faultOf, testDirectory } from "../transports/ssh/support";
import { type Document, runCli, stackDocument } from "./support";

const { dir, home } = testDirectory();

describeWithSshd("users with just these rules", "sshd and users", () => {
  let server: Sshd;
  let key: Key;
  let fileSystem: FileSystemSpec;
  const removals: (() => void)[] = [];
  const before = { HOME: process.env["HOME"], SHAREWRIGHT_RUN_DIR: process.env["SHAREWRIGHT_RUN_DIR"] };
  const sandbox = join(dir, "sandbox");
  const mount = join(sandbox, "mnt");
  const work = join(dir, "work");
  const directory = join(work, "cdktf.out/stacks/stack");

  beforeAll(async () => {
    key = makeKey(dir, { name: "key" });
    server = await startSshd({ authorizedKeys: [key], config: ["MaxSessions 50"] });
    writeKnownHosts(join(dir, "known"), server.knownHostsLines);
    const start = [process.execPath, bundle, "sandbox", "start", "--bare", "--dir", sandbox];
    expectSuccess(start, await execute(start));
    chmodSync(dir, 0o755); // other users look for the sandbox's tools
    process.env["HOME"] = home;
    process.env["SHAREWRIGHT_RUN_DIR"] = join(sandbox, "run", "made");
    const on = (host: string, user: string): ConnectionSpec => ({
      type: "ssh",
      hosts: ["127.0.0.1"],
      port: server.port,
      user,
      privateKeyPath: key.path,
      knownHostsPath: join(dir, "known"),
      sudo: ["sudo", "-n"],
      path: [join(sandbox, "hosts", host, "bin")],
    });
    const mds = on("mds", userOf("tcsh").name);
    fileSystem = fileSystemSpec({
      mountPoint: mount,
      pathPrefix: "shares/x",
      revocation: "cut",
      client: on("client", userOf("bash").name),
      mds: { connection: mds },
      mgs: on("mgs", userOf("fish").name),
      servers: [mds, on("oss", userOf("tcsh").name)],
    });
    mkdirSync(directory, { recursive: true });
    write(fileSystem);
    const { files } = await json("sudoers");
    for (const { text } of files) removals.push(addSudoers(text));
  });
  afterAll(async () => {
    for (const [name, value] of Object.entries(before)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    for (const remove of removals) remove();
    await server?.stop();
  });

  function write(spec: FileSystemSpec): void {
    const document = stackDocument("null_resource", JSON.stringify(spec), [stackOf(spec).share("a")]);
    writeFileSync(join(directory, "cdk.tf.json"), JSON.stringify(document));
  }
  // Any program that ends well passes for Terraform.
  const sharewright = (...args: string[]) => runCli(args, { ...process.env, TERRAFORM_BINARY_NAME: "true" }, work);
  const json = async (...args: string[]): Promise<Document> => JSON.parse((await sharewright(...args, "--json")).stdout);
  const onSite = <T>(work: (site: Site) => Promise<T>) => withSite(fileSystem, silentLog(), work);

  test("paths of tools are those of the host", async () => {
    const { stdout } = await sharewright("sudoers", "--role", "mgs");
    expect(stdout).toContain("# Paths of tools are those found on 127.0.0.1.");
    expect(stdout).toContain(`    ${sandbox}/hosts/mgs/bin/lctl ^dl$`);
    expect(stdout).toMatch(/ \/(usr\/)?bin\/kill \^-s TERM/);
  });

  test("a tool from a directory that the user may write to is not named in a rule", async () => {
    const own = join(dir, "own");
    mkdirSync(own);
    writeFileSync(join(own, "lctl"), "#!/bin/sh\n", { mode: 0o755 });
    chmodSync(own, 0o777);
    write({ ...fileSystem, mgs: { ...fileSystem.mgs, path: [own] } as ConnectionSpec });
    const { stdout } = await sharewright("sudoers", "--role", "mgs");
    write(fileSystem);
    expect(stdout).toContain("    /usr/sbin/lctl ^dl$");
    expect(stdout).toContain(`# Not known to be writable by root alone, so with the usual paths instead: ${own}/lctl.`);
    expect(stdout).toMatch(/ \/(usr\/)?bin\/kill \^-s TERM/);
  });

  test("a file system is prepared, a share made, opened, changed, closed and destroyed", async () => {
    const spec: ShareSpec = {
      fileset: "/shares/x/a",
      size: 1024n ** 3n,
      owner: { uid: 1000, gid: 1000 },
      mode: 0o2770,
      removalPolicy: "destroy",
      adopt: false,
    };
    const rule = {
      share: "shares/x/a",
      fileset: "/shares/x/a",
      clients: ["10.1.0.0/24"],
      level: "rw" as const,
      squash: { kind: "root" as const },
      advisoryReadOnly: false,
      adopt: false,
    };
    const limited = () => Object.values(readState(sandbox).quotas).filter(({ blockHard }) => blockHard > 0);
    // Locks are held until the end of a site's work, as of a hook's process.
    await onSite(bootstrap);
    await onSite((site) => applyShare(site, { key: "shares/x/a", claim: "c", spec }));
    await onSite((site) =>
      applyShare(site, { key: "shares/x/a", claim: "c", spec: { ...spec, size: 2n ** 31n, owner: { uid: 7, gid: 1000 } } }),
    );
    await onSite((site) => applyRule(site, { key: "shares/x/a#cpu", claim: "r", spec: rule }));
    expect(limited().length).toBe(1);
    await onSite((site) => destroyRule(site, "shares/x/a#cpu", "r"));
    await onSite((site) => destroyShare(site, "shares/x/a", "c"));
    expect(limited()).toEqual([]);
  });

  test("what is not in the file is refused", async () => {
    await onSite(async ({ client, mgs }) => {
      const refused = async (host: Host, ...argv: [string, ...string[]]) =>
        expect((await faultOf(attempt(host, command(...argv)))).code).toBe("SUDO_REFUSED");
      const share = join(mount, "shares/x/b");
      expect((await attempt(client, command("rmdir", "--", share))).stderr).toContain("No such file");
      await refused(client, "rmdir", "--", `${share}/c`);
      await refused(client, "rmdir", "--", `${share}/../c`);
      await refused(client, "rmdir", "--", share, "/tmp/other");
      await refused(client, "rmdir", "--", `${share} /tmp/other`);
      await refused(client, "rmdir", "-p", "--", share);
      await refused(client, "chmod", "04755", `${share}/.`);
      await refused(client, "id");
      await refused(client, "lctl", "dl");
      await refused(mgs, "lctl", "nodemap_modify", "--name", "default", "--property", "admin", "--value", "1");
      await refused(mgs, "lfs", "getname", "-n", mount);
    });
  });

  test("S-20 a way to root that a rule with other values would be is refused by the real sudo", async () => {
    await onSite(async ({ client, mgs }) => {
      const code = async (host: Host, ...argv: [string, ...string[]]) => {
        const result = await attempt(host, command(...argv)).catch((error) => (error as { code: string }).code);
        return typeof result === "string" ? result : result.stderr;
      };
      const refused = async (...argv: [string, ...string[]]) =>
        expect(await code(client, ...argv), argv.join(" ")).toBe("SUDO_REFUSED");
      const prefix = join(mount, "shares/x");

      // A directory in which the user could make links, for chmod to follow.
      for (const mode of ["0777", "0733", "0711777"]) await refused("mkdir", "-m", mode, "--", prefix);
      await refused("mkdir", "-m", "0777", "--", join(mount, "shares"));
      await refused("mkdir", "-m", "0777", "--", join(mount, ".sharewright/staging/shares:x:b"));
      expect(await code(client, "mkdir", "-m", "0711", "--", prefix)).toContain("File exists");

      // Numbers that kill(1) takes for -1, for 1 and for others.
      for (const pid of ["4294967295", "4294967297", "18446744073709551615", "99999999", "1", "-1"])
        await refused("kill", "-s", "TERM", pid);
      await refused("kill", "-s", "KILL", "--", "-4294967295", "4711");
      await refused("kill", "-s", "KILL", "--", "-1", "4711");
      expect(await code(mgs, "kill", "-s", "TERM", "4294967295")).toBe("SUDO_REFUSED");
      expect(await code(client, "kill", "-s", "TERM", "9999999")).toContain("No such process");

      // What lies in a share is its tenants': links lead anywhere.
      for (const path of [`${prefix}/b/link`, `${prefix}/b/link/shadow`, `${prefix}/../../etc`, `${prefix}/b\n/etc`]) {
        await refused("lfs", "project", path);
        await refused("find", path, "-mindepth", "1", "-maxdepth", "1", "-print", "-quit");
      }
      await refused("tee", join(mount, ".sharewright/locks/shares:x:b~holder"));
    });
  });

  test("S-20 a file in the place of a share gets no mode, so no set-group-id bit of root's", async () => {
    const place = join(mount, "shares/x/evil");
    writeFileSync(place, "#!/bin/sh\n", { mode: 0o644 });
    await onSite(async ({ client }) => {
      const result = await attempt(client, command("chmod", "02755", `${place}/.`));
      expect([result.exitCode, result.stderr]).toEqual([1, expect.stringContaining("Not a directory")]);
      expect((await faultOf(attempt(client, command("chmod", "02755", place)))).code).toBe("SUDO_REFUSED");
    });
    expect(statSync(place).mode & 0o7777).toBe(0o644);
    rmSync(place);
  });

  test("S-20 the file says on what its rules rely, and what amounts to root otherwise", async () => {
    const { stdout } = await sharewright("sudoers", "--offline");
    const text = stdout.replaceAll(/\n# /g, " ");
    expect(text).toContain(`which nobody else may write to: ${mount}/shares/x. Look at each by \`namei -l\``);
    expect(text).toContain(`which nobody else may write to: ${join(sandbox, "run", "made")}.`);
    expect(stdout.match(/AMOUNTS TO ROOT of the host otherwise/g)?.length).toBe(3);
  });

  test("what is beyond its deadline is ended, with sudo", async () => {
    // A pipe that nobody writes to, where the name of a holder would be.
    const pipe = join(mount, ".sharewright/locks/shares:x:pipe~holder");
    expectSuccess(["mkfifo"], await execute(["mkfifo", pipe]));
    await onSite(async ({ client }) => {
      const { code, error } = await faultOf(attempt(client, { argv: ["cat", pipe], timeoutMs: 500 }));
      expect([code, error.said]).toEqual(["DEADLINE", expect.not.stringContaining("may still be running")]);
      expect((await attempt(client, command("true"))).exitCode).toBe(0);
    });
    // Nobody has it open for reading any more.
    expect(() => openSync(pipe, constants.O_WRONLY | constants.O_NONBLOCK)).toThrow("ENXIO");
    rmSync(pipe);
  });

  test("keys that may do nothing but this are enough, on the way as well", async () => {
    const restricted = await startSshd({ authorizedKeys: [key], keyOptions: 'restrict,from="127.0.0.1",command="/bin/sh"' });
    const way = `restrict,from="127.0.0.1",port-forwarding,permitopen="127.0.0.1:${restricted.port}",command="/bin/false"`;
    const bastion = await startSshd({ authorizedKeys: [key], keyOptions: way });
    try {
      writeKnownHosts(join(dir, "two"), [...restricted.knownHostsLines, ...bastion.knownHostsLines]);
      const known = { ...fileSystem.mgs, knownHostsPath: join(dir, "two") } as SshConnectionSpec;
      const { sudo: _, ...jump } = known;
      const mgs = { ...known, port: restricted.port, jump: { ...jump, port: bastion.port } };
      await withSite({ ...fileSystem, mgs }, silentLog(), async (site) => {
        expect((await attempt(site.mgs, command("lctl", "dl"))).stdout).toContain(" mgs MGS ");
      });
      await withSite({ ...fileSystem, mgs: { ...jump, port: bastion.port } }, silentLog(), async (site) => {
        expect((await faultOf(attempt(site.mgs, command("true")))).code).toBe("LOGIN_SHELL");
      });
    } finally {
      await bastion.stop();
      await restricted.stop();
    }
  });

  test("doctor says of each connection who it is, who vouches for it and how we got in", async () => {
    const { checks, connections } = await json("doctor");
    expect(checks.filter(({ verdict }: Document) => verdict !== "good")).toEqual([]);
    expect(connections.map(({ roles }: Document) => roles)).toEqual([["client"], ["mds", "server"], ["mgs"], ["server"]]);
    expect(connections[0].facts).toMatchObject({
      address: `127.0.0.1:${server.port}`,
      user: userOf("bash").name,
      hostKey: { type: "ssh-ed25519", fingerprint: server.hostKeys[0]?.fingerprint, vouchedBy: `${join(dir, "known")}:1` },
      loginShell: "/bin/bash",
      sudo: "works",
    });
    const found = (id: string): string => checks.find((check: Document) => check.id === id)?.found;
    expect(found("host-key-mgs")).toContain(server.hostKeys[0]?.fingerprint);
    expect(found("authentication-client")).toContain(key.fingerprint);
    expect(found("login-shell-mds-server")).toContain("/usr/bin/tcsh");
    expect(found("clock-mgs")).toBe("like this machine's");
    expect(found("tools-mds")).toBe("7 found");
  });

  test("a host that cannot be used is one bad check with what to do, and the others are still looked at", async () => {
    const other = makeKey(dir, { name: "other" });
    writeKnownHosts(join(dir, "changed"), [knownHostsLine(knownHostsName("127.0.0.1", server.port), other)]);
    write({ ...fileSystem, mgs: { ...fileSystem.mgs, knownHostsPath: join(dir, "changed") } as ConnectionSpec });
    const { checks, connections } = await json("doctor");
    const bad = checks.filter(({ verdict }: Document) => verdict === "bad");
    expect(bad.map(({ id }: Document) => id)).toEqual(["connection-mgs"]);
    expect(bad[0].found).toContain("HOST_KEY_CHANGED");
    expect(bad[0].fix).toContain(server.hostKeys[0]?.publicKey);
    expect(connections.find(({ roles }: Document) => roles.includes("mgs")).error).toMatchObject({ code: "HOST_KEY_CHANGED" });
    const verdict = (id: string): string => checks.find((check: Document) => check.id === id)?.verdict;
    expect([verdict("quota-enabled"), verdict("tools-client"), verdict("access")]).toEqual(["good", "good", "unknown"]);
    const { stdout, exitCode } = await sharewright("doctor");
    expect(exitCode).toBe(3);
    expect(stdout).toContain("connection of mgs");
    write(fileSystem);
  });

  test("looking takes the rules for looking alone", async () => {
    for (const remove of removals.splice(0)) remove();
    const { files } = await json("sudoers");
    // The last line names the aliases in their order, which begins with looks.
    for (const { text } of files) removals.push(addSudoers(`${text.trimEnd().replace(/, \S+(, \S+)*$/, "")}\n`));
    await onSite(async ({ client }) => {
      const argv = ["mkdir", "-m", "0700", "--", join(mount, ".sharewright")] as const;
      expect((await faultOf(attempt(client, { argv }))).code).toBe("SUDO_REFUSED");
    });
    expect((await json("doctor")).checks.filter(({ verdict }: Document) => verdict !== "good")).toEqual([]);
    const { error, ...plan } = await json("plan");
    expect(error).toBeUndefined();
    expect(JSON.stringify(plan)).toContain("shares/x/a");
  });

  test("sudo that refuses is a bad check that names the command with the rules", async () => {
    const sh = { ...fileSystem.client, user: userOf("fish").name, path: [] } as ConnectionSpec;
    for (const remove of removals.splice(0)) remove();
    write({ ...fileSystem, client: sh });
    const { checks } = await json("doctor");
    const sudo = checks.find(({ id }: Document) => id === "sudo-client");
    expect(sudo).toMatchObject({ verdict: "bad", found: expect.stringContaining("password is required") });
    expect(sudo.fix).toContain("sharewright sudoers");
    write(fileSystem);
  });
});
