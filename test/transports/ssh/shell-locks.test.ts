// What a shell does not take for a lock, and when it refuses one: with words in the place of sudo that behave as sudo may.
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { type SshTransport, sshTransport } from "../../../src/transports/ssh";
import { localPool } from "./local-channel";
import { testDirectory } from "./support";

const { dir } = testDirectory();
const file = (leaf: string) => join(dir, leaf);
const shells = ["/usr/bin/dash", "/usr/bin/bash"].filter((shell) => existsSync(shell));
const applicant = { name: "us", onWait() {} };

describe.each(shells)("a shell of %s", (shell) => {
  const open: SshTransport[] = [];
  const connect = (sudo?: string[], environment = process.env): SshTransport => {
    const pool = localPool({ shell: [shell], environment });
    const transport = sshTransport({ type: "ssh", hosts: ["here"], ...(sudo ? { sudo } : {}) }, { pool });
    open.push(transport);
    return transport;
  };
  const script = (name: string, text: string): string[] => {
    writeFileSync(file(name), `#!/bin/sh\n${text}\n`);
    chmodSync(file(name), 0o755);
    return [file(name)];
  };
  afterEach(async () => {
    await Promise.all(open.splice(0).map((transport) => transport.close()));
  });

  test("a lock that others hold is not had, whatever else is said where its holder answers", async () => {
    const noisy = script("noisy", 'echo "welcome, root"; "$@"; exit $?');
    const lock = file("noisy.lock");
    const other = spawn("flock", [lock, "sleep", "30"]);
    try {
      while (!isHeld(lock)) await new Promise((resolve) => setTimeout(resolve, 20));
      expect((await connect(noisy).lock(lock, 1000, applicant)).result.exitCode).toBe(1);
    } finally {
      other.kill();
    }
    const free = file("noisy-free.lock");
    expect((await connect(noisy).lock(free, 1000, applicant)).result.exitCode).toBe(0);
    expect(isHeld(free)).toBe(true);
  });

  test("where sudo does not stay the parent of a command, which then would inherit no lock, none is had", async () => {
    const gone = script("gone", 'exec "$@"');
    const { result } = await connect(gone).lock(file("gone.lock"), 1000, applicant);
    expect(result.exitCode).toBe(75);
    expect(result.stderr).toContain("no command would inherit a lock");
    expect(isHeld(file("gone.lock"))).toBe(false);
  });

  test("a TMPDIR that is not there is no lock that is not there", async () => {
    const transport = connect(undefined, { ...process.env, TMPDIR: "/none/at/all" });
    expect((await transport.lock(file("tmp.lock"), 1000, applicant)).result).toMatchObject({ exitCode: 0, stderr: "" });
  });
});

function isHeld(lock: string): boolean {
  try {
    execFileSync("flock", ["-n", lock, "true"]);
    return false;
  } catch {
    return true;
  }
}
