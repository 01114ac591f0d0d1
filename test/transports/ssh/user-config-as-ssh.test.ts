// ~/.ssh/config as ssh itself reads it: generated configurations, read by both.
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ShareError } from "../../../src/core/errors";
import { readConfig } from "../../../src/transports/ssh/config-reader";
import { localUser, userConfigOf } from "../../../src/transports/ssh/user-config";
import { describeWithSshd } from "../../sshd/describe";
import { testDirectory } from "./support";

const { home } = testDirectory();
const environment = { AG: "/agent", VAR: "value" };
const hosts = ["mds1", "mds2", "MDS1", "gw.example.org", "a.b"];

// ---- what is generated -----------------------------------------------------------------------------------------------------

const among = <T>(...values: T[]) => fc.constantFrom(...values);
const cased = (word: string) => among(word, word.toLowerCase(), word.toUpperCase());

/** A line with this keyword and these arguments, as people write them. */
function line(keyword: string, value: fc.Arbitrary<string>, ends = ["", " ", " # note", "\t#note"]): fc.Arbitrary<string> {
  return fc
    .tuple(among("", "  ", "\t"), cased(keyword), among(" ", "=", " = ", "\t", "  ", " ="), value, among(...ends))
    .map(([before, word, between, text, after]) => `${before}${word}${between}${text}${after}`);
}

const quoted = (value: fc.Arbitrary<string>) =>
  fc.tuple(value, among("", '"', "'")).map(([text, quote]) => `${quote}${text}${quote}`);
const words = (value: fc.Arbitrary<string>, maxLength = 3) =>
  fc.array(value, { minLength: 1, maxLength }).map((list) => list.join(" "));

const pattern = among(
  "mds1",
  "mds2",
  "mds*",
  "m?s1",
  "*",
  "!mds1",
  "!mds*",
  "!*.org",
  "MDS1",
  "*.example.org",
  "a.b",
  "gw*",
  "a?b",
  "[m]ds1",
);
const list = fc.array(pattern, { minLength: 1, maxLength: 3 }).map((patterns) => patterns.join(","));
const criterion = fc
  .tuple(
    among("", "!"),
    among("host", "originalhost", "user", "localuser"),
    among(" ", "="),
    quoted(fc.oneof(list, among("admin", localUser(), "*"))),
  )
  .map(([negation, name, between, value]) => `${negation}${name}${between}${value}`);
const match = fc.oneof(
  among("all", "final", "!final", "canonical", "!canonical", "final all"),
  fc
    .tuple(fc.array(criterion, { minLength: 1, maxLength: 2 }), among("", " final", " !canonical"))
    .map(([all, end]) => all.join(" ") + end),
);

