// sharewright sudoers without hosts: files that sudo can read, for whoever needs one.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { sudoersText } from "../../src/fronts/lustre/sudoers-file";
import type { ConnectionSpec } from "../../src/spec/connection";
import type { FileSystemSpec } from "../../src/spec/lustre";
import { type Managed, stackOf } from "../executor/support";
import { fileSystemSpec } from "../file-system";
import { type Document, runCli, stackDocument } from "./support";

const hasVisudo = spawnSync("visudo", ["-V"]).status === 0;
let directory = "";
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const ssh = (host: string, more: object = {}): ConnectionSpec => ({
  type: "ssh",
  hosts: [host],
  user: "storage",
  sudo: ["sudo", "-n"],
  ...more,
});

function write(more: Partial<FileSystemSpec>, overrides: Record<string, Record<string, string>> = {}): void {
  const stack = stackOf(fileSystemSpec({ client: ssh("client1"), mds: { connection: ssh("mds1") }, mgs: ssh("mgs1"), ...more }));
  const objects: Managed[] = [stack.share("a")];
  directory = mkdtempSync(join(tmpdir(), "sharewright-sudoers-"));
  const target = join(directory, "cdktf.out/stacks/stack");
  mkdirSync(target, { recursive: true });
  const document = stackDocument("null_resource", JSON.stringify(stack.fileSystem), objects, overrides);
  writeFileSync(join(target, "cdk.tf.json"), JSON.stringify(document));
}

const sudoers = (...args: string[]) => runCli(["sudoers", ...args], { PASSWORD: "x" }, directory);
const json = async (...args: string[]): Promise<Document> => JSON.parse((await sudoers("--json", ...args)).stdout);

const visudo = (input: string) => spawnSync("visudo", ["-c", "-q", "-s", "-f", "-"], { input, encoding: "utf8" });

describe("one file for each connection with sudo", () => {
  test("with the roles, hosts and user that it is for", async () => {
    write({ servers: [ssh("mds1"), ssh("oss1"), ssh("oss2")] });
    const { files, without } = await json("--offline");
    expect(files.map(({ roles, hosts, user }: Document) => [roles, hosts, user])).toEqual([
      [["client"], ["client1"], "storage"],
      [["mds", "server"], ["mds1"], "storage"],
      [["mgs"], ["mgs1"], "storage"],
      [["server"], ["oss1", "oss2"], "storage"],
    ]);
    expect(without).toEqual([]);
    expect(files[1].file).toBe("/etc/sudoers.d/sharewright-stack-mds-server");
    expect(files[2].rules).toContainEqual({ group: "looks", command: "/usr/sbin/lctl", arguments: "dl" });
  });

  test("and none for who needs none", async () => {
    write({ client: { type: "local" }, mds: { connection: ssh("mds1", { sudo: undefined }) } });
    const { files, without } = await json("--offline");
    expect(files.map(({ roles }: Document) => roles)).toEqual([["mgs"]]);
    expect(without.map(({ roles }: Document) => roles)).toEqual([["client"], ["mds"]]);
    const { stdout, exitCode } = await sudoers("--offline", "--role", "server");
    expect([stdout, exitCode]).toEqual(["# the stack has no server: no rules needed\n", 0]);
  });

  test("for the role and the user that are asked for", async () => {
    write({});
    const { stdout } = await sudoers("--offline", "--role", "mgs", "--user", "someone");
    expect(stdout).toContain('"someone" ALL=(root) NOPASSWD: SHAREWRIGHT_STACK_MGS_LOOKS, ');
    expect(stdout).not.toContain("storage");
    expect(stdout).not.toContain("setquota");
    expect((await sudoers("--user", 'x" ALL')).exitCode).toBe(2);
    expect((await sudoers("--role", "oss")).exitCode).toBe(2);
  });

  test("with what is only for bootstrap in an alias of its own, and a word on what amounts to root", async () => {
    write({});
    const { stdout } = await sudoers("--offline", "--role", "mgs");
    const [, settings = ""] = stdout.split("Cmnd_Alias SHAREWRIGHT_STACK_MGS_SETTINGS");
    expect(settings).toContain("nodemap_activate 1");
    expect(stdout.split("SETTINGS")[0]).not.toContain("nodemap_activate");
    expect(stdout.match(/AMOUNTS TO ROOT/g)?.length).toBe(3);
  });

  test("says what it does not know: hosts that cannot be asked, other programs than sudo", async () => {
    write({ client: ssh("127.0.0.1", { port: 1, passwordFromEnv: "PASSWORD" }), mgs: ssh("mgs1", { sudo: ["doas"] }) });
    const { stdout, exitCode } = await sudoers("--role", "client");
    expect(exitCode).toBe(0);
    expect(stdout).toContain("# Paths of tools are the usual ones: the host could not be asked (CANNOT_CONNECT: ");
    expect((await sudoers("--role", "mgs", "--offline")).stdout).toContain(
      "runs commands by doas, which does not read this file",
    );
  });

  test("shares that were adopted elsewhere are named one by one", async () => {
    write({}, { "shares/a": { fileset: "/home/old+data" } });
    const { stdout } = await sudoers("--offline", "--role", "client");
    expect(stdout).toContain("/usr/bin/chown ^--no-dereference [0-9]+:[0-9]+ /mnt/lustre/home/old\\+data$");
    expect(stdout).not.toMatch(/AMOUNTS TO ROOT of the host\.$/m);
  });

  test("a share adopted from within the place of another is named, and what that amounts to", async () => {
    write({}, { "shares/a": { fileset: "/shares/sub/data" } });
    const { stdout } = await sudoers("--offline", "--role", "client");
    expect(stdout).toContain("/usr/bin/chown ^--no-dereference [0-9]+:[0-9]+ /mnt/lustre/shares/sub/data$");
    expect(stdout).toContain("# /shares/sub/data lies where the rules make other shares");
  });
});

