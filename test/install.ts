// The system's programs that tests need; installed where that is allowed and missing.
import { spawnSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";

const policy = "/usr/sbin/policy-rc.d";

export interface Wanted<Program extends string> {
  /** Path of each program, and the package that has it. */
  packages: Readonly<Record<Program, string>>;
  /** "SSH": whose tests need them. */
  tests: string;
}

export interface Installed<Program> {
  missing: Program[];
  /** Why they are still missing; "" if nothing is. */
  why: string;
}

/**
 * Installs what is missing on a Debian-like machine: as root, or where SHAREWRIGHT_INSTALL=1 by `sudo -n`; SHAREWRIGHT_INSTALL=0 forbids it.
 * At most two tries of five minutes each.
 */
export function install<Program extends string>(
  { packages, tests }: Wanted<Program>,
  { environment = process.env, say = console.log } = {},
): Installed<Program> {
  const missing = () => (Object.keys(packages) as Program[]).filter((program) => !existsSync(program));
  if (missing().length === 0) return { missing: [], why: "" };
  const why = forbidden(environment["SHAREWRIGHT_INSTALL"]);
  if (why !== "") return { missing: missing(), why };
  const wanted = [...new Set(missing().map((program) => packages[program]))];
  say(`Installing ${wanted.join(", ")} for the ${tests} tests (SHAREWRIGHT_INSTALL=0 forbids it).`);
  let failure = "";
  for (let tries = 2; tries > 0 && missing().length > 0; tries -= 1) failure = aptInstall(wanted);
  return { missing: missing(), why: missing().length > 0 ? `apt-get failed: ${failure}` : "" };
}

const isRoot = userInfo().uid === 0;

function forbidden(setting: string | undefined): string {
  if (setting === "0") return "SHAREWRIGHT_INSTALL=0";
  if (!existsSync("/usr/bin/apt-get")) return "this is no Debian-like machine";
  return isRoot || setting === "1" ? "" : "not root; SHAREWRIGHT_INSTALL=1 installs it by sudo";
}

/** Returns what went wrong. The machine must not start an sshd or glusterd of its own: policy-rc.d keeps packages from starting services. */
function aptInstall(names: readonly string[]): string {
  const ownPolicy = isRoot && !existsSync(policy);
  if (ownPolicy) writeFileSync(policy, "#!/bin/sh\nexit 101\n", { mode: 0o755 });
  try {
    const apt = (...args: string[]) => {
      const argv = [...(isRoot ? [] : ["sudo", "-n"]), "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", ...args];
      const [program = "", ...rest] = argv;
      const { status, stderr, error } = spawnSync(program, rest, { encoding: "utf8", timeout: 300_000 });
      return status === 0 ? "" : (stderr?.trim().split("\n").at(-1) ?? "") || String(error?.message ?? status);
    };
    const options = ["--yes", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=120"];
    // An up-to-date list is often there already.
    if (apt("install", ...options, ...names) === "") return "";
    return apt("update") || apt("install", ...options, ...names);
  } finally {
    if (ownPolicy) rmSync(policy, { force: true });
  }
}
