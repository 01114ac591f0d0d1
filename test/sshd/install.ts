// The system's programs that the SSH tests need; installed where that is allowed and missing.
import { spawnSync } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { userInfo } from "node:os";

const packages = {
  "/usr/sbin/sshd": "openssh-server",
  "/usr/bin/ssh": "openssh-client",
  "/usr/bin/sudo": "sudo",
  "/usr/bin/tcsh": "tcsh",
  "/usr/bin/fish": "fish",
} as const;
type Program = keyof typeof packages;

const policy = "/usr/sbin/policy-rc.d";

export interface Installed {
  missing: Program[];
  /** Why they are still missing; "" if nothing is. */
  why: string;
}

/**
 * Installs what is missing on a Debian-like machine: as root, or where SHAREWRIGHT_INSTALL=1 by `sudo -n`; SHAREWRIGHT_INSTALL=0 forbids it.
 * At most two tries of five minutes each.
 */
export function install({ environment = process.env, say = console.log } = {}): Installed {
  if (missing().length === 0) return { missing: [], why: "" };
  const why = forbidden(environment["SHAREWRIGHT_INSTALL"]);
  if (why !== "") return { missing: missing(), why };
  const wanted = missing().map((program) => packages[program]);
  say(`Installing ${wanted.join(", ")} for the SSH tests (SHAREWRIGHT_INSTALL=0 forbids it).`);
  let failure = "";
  for (let tries = 2; tries > 0 && missing().length > 0; tries -= 1) failure = aptInstall(wanted);
  return { missing: missing(), why: missing().length > 0 ? `apt-get failed: ${failure}` : "" };
}

function missing(): Program[] {
  return (Object.keys(packages) as Program[]).filter((program) => !existsSync(program));
}

const isRoot = userInfo().uid === 0;

function forbidden(setting: string | undefined): string {
  if (setting === "0") return "SHAREWRIGHT_INSTALL=0";
  if (!existsSync("/usr/bin/apt-get")) return "this is no Debian-like machine";
  return isRoot || setting === "1" ? "" : "not root; SHAREWRIGHT_INSTALL=1 installs it by sudo";
}

/** Returns what went wrong. The machine's own sshd must not start on port 22: policy-rc.d keeps packages from starting services. */
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