test("aliases of two stacks never have the same name", () => {
  const text = (stack: string) =>
    sudoersText({
      ...{ stack, roles: ["mgs"], hosts: ["mgs1"], user: "storage", paths: new Map(), notes: [] },
      grants: [{ group: "looks", tool: "true", args: "" }],
    });
  const alias = (stack: string) => /Cmnd_Alias (\S+)/.exec(text(stack))?.[1];
  const stacks = ["my-stack", "my_stack", "My-Stack", "my.stack", "mystack", "my"];
  expect(new Set(stacks.map(alias)).size).toBe(stacks.length);
  for (const stack of stacks) expect(alias(stack)).toMatch(/^SHAREWRIGHT_[A-Z0-9_]+_MGS_LOOKS$/);
  expect(alias("mystack")).toBe("SHAREWRIGHT_MYSTACK_MGS_LOOKS");
});

describe.skipIf(!hasVisudo)(hasVisudo ? "visudo" : "visudo [not run: no visudo]", () => {
  test("understands the file of every role, whatever the version", async () => {
    for (const lustreVersion of ["2.16", "2.17"] as const) {
      write({ lustreVersion, servers: [ssh("oss1")] });
      const { files } = await json("--offline");
      expect(files.length).toBe(4);
      // All on one host, and a user for whom each might be: names of aliases must differ.
      for (const text of [...files.map(({ text }: Document) => text), files.map(({ text }: Document) => text).join("\n")]) {
        const { status, stdout, stderr } = visudo(text);
        expect(status, stdout + stderr).toBe(0);
      }
      rmSync(directory, { recursive: true, force: true });
    }
  });

  test.each([
    ["a mount point of all that means something", { mountPoint: '/mnt/a, b:c=d(e)#f!g"h\\i$j*k?l[m]n{o}p|q+r^s.t@u%v' }],
    ["a user of a domain", { client: ssh("client1", { user: "dom\\some.user-1$" }) }],
    ["a user called like an alias", { client: ssh("client1", { user: "ALL" }) }],
    ["the longest names", { mountPoint: `/mnt/${"m".repeat(60)}`, pathPrefix: `${"p".repeat(49)}/${"q".repeat(50)}` }],
  ] as [string, Partial<FileSystemSpec>][])("understands %s", async (_, more) => {
    write(more);
    const { stdout } = await sudoers("--offline", "--role", "client");
    const { status, stdout: said, stderr } = visudo(stdout);
    expect(status, said + stderr).toBe(0);
  });
});
