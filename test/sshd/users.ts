// Temporary users, one for each kind of login shell, and those that test files give rights of their own: files run at the same time.
import { randomBytes } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive, processes, run, send } from "./processes";
import { addSudoers, removeOldSudoers } from "./sudoers";

const shells = {
  sh: "/bin/sh",
  bash: "/bin/bash",
  tcsh: "/usr/bin/tcsh",
  fish: "/usr/bin/fish",
  nologin: "/usr/sbin/nologin",
  secrets: "/bin/bash",
  "secrets-e2e": "/bin/bash",
  "sudo-rig": "/bin/bash",
  "sudo-ssh": "/bin/bash",
} as const;
export type UserName = keyof typeof shells;

const withPassword: readonly UserName[] = ["bash", "secrets", "secrets-e2e"];

export interface TestUser {
  name: string;
  home: string;
  is: UserName;
  /** May do everything as root by `sudo -n`: the one with sh. */
  sudo: boolean;
  password?: string;
}

const lock = "/run/sharewright-test-users.lock";

/** Makes them, named after this process. Needs root. Returns also how to remove them. */
export function makeUsers(): { users: TestUser[]; remove: () => void } {
  removeOldSudoers();
  const homes = mkdtempSync(join(tmpdir(), "sharewright-homes-"));
  chmodSync(homes, 0o755);
  const users = (Object.keys(shells) as UserName[]).map((is): TestUser => {
    const name = `sharewright-t${process.pid}-${is}`;
    const password = withPassword.includes(is) ? { password: randomBytes(12).toString("hex") } : {};
    return { name, home: join(homes, is), is, sudo: is === "sh", ...password };
  });
  // "*" is no password, but unlike "!" it does not lock the account. Two at a time would find the user database locked.
  const commands = users.map(
    ({ name, home, is }) =>
      `useradd --system --no-create-home --gid nogroup --password '*' --home-dir ${home} --shell ${shells[is]} ${name}
install -d -m 755 -o ${name} ${home}`,
  );
  const old = oldUsers();
  run(["flock", "-w", "50", lock, "sh", "-ec", [...removal(old), ...commands].join("\n")]);
  for (const { home } of old) rmSync(join(home, ".."), { recursive: true, force: true });
  run(["chpasswd", "-c", "SHA512"], users.map(({ name, password }) => (password ? `${name}:${password}\n` : "")).join(""));
  const rules = users.filter(({ sudo }) => sudo).map(({ name }) => `${name} ALL=(root) NOPASSWD: ALL\n`);
  const removeSudoers = addSudoers(rules.join(""));
  return {
    users,
    remove() {
      removeSudoers();
      run(["flock", "-w", "50", lock, "sh", "-ec", removal(users).join("\n")]);
      rmSync(homes, { recursive: true, force: true });
    },
  };
}

function removal(users: readonly { name: string }[]): string[] {
  const names = new Set(users.map(({ name }) => name));
  const ids = new Set(passwd().flatMap(({ name, uid }) => (names.has(name) ? [uid] : [])));
  send("SIGKILL", ids.size > 0 ? processes().flatMap(({ pid }) => (ids.has(ownerOf(pid)) ? [pid] : [])) : []);
  return [...names].map((name) => `userdel --force ${name} 2>/dev/null || [ $? = 6 ]`); // 6: removed by another run meanwhile
}

/** Of runs that were killed. */
function oldUsers(): { name: string; home: string }[] {
  return passwd().filter(({ name, home }) => {
    const [, pid] = /^sharewright-t(\d+)-/.exec(name) ?? [];
    return pid !== undefined && !isAlive(Number(pid)) && home.includes("/sharewright-homes-");
  });
}

function passwd(): { name: string; uid: number; home: string }[] {
  return readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"))
    .map(([name = "", , uid, , , home = ""]) => ({ name, uid: Number(uid), home }));
}

function ownerOf(pid: number): number {
  try {
    return statSync(`/proc/${pid}`).uid;
  } catch {
    return -1;
  }
}