const option = fc.oneof(
  line("HostName", quoted(among("%h.example.org", "gw.example.org", "10.0.0.1", "%h", "Mixed.Case", "x%%y"))),
  line("User", quoted(among("admin", "root", "a#b"))),
  line("Port", quoted(among("22", "2222", "65535", "0", "seven"))),
  line("IdentityFile", quoted(among("~/k1", "%d/k2", "/k3", "none", "~/.ssh/%h-%r"))),
  line("IdentityFile", among('"~/with space"', "~/with\\ space", '~/half" quoted"')),
  line("CertificateFile", quoted(among("~/c1", "/c2"))),
  line("IdentitiesOnly", among("yes", "no", "TRUE", "maybe")),
  line("IdentityAgent", quoted(among("none", "SSH_AUTH_SOCK", "~/ag", "$AG", "%d/%n-%p", "/$" + "{VAR}/x"))),
  line("ProxyJump", among("j1", "u@j2:2200", "j1,u@j2", "ssh://u@j3:22", "u@[::1]:22,j4")),
  // With a comment behind it, 9.2 takes "none" for a host.
  line("ProxyJump", among("none", "NONE"), [""]),
  line("ProxyCommand", among("nc %h %p", "none", 'sh -c "nc %h"')),
  line("UserKnownHostsFile", quoted(among("~/kh1", "/kh2", "none", "%d/%k-%n-%h-%p-%r-%u", "/dev/null"))),
  line("UserKnownHostsFile", words(among("~/kh1", "/kh2", '"%d/with space"'))),
  line("GlobalKnownHostsFile", words(among("/g1", "/g2"), 2)),
  line("HostKeyAlias", quoted(among("alias", "Other"))),
  among("", "# note", "  # note", "Compression yes", "ServerAliveInterval=15"),
);
const include = line(
  "Include",
  words(
    among(
      "conf.d/*.conf",
      "conf.d/*",
      "conf.d",
      "conf.d/a.conf",
      "conf.d/?.conf",
      "conf.d/[ab].conf",
      "conf.d/[!a].conf",
      "conf.d/[^a-b].conf",
      "conf.d/[[:digit:]x].conf",
      "conf.d/[b-z1].conf",
      "conf.d/.*",
      "c*.d/b.conf",
      "[c]onf.d/[]a].conf",
      "conf.d/*/c.conf",
      "*/*/?.conf",
      "conf.d/[a.conf",
      "conf.d/\\\\*",
      "~/.ssh/conf.d/b.conf",
      `${home}/.ssh/co?f.d/1.conf`,
      "nowhere/*",
      '"conf.d/with space"',
    ),
    2,
  ),
);
const block = fc.oneof(line("Host", words(quoted(pattern))), line("Match", match, ["", " ", " # note"]));
const some = (line: fc.Arbitrary<string>, maxLength: number) => fc.array(line, { maxLength }).map((lines) => lines.join("\n"));
const inner = some(fc.oneof({ weight: 4, arbitrary: option }, { weight: 2, arbitrary: block }), 5);
const config = fc.record({
  config: some(
    fc.oneof({ weight: 5, arbitrary: option }, { weight: 3, arbitrary: block }, { weight: 3, arbitrary: include }),
    10,
  ),
  "conf.d/a.conf": inner,
  "conf.d/b.conf": inner,
  "conf.d/1.conf": inner,
  "conf.d/.hidden.conf": inner,
  "conf.d/with space": inner,
  "conf.d/sub/c.conf": inner,
});

// ---- both readings ---------------------------------------------------------------------------------------------------------

interface Reading {
  [option: string]: string | string[] | undefined;
}

/** What the connection says itself, and ssh is given. */
interface Said {
  user?: string | undefined;
  port?: number | undefined;
}

/** undefined where ssh refuses the file. */
function asSsh(host: string, { user, port }: Said = {}): Reading | undefined {
  const said = [...(user ? ["-l", user] : []), ...(port ? ["-p", String(port)] : [])];
  const { status, stdout } = spawnSync("ssh", ["-G", "-F", join(home, ".ssh/config"), ...said, host], {
    env: { PATH: process.env["PATH"], HOME: home, ...environment },
    encoding: "utf8",
    timeout: 10_000,
  });
  if (status !== 0) return undefined;
  const values = (name: string) =>
    stdout
      .split("\n")
      .filter((text) => text.startsWith(`${name} `))
      .map((text) => text.slice(name.length + 1).replaceAll(`${userInfo().homedir}/`, `${home}/`));
  const [one, many] = [(name: string) => values(name)[0], values];
  const identities = many("identityfile");
  return {
    hostname: one("hostname"),
    user: one("user"),
    port: one("port"),
    // Without any, ssh lists those that it tries by itself.
    identityfile: identities.includes("~/.ssh/id_rsa") ? [] : identities,
    certificatefile: many("certificatefile"),
    identitiesonly: one("identitiesonly"),
    identityagent: one("identityagent"),
    proxyjump: one("proxyjump")?.replace("ssh://", ""),
    proxycommand: one("proxycommand"),
    userknownhostsfile: one("userknownhostsfile"),
    globalknownhostsfile: one("globalknownhostsfile"),
    hostkeyalias: one("hostkeyalias"),
  };
}

const ownDefaults = `${home}/.ssh/known_hosts ${home}/.ssh/known_hosts2`;
const systemDefaults = "/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2";

async function asHere(host: string, said: Said = {}): Promise<Reading | undefined> {
  const explicit = new Set((["user", "port"] as const).filter((option) => said[option] !== undefined));
  try {
    const raw = await readConfig({ host, home, localUser: localUser(), explicit, ...said });
    const filled = await userConfigOf(host, { home, environment, explicit, ...said });
    return {
      hostname: filled.hostName ?? host.toLowerCase(),
      user: filled.user ?? localUser(),
      port: String(filled.port ?? 22),
      identityfile: raw.identityFiles,
      certificatefile: raw.certificateFiles,
      identitiesonly: filled.identitiesOnly ? "yes" : "no",
      identityagent: filled.identityAgent,
      proxyjump: filled.proxyJump?.replace("ssh://", ""),
      proxycommand: filled.proxyCommand,
      userknownhostsfile: filled.knownHostsFiles?.join(" ") ?? ownDefaults,
      globalknownhostsfile: filled.globalKnownHostsFiles?.join(" ") ?? systemDefaults,
      hostkeyalias: filled.hostKeyAlias,
    };
  } catch (error) {
    if (!ShareError.isShareError(error) || error.code !== "CANNOT_CONNECT") throw error;
    return undefined;
  }
}

describeWithSshd("S-19 ~/.ssh/config, beside what ssh -G says", "sshd", () => {
  const write = (files: Record<string, string>) => {
    rmSync(join(home, ".ssh"), { recursive: true, force: true });
    for (const [name, text] of Object.entries(files)) {
      const path = join(home, ".ssh", name);
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      writeFileSync(path, `${text}\n`, { mode: 0o600 });
    }
  };

  test("some hundred configurations mean the same to both", async () => {
    const refused: boolean[] = [];
    await fc.assert(
      fc.asyncProperty(config, among(...hosts), among<Said>({}, {}, { user: "me" }, { port: 99 }), async (files, host, said) => {
        write(files);
        const expected = asSsh(host, said);
        refused.push(expected === undefined);
        expect(await asHere(host, said)).toEqual(expected);
      }),
      { numRuns: 200 },
    );
    // Not a comparison of refusals.
    expect(refused.filter((isRefused) => !isRefused).length).toBeGreaterThan(60);
  });

  test.each<[string, Record<string, string>]>([
    [
      "Include within a Host block is for that host alone",
      { config: "Host other\n  Include conf.d/a.conf\nHost *\n  User b", "conf.d/a.conf": "User mallory\nHostName evil" },
    ],
    [
      "a Host block in such a file does not reach out of it",
      {
        config: "Host other\n  Include conf.d/a.conf\nHost *\n  User b",
        "conf.d/a.conf": "Host *\n  User mallory\n  HostName evil",
      },
    ],
    [
      "patterns are globs of the whole path",
      { config: "Include c*.d/*/[a-c].conf", "conf.d/sub/c.conf": "User found", "conf.d/sub/d.conf": "User other" },
    ],
    ["a directory among the files is passed over", { config: "Include conf.d/*\nUser last", "conf.d/sub/c.conf": "User other" }],
  ])("%s", async (_, files) => {
    write(files);
    const expected = asSsh("mds1");
    expect(expected).toBeDefined();
    expect(await asHere("mds1")).toEqual(expected);
  });

  test("tokens of identity files are filled in alike", async () => {
    const names = ["%d/%h-%n-%p-%r-%u-%%-%k-%i-%L-%l", "~/%n", "/$" + "{VAR}x", "relative/%h"];
    write({ config: `HostName %h.Example.org\nUser me\nPort 2222\n${names.map((name) => `IdentityFile "${name}"\n`).join("")}` });
    const { stderr } = spawnSync(
      "ssh",
      ["-v", "-F", join(home, ".ssh/config"), "-o", "BatchMode=yes", "-o", "ProxyCommand=/bin/false", "Host1"],
      {
        env: { PATH: process.env["PATH"], HOME: home, ...environment },
        encoding: "utf8",
        timeout: 10_000,
      },
    );
    const tried = [...stderr.matchAll(/identity file (.*) type -?\d+$/gm)]
      .map(([, file = ""]) => file)
      .filter((file) => !file.endsWith("-cert"));
    const { identityFiles } = await userConfigOf("Host1", { home, environment });
    expect(identityFiles).toEqual(tried.map((file) => file.replace(`${userInfo().homedir}/`, `${home}/`)));
    expect(tried).toHaveLength(names.length);
  });
});
